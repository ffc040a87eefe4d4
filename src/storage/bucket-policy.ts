import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';

const SSE = 's3:x-amz-server-side-encryption';

/**
 * The statements that deny uploads with another key than that of the bucket.
 *
 * An upload without headers for encryption uses the key of the bucket. With a key of the client (SSE-C), the client
 * decides who can read an object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
 */
export function encryptionStatements(bucket: s3.IBucket, key: kms.IKey): iam.PolicyStatement[] {
  const deny = (sid: string, header: string, allowed?: string) => new iam.PolicyStatement({
    sid,
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['s3:PutObject'],
    resources: [bucket.arnForObjects('*')],
    conditions: {
      Null: { [header]: 'false' },
      ...allowed === undefined ? {} : { StringNotEquals: { [header]: allowed } },
    },
  });
  return [
    deny('OnlyKmsEncryption', SSE, 'aws:kms'),
    deny('OnlyKeyOfBucket', `${SSE}-aws-kms-key-id`, key.keyArn),
    deny('NoKeysOfClients', `${SSE}-customer-algorithm`),
  ];
}

/** The endpoints through which a bucket accepts requests, and the exceptions. */
export interface EndpointRestriction {
  readonly endpoints: ec2.IVpcEndpoint[];
  /** The role of GuardDuty, which reads objects outside the VPC. */
  readonly scanRole?: iam.IRole;
  /** Whether a function outside the VPC deletes all objects with their stack. */
  readonly isDisposable: boolean;
}

/**
 * The statement that denies to read, write and delete objects outside of VPC endpoints.
 *
 * It denies no other action. Administrators and CloudFormation still manage the bucket, also the policy itself, and S3
 * replicates with actions of its own. AWS services that act for a principal or for themselves are excluded.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function endpointStatement(bucket: s3.IBucket, restriction: EndpointRestriction): iam.PolicyStatement {
  const { endpoints, scanRole, isDisposable } = restriction;
  return new iam.PolicyStatement({
    sid: 'OnlyThroughVpcEndpoints',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: [
      's3:GetObject', 's3:GetObjectVersion', 's3:PutObject',
      ...isDisposable ? [] : ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    ],
    resources: [bucket.arnForObjects('*')],
    conditions: {
      StringNotEquals: { 'aws:SourceVpce': endpoints.map(({ vpcEndpointId }) => vpcEndpointId) },
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false', 'aws:ViaAWSService': 'false' },
      ...scanRole ? { ArnNotEquals: { 'aws:PrincipalArn': scanRole.roleArn } } : {},
    },
  });
}
