import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { EncryptedDatabaseInstanceProps } from './database-instance-props';
import { StoragePlan, storagePlanOf } from './storage';
import { refuse } from '../../core/refusal';
import { relax } from '../../core/relaxation';
import { instanceProfileOf } from '../engines/supported-engine';
import { DatabaseSettings, databaseSettingsOf } from '../shared/database-settings';
import { requireInstanceClass } from '../shared/instance-class';

/** The default class, with 2 vCPUs and 4 GiB: the smallest on which every engine offers Performance Insights. */
const DEFAULT_INSTANCE_TYPE = 't4g.medium';

/** The validated settings of an instance. */
export interface InstanceSettings extends DatabaseSettings {
  readonly instanceType: ec2.InstanceType;
  readonly storage: StoragePlan;
  readonly multiAz: boolean;
}

/** Validates the props and adds the defaults. */
export function instanceSettingsOf(scope: Construct, props: EncryptedDatabaseInstanceProps): InstanceSettings {
  const profile = instanceProfileOf(scope, props.engine);
  const instanceType = props.instanceType ?? new ec2.InstanceType(DEFAULT_INSTANCE_TYPE);
  requireInstanceClass(scope, instanceType);
  const shared = databaseSettingsOf(scope, profile, 'db', props);
  return {
    ...shared,
    instanceType,
    storage: storagePlanOf(scope, props.allocatedStorage, props.maxAllocatedStorage),
    multiAz: standbyOf(scope, props.multiAz ?? true, shared.disposable),
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
