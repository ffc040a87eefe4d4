import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { AuroraCapacity, CapacityPlan } from './aurora-capacity';
import { EncryptedAuroraClusterProps } from './aurora-cluster-props';
import { firstOfEachZone, knownZone } from '../../blocks/subnet-selection';
import { refuse, requireInteger } from '../../core/refusal';
import { relax } from '../../core/relaxation';
import { clusterProfileOf } from '../engines/supported-engine';
import { DatabaseSettings, databaseSettingsOf } from '../shared/database-settings';

/** The default capacity: 1 to 8 GiB of memory, enough for a small product. */
const DEFAULT_CAPACITY = { minAcu: 0.5, maxAcu: 4 };
const DEFAULT_READERS = 1;
/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html */
const MOST_READERS = 15;
/** The writer and the first reader have explicit zones. Aurora places the other readers. */
const PLACED_INSTANCES = 2;

/** The validated settings of a cluster. */
export interface ClusterSettings extends DatabaseSettings {
  readonly capacity: CapacityPlan;
  readonly readers: number;
  /** The selected subnets: at least two, or one entry for a list that is a token. */
  readonly subnets: ec2.ISubnet[];
  /** The zones of the first instances, if known. */
  readonly zones: string[];
}

/** Validates the props and adds the defaults. */
export function clusterSettingsOf(scope: Construct, props: EncryptedAuroraClusterProps): ClusterSettings {
  const profile = clusterProfileOf(scope, props.engine);
  const capacity = (props.capacity ?? AuroraCapacity.serverless(DEFAULT_CAPACITY))._plan(scope, profile);
  if (capacity.pauses && props.proxy) {
    refuse(scope, {
      prop: 'capacity.minAcu',
      given: 0,
      allowed: 'more than 0 with a proxy, whose connections prevent a pause',
      change: 'raise minAcu, or remove the proxy',
    });
  }
  const shared = databaseSettingsOf(scope, profile, 'aurora', props);
  const { subnets } = props.vpc.selectSubnets(shared.placement);
  return {
    ...shared,
    capacity,
    readers: readersOf(scope, props.readers ?? DEFAULT_READERS, shared.disposable),
    subnets,
    zones: zonesOf(scope, subnets),
  };
}

function readersOf(scope: Construct, readers: number, disposable: boolean): number {
  if (Token.isUnresolved(readers)) {
    refuse(scope, {
      prop: 'readers',
      given: readers,
      allowed: 'a number that is known at synthesis',
      change: 'pass a literal number',
    });
  }
  requireInteger(scope, 'readers', readers, 0, MOST_READERS);
  if (readers > 0) return readers;
  if (!disposable) {
    refuse(scope, {
      prop: 'readers',
      given: readers,
      allowed: 'at least 1 for retained data',
      change: 'remove it, or call DataProtection.of(scope).disposable({ reason }) before creating the cluster',
    });
  }
  relax(scope, {
    id: 'single-instance-cluster',
    what: 'the cluster has no reader that takes over if its writer fails',
    reason: 'DataProtection declares the data of this cluster disposable',
  });
  return 0;
}

/** The first two zones of the subnets, or none if fewer are known. A third zone at the end does not change them. */
function zonesOf(scope: Construct, subnets: ec2.ISubnet[]): string[] {
  const zones = firstOfEachZone(scope, subnets)
    .map((subnet) => knownZone(scope, subnet))
    .filter((zone) => zone !== undefined);
  return zones.length < PLACED_INSTANCES ? [] : zones.slice(0, PLACED_INSTANCES);
}
