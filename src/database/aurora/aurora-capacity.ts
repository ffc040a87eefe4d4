import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';
import { refuse, Situation } from '../../core/refusal';
import { EngineProfile } from '../engines/engine-profile';
import { databaseMemoryBytes, memoryGib } from '../shared/instance-class';

/**
 * The limits of the capacity range, in Aurora capacity units (ACU).
 *
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
 */
const LEAST_MAX_ACU = 1;
const MOST_ACU = 256;
const MOST_ACU_OF_OLD_VERSIONS = 128;
const ACU_STEP = 0.5;
const GIB_PER_ACU = 2;
/** Up to this minimum capacity, Aurora PostgreSQL limits connections. Source: the same page. */
const SMALL_START_ACU = 0.5;
/**
 * The instance families that Aurora offers.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.Types.html
 */
const AURORA_CLASS = /^(t3|t4g)\.(medium|large)$|^(r(?:[5-9]|\d\d)[a-z]*|x[1-9][a-z]*)\.(\d+)?x?large$/;

/** The capacity range of each serverless instance. */
export interface ServerlessCapacityOptions {
  /**
   * The minimum capacity of an instance, in Aurora capacity units (ACU).
   *
   * An ACU has about 2 GiB of memory; the capacity is in steps of 0.5.
   * With 0, an instance pauses after five minutes without connections, and the next client waits about 15 seconds.
   * 0 is refused for versions that cannot pause, and with a proxy, which never disconnects.
   */
  readonly minAcu: number;
  /**
   * The maximum capacity of an instance: 1 to 256 ACU in steps of 0.5, at least `minAcu`. It also determines the limit
   * of connections. More than 128 is refused for versions with that maximum.
   */
  readonly maxAcu: number;
}

/** The class of each provisioned instance. */
export interface ProvisionedCapacityOptions {
  /** The instance class. A class that Aurora does not offer is refused. */
  readonly instanceType: ec2.InstanceType;
}

/** The props that all instances of a cluster share. */
export type CommonInstanceProps = rds.ProvisionedClusterInstanceProps & rds.ServerlessV2ClusterInstanceProps;

/** The consequences of a capacity. */
export interface CapacityPlan {
  /** The class of the instances. Undefined for serverless instances. */
  readonly instanceType?: ec2.InstanceType;
  /** The maximum memory of an instance, in GiB. Undefined for a token. */
  readonly memoryGib?: number;
  /** The default limit of connections. Undefined for a token. */
  readonly connections?: number;
  /** Whether instances pause, and publish no metrics, without connections. */
  readonly pauses: boolean;
  /** The props of the cluster. */
  readonly scaling: { readonly serverlessV2MinCapacity?: number; readonly serverlessV2MaxCapacity?: number };
  /** Creates an instance. A reader in tier 0 or 1 scales with the writer and takes over first. */
  instance(id: string, promotionTier: number, props: CommonInstanceProps): rds.IClusterInstance;
}

/**
 * The capacity of the instances of an Aurora cluster. A change of the capacity or of its type replaces no instance.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const postgres: rds.IClusterEngine;
 *
 * new EncryptedAuroraCluster(this, 'Database', {
 *   vpc: network,
 *   engine: postgres,
 *   capacity: AuroraCapacity.serverless({ minAcu: 1, maxAcu: 8 }),
 * });
 */
export abstract class AuroraCapacity {
  /** Each instance scales with its load between a minimum and a maximum. AWS bills ACU per second. */
  public static serverless(options: ServerlessCapacityOptions): AuroraCapacity {
    checkFactory('AuroraCapacity.serverless', { options });
    return new Serverless(options);
  }

  /** Each instance has a fixed class. */
  public static provisioned(options: ProvisionedCapacityOptions): AuroraCapacity {
    checkFactory('AuroraCapacity.provisioned', { options });
    return new Provisioned(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'AuroraCapacity');

  /**
   * Validates the capacity as Aurora does, and returns its consequences. Tokens pass.
   * @internal
   */
  public abstract _plan(scope: Construct, profile: EngineProfile): CapacityPlan;
}

class Serverless extends AuroraCapacity {
  constructor(private readonly options: ServerlessCapacityOptions) {
    super();
  }

