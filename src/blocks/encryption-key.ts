import { ArnFormat, Aws, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { protectionOf } from '../core/data-protection';
import { receiveKey } from '../core/given-key';
import { allowInKeyPolicy } from '../core/imported-key-policy';

/**
 * The rotation period of the key material, in days.
 *
 * CIS AWS Foundations and the AWS Config rule `cmk-backing-key-rotation-enabled` require yearly rotation.
 */
export const KEY_ROTATION_DAYS = 365;
/** How long a deleted key can be recovered, in days: the maximum of KMS. */
export const KEY_PENDING_WINDOW_DAYS = 30;

/** An AWS service that can use a key only if the key policy allows it. */
export type KeyUser = (scope: Construct) => iam.PolicyStatement;

/** The purpose and the users of a key. */
export interface EncryptionKeyOptions {
  /** The description of the data that the key encrypts. The console shows it. */
  readonly description: string;
  /** The services that the key policy allows to use the key. */
  readonly users?: KeyUser[];
  /**
   * The services that aws-cdk-lib allows itself, if the key belongs to the app. The policy of an imported key must
   * allow them too. Requires `users`.
   */
  readonly usersOfAwsCdk?: KeyUser[];
}

/**
 * Returns the given key, or creates a rotating key with the ID `Key`.
 *
 * The key's policy allows the services to use it. The policy of a key that is imported by its ARN does not change, and
 * a warning prints the statements that it must contain.
 */
export function encryptionKeyFor(
  scope: Construct,
  given: kms.IKey | undefined,
  options: EncryptionKeyOptions,
): kms.IKey {
  const key = given ?? ownKey(scope, options.description);
  receiveKey(scope, key);
  const statements = (users: KeyUser[] = []) => users.map((user) => user(scope));
  allowInKeyPolicy(scope, key, statements(options.users), statements(options.usersOfAwsCdk));
  return key;
}

function ownKey(scope: Construct, description: string): kms.Key {
  const key = new kms.Key(scope, 'Key', {
    description,
    enableKeyRotation: true,
    rotationPeriod: Duration.days(KEY_ROTATION_DAYS),
    pendingWindow: Duration.days(KEY_PENDING_WINDOW_DAYS),
    removalPolicy: protectionOf(scope).removalPolicy,
  });
  key.addToResourcePolicy(onlyServicesCreateGrants());
  return key;
}

/**
 * Denies grants that are not created by AWS services.
 *
 * A grant outlives the policy that allowed it. Source: Control Tower control CT.KMS.PR.3.
 */
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
 *
 * The condition uses a pattern: the ARN of one log group would create a dependency cycle between key and log group.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export const cloudWatchLogs: KeyUser = (scope) => new iam.PolicyStatement({
  sid: 'CloudWatchLogs',
  principals: [new iam.ServicePrincipal(`logs.${Stack.of(scope).region}.${Aws.URL_SUFFIX}`)],
  actions: [
    'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom', 'kms:ReEncryptTo',
  ],
  resources: ['*'],
  conditions: {
    ArnLike: {
      'kms:EncryptionContext:aws:logs:arn': Stack.of(scope).formatArn({
        service: 'logs', resource: 'log-group', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    },
  },
});

/**
 * CloudWatch alarms that publish to a topic encrypted with the key.
 *
 * Without this statement, their messages are dropped without an error (aws-cdk #11121).
 *
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
 * The log delivery service, which writes flow logs to a bucket encrypted with the key.
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-cmk-policy.html
 */
export const logDelivery: KeyUser = (scope) =>
  new iam.PolicyStatement({
    sid: 'LogDelivery',
    principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
    actions: [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });

/**
 * The trails of this account with the given name, or with any name for `*`.
 *
 * CloudTrail requests a data key for each file, with the trail in the encryption context.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
export const cloudTrail = (trailName: string): KeyUser => (scope) => {
  const trail = (region?: string) =>
    Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName, region });
  return new iam.PolicyStatement({
    sid: 'CloudTrail',
    principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
    actions: ['kms:GenerateDataKey'],
    resources: ['*'],
    // The context of a multi-region trail can name any region. The trail's ARN names the region that created it.
    conditions: {
      ArnLike: { 'aws:SourceArn': trail() },
      StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': trail('*') },
    },
  });
};

/**
 * CloudTrail describes a key before it accepts it for a trail, without an encryption context. Source: the same page.
 */
export const cloudTrailLooks = (trailName: string): KeyUser => (scope) => new iam.PolicyStatement({
  sid: 'CloudTrailLooks',
  principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
  actions: ['kms:DescribeKey'],
  resources: ['*'],
  conditions: {
    ArnLike: {
      'aws:SourceArn': Stack.of(scope).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName }),
    },
  },
});

/**
 * AWS Config, which delivers as the service when it records with its service-linked role.
 * https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html
 */
export const configDelivery: KeyUser = (scope) => new iam.PolicyStatement({
  sid: 'ConfigDelivery',
  principals: [new iam.ServicePrincipal('config.amazonaws.com')],
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: ['*'],
  conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
});

/**
 * Amazon EC2 Auto Scaling, which launches instances with encrypted disks.
 *
 * Auto Scaling uses its service-linked role. An account has the role only since its first Auto Scaling group, and KMS
 * refuses a key policy with a principal that does not exist. Therefore a condition names the role.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 */
export const autoScaling: KeyUser[] = [
  (scope) => autoScalingRole(scope, 'AutoScaling', [
    'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom', 'kms:ReEncryptTo',
  ]),
  (scope) => autoScalingRole(scope, 'AutoScalingVolumes', ['kms:CreateGrant'], {
    Bool: { 'kms:GrantIsForAWSResource': 'true' },
  }),
];

function autoScalingRole(
  scope: Construct, sid: string, actions: string[], conditions: iam.Conditions = {},
): iam.PolicyStatement {
  const { partition, account } = Stack.of(scope);
  const role = `arn:${partition}:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/`
    + 'AWSServiceRoleForAutoScaling';
  return new iam.PolicyStatement({
    sid,
    principals: [new iam.AnyPrincipal()],
    actions,
    resources: ['*'],
    conditions: {
      StringEquals: { 'kms:CallerAccount': account },
      ArnEquals: { 'aws:PrincipalArn': role },
      ...conditions,
    },
  });
}
