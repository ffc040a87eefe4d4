import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { physicalName } from '../blocks/physical-name';
import { DataProtection } from '../core/data-protection';

/** How long a file that was replaced or removed can still be brought back, in days. */
export const OLD_VERSION_DAYS = 90;
/** After how many days the parts of an upload that broke off are removed. */
export const BROKEN_UPLOAD_DAYS = 7;

/**
 * The name of the bucket, known before there is a bucket: so the distribution names it without depending on it, and the chain key ← bucket ←
 * distribution is no circle. It is in the part of S3's names that belongs to the account and region alone (`<prefix>-<account>-<region>-an`):
 * nobody else can make a bucket of that name, neither before nor after there is one.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
 */
function bucketNamePrefix(site: Construct): string {
  return physicalName(site, 'site');
}

/** The bucket's full name, as S3 puts it together. */
export function siteBucketName(site: Construct): string {
  return `${bucketNamePrefix(site)}-${Aws.ACCOUNT_ID}-${Stack.of(site).region}-an`;
}

/** The bucket as an origin that CloudFront signs its requests to. */
export function siteOrigin(site: Construct): cloudfront.IOrigin {
  const access = new cloudfront.S3OriginAccessControl(site, 'OriginAccess', {
    originAccessControlName: physicalName(site, 'site'),
    description: 'Requests to the bucket of the site are signed',
    signing: cloudfront.Signing.SIGV4_ALWAYS,
  });
  const bucket = s3.Bucket.fromBucketAttributes(site, 'OriginBucket', { bucketName: siteBucketName(site), region: Stack.of(site).region });
  return origins.S3BucketOrigin.withBucketDefaults(bucket, { originAccessControlId: access.originAccessControlId });
}

/** The bucket: private, versioned, under the key, read by the one distribution. */
export function siteBucket(site: Construct, encryptionKey: kms.IKey, distribution: cloudfront.Distribution): s3.Bucket {
  const { namedRemovalPolicy } = DataProtection.of(site);
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
    // Without a default retention: a legal hold can be put on a version, to prove what the site said.
    objectLockEnabled: true,
    lifecycleRules: [{
      id: 'OldVersions',
      enabled: true,
      noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS),
      abortIncompleteMultipartUploadAfter: Duration.days(BROKEN_UPLOAD_DAYS),
    }, { id: 'DeleteMarkers', enabled: true, expiredObjectDeleteMarker: true }],
    removalPolicy: namedRemovalPolicy,
    autoDeleteObjects: namedRemovalPolicy === RemovalPolicy.DESTROY,
  });
  letRead(bucket, distribution);
  bucket.policy!.applyRemovalPolicy(namedRemovalPolicy);
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  acknowledge(bucket, {
    rules: ['HIPAA.Security-S3BucketReplicationEnabled', 'NIST.800.53.R5-S3BucketReplicationEnabled'],
    reason: `The files of ${site.node.path} are built from source, from which they can be deployed again anywhere; edge locations hold copies meanwhile, `
      + 'and a replica would need a bucket in another region, which the stack of this region cannot make.',
  });
  return bucket;
}

/**
 * May read each file, and may learn that one is missing: without `s3:ListBucket`, S3 answers 403 where it should answer 404. No visitor can list: the
 * distribution turns `/` into a file, and forwards no query string.
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
