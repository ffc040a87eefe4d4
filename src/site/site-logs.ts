import { Annotations, Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IDependable } from 'constructs';
import { siteBucketName } from './site-bucket';
import { requireAccessLogTarget } from '../blocks/access-log-target';
import { logBucket } from '../blocks/log-bucket';
import { refuse, Situation } from '../core/refusal';

/** The prefixes in the log bucket of the logs of the distribution and of the bucket of the site. */
export const DISTRIBUTION_LOGS = 'distribution/';
export const BUCKET_LOGS = 'bucket/';

/** The object ownership settings that enable access control lists. The default of S3 disables them. */
const WITH_LISTS: unknown[] = ['BucketOwnerPreferred', 'ObjectWriter'];

/** The log bucket, and the policy that must exist before a service writes to it. */
export interface SiteLogs {
  readonly bucket: s3.IBucket;
  readonly ready?: IDependable;
}

/** The existing log bucket, or a new one. */
export function siteLogs(site: Construct, given: s3.IBucket | undefined): SiteLogs {
  if (given) requireWritable(site, given);
  const bucket = given ?? logBucket(site, 'AccessLogs', {
    holds: `the access logs of ${site.node.path}`,
    encryption: {
      noKeyReason: `S3 writes the access logs of ${site.node.path} only to a bucket with S3 managed keys (SSE-S3): `
        + 'with a customer managed key, the log stays empty.',
    },
    aclDelivery: true,
    takesServerAccessLogs: true,
  });
  return { bucket, ready: letBucketLog(site, bucket) };
}

/** Refuses a bucket that CloudFront or S3 cannot write to. The settings of an imported bucket are unknown. */
function requireWritable(site: Construct, bucket: s3.IBucket): void {
  requireAccessLogTarget(site, bucket);
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof s3.CfnBucket)) return;
  const ownershipControls = Stack.of(bucket).resolve(defaultChild.ownershipControls);
  // After resolve, a token is an object.
  const ownership: unknown[] = (ownershipControls?.rules ?? []).map(
    (rule: s3.CfnBucket.OwnershipControlsRuleProperty) => rule.objectOwnership,
  );
  if (ownership.some((value) => WITH_LISTS.includes(value) || typeof value !== 'string')) return;
  refuse(site, {
    prop: 'accessLogBucket',
    given: new Situation(`${bucket.node.path} without them`),
    allowed: 'a bucket with access control lists, which CloudFront needs to write its logs',
    change: 'create it with objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED, or leave accessLogBucket out: '
      + 'the construct then creates one',
  });
}

/**
 * Allows S3 to deliver access logs, for the bucket of the site or, across stacks, for the account.
 *
 * CloudFront adds its own entry to the access control list of the log bucket.
 */
function letBucketLog(site: Construct, bucket: s3.IBucket): IDependable | undefined {
  const writer = new iam.ServicePrincipal('logging.s3.amazonaws.com');
  const { statementAdded, policyDependable } = bucket.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: `SiteBucketLogs${site.node.addr.slice(-8)}`,
      principals: [writer],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects(`${BUCKET_LOGS}*`)],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Stack.of(site).account },
        ...(Stack.of(bucket) === Stack.of(site) ? onlyFrom(site) : {}),
      },
    }),
  );
  if (statementAdded) return policyDependable;
  Annotations.of(site).addWarningV2('cdk-hipaa:site-log-bucket-policy',
    `the app cannot change the policy of the imported bucket ${bucket.node.path}: it must allow ${writer.service} to `
      + `put objects with the prefix ${BUCKET_LOGS}, and the bucket must have access control lists enabled; `
      + 'otherwise the logs stay empty or the deployment fails');
  return undefined;
}

/**
 * A condition on the bucket of the site, by its name, which another stack cannot know.
 *
 * With a reference, the resource that empties the log bucket would depend on the bucket that writes to it.
 */
function onlyFrom(site: Construct): Record<string, unknown> {
  return { ArnEquals: { 'aws:SourceArn': `arn:${Aws.PARTITION}:s3:::${siteBucketName(site)}` } };
}
