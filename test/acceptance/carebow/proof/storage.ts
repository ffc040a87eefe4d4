import { Template } from 'aws-cdk-lib/assertions';
import {
  BUCKET, BUCKET_POLICY, CLOSED_TO_THE_PUBLIC, fieldKey, KEY, read, reports, taskRole,
} from './parts';
import { denialsOfPhiBucket, keepsLogFiles } from '../../../support/template/buckets';
import {
  all, allowing, attribute, granted, only, propertiesOf, ref, rotatingKeys, text, whoMay,
} from '../../../support/template/reading';

const bucket = (template: Template) => propertiesOf(template, BUCKET, reports(template));
const policy = (template: Template) =>
  propertiesOf(template, BUCKET_POLICY, only(template, BUCKET_POLICY, { Bucket: ref(reports(template)) }))
    .PolicyDocument.Statement;

/** A customer managed key of the stack encrypts the reports, and the policy denies uploads with another key. */
export function reportsAreEncrypted(template: Template) {
  const [{ BucketKeyEnabled, ServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID } }, ...more] =
    bucket(template).BucketEncryption.ServerSideEncryptionConfiguration;
  expect(more).toEqual([]);
  expect({ BucketKeyEnabled, SSEAlgorithm }).toEqual({ BucketKeyEnabled: true, SSEAlgorithm: 'aws:kms' });
  expect(rotatingKeys(template)).toContainEqual(KMSMasterKeyID);
  expect(policy(template)).toEqual(denialsOfPhiBucket(reports(template), KMSMasterKeyID));
}

/** No bucket of the stack can be public. */
export function noPublicAccess(template: Template) {
  for (const { Properties } of all(template, BUCKET)) {
    expect(Properties.PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
  }
}

/**
 * Only the role of the task can read and write reports, so clients need a URL that the program signs. Browsers use the
 * URLs on the pages of the app alone.
 */
export function presignedAlone(template: Template) {
  noPublicAccess(template);
  for (const action of ['s3:GetObject', 's3:PutObject']) {
    const rights = whoMay(template, action);
    expect(rights.map(({ role }) => role)).toEqual([taskRole(template)]);
    expect(text(rights[0].resource)).toBe(`\${{'Fn::GetAtt':['${reports(template)}','Arn']}}/*`);
  }
  expect(policy(template).filter(({ Effect }: { Effect: string }) => Effect === 'Allow')).toEqual([]);
  expect(bucket(template).CorsConfiguration.CorsRules).toEqual([{
    Id: 'PresignedRequests',
    AllowedOrigins: ['https://app.carebow.com'],
    AllowedMethods: ['GET', 'HEAD', 'POST', 'PUT'],
    AllowedHeaders: ['content-disposition', 'content-md5', 'content-type', 'x-amz-*'],
    ExposedHeaders: ['Content-Disposition', 'Content-Length', 'ETag', 'x-amz-version-id'],
    MaxAge: 3600,
  }]);
  expect(read('api/reports.js')).toContain('getSignedUrl(this.s3, command, { expiresIn: EXPIRY_SECONDS');
}

export function versions(template: Template) {
  expect(bucket(template).VersioningConfiguration).toEqual({ Status: 'Enabled' });
}

/** Earlier versions end after 90 days. `lifecycle` adds rules for reports: OPERATIONS.md shows one. */
export function lifecycle(template: Template) {
  expect(bucket(template).LifecycleConfiguration.Rules).toEqual([
    {
      Id: 'NoncurrentVersions',
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: 90 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
    { Id: 'DeleteMarkers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
  ]);
  expect(read('OPERATIONS.md')).toMatch(/lifecycle: \[\{ prefix: 'reports\/'/);
}

/** S3 logs each request to the reports into a bucket that is kept for six years. */
export function accessIsLogged(template: Template) {
  const { DestinationBucketName, ...logging } = bucket(template).LoggingConfiguration;
  expect(logging).toEqual({
    LogFilePrefix: 's3-access/', TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: 'EventTime' } },
  });
  keepsLogFiles(template, DestinationBucketName.Ref);
  const { PolicyDocument } = propertiesOf(template, BUCKET_POLICY,
    only(template, BUCKET_POLICY, { Bucket: DestinationBucketName }));
  expect(PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow')).toEqual([{
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: { 'Fn::Join': ['', [attribute(DestinationBucketName.Ref, 'Arn'), '/s3-access/*']] },
    Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
  }]);
}

/** The actions of KMS that accept an encryption context. */
const WITH_CONTEXT = [
  'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyPairWithoutPlaintext', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];
const EVERYONE = { Effect: 'Deny', Principal: { AWS: '*' }, Resource: '*' };
/** The requests that the policy of the key of the fields denies. */
const DENIED = [
  {
    ...EVERYONE,
    Sid: 'OnlyServicesCreateGrants',
    Action: 'kms:CreateGrant',
    Condition: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
  },
  ...['column', 'owner', 'record', 'table'].map((name, index) => ({
    ...EVERYONE,
    Sid: `RequireContext${index + 1}`,
    Action: WITH_CONTEXT,
    Condition: { Null: { [`kms:EncryptionContext:${name}`]: 'true' } },
  })),
  { ...EVERYONE, Sid: 'DenyDeletion', Action: 'kms:ScheduleKeyDeletion' },
];

/**
 * The task encrypts fields with a rotating key that AWS services cannot use. The policy of the key denies requests
 * without the table, the column, the owner and the record of the field.
 */
export function fieldsAreEncrypted(template: Template) {
  const id = fieldKey(template);
  const { EnableKeyRotation, KeySpec = 'SYMMETRIC_DEFAULT', KeyPolicy } = propertiesOf(template, KEY, id);
  expect({ EnableKeyRotation, KeySpec }).toEqual({ EnableKeyRotation: true, KeySpec: 'SYMMETRIC_DEFAULT' });
  const [ofAccount, ...denied] = KeyPolicy.Statement;
  expect(text(ofAccount.Principal.AWS)).toMatch(/:iam::\$\{\{'Ref':'AWS::AccountId'\}\}:root$/);
  expect(denied).toEqual(DENIED);
  for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
    const resources = allowing(granted(template, taskRole(template)), action).map(({ Resource }) => Resource);
    expect(resources).toContainEqual(attribute(id, 'Arn'));
  }
  const program = read('api/fields.js');
  expect(program).toContain("const ALGORITHM = 'aes-256-gcm'");
  expect(program).toContain("KeySpec: 'AES_256', EncryptionContext: place");
}

/** No other role can decrypt a field. */
export function onlyTheTaskDecrypts(template: Template) {
  fieldsAreEncrypted(template);
  const key = attribute(fieldKey(template), 'Arn');
  const roles = whoMay(template, 'kms:Decrypt')
    .filter(({ resource }) => JSON.stringify(resource) === JSON.stringify(key)).map(({ role }) => role);
  expect(roles).toEqual([taskRole(template)]);
}

/** Reports and fields have customer managed keys of their own. */
export function reportsAndFields(template: Template) {
  reportsAreEncrypted(template);
  presignedAlone(template);
  fieldsAreEncrypted(template);
}
