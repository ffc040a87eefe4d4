import { Aws, Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { BackupSettings } from './backup-settings';
import { VaultLock } from './vault-lock';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { physicalName } from '../../blocks/physical-name';
import { acknowledge } from '../../core/acknowledge';
import { protectionOf } from '../../core/data-protection';
import { refuseUse } from '../../core/refusal';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

/** The start window, whose minimum is one hour, and the completion window of a backup job, in hours. */
const START_WINDOW_HOURS = 1;
const COMPLETION_WINDOW_HOURS = 24;
/** The days without a backup before the alarm fires. The first backup of a new database can be on its second day. */
const DAYS_WITHOUT_BACKUP = 3;

/** The ARN resource of the snapshots of a database type, and the actions that AWS Backup needs. */
export interface SnapshotKind {
  /** The resource type in the ARN of a snapshot. */
  readonly resource: string;
  /** The actions on the database and its new snapshots. */
  readonly take: string[];
  /** The actions on the snapshots of AWS Backup only. */
  readonly expire: string[];
  /** Why the names of the snapshots are unknown at synthesis. */
  readonly nameless: string;
}

/**
 * The permissions to back up RDS, for an instance.
 *
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
 */
export const INSTANCE_SNAPSHOTS: SnapshotKind = {
  resource: 'snapshot',
  take: [
    'rds:AddTagsToResource',
    'rds:CreateDBSnapshot',
    'rds:DescribeDBInstances',
    'rds:DescribeDBSnapshots',
    'rds:ListTagsForResource',
  ],
  expire: ['rds:DeleteDBSnapshot', 'rds:ModifyDBSnapshotAttribute'],
  nameless:
    'AWS Backup names each snapshot awsbackup:job- followed by an ID that is unknown at synthesis; the prefix is '
      + 'reserved for AWS Backup',
};

/** The same for a cluster of Aurora. */
export const CLUSTER_SNAPSHOTS: SnapshotKind = {
  resource: 'cluster-snapshot',
  take: [
    'rds:AddTagsToResource',
    'rds:CreateDBClusterSnapshot',
    'rds:DescribeDBClusterSnapshots',
    'rds:DescribeDBClusters',
    'rds:ListTagsForResource',
  ],
  expire: ['rds:DeleteDBClusterSnapshot', 'rds:ModifyDBClusterSnapshotAttribute'],
  nameless:
    'AWS Backup names each cluster snapshot awsbackup:job- followed by the ID of the job; no other snapshot can have '
      + 'the prefix',
};

/** The props of a database's vault. */
export interface DatabaseVaultProps {
  /** The database in a backup selection. */
  readonly resource: backup.BackupResource;
  /** The ARN of the database, for the policy of the role. */
  readonly resourceArn: string;
  /** The type of its snapshots. */
  readonly snapshots: SnapshotKind;
  /** The key of the database, its snapshots and the vault. */
  readonly encryptionKey: kms.IKey;
  /** The retention of a daily snapshot. */
  readonly retention: Duration;
  /** The hour (UTC) of the daily snapshot. */
  readonly hour: number;
  /** The lock of the vault. */
  readonly lock?: VaultLock;
}

/**
 * An encrypted vault that denies the deletion of recovery points, a daily backup plan, and its role.
 *
 * Disposable data has an empty vault without a plan. It keeps the vault of a database that was retained before in the
 * template, and with it the key of its recovery points. Otherwise the deletion of the stack would leave the vault and
 * delete the key. AWS Backup deletes only an empty vault, and CloudFormation deletes the key after the vault.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/delete-a-vault.html
 */
export class DatabaseVault extends Construct {
  public readonly vault: backup.BackupVault;
  /** The daily plan. Undefined for disposable data. */
  public readonly plan?: backup.BackupPlan;

  constructor(scope: Construct, id: string, props: DatabaseVaultProps) {
    super(scope, id);
    const name = physicalName(this, 'database');
    const { isDisposable, removalPolicy } = protectionOf(this);
    this.vault = new backup.BackupVault(this, 'Vault', {
      backupVaultName: name,
      encryptionKey: props.encryptionKey,
      blockRecoveryPointDeletion: !isDisposable,
      lockConfiguration: props.lock?._configuration(scope, props.retention),
      removalPolicy,
    });
    if (!isDisposable) this.plan = this.definePlan(props, name);
  }

  private definePlan(props: DatabaseVaultProps, name: string): backup.BackupPlan {
    const plan = new backup.BackupPlan(this, 'Plan', {
      backupPlanName: name,
      backupVault: this.vault,
      backupPlanRules: [new backup.BackupPlanRule({
        ruleName: 'daily',
        scheduleExpression: events.Schedule.cron({ minute: '0', hour: `${props.hour}` }),
        startWindow: Duration.hours(START_WINDOW_HOURS),
        completionWindow: Duration.hours(COMPLETION_WINDOW_HOURS),
        deleteAfter: props.retention,
        enableContinuousBackup: false,
      })],
    });
    this.defineSelection(plan, props, name);
    return plan;
  }

  private defineSelection(plan: backup.BackupPlan, props: DatabaseVaultProps, name: string): void {
    const role = this.defineRole(props);
    const selection = plan.addSelection('Selection', {
      backupSelectionName: name,
      resources: [props.resource],
      role,
      disableDefaultBackupPolicy: true,
      allowRestores: false,
    });
    selection.node.addDependency(role);
  }

  private defineRole(props: DatabaseVaultProps): ManagedPolicyRole {
    const role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('backup.amazonaws.com'),
      description: 'Creates and expires the snapshots of one database',
    });
    // Pseudo parameters: the acknowledgement below then matches in a stack with an explicit environment too.
    const { resource, take, expire, nameless } = props.snapshots;
    const snapshots = `arn:${Aws.PARTITION}:rds:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}:awsbackup:*`;
    const allow = (
      actions: string[],
      resources: string[],
      conditions?: { [operator: string]: { [key: string]: string } },
    ) => role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    allow(take, [props.resourceArn, snapshots]);
    allow(expire, [snapshots]);
    allow(['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'], [this.vault.backupVaultArn]);
    allow(['kms:DescribeKey'], [props.encryptionKey.keyArn]);
    allow(['kms:CreateGrant'], [props.encryptionKey.keyArn], { Bool: { 'kms:GrantIsForAWSResource': 'true' } });
    allow(['tag:GetResources'], ['*']);
    acknowledge(
      role.node.findChild('Policy'),
      {
        rules: [
          'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:' +
            `${resource}:awsbackup:*]`,
        ],
        reason: nameless,
      },
      {
        rules: ['AwsSolutions-IAM5[Resource::*]'],
        reason: 'tag:GetResources, which AWS Backup calls to find the resources of a plan, has no resource type',
      },
    );
    return role;
  }
}

