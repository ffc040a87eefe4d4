import { Duration } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { describeEmptier } from './empty-after-writers';
import { AUDIT_LOG_RETENTION_DAYS } from './log-group';
import { acknowledge } from '../core/acknowledge';
import { protectionOf } from '../core/data-protection';

/** The age at which a log file moves to Glacier Instant Retrieval, in days. Older files are rarely read. */
export const LOG_TIER_DOWN_DAYS = 90;
/** How long a deleted or overwritten log file can be restored, in days. */
export const LOG_UNDELETE_DAYS = 90;
/** The age at which the parts of an incomplete upload are deleted, in days. */
const BROKEN_UPLOAD_DAYS = 7;

/** The options of a bucket that receives the logs of a service. */
export interface LogBucketOptions {
  /** The contents: `the access logs of a load balancer`. The reasons of acknowledgements quote this text. */
  readonly holds: string;
  /**
   * The key, or the reason for encryption with keys of S3.
   *
   * The key policy must allow the service that writes the logs, see `logDelivery`. Some services can only write to a
   * bucket that is encrypted with keys of S3, for example a load balancer (aws-cdk #21947).
   */
  readonly encryption: { readonly key: kms.IKey } | { readonly noKeyReason: string };
  /** The retention of the files, in whole days. Default: six years. */
  readonly retention?: Duration;
  /**
   * Whether object lock in compliance mode protects each file for its retention. Default: no default retention.
   *
   * Nobody can delete a locked file or shorten its retention, not even the root user. Most services cannot write to a
   * bucket with a default retention. Disposable data is never locked.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
   */
  readonly objectLock?: boolean;
  /**
   * Whether each file gets its own data key, for a service that sets the encryption context of the file.
   *
   * Default: a bucket key, which costs less.
   */
  readonly disableBucketKey?: boolean;
  /**
   * Whether the service writes through an access control list (ACL), as CloudFront does. Default: ACLs are disabled.
   *
   * The owner of the bucket owns the files in both cases.
   */
  readonly aclDelivery?: boolean;
  /**
   * Whether S3 writes server access logs of another bucket to this bucket. Default: object lock is enabled.
   *
   * S3 does not write them to a bucket with object lock, so object lock is disabled.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
   */
  readonly takesServerAccessLogs?: boolean;
}

/**
 * Creates a private bucket that retains log files and deletes them after their retention.
 *
 * Object lock is enabled, so that a legal hold can be placed on a file. It has no default retention unless requested,
 * because most services could not write under one. For server access logs, object lock is disabled, and versioning
 * protects the files. The bucket sends events to the default event bus. The bucket policy, which requires TLS, is
 * retained with the bucket (aws-cdk #27125).
 */
export function logBucket(scope: Construct, id: string, options: LogBucketOptions): s3.Bucket {
  const encryptionKey = 'key' in options.encryption ? options.encryption.key : undefined;
  const { removalPolicy, isDisposable, _rollbackRemovalPolicy } = protectionOf(scope);
  const retention = options.retention ?? Duration.days(AUDIT_LOG_RETENTION_DAYS);
  const bucket = new s3.Bucket(scope, id, {
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    encryptionKey,
    bucketKeyEnabled: encryptionKey && !options.disableBucketKey ? true : undefined,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    publicReadAccess: false,
    objectOwnership: options.aclDelivery
      ? s3.ObjectOwnership.BUCKET_OWNER_PREFERRED
      : s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    versioned: true,
    objectLockEnabled: !options.takesServerAccessLogs,
    objectLockDefaultRetention: options.objectLock && !isDisposable
      ? s3.ObjectLockRetention.compliance(retention)
      : undefined,
    lifecycleRules: lifecycleRules(retention),
    // A rollback cannot delete a bucket with files. A load balancer writes ELBAccessLogTestFile when it gets the
    // bucket, so a bucket without a key is retained. A bucket with a key is deleted if it is empty; otherwise, both
    // remain.
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    removalPolicy: encryptionKey ? removalPolicy : _rollbackRemovalPolicy,
    autoDeleteObjects: isDisposable,
  });
  bucket.policy!.applyRemovalPolicy(_rollbackRemovalPolicy);
  describeEmptier(bucket);
  const resource = bucket.node.defaultChild as s3.CfnBucket;
  resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  acknowledgeLogBucketRules(bucket, options);
  return bucket;
}

/**
 * Moves files to cheaper storage, then deletes them. Noncurrent versions are deleted earlier: they only undo
 * mistakes.
 */
function lifecycleRules(retention: Duration): s3.LifecycleRule[] {
  // S3 refuses a transition after the expiration.
  const tiersDown = retention.isUnresolved() || retention.toDays() > LOG_TIER_DOWN_DAYS;
  return [
    {
      id: 'Retention',
      enabled: true,
      transitions: tiersDown
        ? [
          {
            storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
            transitionAfter: Duration.days(LOG_TIER_DOWN_DAYS),
          },
        ]
        : undefined,
      expiration: retention,
      noncurrentVersionExpiration: Duration.days(LOG_UNDELETE_DAYS),
      abortIncompleteMultipartUploadAfter: Duration.days(BROKEN_UPLOAD_DAYS),
    },
    { id: 'DeleteMarkers', enabled: true, expiredObjectDeleteMarker: true },
  ];
}

function acknowledgeLogBucketRules(bucket: s3.Bucket, options: LogBucketOptions): void {
  acknowledge(bucket,
    {
      rules: ['HIPAA.Security-S3BucketLoggingEnabled', 'AwsSolutions-S1', 'NIST.800.53.R5-S3BucketLoggingEnabled'],
      reason: `This bucket holds ${options.holds}. A bucket that receives logs needs no access logs of its own `
        + '(AWS Security Hub S3.9 exempts such buckets), and a bucket that logs to itself never stops growing.',
    },
    {
      rules: ['HIPAA.Security-S3BucketReplicationEnabled', 'NIST.800.53.R5-S3BucketReplicationEnabled'],
      reason: `This bucket holds ${options.holds}. Versioning protects the files against overwriting and `
        + 'deletion. A replica would protect only against the loss of the region, which these logs do not require.',
    },
  );
  if ('noKeyReason' in options.encryption) {
    acknowledge(bucket, {
      rules: ['HIPAA.Security-S3DefaultEncryptionKMS', 'NIST.800.53.R5-S3DefaultEncryptionKMS'],
      reason: options.encryption.noKeyReason,
    });
  }
}
