import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PhiBucket } from '../../src/storage/phi-bucket';
import { PhiBucketProps } from '../../src/storage/phi-bucket-props';
import { propertiesOf, templateOf } from '../support/app';

/** The bucket `Reports` of a stack. */
export const reports = (stack: Stack, props?: PhiBucketProps) => new PhiBucket(stack, 'Reports', props);

type Properties = ReturnType<typeof propertiesOf>[string];

/** The properties of the resource whose logical ID starts with a text. */
export function named(template: Template, type: string, start: string): Properties {
  const found = Object.entries(propertiesOf(template, type)).filter(([id]) => id.startsWith(start));
  expect(found).toHaveLength(1);
  return found[0][1];
}

export const bucketOf = (scope: Construct) => named(templateOf(scope), 'AWS::S3::Bucket', 'ReportsBucket');

/** The statement of the bucket policy with a sid. */
export function statementOf(scope: Construct, sid: string): Properties | undefined {
  const { PolicyDocument } = named(templateOf(scope), 'AWS::S3::BucketPolicy', 'ReportsBucketPolicy');
  return PolicyDocument.Statement.find((statement: { Sid?: string }) => statement.Sid === sid);
}

/** An imported bucket for replicas in another region. */
export function anImportedReplica(scope: Construct, account?: string): s3.IBucket {
  const owner = account ?? '111122223333';
  return s3.Bucket.fromBucketAttributes(scope, 'Replica', {
    bucketName: 'clinic-replicas',
    region: 'us-west-2',
    account,
    encryptionKey: kms.Key.fromKeyArn(scope, 'ReplicaKey', `arn:aws:kms:us-west-2:${owner}:key/1`),
  });
}

/** The statements of all managed policies. */
export function policyStatements(scope: Construct): Properties[] {
  return Object.values(propertiesOf(templateOf(scope), 'AWS::IAM::ManagedPolicy'))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
