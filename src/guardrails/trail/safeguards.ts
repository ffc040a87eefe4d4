import { anyOf, NOT_CLOUDFORMATION, NOT_SERVICE, TrailEvents } from './event-pattern';

const BY_HAND = [NOT_CLOUDFORMATION, NOT_SERVICE];
/** The changes of a database that can turn off its protection, backups, logs or TLS, or open it. */
const DATABASE_UNPROTECTED = `(${[
  'deletionProtection IS FALSE', 'backupRetentionPeriod = 0', 'publiclyAccessible IS TRUE',
  'dBParameterGroupName = "*"', 'dBClusterParameterGroupName = "*"', 'optionGroupName = "*"',
  'cloudwatchLogsExportConfiguration.disableLogTypes[0] = "*"',
].map((condition) => `($.requestParameters.${condition})`).join(' || ')})`;

/**
 * The events that switch off a safeguard of a workload, and the rotations that failed.
 *
 * The rotation of a password that RDS manages has no function, whose errors would raise an alarm.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
 */
export const SAFEGUARDS: TrailEvents[] = [
  {
    id: 'SafeguardChangedByHand',
    patterns: {
      Secrets: anyOf(
        'secretsmanager.amazonaws.com',
        ['CancelRotateSecret', 'DeleteSecret', 'DeleteResourcePolicy', 'PutResourcePolicy'],
        BY_HAND,
      ),
      Firewalls: anyOf(
        'wafv2.amazonaws.com',
        [
          // A load balancer has one web ACL, so an association replaces it.
          'AssociateWebACL', 'DisassociateWebACL', 'DeleteLoggingConfiguration', 'PutLoggingConfiguration',
          'UpdateWebACL', 'UpdateIPSet', 'DeleteWebACL',
        ],
        BY_HAND,
      ),
      LoadBalancers: anyOf(
        'elasticloadbalancing.amazonaws.com',
        ['ModifyLoadBalancerAttributes', 'ModifyListener', 'ModifyListenerAttributes', 'DeleteListener'],
        BY_HAND,
      ),
      Databases: anyOf(
        'rds.amazonaws.com', ['ModifyDBInstance', 'ModifyDBCluster'], [...BY_HAND, DATABASE_UNPROTECTED],
      ),
      // Parameters, options and proxies decide whether a database requires TLS and writes an audit log.
      DatabaseParameters: anyOf(
        'rds.amazonaws.com',
        [
          'ModifyDBParameterGroup', 'ResetDBParameterGroup', 'ModifyDBClusterParameterGroup',
          'ResetDBClusterParameterGroup', 'ModifyOptionGroup', 'ModifyDBProxy', 'ModifyDBProxyTargetGroup',
        ],
        BY_HAND,
      ),
      Keys: anyOf('kms.amazonaws.com', ['DisableKeyRotation'], BY_HAND),
      Repositories: anyOf(
        'ecr.amazonaws.com',
        [
          'PutImageTagMutability', 'PutImageScanningConfiguration', 'PutRegistryScanningConfiguration',
          'SetRepositoryPolicy', 'DeleteRepository',
        ],
        BY_HAND,
      ),
      MalwareScans: anyOf(
        'guardduty.amazonaws.com', ['UpdateMalwareProtectionPlan', 'DeleteMalwareProtectionPlan'], BY_HAND,
      ),
      ConfigHistory: anyOf(
        'config.amazonaws.com', ['PutRetentionConfiguration', 'PutConformancePack'], BY_HAND,
      ),
      Backups: anyOf(
        'backup.amazonaws.com',
        [
          'DeleteBackupVaultAccessPolicy', 'PutBackupVaultAccessPolicy', 'DeleteBackupVaultLockConfiguration',
          'DeleteBackupPlan', 'UpdateBackupPlan', 'DeleteBackupSelection', 'DeleteRecoveryPoint',
          'UpdateRecoveryPointLifecycle', 'StopBackupJob',
        ],
        BY_HAND,
      ),
    },
    threshold: 0,
    description:
      'A caller other than CloudFormation stopped the rotation of a secret or a key, deleted a secret or changed '
      + 'its policy, or changed a web firewall or its log, the logs, protection or listeners of a load balancer, '
      + 'the deletion protection, backups or parameters of a database, a backup plan, vault or recovery point, a '
      + 'repository or its scans, a malware scan, or the retention or a conformance pack of AWS Config. First find '
      + 'the caller (userIdentity.arn) and the resource (requestParameters). Then restore it with a drift-aware '
      + 'change set. If the change is not intended, block the caller.',
  },
  {
    id: 'SecretRotationFailed',
    patterns: anyOf('secretsmanager.amazonaws.com', ['RotationFailed', 'RotationAbandoned']),
    threshold: 0,
    description:
      'The rotation of a secret failed, and the secret keeps its old value. First find the secret '
      + '(additionalEventData.SecretId) in the events of the trail. For the password of a master user, check the '
      + 'events of the database in the RDS console. For another secret, read the log of its rotation function. Then '
      + 'start the rotation again (aws secretsmanager rotate-secret).',
  },
];
