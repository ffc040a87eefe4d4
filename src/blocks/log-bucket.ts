import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { AUDIT_LOG_RETENTION_DAYS } from './log-group';
import { DataProtection } from '../core/data-protection';

/** After how many days a log file moves to the cheaper class that is still read at once: people rarely look further back than a quarter. */
export const LOG_TIER_DOWN_DAYS = 90;
/** How long a log file that somebody deleted or overwrote can still be brought back, in days. */
export const LOG_UNDELETE_DAYS = 90;
/** After how many days the parts of an upload that broke off are removed. */
const BROKEN_UPLOAD_DAYS = 7;

/** A bucket that a service writes its logs into. */
export interface LogBucketOptions {
  /** What the bucket holds, as it continues "this bucket holds …" in the reasons of the report: `the access logs of a load balancer`. */
  readonly holds: string;
  /**
   * The key, whose policy must let the service that writes the logs use it (see `logDelivery`), or why the files are under the
   * keys of S3: a load balancer, for one, can write under no others (aws-cdk #21947).
   */
  readonly encryption: { readonly key: kms.IKey } | { readonly noKeyReason: string };
  /** How long the files are kept, in whole days. Default: six years. */
  readonly retention?: Duration;
  /**
   * Whether each file is locked for as long as it is kept, in compliance mode: nobody, the root user included, can delete it, or shorten
   * the time, before (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html). Nothing is locked where data is disposable.
   * Default: files are not locked by themselves; most services cannot write under a default retention.
   */
  readonly objectLock?: boolean;
  /** Whether each file has a data key of its own, for a service that names the file's encryption context. Default: one for the bucket for a while, which costs less. */
  readonly disableBucketKey?: boolean;
  /**
   * Whether the service that writes is let in by an access control list, as CloudFront alone still is, and so which lists are obeyed. What it
   * writes belongs to the owner of the bucket all the same. Default: lists are not obeyed.
   */
  readonly aclDelivery?: boolean;
  /**
   * Whether S3 writes its server access logs of another bucket here. It writes them to no bucket with object lock, so that this one has none.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
   * Default: object lock is on.
   */
  readonly takesServerAccessLogs?: boolean;
}

/**
 * A private bucket that keeps log files for as long as it is told and then forgets them.
 *
 * Object lock is on, so that a legal hold can be put on a file, but without a default retention unless it is asked for, under which most services could not
 * write. Where S3 itself writes its server access logs, object lock is off: then versions, and who may delete them, are what protects the files.
 * New files are announced on the account's event bus. The policy that demands TLS is kept whenever the bucket is (aws-cdk #27125).
 */
export function logBucket(scope: Construct, id: string, options: LogBucketOptions): s3.Bucket {
  const encryptionKey = 'key' in options.encryption ? options.encryption.key : undefined;
  const { removalPolicy, isDisposable } = DataProtection.of(scope);
  const retention = options.retention ?? Duration.days(AUDIT_LOG_RETENTION_DAYS);
  const bucket = new s3.Bucket(scope, id, {
    encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
    encryptionKey,
    bucketKeyEnabled: encryptionKey && !options.disableBucketKey ? true : undefined,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    publicReadAccess: false,
    objectOwnership: options.aclDelivery ? s3.ObjectOwnership.BUCKET_OWNER_PREFERRED : s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    versioned: true,
    objectLockEnabled: !options.takesServerAccessLogs,
    objectLockDefaultRetention: options.objectLock && !isDisposable ? s3.ObjectLockRetention.compliance(retention) : undefined,
    lifecycleRules: lifecycleRules(retention),
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  bucket.policy!.applyRemovalPolicy(removalPolicy);
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  acknowledgeLogBucketRules(bucket, options);
  return bucket;
}

/** First cheaper, then gone. What S3 keeps of a deleted file goes earlier: it is there to undo a mistake, not to be a second archive. */
function lifecycleRules(retention: Duration): s3.LifecycleRule[] {
  // S3 refuses a transition that comes after the expiration.
  const tiersDown = retention.isUnresolved() || retention.toDays() > LOG_TIER_DOWN_DAYS;
  return [
    {
      id: 'Retention',
      enabled: true,
      transitions: tiersDown
        ? [{ storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(LOG_TIER_DOWN_DAYS) }]
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
      reason: `This bucket holds ${options.holds}: as a target of logs it needs none of its own (AWS Security Hub S3.9 says to except such buckets), and logging into itself never ends.`,
    },
    {
      rules: ['HIPAA.Security-S3BucketReplicationEnabled', 'NIST.800.53.R5-S3BucketReplicationEnabled'],
      reason: `This bucket holds ${options.holds}: a replica needs a bucket in another region, which the stack of this region cannot make; versions protect the files here.`,
    },
  );
  if ('noKeyReason' in options.encryption) {
    acknowledge(bucket, {
      rules: ['HIPAA.Security-S3DefaultEncryptionKMS', 'NIST.800.53.R5-S3DefaultEncryptionKMS'],
      reason: options.encryption.noKeyReason,
    });
  }
}
