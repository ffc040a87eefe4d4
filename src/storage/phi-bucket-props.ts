import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { MalwareScan } from './malware-scan';
import { ObjectLifecycle } from './object-lifecycle';
import { ObjectLock } from './object-lock';

/** The props of `PhiBucket`. */
export interface PhiBucketProps {
  /**
   * The key that encrypts the objects. An alias and a key of another region are refused.
   * @default - a new customer managed key that rotates yearly
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The bucket for the server access logs, below the prefix `s3-access/`.
   *
   * A bucket of another region, with a customer managed key or with object lock is refused, because S3 writes no access
   * logs to it. The policy of an imported bucket does not change: a warning states what it must allow.
   * @default - a new bucket that retains the logs for six years
   */
  readonly accessLogBucket?: s3.IBucket;
  /**
   * The storage class and the deletion of objects by their age. A lifecycle that S3 refuses is refused.
   * @default - objects stay in the standard storage class, and are never deleted
   */
  readonly lifecycle?: ObjectLifecycle[];
  /**
   * How long a replaced or deleted version can be restored: 1 to 36,500 whole days.
   * @default Duration.days(90)
   */
  readonly noncurrentVersionRetention?: Duration;
  /**
   * The retention of each version, which nobody can delete early.
   * @default ObjectLock.legalHoldsOnly()
   */
  readonly objectLock?: ObjectLock;
  /**
   * A bucket in another region or account that receives a replica of each new object.
   *
   * Pass the `bucket` of another `PhiBucket`, or import a bucket with `Bucket.fromBucketAttributes`, with its
   * `encryptionKey`, `region` and, if it is another one, `account`. A bucket without a known key, without versions or
   * object lock, and one that is known to be in the same region and account, are refused. Objects that exist already
   * are not replicated. For a bucket in another account, a warning prints what its policies must contain.
   * @default - no replica: versions protect the objects, in three zones of one region
   */
  readonly replicaBucket?: s3.IBucket;
  /**
   * The origins of the pages that use presigned URLs, such as `https://app.example.com`.
   *
   * Wildcards, HTTP and paths are refused. Refused together with `vpcEndpoints`, because browsers do not use them.
   * @default - browsers let no page use presigned URLs
   */
  readonly browserOrigins?: string[];
  /**
   * The malware scan of uploaded objects. Nobody can read an object before GuardDuty found it clean.
   * @default - no scan
   */
  readonly malwareScan?: MalwareScan;
  /**
   * The VPC endpoints for S3 through which objects are read, written and deleted. All other requests for objects are
   * denied, also those of administrators; they can still manage the bucket.
   *
   * An empty list and an endpoint of another region are refused. The endpoints are those of all VPCs whose services use
   * the bucket, such as the `s3Endpoint` of a `HipaaVpc`.
   * @default - a permission is sufficient, through any network
   */
  readonly vpcEndpoints?: ec2.IVpcEndpoint[];
  /**
   * Whether S3 publishes request metrics, with alarms on 4XX and 5XX responses. Each metric is billed as a custom
   * metric.
   * @default false
   */
  readonly requestMetrics?: boolean;
}