/** Creates the vault of a database, and returns it unless the data is disposable: nothing fills it then. */
export function databaseVault(
  scope: Construct, settings: BackupSettings & { readonly disposable: boolean },
  database: Pick<DatabaseVaultProps, 'resource' | 'resourceArn' | 'snapshots' | 'encryptionKey'>,
): DatabaseVault | undefined {
  if (settings.disposable && settings.vaultLock) {
    refuseUse(scope, 'backup.vaultLock must not be set for disposable data, whose vault can be deleted',
      'set it only where data is retained');
  }
  const vault = new DatabaseVault(scope, 'Backup', {
    ...database,
    retention: settings.vaultRetention,
    hour: settings.snapshotHour,
    lock: settings.vaultLock,
  });
  return settings.disposable ? undefined : vault;
}

/** The ways in which a job can end without a backup, and the first step of the response. */
const ENDED_WITHOUT_BACKUP = {
  Failed: 'failed. First read the message of the job in the AWS Backup console',
  Aborted: 'was stopped by a person or a program. First find the caller of StopBackupJob in CloudTrail',
  Expired:
    'did not start in its window. First check in the AWS Backup console whether another job of the database or its ' +
    'maintenance window was in the way',
};

/**
 * The alarms on failed, aborted, expired and missing backup jobs. 45 CFR 164.308(a)(7)(ii)(A) requires retrievable
 * copies.
 * @param size a metric that the database reports every day, also while it is idle
 * @param optIn the resource type that the account must opt in to, if AWS Backup otherwise skips the database
 */
export function backupAlarms(vault: backup.BackupVault, size: cloudwatch.Metric, optIn?: string): AlarmDefinition[] {
  return [
    ...Object.entries(ENDED_WITHOUT_BACKUP).map(([ended, firstStep]) => ({
      id: `Backup${ended}`,
      metric: jobs(vault, ended, Duration.hours(1)),
      threshold: 0,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description:
        `A backup job of the vault ${vault.backupVaultName} ${firstStep}. Then start an on-demand backup. Until one ` +
        'succeeds, the automated backups of RDS are the only copies.',
    })),
    missingBackupAlarm(vault, size, optIn),
  ];
}

/**
 * The alarm on missing backup jobs, for example after the plan or its selection was deleted. AWS Backup skips an Aurora
 * cluster without an error if the account has not opted in.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
 *
 * AWS Backup publishes no metric if it does nothing. A day on which the database reports its size therefore counts as a
 * day without backup. Days before the database exists do not count, so the alarm of a new database does not fire.
 */
function missingBackupAlarm(vault: backup.BackupVault, size: cloudwatch.Metric, optIn?: string): AlarmDefinition {
  const checkOptIn =
    `run aws backup describe-region-settings. If ${optIn} is false, run aws backup update-region-settings ` +
    `--resource-type-opt-in-preference ${optIn}=true. If ${optIn} is true, `;
  const period = Duration.days(1);
  return {
    id: 'BackupMissing',
    metric: new cloudwatch.MathExpression({
      // SUM over a list skips a missing series. With a plus, one missing series would make the result missing.
      expression: 'SUM([completed, 0 * size])',
      usingMetrics: { completed: jobs(vault, 'Completed', period), size: size.with({ period }) },
      label: 'Completed backups',
      period,
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: DAYS_WITHOUT_BACKUP,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description:
      `The vault ${vault.backupVaultName} has received no backup for ${DAYS_WITHOUT_BACKUP} days. First ` +
      'check whether BackupFailed, BackupAborted or BackupExpired also fires, and handle it. Otherwise, ' +
      `${optIn ? checkOptIn : ''}check the backup plan and its selection, ` +
      'and find in CloudTrail who removed them. Then start an on-demand backup. Until one succeeds, the automated ' +
      'backups of RDS are the only copies.',
  };
}

/**
 * The number of jobs of a vault with a result. https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
 */
function jobs(vault: backup.BackupVault, ended: string, period: Duration): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Backup',
    metricName: `NumberOfBackupJobs${ended}`,
    dimensionsMap: { BackupVaultName: vault.backupVaultName },
    statistic: cloudwatch.Stats.SUM,
    period,
  });
}
