import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { BackupSettings, backupSettingsOf } from './backup-settings';
import { DatabaseBackupOptions } from './database-backup-options';
import { databaseNameOf } from './database-name';
import { placementOf } from './placement';
import { physicalName } from '../../blocks/physical-name';
import { protectionOf } from '../../core/data-protection';
import { EngineProfile } from '../engines/engine-profile';
import { guardedParameters } from '../engines/parameter-guard';

/** The props that an instance and a cluster share. */
export interface SharedDatabaseProps {
  readonly vpc: ec2.IVpc;
  readonly databaseName?: string;
  readonly backup?: DatabaseBackupOptions;
  readonly maintenanceWindow?: string;
  readonly vpcSubnets?: ec2.SubnetSelection;
  readonly parameters?: { [name: string]: string };
}

/** The validated settings that an instance and a cluster share. */
export interface DatabaseSettings extends BackupSettings {
  readonly profile: EngineProfile;
  /** The names of the log groups contain the identifier, so it must be known before the database exists. */
  readonly identifier: string;
  readonly databaseName: string;
  readonly parameters: { [name: string]: string };
  readonly placement: ec2.SubnetSelection;
  readonly disposable: boolean;
}

/** Validates the shared props and adds the defaults. The identifier starts with the prefix. */
export function databaseSettingsOf(
  scope: Construct, profile: EngineProfile, prefix: string, props: SharedDatabaseProps,
): DatabaseSettings {
  return {
    profile,
    identifier: physicalName(scope, prefix),
    databaseName: databaseNameOf(scope, profile, props.databaseName),
    parameters: guardedParameters(scope, profile, props.parameters),
    placement: placementOf(scope, props.vpc, props.vpcSubnets),
    ...backupSettingsOf(scope, props.backup, props.maintenanceWindow),
    disposable: protectionOf(scope).isDisposable,
  };
}
