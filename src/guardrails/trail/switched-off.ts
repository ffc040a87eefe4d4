import { anyOf, NOT_CLOUDFORMATION, NOT_SERVICE, TrailEvents } from './event-pattern';

/** Excludes the alarms of target tracking, which the two services of Auto Scaling create and delete. */
const NOT_SCALING = ['application-autoscaling.amazonaws.com', 'autoscaling.amazonaws.com']
  .map((service) => `($.sourceIPAddress != "${service}")`);

/**
 * The events that switch off a guardrail or the path of an alarm, or create credentials.
 *
 * Each service has its own pattern, because a pattern has at most 1,024 characters. The patterns of an entry publish
 * the same metric.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const SWITCHED_OFF: TrailEvents[] = [
  {
    id: 'GuardrailSwitchedOff',
    patterns: {
      GuardDuty: anyOf('guardduty.amazonaws.com', [
        'DeleteDetector',
        'UpdateDetector',
        'CreateFilter',
        'UpdateFilter',
        // GuardDuty generates no findings for the addresses and domains of a trusted list.
        'CreateIPSet',
        'UpdateIPSet',
        'CreateTrustedEntitySet',
        'UpdateTrustedEntitySet',
        'StopMonitoringMembers',
        'DeleteMembers',
        'DisassociateMembers',
        'DisassociateFromAdministratorAccount',
        'DisassociateFromMasterAccount',
      ]),
      SecurityHub: anyOf('securityhub.amazonaws.com', [
        'DisableSecurityHub',
        'BatchDisableStandards',
        'UpdateStandardsControl',
        'BatchUpdateStandardsControlAssociations',
        'UpdateSecurityHubConfiguration',
        'UpdateSecurityControl',
        'CreateAutomationRule',
        'BatchUpdateAutomationRules',
        'DisableImportFindingsForProduct',
        'DisassociateFromAdministratorAccount',
        'DisassociateFromMasterAccount',
      ]),
      Inspector: anyOf(
        'inspector2.amazonaws.com', ['Disable', 'CreateFilter', 'UpdateFilter', 'DisassociateMember'],
      ),
      AccessAnalyzer: anyOf(
        'access-analyzer.amazonaws.com',
        ['DeleteAnalyzer', 'UpdateAnalyzer', 'CreateArchiveRule', 'UpdateArchiveRule', 'ApplyArchiveRule'],
      ),
      ConfigRules: anyOf('config.amazonaws.com', [
        'DeleteConformancePack',
        'DeleteConfigRule',
        'DeleteOrganizationConformancePack',
        'DeleteRetentionConfiguration',
      ]),
      EbsEncryption: anyOf(
        'ec2.amazonaws.com',
        ['DisableEbsEncryptionByDefault', 'ModifyEbsDefaultKmsKeyId', 'ResetEbsDefaultKmsKeyId'],
      ),
      PasswordPolicy: anyOf('iam.amazonaws.com', ['DeleteAccountPasswordPolicy', 'UpdateAccountPasswordPolicy']),
    },
    threshold: 0,
    description:
      'GuardDuty, Security Hub, Inspector, Access Analyzer, the rules of AWS Config, EBS encryption by default or the '
      + 'password policy was changed or switched off. First find the event and the caller (userIdentity.arn). Switch '
      + 'it on again in the console of the service, because a deployment does not correct it. If neither a deployment '
      + 'nor the deletion of the guardrails caused the change, block the caller.',
  },
  {
    id: 'AlarmChainChangedByHand',
    patterns: {
      // A call of PutMetricAlarm or PutMetricFilter with an existing name replaces the alarm or the filter.
      Alarms: anyOf(
        'monitoring.amazonaws.com',
        ['DeleteAlarms', 'DisableAlarmActions', 'PutMetricAlarm', 'PutAlarmMuteRule'],
        [NOT_CLOUDFORMATION, ...NOT_SCALING],
      ),
      Logs: anyOf(
        'logs.amazonaws.com',
        [
          'DeleteMetricFilter', 'PutMetricFilter', 'DeleteLogGroup', 'PutRetentionPolicy', 'DeleteRetentionPolicy',
          'PutLogGroupDeletionProtection', 'DisassociateKmsKey', 'DeleteResourcePolicy', 'DeleteDelivery',
          'DeleteDeliverySource', 'DeleteDeliveryDestination', 'PutDataProtectionPolicy', 'PutAccountPolicy',
        ],
        [NOT_CLOUDFORMATION],
      ),
      Rules: anyOf('events.amazonaws.com', ['DisableRule', 'DeleteRule', 'RemoveTargets'], [NOT_CLOUDFORMATION]),
      // Both replace a rule or a target of the same name. Services put rules of their own when they are enabled.
      RulesReplaced: anyOf(
        'events.amazonaws.com', ['PutRule', 'PutTargets'], [NOT_CLOUDFORMATION, NOT_SERVICE],
      ),
      Topics: anyOf(
        'sns.amazonaws.com',
        [
          'Unsubscribe', 'DeleteTopic', 'SetTopicAttributes', 'SetSubscriptionAttributes', 'RemovePermission',
          'PutDataProtectionPolicy',
        ],
        [NOT_CLOUDFORMATION],
      ),
    },
    threshold: 0,
    description:
      'A caller other than CloudFormation changed, deleted, disabled or muted an alarm, a metric filter, a log group '
      + 'or its protection, a rule or its targets, or a topic or its subscriptions. First find the caller '
      + '(userIdentity.arn) and the resource (requestParameters). Then restore it with a drift-aware change set, and '
      + 'confirm the subscription. If the change is not intended, block the caller: further actions may not raise an '
      + 'alarm.',
  },
  {
    id: 'CredentialsCreatedByHand',
    patterns: {
      Credentials: anyOf(
        'iam.amazonaws.com',
        ['CreateAccessKey', 'CreateUser', 'CreateLoginProfile', 'UpdateLoginProfile', 'DeactivateMFADevice'],
        [NOT_CLOUDFORMATION],
      ),
    },
    threshold: 0,
    description:
      'A caller other than CloudFormation created an IAM user, an access key or a console password, or removed an MFA '
      + 'device. First find the caller (userIdentity.arn) and the user (requestParameters.userName). If the change is '
      + 'not intended, delete the credentials and block the caller.',
  },
];
