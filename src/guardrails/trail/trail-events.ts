import { anyOf, NOT_CLOUDFORMATION, TrailEvents } from './event-pattern';
import { SAFEGUARDS } from './safeguards';
import { SWITCHED_OFF } from './switched-off';

/**
 * The number of denied calls in 5 minutes above which the alarm fires. Missing permissions cause far fewer, a stolen
 * key far more.
 */
const DENIED_CALLS = 25;
/** The number of failed console logins in 5 minutes above which the alarm fires. A person stops earlier. */
const FAILED_LOGINS = 5;

/**
 * The events that set Object Lock. The documentation of S3 names only the event that reads it, so both spellings are
 * here.
 */
const OBJECT_LOCK = ['PutBucketObjectLockConfiguration', 'PutObjectLockConfiguration'];

/**
 * The events of section 4 of the CIS AWS Foundations Benchmark 1.4, in its order: 4.1 to 4.15. The patterns also
 * contain events with the same effect that the benchmark leaves out: the trust policy of a role, the policy of a key,
 * Block Public Access.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
 */
export const TRAIL_EVENTS: TrailEvents[] = [
  {
    id: 'DeniedCalls',
    // Services and consoles often call HeadBucket without permission. The log delivery service also causes denied
    // calls.
    patterns:
      '{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) ' +
      '&& ($.sourceIPAddress != "delivery.logs.amazonaws.com") && ($.eventName != "HeadBucket") }',
    threshold: DENIED_CALLS,
    description:
      `AWS denied more than ${DENIED_CALLS} API calls in 5 minutes. First find the caller ` +
      '(userIdentity.arn) and its address (sourceIPAddress). A role of a new deployment may lack a permission. Any ' +
      'other caller may be using a stolen key: deactivate the key.',
  },
  {
    id: 'ConsoleWithoutMfa',
    patterns:
      '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") ' +
      '&& ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
    threshold: 0,
    description:
      'An IAM user logged in to the console without MFA. First ask that user. If it was another person, ' +
      'deactivate the password and the keys of the user. Then require MFA for the user, or remove the console ' +
      'access.',
  },
  {
    id: 'RootUse',
    patterns:
      '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != ' +
      '"AwsServiceEvent") }',
    threshold: 0,
    description:
      'The root user of the account was used. First ask the people who have its password. If none of them ' +
      'used it, change the password, delete the access keys of the root user, and contact AWS Support: no policy of ' +
      'this account restricts the root user.',
  },
  {
    id: 'IamChangedByHand',
    patterns: anyOf(
      'iam.amazonaws.com',
      [
        'DeleteGroupPolicy',
        'DeleteRolePolicy',
        'DeleteUserPolicy',
        'PutGroupPolicy',
        'PutRolePolicy',
        'PutUserPolicy',
        'CreatePolicy',
        'DeletePolicy',
        'CreatePolicyVersion',
        'DeletePolicyVersion',
        'AttachRolePolicy',
        'DetachRolePolicy',
        'AttachUserPolicy',
        'DetachUserPolicy',
        'AttachGroupPolicy',
        'DetachGroupPolicy',
        'SetDefaultPolicyVersion',
        'UpdateAssumeRolePolicy',
      ],
      [NOT_CLOUDFORMATION],
    ),
    threshold: 0,
    description:
      'A caller other than CloudFormation changed an IAM policy or the trust policy of a role. First find ' +
      'the caller (userIdentity.arn) and the new permissions (requestParameters). If the change is not intended, ' +
      'revert it and block the caller.',
  },
  {
    id: 'TrailChanged',
    patterns: anyOf('cloudtrail.amazonaws.com', [
      'CreateTrail',
      'UpdateTrail',
      'DeleteTrail',
      'StartLogging',
      'StopLogging',
      'PutEventSelectors',
    ]),
    threshold: 0,
    description:
      'A trail was created, changed, started, stopped or deleted. First check in the CloudTrail console ' +
      'that the trail logs, and start it if it does not: an attacker often begins with the trail. If no deployment ' +
      'caused the change, block the caller (userIdentity.arn).',
  },
  {
    id: 'ConsoleFailures',
    patterns: '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    threshold: FAILED_LOGINS,
    description:
      `More than ${FAILED_LOGINS} console logins failed in 5 minutes. First check whether they are for one ` +
      'user, who may have forgotten the password, or for many users. For many, check that every user has MFA, and ' +
      'whether one of the logins succeeded.',
  },
  {
    id: 'KeyAtRisk',
    patterns: anyOf('kms.amazonaws.com', ['DisableKey', 'ScheduleKeyDeletion']),
    threshold: 0,
    description:
      'A KMS key was disabled or scheduled for deletion, and its data cannot be decrypted. First enable ' +
      'the key again, or cancel the deletion (aws kms cancel-key-deletion, then enable-key). Then find the caller ' +
      '(userIdentity.arn). A deleted key cannot be restored.',
  },
  {
    id: 'KeyPolicyChangedByHand',
    patterns: anyOf('kms.amazonaws.com', ['PutKeyPolicy'], [NOT_CLOUDFORMATION]),
    threshold: 0,
    description:
      'A caller other than CloudFormation changed the policy of a KMS key. First find the key ' +
      '(requestParameters.keyId), the caller (userIdentity.arn) and the principals that the policy allows. ' +
      'Revert the change with a drift-aware change set of the stack of the key. If the account has lost access to ' +
      'the key, contact AWS Support.',
  },
  {
    id: 'BucketChangedByHand',
    patterns: anyOf(
      's3.amazonaws.com',
      [
        'PutBucketAcl',
        'PutBucketPolicy',
        'PutBucketCors',
        'PutBucketLifecycle',
        'PutBucketReplication',
        'DeleteBucketPolicy',
        'DeleteBucketCors',
        'DeleteBucketLifecycle',
        'DeleteBucketReplication',
        'PutBucketPublicAccessBlock',
        'DeleteBucketPublicAccessBlock',
        'PutAccountPublicAccessBlock',
        'DeleteAccountPublicAccessBlock',
        'PutBucketVersioning',
        'PutBucketLogging',
        'PutBucketEncryption',
        'DeleteBucketEncryption',
        ...OBJECT_LOCK,
      ],
      [NOT_CLOUDFORMATION],
    ),
    threshold: 0,
    description:
      'A caller other than CloudFormation changed the access to an S3 bucket, or the versions, retention, ' +
      'encryption or access logs of its objects. First find the bucket (requestParameters.bucketName), or check ' +
      'Block Public Access of the account. Check whether an object is public. Revert the change with a drift-aware ' +
      'change set of the stack of the bucket. The first deployment of the guardrails changes Block Public Access ' +
      'too: then no action is necessary.',
  },
  {
    id: 'ConfigChanged',
    patterns: anyOf('config.amazonaws.com', [
      'StopConfigurationRecorder',
      'DeleteConfigurationRecorder',
      'DeleteDeliveryChannel',
      'PutDeliveryChannel',
      'PutConfigurationRecorder',
    ]),
    threshold: 0,
    description:
      'The recorder or the delivery channel of AWS Config was created, changed, stopped or deleted. First ' +
      'check in the AWS Config console, under Settings, that the recorder records, and start it if it does not. A ' +
      'deployment of the guardrails causes this too: then no action is necessary.',
  },
  ...network(),
  ...SWITCHED_OFF,
  ...SAFEGUARDS,
  {
    id: 'OrganizationChanged',
    patterns: anyOf('organizations.amazonaws.com', [
      'AcceptHandshake',
      'AttachPolicy',
      'CreateAccount',
      'CreateOrganizationalUnit',
      'CreatePolicy',
      'DeclineHandshake',
      'DeleteOrganization',
      'DeleteOrganizationalUnit',
      'DeletePolicy',
      'DetachPolicy',
      'DisablePolicyType',
      'EnablePolicyType',
      'InviteAccountToOrganization',
      'LeaveOrganization',
      'MoveAccount',
      'RemoveAccountFromOrganization',
      'UpdatePolicy',
      'UpdateOrganizationalUnit',
    ]),
    threshold: 0,
    description:
      'The accounts, organizational units or policies of the organization changed. First find the change ' +
      '(eventName) and the caller (userIdentity.arn): a policy of the organization does not restrict an ' +
      'account that left, or from which the policy was detached. If the change is not intended, revert it in the ' +
      'management account, and block the caller.',
  },
];