  public _plan(scope: Construct, profile: EngineProfile): CapacityPlan {
    this.validate(scope, profile);
    const { minAcu, maxAcu } = this.options;
    return {
      ...(Token.isUnresolved(maxAcu)
        ? {}
        : { memoryGib: maxAcu * GIB_PER_ACU, connections: this.connections(profile) }),
      pauses: minAcu === 0,
      scaling: { serverlessV2MinCapacity: minAcu, serverlessV2MaxCapacity: maxAcu },
      instance: (id, promotionTier, props) =>
        rds.ClusterInstance.serverlessV2(id, { ...props, scaleWithWriter: promotionTier < 2 }),
    };
  }

  private connections(profile: EngineProfile): number {
    const { minAcu, maxAcu } = this.options;
    const usual =
      profile.connectionsOfServerless?.(maxAcu) ??
      profile.defaultConnections(databaseMemoryBytes(maxAcu * GIB_PER_ACU));
    return minAcu <= SMALL_START_ACU ? Math.min(usual, profile.connectionsOfSmallStart ?? Infinity) : usual;
  }

  private validate(scope: Construct, profile: EngineProfile): void {
    const { minAcu, maxAcu } = this.options;
    requireAcu(scope, 'capacity.minAcu', minAcu, 0);
    requireAcu(scope, 'capacity.maxAcu', maxAcu, LEAST_MAX_ACU);
    if (!Token.isUnresolved(minAcu) && !Token.isUnresolved(maxAcu) && minAcu > maxAcu) {
      refuse(scope, {
        prop: 'capacity.minAcu',
        given: minAcu,
        allowed: `at most maxAcu (${maxAcu})`,
        change: 'lower minAcu or raise maxAcu',
      });
    }
    if (minAcu === 0 && profile.cannotPause) {
      refuse(scope, {
        prop: 'capacity.minAcu',
        given: new Situation(`0 with ${profile.cannotPause.version}`),
        allowed: `at least ${ACU_STEP}, because the version cannot pause`,
        change: `raise minAcu, or choose ${profile.cannotPause.since}`,
      });
    }
    if (!Token.isUnresolved(maxAcu) && maxAcu > MOST_ACU_OF_OLD_VERSIONS && profile.growsToHalf) {
      refuse(scope, {
        prop: 'capacity.maxAcu',
        given: new Situation(`${maxAcu} with ${profile.growsToHalf.version}`),
        allowed: `at most ${MOST_ACU_OF_OLD_VERSIONS}, the maximum of the version`,
        change: `lower maxAcu, or choose ${profile.growsToHalf.since}`,
      });
    }
  }
}

class Provisioned extends AuroraCapacity {
  constructor(private readonly options: ProvisionedCapacityOptions) {
    super();
  }

  public _plan(scope: Construct, profile: EngineProfile): CapacityPlan {
    const { instanceType } = this.options;
    const written = instanceType.toString();
    if (!Token.isUnresolved(written) && !AURORA_CLASS.test(written)) {
      refuse(scope, {
        prop: 'capacity.instanceType',
        given: written,
        allowed:
          'a class that Aurora offers, without the prefix "db.": t3 or t4g in medium or large, r5, x2g or a newer '
            + 'generation',
        change: 'use, for example, ec2.InstanceType.of(ec2.InstanceClass.R7G, ec2.InstanceSize.LARGE)',
      });
    }
    const memory = memoryGib(instanceType);
    return {
      instanceType,
      memoryGib: memory,
      connections: memory === undefined ? undefined : profile.defaultConnections(databaseMemoryBytes(memory)),
      pauses: false,
      scaling: {},
      instance: (id, promotionTier, props) =>
        rds.ClusterInstance.provisioned(id, { ...props, instanceType, promotionTier }),
    };
  }
}

function requireAcu(scope: Construct, prop: string, given: number, least: number): void {
  if (Token.isUnresolved(given) || (given >= least && given <= MOST_ACU && Number.isInteger(given / ACU_STEP))) return;
  refuse(scope, {
    prop,
    given,
    allowed: `${least} to ${MOST_ACU} in steps of ${ACU_STEP}`,
    change: 'use a number of Aurora capacity units in this range',
  });
}
