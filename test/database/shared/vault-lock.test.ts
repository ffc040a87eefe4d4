import { CfnParameter, Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ComplianceLockOptions, DataProtection, DatabaseBackupOptions, VaultLock } from '../../../src';
import { newStack, templateOf } from '../../support/app';
import { someCluster } from '../aurora/some-cluster';
import { only, refusalOf, someDatabase } from '../instance/some-database';

const days = Duration.days;

/** The lock of the vault of an instance. */
function lockOf(vaultLock: VaultLock | undefined, backup: DatabaseBackupOptions = {}): unknown {
  const template = templateOf(someDatabase(newStack(), { backup: { ...backup, vaultLock } }));
  return only(template, 'AWS::Backup::BackupVault').LockConfiguration;
}

const refusal = (vaultLock: VaultLock, backup: DatabaseBackupOptions = {}) =>
  refusalOf({ backup: { ...backup, vaultLock } });
const compliance = (options: Partial<ComplianceLockOptions> = {}) =>
  VaultLock.compliance({ minRetention: days(35), changeableFor: days(3), ...options });

describe('a vault', () => {
  test('has no lock by default', () => {
    expect(lockOf(undefined)).toBeUndefined();
  });

  test('locked in governance mode enforces the retention of the snapshots, and can be unlocked', () => {
    expect(lockOf(VaultLock.governance())).toEqual({ MinRetentionDays: 35 });
    expect(lockOf(VaultLock.governance(), { vaultRetention: days(365) })).toEqual({ MinRetentionDays: 365 });
  });

  test('locked in governance mode has the given retentions', () => {
    expect(lockOf(VaultLock.governance({ minRetention: days(30), maxRetention: days(400) })))
      .toEqual({ MinRetentionDays: 30, MaxRetentionDays: 400 });
  });

  test('locked in compliance mode cannot be changed after the given time', () => {
    expect(lockOf(compliance({ minRetention: days(7), maxRetention: days(35), changeableFor: days(14) })))
      .toEqual({ MinRetentionDays: 7, MaxRetentionDays: 35, ChangeableForDays: 14 });
    expect(lockOf(compliance())).toEqual({ MinRetentionDays: 35, ChangeableForDays: 3 });
  });

  test('of a cluster has the lock too, and still denies manual deletion', () => {
    const cluster = someCluster(newStack(), { backup: { vaultLock: VaultLock.governance() } });
    templateOf(cluster).hasResourceProperties('AWS::Backup::BackupVault', {
      LockConfiguration: { MinRetentionDays: 35 },
      AccessPolicy: { Statement: [Match.objectLike({ Effect: 'Deny' })] },
    });
  });

  test('locked in compliance mode has an info message that it becomes final', () => {
    const messages = (vaultLock: VaultLock) => {
      const stack = newStack();
      someDatabase(stack, { backup: { vaultLock } });
      return Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('becomes final'))
        .map(({ id, entry }) => [id, String(entry.data)]);
    };
    expect(messages(compliance({ changeableFor: days(30) }))).toEqual([['/Stack/Database',
      'the lock of the backup vault becomes final 30 days after its first deployment: afterwards nobody can remove it, '
      + 'delete a snapshot early, or change the retention of the lock [ack: cdk-hipaa:vault-lock-becomes-final]']]);
    expect(messages(VaultLock.governance())).toEqual([]);
  });

  test('accepts a retention that is a parameter', () => {
    const stack = newStack();
    const minRetention = days(new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber);
    const database = someDatabase(stack, { backup: { vaultLock: VaultLock.governance({ minRetention }) } });
    templateOf(database).hasResourceProperties('AWS::Backup::BackupVault', {
      LockConfiguration: { MinRetentionDays: { Ref: 'Days' } },
    });
  });
});

describe('refusals', () => {
  const OF = '[Stack/Database] backup.vaultLock.';

  test.each<[string, VaultLock, DatabaseBackupOptions, string]>([
    [
      'a minimum above the retention of the snapshots',
      VaultLock.governance({ minRetention: days(36) }), {},
      'minRetention must be at most 35 days, the retention of the snapshots, got 36 days. '
        + 'Change it, or set backup.vaultRetention.',
    ],
    [
      'a minimum in compliance mode above a longer retention',
      compliance({ minRetention: days(400) }), { vaultRetention: days(365) },
      'minRetention must be at most 365 days, the retention of the snapshots, got 400 days. '
        + 'Change it, or set backup.vaultRetention.',
    ],
    [
      'a maximum below the retention of the snapshots',
      VaultLock.governance({ maxRetention: days(34) }), {},
      'maxRetention must be at least 35 days, the retention of the snapshots, got 34 days. '
        + 'Change it, or set backup.vaultRetention.',
    ],
    [
      'a maximum that is not longer than the minimum',
      VaultLock.governance({ maxRetention: days(35) }), {},
      'maxRetention must be longer than minRetention, which is 35 days, got 35 days. '
        + 'Raise maxRetention, or lower minRetention.',
    ],
    [
      'a minimum of no days',
      VaultLock.governance({ minRetention: days(0) }), {},
      'minRetention in days must be an integer from 1 to 36500, got 0. Use an integer in this range.',
    ],
    [
      'a part of a day',
      VaultLock.governance({ maxRetention: Duration.hours(1_000) }), {},
      'maxRetention in days must be an integer from 1 to 36500, got 41.666666666666664. Use an integer in this range.',
    ],
    [
      'a maximum above that of AWS Backup',
      VaultLock.governance({ maxRetention: days(36_501) }), {},
      'maxRetention in days must be an integer from 1 to 36500, got 36501. Use an integer in this range.',
    ],
    [
      'less than three days until the lock is final',
      compliance({ changeableFor: days(2) }), {},
      'changeableFor in days must be an integer from 3 to 36500, got 2. Use an integer in this range.',
    ],
  ])('%s', (_, lock, backup, message) => {
    expect(refusal(lock, backup)).toBe(`${OF}${message}`);
  });

  test('a lock of disposable data', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'a test' });
    expect(refusalOf({ backup: { vaultLock: VaultLock.governance() } }, stack)).toBe(
      '[Stack/Database] backup.vaultLock must not be set for disposable data, whose vault can be deleted. '
      + 'Set it only where data is retained.');
  });
});