/** The network: CIS 4.10 to 4.14. */
function network(): TrailEvents[] {
  const changed = (id: string, what: string, names: string[]): TrailEvents => ({
    id: `${id}ChangedByHand`,
    patterns: anyOf('ec2.amazonaws.com', names, [NOT_CLOUDFORMATION]),
    threshold: 0,
    description: `A caller other than CloudFormation changed ${what}. First find the caller (userIdentity.arn) and `
      + 'the resources that are reachable because of the change. Revert it with a drift-aware change set of the stack '
      + 'of the network.',
  });
  return [
    changed('SecurityGroup', 'the rules of a security group', [
      'AuthorizeSecurityGroupIngress',
      'AuthorizeSecurityGroupEgress',
      'RevokeSecurityGroupIngress',
      'RevokeSecurityGroupEgress',
      'ModifySecurityGroupRules',
      'CreateSecurityGroup',
      'DeleteSecurityGroup',
    ]),
    changed('NetworkAcl', 'a network ACL', [
      'CreateNetworkAcl',
      'CreateNetworkAclEntry',
      'DeleteNetworkAcl',
      'DeleteNetworkAclEntry',
      'ReplaceNetworkAclEntry',
      'ReplaceNetworkAclAssociation',
    ]),
    changed('Gateway', 'an internet gateway or a customer gateway', [
      'CreateCustomerGateway',
      'DeleteCustomerGateway',
      'AttachInternetGateway',
      'CreateInternetGateway',
      'DeleteInternetGateway',
      'DetachInternetGateway',
    ]),
    changed('RouteTable', 'a route or a route table', [
      'CreateRoute',
      'CreateRouteTable',
      'ReplaceRoute',
      'ReplaceRouteTableAssociation',
      'DeleteRouteTable',
      'DeleteRoute',
      'DisassociateRouteTable',
    ]),
    changed('Vpc', 'a VPC, its flow logs or a VPC peering connection', [
      'CreateVpc',
      'DeleteVpc',
      'ModifyVpcAttribute',
      'AcceptVpcPeeringConnection',
      'CreateVpcPeeringConnection',
      'DeleteVpcPeeringConnection',
      'RejectVpcPeeringConnection',
      'DeleteFlowLogs',
    ]),
  ];
}
