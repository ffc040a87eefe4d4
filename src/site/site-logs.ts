import { Annotations, Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IDependable } from 'constructs';
import { siteBucketName } from './site-bucket';
import { logBucket } from '../blocks/log-bucket';
import { refuse, Situation } from '../core/refusal';

/** Below which prefix of the log bucket the requests to the distribution, and those to the bucket of the site, stand. */
export const DISTRIBUTION_LOGS = 'distribution/';
export const BUCKET_LOGS = 'bucket/';

/** Object ownership under which access control lists are obeyed. S3's default is another. */
const WITH_LISTS: unknown[] = ['BucketOwnerPreferred', 'ObjectWriter'];

/** Where the logs go, and what has to be there before anybody is told to write them. */
export interface SiteLogs {
  readonly bucket: s3.IBucket;
  readonly ready?: IDependable;
}

/** The bucket that the app gave, or one of the site's own. */
export function siteLogs(site: Construct, given: s3.IBucket | undefined): SiteLogs {
  if (given) requireWritable(site, given);
  const bucket = given ?? logBucket(site, 'AccessLogs', {
    holds: `the access logs of ${site.node.path}`,
    encryption: { noKeyReason: `S3 writes the access logs of ${site.node.path} under its own keys (SSE-S3) only: a customer-managed key would leave the log empty.` },
    aclDelivery: true,
    takesServerAccessLogs: true,
  });
  return { bucket, ready: letBucketLog(site, bucket) };
}

/** Refuses a bucket that one of the two services could not write to. What is imported does not tell. */
function requireWritable(site: Construct, bucket: s3.IBucket): void {
  if (bucket.encryptionKey) {
    refuse(site, {
      prop: 'accessLogBucket',
      given: new Situation(`under the key ${bucket.encryptionKey.node.path}`),
      allowed: 'a bucket under the keys of S3 (SSE-S3), the only ones under which S3 writes its access logs',
      change: 'pass another bucket, or leave the prop out to have one made',
    });
  }
  const { defaultChild } = bucket.node;
  if (!(defaultChild instanceof s3.CfnBucket)) return;
  const { ownershipControls, objectLockEnabled } = Stack.of(bucket).resolve({
    ownershipControls: defaultChild.ownershipControls, objectLockEnabled: defaultChild.objectLockEnabled,
  });
  if (objectLockEnabled === true) {
    refuse(site, {
      prop: 'accessLogBucket',
      given: new Situation(`${bucket.node.path}, which has object lock`),
      allowed: 'a bucket without, since S3 writes its access logs to no bucket that has it',
      change: 'make it without objectLockEnabled, or leave the prop out to have one made',
    });
  }
  // What is known only at deployment is an object by now.
  const ownership: unknown[] = (ownershipControls?.rules ?? []).map((rule: s3.CfnBucket.OwnershipControlsRuleProperty) => rule.objectOwnership);
  if (ownership.some((value) => WITH_LISTS.includes(value) || typeof value !== 'string')) return;
  refuse(site, {
    prop: 'accessLogBucket',
    given: new Situation(`${bucket.node.path}, which obeys no access control lists`),
    allowed: 'a bucket that does, since CloudFront writes its logs by one',
    change: 'make it with objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED, or leave the prop out to have one made',
  });
}

/** CloudFront puts its own entry into the bucket's access control list. S3's log delivery is let in here, on behalf of the one bucket or, over stacks, of the account. */
function letBucketLog(site: Construct, bucket: s3.IBucket): IDependable | undefined {
  const writer = new iam.ServicePrincipal('logging.s3.amazonaws.com');
  const { statementAdded, policyDependable } = bucket.addToResourcePolicy(new iam.PolicyStatement({
    sid: `SiteBucketLogs${site.node.addr.slice(-8)}`,
    principals: [writer],
    actions: ['s3:PutObject'],
    resources: [bucket.arnForObjects(`${BUCKET_LOGS}*`)],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(site).account }, ...(Stack.of(bucket) === Stack.of(site) ? onlyFrom(site) : {}) },
  }));
  if (statementAdded) return policyDependable;
  Annotations.of(site).addWarningV2('cdk-hipaa:site-log-bucket-policy',
    `the policy of the imported bucket ${bucket.node.path} cannot be changed from here: it has to let ${writer.service} put objects below ${BUCKET_LOGS}, `
    + 'and the bucket has to obey access control lists, else the logs stay empty or the site cannot be deployed');
  return undefined;
}

/** The bucket of the site by its name, which means nothing in another stack. Not by reference: what empties the log bucket would then wait for what logs into it. */
function onlyFrom(site: Construct): Record<string, unknown> {
  return { ArnEquals: { 'aws:SourceArn': `arn:${Aws.PARTITION}:s3:::${siteBucketName(site)}` } };
}
