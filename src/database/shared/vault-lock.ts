import { Annotations, Duration } from 'aws-cdk-lib';
import * as backup from 'aws-cdk-lib/aws-backup';
import { Construct } from 'constructs';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';
import { refuse, requireDays } from '../../core/refusal';

/**
 * The bounds of AWS Backup, in days: 1 to 36,500 for a retention, and at least 3 until a lock is final.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
 */
const LEAST_DAYS = 1;
const LEAST_CHANGEABLE_DAYS = 3;

/** The retention that a vault lock in governance mode enforces. */
export interface GovernanceLockOptions {
  /**
   * The shortest retention that the vault accepts: 1 to 36,500 days. Refused above `backup.vaultRetention`, because
   * every backup job would fail.
   * @default - `backup.vaultRetention`
   */
  readonly minRetention?: Duration;
  /**
   * The longest retention that the vault accepts: 1 to 36,500 days. Refused below `backup.vaultRetention`, because
   * every backup job would fail, and if it is not longer than `minRetention`.
   * @default - no maximum
   */
  readonly maxRetention?: Duration;
}

/** The retention that a vault lock in compliance mode enforces, and the time until it is final. */
export interface ComplianceLockOptions {
  /**
   * The shortest retention that the vault accepts: 1 to 36,500 days. Refused above `backup.vaultRetention`, because
   * every backup job would fail. It cannot change after the lock is final, so it has no default.
   */
  readonly minRetention: Duration;
  /**
   * The longest retention that the vault accepts: 1 to 36,500 days. Refused below `backup.vaultRetention`, because
   * every backup job would fail, and if it is not longer than `minRetention`. It cannot change after the lock is
   * final.
   * @default - no maximum
   */
  readonly maxRetention?: Duration;
  /**
   * How long the lock can be changed or removed after the deployment that creates it: 3 to 36,500 days. 3 days is the
   * minimum of AWS Backup. Afterwards, nobody can, and AWS cannot either.
   */
  readonly changeableFor: Duration;
}

/**
 * The lock of a backup vault: nobody can delete a snapshot, or shorten its retention, before its retention ends.
 *
 * Without a lock, the policy of the vault denies the deletion, but an administrator of AWS Backup can change the
 * policy. A lock does not depend on policies. It protects PHI from improper destruction (45 CFR 164.312(c)(1)).
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const postgres: rds.IInstanceEngine;
 *
 * new EncryptedDatabaseInstance(this, 'Database', {
 *   vpc: network,
 *   engine: postgres,
 *   backup: { vaultLock: VaultLock.governance({ minRetention: Duration.days(35) }) },
 * });
 */
export abstract class VaultLock {
  /** Creates a lock in governance mode: principals with `DeleteBackupVaultLockConfiguration` can remove it. */
  public static governance(options: GovernanceLockOptions = {}): VaultLock {
    checkFactory('VaultLock.governance', { options });
    return new GovernanceLock(options);
  }

  /**
   * Creates a lock that nobody can change or remove after `changeableFor`, not even AWS.
   *
   * Until the last snapshot expires, the vault cannot be deleted and its storage costs money. A later change of the
   * lock fails the deployment.
   */
  public static compliance(options: ComplianceLockOptions): VaultLock {
    checkFactory('VaultLock.compliance', { options });
    return new ComplianceLock(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'VaultLock');

  /**
   * Returns the configuration for a vault whose snapshots have the given retention.
   * @internal
   */
  public abstract _configuration(scope: Construct, retention: Duration): backup.LockConfiguration;
}

class GovernanceLock extends VaultLock {
  constructor(private readonly options: GovernanceLockOptions) {
    super();
  }

  public _configuration(scope: Construct, retention: Duration): backup.LockConfiguration {
    const { minRetention = retention, maxRetention } = this.options;
    requireRetention(scope, retention, minRetention, maxRetention);
    return { minRetention, maxRetention };
  }
}

class ComplianceLock extends VaultLock {
  constructor(private readonly options: ComplianceLockOptions) {
    super();
  }

  public _configuration(scope: Construct, retention: Duration): backup.LockConfiguration {
    const { minRetention, maxRetention, changeableFor } = this.options;
    requireRetention(scope, retention, minRetention, maxRetention);
    requireDays(scope, 'backup.vaultLock.changeableFor', changeableFor, LEAST_CHANGEABLE_DAYS);
    Annotations.of(scope).addInfoV2('cdk-hipaa:vault-lock-becomes-final',
      `the lock of the backup vault becomes final ${changeableFor.toHumanString()} after its first deployment: `
      + 'afterwards nobody can remove it, delete a snapshot early, or change the retention of the lock');
    return { minRetention, maxRetention, changeableFor };
  }
}

/** Refuses a retention outside the bounds of AWS, or without the retention of the snapshots. */
function requireRetention(scope: Construct, retention: Duration, min: Duration, max: Duration | undefined): void {
  requireDays(scope, 'backup.vaultLock.minRetention', min, LEAST_DAYS);
  requireIncluded(scope, 'minRetention', 'at most', min, retention, (days, kept) => days <= kept);
  if (max === undefined) return;
  requireDays(scope, 'backup.vaultLock.maxRetention', max, LEAST_DAYS);
  requireIncluded(scope, 'maxRetention', 'at least', max, retention, (days, kept) => days >= kept);
  if (min.isUnresolved() || max.isUnresolved() || max.toDays() > min.toDays()) return;
  refuse(scope, {
    prop: 'backup.vaultLock.maxRetention',
    given: max,
    allowed: `longer than minRetention, which is ${min.toHumanString()}`,
    change: 'raise maxRetention, or lower minRetention',
  });
}

function requireIncluded(
  scope: Construct, name: string, bound: string, given: Duration, retention: Duration,
  includes: (days: number, kept: number) => boolean,
): void {
  if (given.isUnresolved() || retention.isUnresolved() || includes(given.toDays(), retention.toDays())) return;
  refuse(scope, {
    prop: `backup.vaultLock.${name}`,
    given,
    allowed: `${bound} ${retention.toHumanString()}, the retention of the snapshots`,
    change: 'change it, or set backup.vaultRetention',
  });
}
