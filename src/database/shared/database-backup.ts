import { Aws, Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { acknowledge } from '../../core/acknowledge';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { physicalName } from '../../blocks/physical-name';
import { DataProtection } from '../../core/data-protection';

/** How long AWS Backup waits for a chance to start, and how long a snapshot may take, in hours. One hour is the shortest wait that AWS Backup takes. */
const START_WINDOW_HOURS = 1;
const COMPLETION_WINDOW_HOURS = 24;
/** For how many days no backup may be completed. The first one of a new database falls into its second day where it is made just after the hour of the backup. */
const DAYS_WITHOUT_BACKUP = 3;

/** What RDS calls the snapshots of a kind of database, and the actions that AWS Backup takes on them. */
export interface SnapshotKind {
  /** The resource in the ARN of a snapshot. */
  readonly resource: string;
  /** What is done with the database and its new snapshots. */
  readonly take: string[];
  /** What is done with the snapshots of AWS Backup alone. */
  readonly expire: string[];
  /** Why the names of the snapshots cannot be told before. */
  readonly nameless: string;
}

/** The permissions to back up RDS of https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html, for an instance. */
export const INSTANCE_SNAPSHOTS: SnapshotKind = {
  resource: 'snapshot',
  take: ['rds:AddTagsToResource', 'rds:CreateDBSnapshot', 'rds:DescribeDBInstances', 'rds:DescribeDBSnapshots', 'rds:ListTagsForResource'],
  expire: ['rds:DeleteDBSnapshot', 'rds:ModifyDBSnapshotAttribute'],
  nameless: 'AWS Backup names each snapshot itself, awsbackup:job- and a number that nobody knows before; the prefix is reserved for it',
};

/** The same for a cluster of Aurora. */
export const CLUSTER_SNAPSHOTS: SnapshotKind = {
  resource: 'cluster-snapshot',
  take: ['rds:AddTagsToResource', 'rds:CreateDBClusterSnapshot', 'rds:DescribeDBClusterSnapshots', 'rds:DescribeDBClusters', 'rds:ListTagsForResource'],
  expire: ['rds:DeleteDBClusterSnapshot', 'rds:ModifyDBClusterSnapshotAttribute'],
  nameless: 'the snapshots of a cluster are named by AWS Backup, awsbackup:job- and a number that nobody knows before; no other snapshot may be called so',
};

/** What AWS Backup keeps of a database. */
export interface DatabaseVaultProps {
  /** The database, as a selection of AWS Backup names it. */
  readonly resource: backup.BackupResource;
  /** The database's ARN, for the policy of the role. */
  readonly resourceArn: string;
  /** What its snapshots are called. */
  readonly snapshots: SnapshotKind;
  /** The key of the database, its snapshots and the vault. */
  readonly encryptionKey: kms.IKey;
  /** How long a daily snapshot is kept. */
  readonly retention: Duration;
  /** The hour of the day (UTC) at which the snapshot is taken. */
  readonly hour: number;
}

/** An encrypted vault from which nobody deletes by hand, a plan that puts a snapshot into it every day, and a role that can do just that. */
export class DatabaseVault extends Construct {
  public readonly vault: backup.BackupVault;
  public readonly plan: backup.BackupPlan;

  constructor(scope: Construct, id: string, props: DatabaseVaultProps) {
    super(scope, id);
    const name = physicalName(this, 'database');
    this.vault = new backup.BackupVault(this, 'Vault', {
      backupVaultName: name,
      encryptionKey: props.encryptionKey,
      blockRecoveryPointDeletion: true,
      removalPolicy: DataProtection.of(this).namedRemovalPolicy,
    });
    this.plan = new backup.BackupPlan(this, 'Plan', {
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
    this.defineSelection(props, name);
  }

  private defineSelection(props: DatabaseVaultProps, name: string): void {
    const role = this.defineRole(props);
    const selection = this.plan.addSelection('Selection', {
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
      description: 'Takes and expires the snapshots of one database',
    });
    // Pseudo parameters, so that the text is the same in a stack with an environment and the acknowledgement below fits it.
    const { resource, take, expire, nameless } = props.snapshots;
    const snapshots = `arn:${Aws.PARTITION}:rds:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}:awsbackup:*`;
    const allow = (actions: string[], resources: string[], conditions?: { [operator: string]: { [key: string]: string } }) =>
      role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    allow(take, [props.resourceArn, snapshots]);
    allow(expire, [snapshots]);
    allow(['backup:CopyIntoBackupVault', 'backup:DescribeBackupVault'], [this.vault.backupVaultArn]);
    allow(['kms:DescribeKey'], [props.encryptionKey.keyArn]);
    allow(['kms:CreateGrant'], [props.encryptionKey.keyArn], { Bool: { 'kms:GrantIsForAWSResource': 'true' } });
    allow(['tag:GetResources'], ['*']);
    acknowledge(role.node.findChild('Policy'),
      {
        rules: [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:rds:<AWS::Region>:<AWS::AccountId>:${resource}:awsbackup:*]`],
        reason: nameless,
      },
      {
        rules: ['AwsSolutions-IAM5[Resource::*]'],
        reason: 'tag:GetResources, with which AWS Backup finds what a plan protects, has no resource to be narrowed to',
      },
    );
    return role;
  }
}

/** That a backup failed, which nobody would otherwise hear of: 45 CFR 164.308(a)(7)(ii)(A) asks for copies that can be retrieved. */
export function backupAlarms(vault: backup.BackupVault): AlarmDefinition[] {
  return [{
    id: 'BackupFailed',
    metric: jobs(vault, 'Failed', Duration.hours(1)),
    threshold: 0,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `A backup into the vault ${vault.backupVaultName} failed. First read the job's message in the AWS Backup console, then start an on-demand backup; `
      + 'until one succeeds, the automated backups of RDS are the only copies.',
  }];
}

/**
 * That there was no backup, not even one that failed: AWS Backup leaves out a cluster of Aurora, without a word, while the account is opted out of it.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
 *
 * AWS Backup counts what it does, and nothing where it does nothing. So a day without a backup counts zero where the database reports its size on it,
 * and counts nothing before there is a database: otherwise the alarm of a new one would ring until its first backup.
 * @param size a metric that the database reports on each day of its life, also while it is idle
 */
export function missingBackupAlarm(vault: backup.BackupVault, size: cloudwatch.Metric): AlarmDefinition {
  const period = Duration.days(1);
  return {
    id: 'BackupMissing',
    metric: new cloudwatch.MathExpression({
      // A sum over a list leaves out what is missing; with a plus, what is missing on one side would be missing in all.
      expression: 'SUM([completed, 0 * size])',
      usingMetrics: { completed: jobs(vault, 'Completed', period), size: size.with({ period }) },
      label: 'Completed backups',
      period,
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: DAYS_WITHOUT_BACKUP,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `AWS Backup has put nothing into the vault ${vault.backupVaultName} for ${DAYS_WITHOUT_BACKUP} days, and no job has failed. First run aws backup describe-region-settings: if Aurora is `
      + 'false, run aws backup update-region-settings --resource-type-opt-in-preference Aurora=true; else look for the backup plan and its selection, and in CloudTrail for who removed them. '
      + 'Then start an on-demand backup; until one succeeds, the automated backups of RDS are the only copies.',
  };
}

/** How many jobs of a vault ended like that. https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html */
function jobs(vault: backup.BackupVault, ended: string, period: Duration): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Backup',
    metricName: `NumberOfBackupJobs${ended}`,
    dimensionsMap: { BackupVaultName: vault.backupVaultName },
    statistic: cloudwatch.Stats.SUM,
    period,
  });
}
