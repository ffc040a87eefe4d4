import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DatabaseBackupOptions } from './database-backup-options';
import { Windows } from './windows';
import { requireInteger } from '../../core/refusal';

/** AWS Config `db-instance-backup-enabled` asks for backups, Control Tower for a week of them; RDS keeps 35 days at most. */
const LEAST_RETENTION_DAYS = 7;
const MOST_RETENTION_DAYS = 35;
/** AWS Config `backup-plan-min-frequency-and-min-retention-check`; the longest is AWS Backup's own limit. */
const LEAST_VAULT_RETENTION_DAYS = 35;
const MOST_VAULT_RETENTION_DAYS = 36_500;
/** Night or early morning in Europe and late evening in America, the two apart, and clear of the hour before the snapshot of AWS Backup. */
const DEFAULT_BACKUP_WINDOW = '03:00-04:00';
const DEFAULT_MAINTENANCE_WINDOW = 'sun:05:00-sun:06:00';
/** When a database is backed up and patched, once that has been checked. */
export interface BackupSettings {
  readonly retention: Duration;
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly vaultRetention: Duration;
  /** The hour (UTC) in which AWS Backup takes its snapshot. */
  readonly snapshotHour: number;
}

/** Checks what a user gave and fills in the rest. */
export function backupSettingsOf(scope: Construct, given: DatabaseBackupOptions = {}, givenMaintenance?: string): BackupSettings {
  const retention = given.retention ?? Duration.days(MOST_RETENTION_DAYS);
  requireDays(scope, 'backup.retention in days', retention, LEAST_RETENTION_DAYS, MOST_RETENTION_DAYS);
  const vaultRetention = given.vaultRetention ?? Duration.days(LEAST_VAULT_RETENTION_DAYS);
  requireDays(scope, 'backup.vaultRetention in days', vaultRetention, LEAST_VAULT_RETENTION_DAYS, MOST_VAULT_RETENTION_DAYS);
  const backupWindow = given.window ?? DEFAULT_BACKUP_WINDOW;
  const maintenanceWindow = givenMaintenance ?? DEFAULT_MAINTENANCE_WINDOW;
  const { snapshotHour } = Windows.of(scope, backupWindow, maintenanceWindow);
  return { retention, backupWindow, maintenanceWindow, vaultRetention, snapshotHour };
}

function requireDays(scope: Construct, prop: string, given: Duration, least: number, most: number): void {
  if (!given.isUnresolved()) requireInteger(scope, prop, given.toDays({ integral: false }), least, most);
}
