import { ArnFormat, Aws, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { DataProtection } from '../core/data-protection';

/** How often KMS rotates the key material, in days. CIS AWS Foundations and AWS Config `cmk-backing-key-rotation-enabled` ask for yearly. */
export const KEY_ROTATION_DAYS = 365;
/** How long a deleted key can still be recovered, in days: the longest that KMS offers. */
export const KEY_PENDING_WINDOW_DAYS = 30;

/** An AWS service that must be named in the policy of a key before it can use what the key encrypts. */
export type KeyUser = (scope: Construct) => iam.PolicyStatement;

/** What a key is for. */
export interface EncryptionKeyOptions {
  /** What the key encrypts, as the console shows it. */
  readonly description: string;
  /** The services whose use the key policy allows. */
  readonly users?: KeyUser[];
}

/** The key that the user gave, taught the services it has to serve, or else a rotating one of the construct's own under the id `Key`. */
export function encryptionKeyFor(scope: Construct, given: kms.IKey | undefined, options: EncryptionKeyOptions): kms.IKey {
  const key = given ?? ownKey(scope, options.description);
  for (const user of options.users ?? []) key.addToResourcePolicy(user(scope));
  return key;
}

function ownKey(scope: Construct, description: string): kms.Key {
  const key = new kms.Key(scope, 'Key', {
    description,
    enableKeyRotation: true,
    rotationPeriod: Duration.days(KEY_ROTATION_DAYS),
    pendingWindow: Duration.days(KEY_PENDING_WINDOW_DAYS),
    removalPolicy: DataProtection.of(scope).removalPolicy,
  });
  key.addToResourcePolicy(onlyServicesCreateGrants());
  return key;
}

/** A grant outlives the policy that allowed it, so only AWS services may create one: Control Tower control CT.KMS.PR.3. */
function onlyServicesCreateGrants(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'OnlyServicesCreateGrants',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['kms:CreateGrant'],
    resources: ['*'],
    conditions: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
  });
}

/**
 * CloudWatch Logs, for the log groups of this account and region.
 * The pattern stands in place of one log group's ARN, which would make key and log group depend on each other.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export const cloudWatchLogs: KeyUser = (scope) => new iam.PolicyStatement({
  sid: 'CloudWatchLogs',
  principals: [new iam.ServicePrincipal(`logs.${Stack.of(scope).region}.${Aws.URL_SUFFIX}`)],
  actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  resources: ['*'],
  conditions: {
    ArnLike: {
      'kms:EncryptionContext:aws:logs:arn': Stack.of(scope).formatArn({ service: 'logs', resource: 'log-group', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME }),
    },
  },
});

/**
 * CloudWatch alarms that publish to a topic under the key; without it they are dropped without a trace (aws-cdk #11121).
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
 */
export const cloudWatchAlarms: KeyUser = (scope) => new iam.PolicyStatement({
  sid: 'CloudWatchAlarms',
  principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
});

/**
 * The log delivery service, which writes flow logs into a bucket under the key.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-cmk-policy.html
 */
export const logDelivery: KeyUser = (scope) => new iam.PolicyStatement({
  sid: 'LogDelivery',
  principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
});

/**
 * The trails of this account by the name that is given, or by any: CloudTrail makes a key for each file, and says which trail it is for.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
export const cloudTrail = (trailName: string): KeyUser => (scope) => {
  const trail = (region?: string) => Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName, region });
  return new iam.PolicyStatement({
    sid: 'CloudTrail',
    principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
    actions: ['kms:GenerateDataKey'],
    resources: ['*'],
    // A trail of every region names the region in its context as it pleases; its own ARN is that of the region it was made in.
    conditions: { ArnLike: { 'aws:SourceArn': trail() }, StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': trail('*') } },
  });
};

/** CloudTrail looks at a key before it takes it for a trail; that says no encryption context. Source: the same page. */
export const cloudTrailLooks = (trailName: string): KeyUser => (scope) => new iam.PolicyStatement({
  sid: 'CloudTrailLooks',
  principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
  actions: ['kms:DescribeKey'],
  resources: ['*'],
  conditions: { ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName }) } },
});

/**
 * AWS Config, which delivers as the service itself where it records with its service-linked role.
 * https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html
 */
export const configDelivery: KeyUser = (scope) => new iam.PolicyStatement({
  sid: 'ConfigDelivery',
  principals: [new iam.ServicePrincipal('config.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
});
