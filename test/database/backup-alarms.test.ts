import { someCluster } from './aurora/some-cluster';
import { someDatabase } from './instance/some-database';
import { newStack } from '../support/app';
import { above, alarmRows, below, DAY, HOUR, of, quiet } from '../support/template/alarms';

const vault = of('AWS/Backup', { BackupVaultName: 'DatabaseBackupVault.BackupVaultName' });
const failed = { metrics: vault('NumberOfBackupJobsFailed', 'Sum', HOUR), ...above(0), ...quiet };

test('the alarm on failed backups of an instance has these fields', () => {
  const stack = newStack();
  expect(alarmRows(stack, someDatabase(stack)).BackupFailed).toEqual(failed);
});

test('the alarms on backups of a cluster have these fields', () => {
  const stack = newStack();
  const { BackupFailed, BackupMissing } = alarmRows(stack, someCluster(stack));
  expect(BackupFailed).toEqual(failed);
  // AWS Backup publishes no data on a day without jobs. The size of the cluster shows that a cluster existed on that
  // day.
  expect(BackupMissing).toEqual({
    metrics: {
      compared: 'SUM([completed, 0 * size])',
      completed: vault('NumberOfBackupJobsCompleted', 'Sum', DAY).compared,
      size: of('AWS/RDS', { DBClusterIdentifier: 'DatabaseCluster' })('VolumeBytesUsed', 'Average', DAY).compared,
    },
    ...below(1, 3),
    ...quiet,
  });
});
