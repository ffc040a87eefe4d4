import { Annotations, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { requireAccessLogTarget } from '../blocks/access-log-target';
import { emptyAfterWriters } from '../blocks/empty-after-writers';
import { logBucket } from '../blocks/log-bucket';

/** The prefix of the access logs. S3 adds the account, the region and the name of the bucket to it. */
export const ACCESS_LOGS = 's3-access/';

/** The existing log bucket, or a new one. */
export function accessLogBucket(scope: Construct, given: s3.IBucket | undefined): s3.IBucket {
  if (given) requireAccessLogTarget(scope, given);
  return given ?? logBucket(scope, 'AccessLogs', {
    holds: `the access logs of ${scope.node.path}`,
    encryption: {
      noKeyReason: `S3 writes the access logs of ${scope.node.path} only to a bucket with S3 managed keys (SSE-S3). `
        + 'The logs contain the keys of objects, and not their content.',
    },
    takesServerAccessLogs: true,
  });
}

/**
 * Writes the access logs of a bucket to the log bucket, divided by day.
 *
 * Several buckets can share a log bucket, because S3 adds the name of the bucket to the prefix.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export function logAccess(scope: Construct, bucket: s3.Bucket, logs: s3.IBucket): void {
  const resource = bucket.node.defaultChild as s3.CfnBucket;
  resource.loggingConfiguration = {
    destinationBucketName: logs.bucketName,
    logFilePrefix: ACCESS_LOGS,
    targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: 'EventTime' } },
  };
  emptyAfterWriters(logs, bucket);
  const writer = new iam.ServicePrincipal('logging.s3.amazonaws.com');
  // The statement names the account and not the bucket: see emptyAfterWriters. It has no ID, so the policy contains it
  // once for all buckets of the account.
  const { statementAdded, policyDependable } = logs.addToResourcePolicy(new iam.PolicyStatement({
    principals: [writer],
    actions: ['s3:PutObject'],
    resources: [logs.arnForObjects(`${ACCESS_LOGS}*`)],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  }));
  if (policyDependable) resource.node.addDependency(policyDependable);
  if (statementAdded) return;
  Annotations.of(scope).addWarningV2('cdk-hipaa:access-log-bucket-policy',
    `the app cannot change the policy of the imported bucket ${logs.node.path}: it must allow ${writer.service} to put `
    + `objects with the prefix ${ACCESS_LOGS}, and the bucket must have S3 managed keys and no object lock; otherwise `
    + 'the logs stay empty');
}
