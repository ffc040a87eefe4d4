import { Stack } from 'aws-cdk-lib';
import { someCluster } from './aurora/some-cluster';
import { someDatabase } from './instance/some-database';
import { IMonitored } from '../../src/monitoring/monitored';
import { newStack } from '../support/app';
import { above, alarmRows, below, DAY, HOUR, Measured, of, quiet } from '../support/template/alarms';

const vault = of('AWS/Backup', { BackupVaultName: 'DatabaseBackupVault.BackupVaultName' });
const ended = (how: string) => ({ metrics: vault(`NumberOfBackupJobs${how}`, 'Sum', HOUR), ...above(0), ...quiet });
/** AWS Backup publishes no data on a day without jobs. The size shows that a database existed on that day. */
const missing = (size: Measured) => ({
  metrics: {
    compared: 'SUM([completed, 0 * size])',
    completed: vault('NumberOfBackupJobsCompleted', 'Sum', DAY).compared,
    size,
  },
  ...below(1, 3),
  ...quiet,
});

test.each<[string, (stack: Stack) => IMonitored, Measured]>([
  [
    'an instance',
    someDatabase,
    of('AWS/RDS', { DBInstanceIdentifier: 'DatabaseInstance' })('FreeStorageSpace', 'Average', DAY).compared,
  ],
  [
    'a cluster',
    someCluster,
    of('AWS/RDS', { DBClusterIdentifier: 'DatabaseCluster' })('VolumeBytesUsed', 'Average', DAY).compared,
  ],
])('the alarms on backups of %s have these fields', (_database, make, size) => {
  const stack = newStack();
  const rows = Object.entries(alarmRows(stack, make(stack))).filter(([id]) => id.startsWith('Backup'));
  expect(Object.fromEntries(rows)).toEqual({
    BackupFailed: ended('Failed'),
    BackupAborted: ended('Aborted'),
    BackupExpired: ended('Expired'),
    BackupMissing: missing(size),
  });
});

test.each<[string, (stack: Stack) => IMonitored, boolean]>([
  ['an instance', someDatabase, false],
  ['a cluster', someCluster, true],
])('the alarm on missing backups of %s: the description names an opt-in of the account: %s', (_name, make, optIn) => {
  const { description } = make(newStack()).monitoringPlan().alarms.find(({ id }) => id === 'BackupMissing')!;
  expect(description.includes('update-region-settings')).toBe(optIn);
  expect(description).toContain('check the backup plan and its selection');
});
