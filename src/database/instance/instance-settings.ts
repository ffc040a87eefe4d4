import { Stack } from 'aws-cdk-lib';
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

/**
 * The regions in which RDS does not offer the default class.
 *
 * Source: the data of CloudFormation Validate in aws-cdk-lib 2.271.0.
 */
const WITHOUT_DEFAULT_CLASS = ['ca-west-1'];

/** The validated settings of an instance. */
export interface InstanceSettings extends DatabaseSettings {
  readonly instanceType: ec2.InstanceType;
  readonly storage: StoragePlan;
  readonly multiAz: boolean;
}

/** Validates the props and adds the defaults. */
export function instanceSettingsOf(scope: Construct, props: EncryptedDatabaseInstanceProps): InstanceSettings {
  const profile = instanceProfileOf(scope, props.engine);
  const instanceType = props.instanceType ?? defaultInstanceType(scope);
  requireInstanceClass(scope, instanceType);
  const shared = databaseSettingsOf(scope, profile, 'db', props);
  return {
    ...shared,
    instanceType,
    storage: storagePlanOf(scope, props.allocatedStorage, props.maxAllocatedStorage),
    multiAz: standbyOf(scope, props.multiAz ?? true, shared.disposable),
  };
}

function defaultInstanceType(scope: Construct): ec2.InstanceType {
  const { region } = Stack.of(scope);
  if (WITHOUT_DEFAULT_CLASS.includes(region)) {
    refuse(scope, {
      prop: 'instanceType',
      given: undefined,
      allowed: `a class that RDS offers in ${region}, where it does not offer the default db.${DEFAULT_INSTANCE_TYPE}`,
      change: 'use, for example, ec2.InstanceType.of(ec2.InstanceClass.M6G, ec2.InstanceSize.LARGE)',
    });
  }
  return new ec2.InstanceType(DEFAULT_INSTANCE_TYPE);
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
