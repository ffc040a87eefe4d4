import { Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';
import { requireRegionOf } from '../core/same-region';

/**
 * Refuses a bucket to which S3 does not write server access logs. The settings of an imported bucket are unknown.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export function requireAccessLogTarget(scope: IConstruct, bucket: s3.IBucket): void {
  requireRegionOf(scope, 'accessLogBucket', 'a bucket', bucket);
  if (bucket.encryptionKey) {
    refuse(scope, {
      prop: 'accessLogBucket',
      given: new Situation(`a bucket with the key ${bucket.encryptionKey.node.path}`),
      allowed: 'a bucket with S3 managed keys (SSE-S3), the only keys that S3 supports for access logs',
      change: 'pass another bucket, or leave accessLogBucket out: the construct then creates one',
    });
  }
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof s3.CfnBucket)) return;
  if (Stack.of(bucket).resolve(defaultChild.objectLockEnabled) === true) {
    refuse(scope, {
      prop: 'accessLogBucket',
      given: new Situation(`${bucket.node.path} with object lock`),
      allowed: 'a bucket without object lock, which S3 does not support for access logs',
      change: 'create it without objectLockEnabled, or leave accessLogBucket out: the construct then creates one',
    });
  }
}
