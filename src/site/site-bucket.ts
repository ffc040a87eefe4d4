import { Aws, Duration, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { describeEmptier } from '../blocks/empty-after-writers';
import { physicalName } from '../blocks/physical-name';
import { acknowledge } from '../core/acknowledge';
import { protectionOf } from '../core/data-protection';

/** The number of days that old versions of replaced or deleted files are kept. */
export const OLD_VERSION_DAYS = 90;
/** The number of days after which the parts of an incomplete upload are deleted. */
export const BROKEN_UPLOAD_DAYS = 7;

/**
 * The prefix of the bucket name, which is known before the bucket exists.
 *
 * The distribution can name the bucket without a dependency on it, so that key, bucket and distribution do not form a
 * cycle. The name is in the namespace of the account and region (`<prefix>-<account>-<region>-an`): no other account
 * can create it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
 */
function bucketNamePrefix(site: Construct): string {
  return physicalName(site, 'site');
}

/** The full name of the bucket. S3 derives it from the prefix. */
export function siteBucketName(site: Construct): string {
  return `${bucketNamePrefix(site)}-${Aws.ACCOUNT_ID}-${Stack.of(site).region}-an`;
}

/** The bucket as an origin. CloudFront signs its requests to it. */
export function siteOrigin(site: Construct): cloudfront.IOrigin {
  const access = new cloudfront.S3OriginAccessControl(site, 'OriginAccess', {
    originAccessControlName: physicalName(site, 'site'),
    description: 'Signs the requests to the bucket of the site',
    signing: cloudfront.Signing.SIGV4_ALWAYS,
  });
  const bucket = s3.Bucket.fromBucketAttributes(site, 'OriginBucket', {
    bucketName: siteBucketName(site),
    region: Stack.of(site).region,
  });
  return origins.S3BucketOrigin.withBucketDefaults(bucket, { originAccessControlId: access.originAccessControlId });
}

/** The bucket: private, versioned, encrypted with the key, and readable by the distribution. */
export function siteBucket(site: Construct, encryptionKey: kms.IKey, distribution: cloudfront.Distribution): s3.Bucket {
  const { removalPolicy, isDisposable, _rollbackRemovalPolicy } = protectionOf(site);
  const bucket = new s3.Bucket(site, 'Bucket', {
    bucketNamespace: s3.BucketNamespace.ACCOUNT_REGIONAL,
    bucketNamePrefix: bucketNamePrefix(site),
    encryption: s3.BucketEncryption.KMS,
    encryptionKey,
    bucketKeyEnabled: true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    publicReadAccess: false,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    versioned: true,
    // Without a default retention: a legal hold on a version can preserve evidence of the published content.
    objectLockEnabled: true,
    lifecycleRules: [{
      id: 'OldVersions',
      enabled: true,
      noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS),
      abortIncompleteMultipartUploadAfter: Duration.days(BROKEN_UPLOAD_DAYS),
    }, { id: 'DeleteMarkers', enabled: true, expiredObjectDeleteMarker: true }],
    removalPolicy,
    autoDeleteObjects: isDisposable,
  });
  describeEmptier(bucket);
  letRead(bucket, distribution);
  // A bucket with files survives a rollback, and then needs its policy. An empty one is deleted with its policy.
  bucket.policy!.applyRemovalPolicy(_rollbackRemovalPolicy);
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
  acknowledge(bucket, {
    rules: ['HIPAA.Security-S3BucketReplicationEnabled', 'NIST.800.53.R5-S3BucketReplicationEnabled'],
    reason: `The files of ${site.node.path} are built from source and can be deployed again from it, so a replica `
      + 'would protect nothing else.',
  });
  return bucket;
}

/**
 * Allows the distribution to read files and to detect missing ones: without `s3:ListBucket`, S3 returns 403 instead of
 * 404.
 *
 * Visitors cannot list the bucket: the distribution maps `/` to a file, and forwards no query string.
 */
function letRead(bucket: s3.Bucket, distribution: cloudfront.Distribution): void {
  const statement = (sid: string, action: string, resource: string) => new iam.PolicyStatement({
    sid,
    principals: [new iam.ServicePrincipal('cloudfront.amazonaws.com')],
    actions: [action],
    resources: [resource],
    conditions: { StringEquals: { 'aws:SourceArn': distribution.distributionArn } },
  });
  bucket.addToResourcePolicy(statement('DistributionReads', 's3:GetObject', bucket.arnForObjects('*')));
  bucket.addToResourcePolicy(statement('DistributionLearnsWhatIsMissing', 's3:ListBucket', bucket.bucketArn));
}
