import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { EncryptedDatabaseInstanceProps } from './database-instance-props';
import { StoragePlan, storagePlanOf } from './storage';
import { physicalName } from '../../blocks/physical-name';
import { DataProtection } from '../../core/data-protection';
import { refuse } from '../../core/refusal';
import { relax } from '../../core/relaxation';
import { EngineProfile } from '../engines/engine-profile';
import { guardedParameters } from '../engines/parameter-guard';
import { instanceProfileOf } from '../engines/supported-engine';
import { BackupSettings, backupSettingsOf } from '../shared/backup-settings';
import { databaseNameOf } from '../shared/database-name';
import { requireInstanceClass } from '../shared/instance-class';
import { placementOf } from '../shared/placement';

/** The default class, with 2 vCPUs and 4 GiB: the smallest on which every engine offers Performance Insights. */
const DEFAULT_INSTANCE_TYPE = 't4g.medium';

/** The validated settings of an instance. */
export interface InstanceSettings extends BackupSettings {
  readonly profile: EngineProfile;
  /** The names of the log groups contain the identifier, so it must be known before the instance exists. */
  readonly identifier: string;
  readonly databaseName: string;
  readonly instanceType: ec2.InstanceType;
  readonly storage: StoragePlan;
  readonly parameters: { [name: string]: string };
  readonly placement: ec2.SubnetSelection;
  readonly multiAz: boolean;
  readonly disposable: boolean;
}

/** Validates the props and adds the defaults. */
export function instanceSettingsOf(scope: Construct, props: EncryptedDatabaseInstanceProps): InstanceSettings {
  const disposable = DataProtection.of(scope).isDisposable;
  const profile = instanceProfileOf(scope, props.engine);
  const instanceType = props.instanceType ?? new ec2.InstanceType(DEFAULT_INSTANCE_TYPE);
  requireInstanceClass(scope, instanceType);
  return {
    profile,
    identifier: physicalName(scope, 'db'),
    databaseName: databaseNameOf(scope, profile, props.databaseName),
    instanceType,
    storage: storagePlanOf(scope, props.allocatedStorage, props.maxAllocatedStorage),
    parameters: guardedParameters(scope, profile, props.parameters),
    placement: placementOf(scope, props.vpc, props.vpcSubnets),
    multiAz: standbyOf(scope, props.multiAz ?? true, disposable),
    ...backupSettingsOf(scope, props.backup, props.maintenanceWindow),
    disposable,
  };
}

function standbyOf(scope: Construct, multiAz: boolean, disposable: boolean): boolean {
  if (multiAz) return true;
  if (!disposable) {
    refuse(scope, {
      prop: 'multiAz',
      given: false,
      allowed: 'true for retained data',
      change: 'remove it, or call DataProtection.of(scope).disposable({ reason }) before creating the database',
    });
  }
  relax(scope, {
    id: 'single-zone-database',
    what: 'the database has no standby in a second zone',
    reason: 'DataProtection declares its data disposable',
  });
  return false;
}
