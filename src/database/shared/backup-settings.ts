import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DatabaseBackupOptions } from './database-backup-options';
import { VaultLock } from './vault-lock';
import { Windows } from './windows';
import { requireDays } from '../../core/refusal';

/** The bounds of the backup retention, in days: 7 is the minimum of Control Tower, 35 the maximum of RDS. */
const LEAST_RETENTION_DAYS = 7;
const MOST_RETENTION_DAYS = 35;
/**
 * The bounds of the vault retention, in days: 35 is the minimum of the AWS Config rule
 * `backup-plan-min-frequency-and-min-retention-check`, 36,500 the maximum of AWS Backup.
 */
const LEAST_VAULT_RETENTION_DAYS = 35;
/** The default windows in UTC. They do not overlap, and leave an hour for the snapshot of AWS Backup. */
const DEFAULT_BACKUP_WINDOW = '03:00-04:00';
const DEFAULT_MAINTENANCE_WINDOW = 'sun:05:00-sun:06:00';

/** The validated windows and retentions of a database. */
export interface BackupSettings {
  readonly retention: Duration;
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly vaultRetention: Duration;
  /** The hour (UTC) of the snapshot of AWS Backup. */
  readonly snapshotHour: number;
  /** The lock of the vault, if there is one. */
  readonly vaultLock?: VaultLock;
}

/** Validates the given values and adds the defaults. */
export function backupSettingsOf(
  scope: Construct,
  given: DatabaseBackupOptions = {},
  givenMaintenance?: string,
): BackupSettings {
  const retention = given.retention ?? Duration.days(MOST_RETENTION_DAYS);
  requireDays(scope, 'backup.retention', retention, LEAST_RETENTION_DAYS, MOST_RETENTION_DAYS);
  const vaultRetention = given.vaultRetention ?? Duration.days(LEAST_VAULT_RETENTION_DAYS);
  requireDays(scope, 'backup.vaultRetention', vaultRetention, LEAST_VAULT_RETENTION_DAYS);
  const backupWindow = given.window ?? DEFAULT_BACKUP_WINDOW;
  const maintenanceWindow = givenMaintenance ?? DEFAULT_MAINTENANCE_WINDOW;
  const { snapshotHour } = Windows.of(scope, backupWindow, maintenanceWindow);
  return { retention, backupWindow, maintenanceWindow, vaultRetention, snapshotHour, vaultLock: given.vaultLock };
}
