import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { metricNamespaceOf } from '../../blocks/metric-namespace';

/** Over how many minutes events are counted. CloudTrail brings an event to the log within about five minutes. */
const PERIOD_MINUTES = 5;
/** How many denied calls in five minutes are a search for open doors: people and services that lack a permission stay far below, a script with a stolen key far above. */
export const DENIED_CALLS = 25;
/** How many failed logins to the console in five minutes are an attack: one person gives up earlier. */
export const FAILED_LOGINS = 5;

/**
 * Left out where every deployment would be an alarm: what CloudFormation does for a stack. What is left is done by hand,
 * or by whoever should not.
 */
const BY_HAND = '($.sourceIPAddress != "cloudformation.amazonaws.com")';

/** S3's documents name the event that reads the lock and not the one that sets it; its names have "Bucket" in them or not. */
const OBJECT_LOCK = ['PutBucketObjectLockConfiguration', 'PutObjectLockConfiguration'];

/** Events of the trail that somebody has to look at. */
interface TrailEvents {
  /** The name of metric, filter and alarm. */
  readonly id: string;
  /** Which events count, as CloudWatch Logs reads it. */
  readonly pattern: string;
  /** How many of them in five minutes are still fine. */
  readonly threshold: number;
  /** What happened and what to do first. */
  readonly description: string;
}

function anyOf(source: string, names: string[], further: string[] = []): string {
  const wanted = names.map((name) => `($.eventName = ${name})`).join(' || ');
  return `{ ${[`($.eventSource = ${source})`, `(${wanted})`, ...further].join(' && ')} }`;
}

/**
 * What the CIS AWS Foundations Benchmark 1.4 wants an alarm on, section 4, in its order: 4.1 to 4.15. Where its lists leave out a way to do the same,
 * it is here too: a role's trust, the policy of a key, the public access block.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
 */
const WATCHED: TrailEvents[] = [
  {
    id: 'DeniedCalls',
    // Asked by services and consoles all the time, and answered so: HeadBucket, and the delivery of logs that looks for its bucket.
    pattern: '{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && ($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }',
    threshold: DENIED_CALLS,
    description: `More than ${DENIED_CALLS} calls of the AWS API were denied in five minutes. First see who made them (userIdentity.arn) and from where (sourceIPAddress): `
      + 'a role of yours after a deployment lacks a permission; anything else is somebody who tries what a stolen key can do: deactivate the key.',
  },
  {
    id: 'ConsoleWithoutMfa',
    pattern: '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    threshold: 0,
    description: 'An IAM user has logged in to the console without a second factor. First ask that person; if it was not them, deactivate their password and keys. '
      + 'Then give the user a second factor, or no console.',
  },
  {
    id: 'RootUse',
    pattern: '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }',
    threshold: 0,
    description: 'The root user of the account was used. First ask whoever holds its password; if nobody of you did it, change the password, delete its keys, and call AWS Support: '
      + 'the root user may do everything, and no policy of this account stops it.',
  },
  {
    id: 'IamChangedByHand',
    pattern: anyOf('iam.amazonaws.com', [
      'DeleteGroupPolicy', 'DeleteRolePolicy', 'DeleteUserPolicy', 'PutGroupPolicy', 'PutRolePolicy', 'PutUserPolicy', 'CreatePolicy', 'DeletePolicy',
      'CreatePolicyVersion', 'DeletePolicyVersion', 'AttachRolePolicy', 'DetachRolePolicy', 'AttachUserPolicy', 'DetachUserPolicy', 'AttachGroupPolicy',
      'DetachGroupPolicy', 'SetDefaultPolicyVersion', 'UpdateAssumeRolePolicy',
    ], [BY_HAND]),
    threshold: 0,
    description: 'A policy of IAM, or whom a role trusts, was changed, and not by CloudFormation. First see who did it (userIdentity.arn) and what it allows now (requestParameters); '
      + 'if nobody knows of it, take it back and lock the one who did it.',
  },
  {
    id: 'TrailChanged',
    pattern: anyOf('cloudtrail.amazonaws.com', ['CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging', 'PutEventSelectors']),
    threshold: 0,
    description: 'A trail was made, changed, stopped or deleted. First see that it logs (the console of CloudTrail), and start it if it does not: '
      + 'whoever wants to be unseen begins here. If no deployment of yours did it, lock the one who did (userIdentity.arn).',
  },
  {
    id: 'ConsoleFailures',
    pattern: '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    threshold: FAILED_LOGINS,
    description: `More than ${FAILED_LOGINS} logins to the console have failed in five minutes. First see whether they are for one user, who may have forgotten the password, `
      + 'or for many: then see that every user has a second factor, and whether one of the logins worked.',
  },
  {
    id: 'KeyAtRisk',
    pattern: anyOf('kms.amazonaws.com', ['DisableKey', 'ScheduleKeyDeletion']),
    threshold: 0,
    description: 'A key was disabled, or will be deleted: what it encrypts cannot be read any more. First enable it again, or cancel the deletion '
      + '(aws kms cancel-key-deletion, then enable-key), and then ask who did it (userIdentity.arn). A deleted key never comes back.',
  },
  {
    id: 'KeyPolicyChangedByHand',
    pattern: anyOf('kms.amazonaws.com', ['PutKeyPolicy'], [BY_HAND]),
    threshold: 0,
    description: 'Who may use or manage a key was changed, and not by CloudFormation. First see which key (requestParameters.keyId), who did it (userIdentity.arn) and whom its policy '
      + 'lets in now; deploy its stack again to take the change back. If that account is locked out of its key, call AWS Support.',
  },
  {
    id: 'BucketChangedByHand',
    pattern: anyOf('s3.amazonaws.com', [
      'PutBucketAcl', 'PutBucketPolicy', 'PutBucketCors', 'PutBucketLifecycle', 'PutBucketReplication', 'DeleteBucketPolicy', 'DeleteBucketCors',
      'DeleteBucketLifecycle', 'DeleteBucketReplication', 'PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutAccountPublicAccessBlock',
      'DeleteAccountPublicAccessBlock', ...OBJECT_LOCK,
    ], [BY_HAND]),
    threshold: 0,
    description: 'Who may read a bucket, or how long its files are kept, was changed, and not by CloudFormation. First see which bucket (requestParameters.bucketName), or that it is '
      + 'the public access block of the account, and whether anything is open now; deploy its stack again to take the change back. A deployment of the guardrails that closes the block '
      + 'of the account does this too, once: then nothing is to be done.',
  },
  {
    id: 'ConfigChanged',
    pattern: anyOf('config.amazonaws.com', [
      'StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel', 'PutDeliveryChannel', 'PutConfigurationRecorder',
    ]),
    threshold: 0,
    description: 'The recorder of AWS Config was changed, stopped or deleted. First see that it records (the console of Config, Settings), and start it if it does not. '
      + 'A deployment of the guardrails does this too: then nothing is to be done.',
  },
  ...network(),
  {
    id: 'OrganizationChanged',
    pattern: anyOf('organizations.amazonaws.com', [
      'AcceptHandshake', 'AttachPolicy', 'CreateAccount', 'CreateOrganizationalUnit', 'CreatePolicy', 'DeclineHandshake', 'DeleteOrganization',
      'DeleteOrganizationalUnit', 'DeletePolicy', 'DetachPolicy', 'DisablePolicyType', 'EnablePolicyType', 'InviteAccountToOrganization', 'LeaveOrganization',
      'MoveAccount', 'RemoveAccountFromOrganization', 'UpdatePolicy', 'UpdateOrganizationalUnit',
    ]),
    threshold: 0,
    description: 'The organization was changed: its accounts, its units, or the policies that bound them. First see what was done (eventName) and by whom (userIdentity.arn): '
      + 'an account that leaves, or loses a policy, is bound by nothing but its own. If nobody of you did it, take it back from the management account, and lock the one who did.',
  },
];

