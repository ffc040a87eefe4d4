import { Template } from 'aws-cdk-lib/assertions';
import { above, below, DAY, fires, HOUR, of, quiet } from './alarms';
import { attribute, only, propertiesOf, text, theOne } from './reading';

const PLAN = 'AWS::Backup::BackupPlan';
const SELECTION = 'AWS::Backup::BackupSelection';
const VAULT = 'AWS::Backup::BackupVault';

export const vaultOf = theOne(VAULT);

/** AWS Backup takes a snapshot of a database each day, and keeps it for 35 days in a vault that denies deletion. */
export function takesDailySnapshots(template: Template, database: string, kind: 'db' | 'cluster') {
  const vault = only(template, VAULT);
  const plan = only(template, PLAN);
  expect(propertiesOf(template, PLAN, plan).BackupPlan.BackupPlanRule).toEqual([{
    RuleName: 'daily',
    ScheduleExpression: 'cron(0 6 * * ? *)',
    StartWindowMinutes: 60,
    CompletionWindowMinutes: 1440,
    EnableContinuousBackup: false,
    Lifecycle: { DeleteAfterDays: 35 },
    TargetBackupVault: attribute(vault, 'BackupVaultName'),
  }]);
  const { BackupPlanId, BackupSelection } = theOne(SELECTION)(template);
  expect(BackupPlanId).toEqual(attribute(plan, 'BackupPlanId'));
  expect(BackupSelection.Resources.map(text))
    .toEqual([expect.stringMatching(new RegExp(`:rds:.*:${kind}:\\$\\{\\{'Ref':'${database}'\\}\\}$`))]);
  expect(propertiesOf(template, 'AWS::IAM::Role', BackupSelection.IamRoleArn['Fn::GetAtt'][0]).AssumeRolePolicyDocument
    .Statement).toMatchObject([{ Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' } }]);
  expect(vaultOf(template).AccessPolicy.Statement).toEqual([{
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: ['backup:DeleteRecoveryPoint', 'backup:UpdateRecoveryPointLifecycle'],
    Resource: '*',
  }]);
}

/** An alarm fires if a backup fails, is aborted or expires, and if none completed for three days. */
export function backupsAreWatched(template: Template, database: string, kind: 'db' | 'cluster') {
  const ofVault = of('AWS/Backup', { BackupVaultName: `${only(template, VAULT)}.BackupVaultName` });
  for (const state of ['Failed', 'Aborted', 'Expired']) {
    fires(template, `DatabaseBackup${state}`, {
      metrics: ofVault(`NumberOfBackupJobs${state}`, 'Sum', HOUR), ...above(0), ...quiet,
    });
  }
  const [dimension, size] = kind === 'db'
    ? ['DBInstanceIdentifier', 'FreeStorageSpace'] : ['DBClusterIdentifier', 'VolumeBytesUsed'];
  fires(template, 'DatabaseBackupMissing', {
    metrics: {
      compared: 'SUM([completed, 0 * size])',
      completed: ofVault('NumberOfBackupJobsCompleted', 'Sum', DAY).compared,
      size: of('AWS/RDS', { [dimension]: database })(size, 'Average', DAY).compared,
    },
    ...below(1, 3),
    ...quiet,
  });
}
