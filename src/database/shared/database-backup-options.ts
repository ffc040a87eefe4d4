import { Duration } from 'aws-cdk-lib';
import { VaultLock } from './vault-lock';

/** The backup window and the retention of the backups of a database. */
export interface DatabaseBackupOptions {
  /**
   * How long RDS retains its automated backups, from which the database can be restored to any second: 7 to 35 days. 35
   * days is the maximum of RDS.
   * @default Duration.days(35)
   */
  readonly retention?: Duration;
  /**
   * The window of the daily backup, in UTC, as `hh:mm-hh:mm` of 30 minutes to 8 hours. Refused if it overlaps the
   * maintenance window.
   * @default '03:00-04:00'
   */
  readonly window?: string;
  /**
   * How long AWS Backup retains its daily snapshot in a vault: 35 to 36,500 days. 35 days is the minimum of the AWS
   * Config rule `backup-plan-min-frequency-and-min-retention-check`. Disposable data has no vault.
   * @default Duration.days(35)
   */
  readonly vaultRetention?: Duration;
  /**
   * Locks the vault, so that nobody can delete a snapshot before its retention ends.
   *
   * The lock does not depend on the policy of the vault (45 CFR 164.312(c)(1)). Refused for disposable data, which has
   * no vault, and if the retention of the lock does not include `vaultRetention`.
   * @default - no lock; the policy of the vault denies the deletion of snapshots, and an administrator can change it
   */
  readonly vaultLock?: VaultLock;
}
