import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { EncryptedDatabaseInstanceProps } from './database-instance-props';
import { requireDatabaseName } from './database-name';
import { EngineProfile } from './engine-profile';
import { requireInstanceClass } from './instance-class';
import { guardedParameters } from './parameter-guard';
import { placementOf } from './placement';
import { StoragePlan, storagePlanOf } from './storage';
import { engineProfileOf } from './supported-engine';
import { Windows } from './windows';
import { physicalName } from '../private/physical-name';
import { refuse, requireInteger } from '../private/refusal';
import { relax } from '../private/relaxation';
import { DataProtection } from '../protection/data-protection';

/** AWS Config `db-instance-backup-enabled` asks for backups, Control Tower for a week of them; RDS keeps 35 days at most. */
const LEAST_RETENTION_DAYS = 7;
const MOST_RETENTION_DAYS = 35;
/** AWS Config `backup-plan-min-frequency-and-min-retention-check`; the longest is AWS Backup's own limit. */
const LEAST_VAULT_RETENTION_DAYS = 35;
const MOST_VAULT_RETENTION_DAYS = 36_500;
/** Night or early morning in Europe and late evening in America, the two apart, and clear of the hour before the snapshot of AWS Backup. */
const DEFAULT_BACKUP_WINDOW = '03:00-04:00';
const DEFAULT_MAINTENANCE_WINDOW = 'sun:05:00-sun:06:00';
/** 2 virtual CPUs and 4 GiB: the smallest class on which every engine offers performance insights. */
const DEFAULT_INSTANCE_TYPE = 't4g.medium';
const DEFAULT_DATABASE_NAME = 'app';

/** What the instance is made with, once it has been checked. */
export interface InstanceSettings {
  readonly profile: EngineProfile;
  /** RDS names its log groups after it, so it has to be known before the instance is made. */
  readonly identifier: string;
  readonly databaseName: string;
  readonly instanceType: ec2.InstanceType;
  readonly storage: StoragePlan;
  readonly parameters: { [name: string]: string };
  readonly placement: ec2.SubnetSelection;
  readonly multiAz: boolean;
  readonly retention: Duration;
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly vaultRetention: Duration;
  /** The hour (UTC) in which AWS Backup takes its snapshot. */
  readonly snapshotHour: number;
  readonly disposable: boolean;
}

/** Checks what a user gave and fills in the rest. */
export function instanceSettingsOf(scope: Construct, props: EncryptedDatabaseInstanceProps): InstanceSettings {
  const disposable = DataProtection.of(scope).isDisposable;
  const profile = engineProfileOf(scope, props.engine);
  const databaseName = props.databaseName ?? DEFAULT_DATABASE_NAME;
  requireDatabaseName(scope, profile, databaseName);
  const instanceType = props.instanceType ?? new ec2.InstanceType(DEFAULT_INSTANCE_TYPE);
  requireInstanceClass(scope, instanceType);
  return {
    profile,
    identifier: physicalName(scope, 'db'),
    databaseName,
    instanceType,
    storage: storagePlanOf(scope, props.allocatedStorage, props.maxAllocatedStorage),
    parameters: guardedParameters(scope, profile, props.parameters),
    placement: placementOf(scope, props.vpc, props.vpcSubnets),
    multiAz: standbyOf(scope, props.multiAz ?? true, disposable),
    ...backupOf(scope, props),
    disposable,
  };
}

type BackupSettings = Pick<InstanceSettings, 'retention' | 'backupWindow' | 'maintenanceWindow' | 'vaultRetention' | 'snapshotHour'>;

function backupOf(scope: Construct, props: EncryptedDatabaseInstanceProps): BackupSettings {
  const retention = props.backup?.retention ?? Duration.days(MOST_RETENTION_DAYS);
  requireDays(scope, 'backup.retention in days', retention, LEAST_RETENTION_DAYS, MOST_RETENTION_DAYS);
  const vaultRetention = props.backup?.vaultRetention ?? Duration.days(LEAST_VAULT_RETENTION_DAYS);
  requireDays(scope, 'backup.vaultRetention in days', vaultRetention, LEAST_VAULT_RETENTION_DAYS, MOST_VAULT_RETENTION_DAYS);
  const backupWindow = props.backup?.window ?? DEFAULT_BACKUP_WINDOW;
  const maintenanceWindow = props.maintenanceWindow ?? DEFAULT_MAINTENANCE_WINDOW;
  const { snapshotHour } = Windows.of(scope, backupWindow, maintenanceWindow);
  return { retention, backupWindow, maintenanceWindow, vaultRetention, snapshotHour };
}

function requireDays(scope: Construct, prop: string, given: Duration, least: number, most: number): void {
  if (!given.isUnresolved()) requireInteger(scope, prop, given.toDays({ integral: false }), least, most);
}

function standbyOf(scope: Construct, multiAz: boolean, disposable: boolean): boolean {
  if (multiAz) return true;
  if (!disposable) {
    refuse(scope, {
      prop: 'multiAz',
      given: false,
      allowed: 'true while data is kept',
      change: 'leave it out, or say DataProtection.of(scope).disposable({ reason }) before the database is made',
    });
  }
  relax(scope, { id: 'single-zone-database', what: 'the database has no standby in a second zone', reason: 'its data is disposable, as DataProtection says' });
  return false;
}