/** The network: CIS 4.10 to 4.14. */
function network(): TrailEvents[] {
  const undo = 'First see who did it (userIdentity.arn) and what can be reached now that could not before; deploy the stack of the network again to take it back.';
  const changed = (id: string, what: string, names: string[]): TrailEvents => ({
    id: `${id}ChangedByHand`, pattern: anyOf('ec2.amazonaws.com', names, [BY_HAND]), threshold: 0, description: `${what} changed, and not by CloudFormation. ${undo}`,
  });
  return [
    changed('SecurityGroup', 'The rules of a security group were', [
      'AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupIngress', 'RevokeSecurityGroupEgress', 'ModifySecurityGroupRules',
      'CreateSecurityGroup', 'DeleteSecurityGroup',
    ]),
    changed('NetworkAcl', 'A network ACL was', [
      'CreateNetworkAcl', 'CreateNetworkAclEntry', 'DeleteNetworkAcl', 'DeleteNetworkAclEntry', 'ReplaceNetworkAclEntry', 'ReplaceNetworkAclAssociation',
    ]),
    changed('Gateway', 'A gateway to the internet, or to another network, was', [
      'CreateCustomerGateway', 'DeleteCustomerGateway', 'AttachInternetGateway', 'CreateInternetGateway', 'DeleteInternetGateway', 'DetachInternetGateway',
    ]),
    changed('RouteTable', 'A route, and so where traffic goes, was', [
      'CreateRoute', 'CreateRouteTable', 'ReplaceRoute', 'ReplaceRouteTableAssociation', 'DeleteRouteTable', 'DeleteRoute', 'DisassociateRouteTable',
    ]),
    changed('Vpc', 'A VPC, or what it is peered with, was', [
      'CreateVpc', 'DeleteVpc', 'ModifyVpcAttribute', 'AcceptVpcPeeringConnection', 'CreateVpcPeeringConnection', 'DeleteVpcPeeringConnection',
      'RejectVpcPeeringConnection',
    ]),
  ];
}

/** Counts in the log of a trail what somebody has to look at, and says when somebody is told. Nothing is counted as zero: a metric that is never written costs nothing. */
export function trailAlarms(scope: Construct, logGroup: logs.ILogGroup): AlarmDefinition[] {
  return WATCHED.map(({ id, pattern, threshold, description }) => {
    const filter = new logs.MetricFilter(scope, id, {
      logGroup,
      filterPattern: logs.FilterPattern.literal(pattern),
      metricNamespace: metricNamespaceOf(scope),
      metricName: id,
      metricValue: '1',
      unit: cloudwatch.Unit.COUNT,
    });
    return {
      id,
      metric: filter.metric({ period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.SUM }),
      threshold,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: `${description} The events are in the log group ${logGroup.logGroupName}.`,
    };
  });
}
