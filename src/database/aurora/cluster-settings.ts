import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { AuroraCapacity, CapacityPlan } from './aurora-capacity';
import { EncryptedAuroraClusterProps } from './aurora-cluster-props';
import { BackupSettings, backupSettingsOf } from '../shared/backup-settings';
import { databaseNameOf } from '../shared/database-name';
import { EngineProfile } from '../engines/engine-profile';
import { guardedParameters } from '../engines/parameter-guard';
import { firstOfEachZone, knownZone, placementOf } from '../shared/placement';
import { clusterProfileOf } from '../engines/supported-engine';
import { physicalName } from '../../blocks/physical-name';
import { refuse, requireInteger, Situation } from '../../core/refusal';
import { relax } from '../../core/relaxation';
import { DataProtection } from '../../core/data-protection';

/** Small when idle, and room for a small product: 1 to 8 GiB of memory. */
const DEFAULT_CAPACITY = { minAcu: 0.5, maxAcu: 4 };
const DEFAULT_READERS = 1;
/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html */
const MOST_READERS = 15;
/** The writer and the reader that takes over from it are placed by name; Aurora places the others. */
const PLACED_INSTANCES = 2;

/** What the cluster is made with, once it has been checked. */
export interface ClusterSettings extends BackupSettings {
  readonly profile: EngineProfile;
  /** RDS names its log groups after it, so it has to be known before the cluster is made. */
  readonly identifier: string;
  readonly databaseName: string;
  readonly capacity: CapacityPlan;
  readonly readers: number;
  readonly parameters: { [name: string]: string };
  readonly placement: ec2.SubnetSelection;
  /** The subnets of the placement: two at least, or one entry that stands for a list that is known only at deployment. */
  readonly subnets: ec2.ISubnet[];
  /** The zones of the first instances, where they are known. */
  readonly zones: string[];
  readonly disposable: boolean;
}

/** Checks what a user gave and fills in the rest. */
export function clusterSettingsOf(scope: Construct, props: EncryptedAuroraClusterProps): ClusterSettings {
  const disposable = DataProtection.of(scope).isDisposable;
  const profile = clusterProfileOf(scope, props.engine);
  const capacity = (props.capacity ?? AuroraCapacity.serverless(DEFAULT_CAPACITY))._plan(scope, profile);
  if (capacity.pauses && props.proxy) {
    refuse(scope, {
      prop: 'capacity.minAcu',
      given: new Situation('0 beside a proxy'),
      allowed: 'more than 0 with a proxy, whose connections keep the instances from pausing',
      change: 'raise minAcu, or leave the proxy out',
    });
  }
  const placement = placementOf(scope, props.vpc, props.vpcSubnets);
  const { subnets } = props.vpc.selectSubnets(placement);
  return {
    profile,
    identifier: physicalName(scope, 'aurora'),
    databaseName: databaseNameOf(scope, profile, props.databaseName),
    capacity,
    readers: readersOf(scope, props.readers ?? DEFAULT_READERS, disposable),
    parameters: guardedParameters(scope, profile, props.parameters),
    placement,
    subnets,
    zones: zonesOf(scope, subnets),
    ...backupSettingsOf(scope, props.backup, props.maintenanceWindow),
    disposable,
  };
}

function readersOf(scope: Construct, readers: number, disposable: boolean): number {
  if (Token.isUnresolved(readers)) {
    refuse(scope, { prop: 'readers', given: readers, allowed: 'a number that is known at synthesis', change: 'pass the number itself' });
  }
  requireInteger(scope, 'readers', readers, 0, MOST_READERS);
  if (readers > 0) return readers;
  if (!disposable) {
    refuse(scope, {
      prop: 'readers',
      given: readers,
      allowed: 'at least 1 while data is kept',
      change: 'leave it out, or say DataProtection.of(scope).disposable({ reason }) before the cluster is made',
    });
  }
  relax(scope, { id: 'single-instance-cluster', what: 'the cluster has no reader that takes over when its writer fails', reason: 'the data of this cluster may be lost, as DataProtection says' });
  return 0;
}

/** The first two zones of the subnets. None where fewer are known. They stay the same when a third zone is added behind them. */
function zonesOf(scope: Construct, subnets: ec2.ISubnet[]): string[] {
  const zones = firstOfEachZone(scope, subnets).map((subnet) => knownZone(scope, subnet)).filter((zone) => zone !== undefined);
  return zones.length < PLACED_INSTANCES ? [] : zones.slice(0, PLACED_INSTANCES);
}
