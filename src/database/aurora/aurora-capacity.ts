import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { EngineProfile } from '../engines/engine-profile';
import { memoryGib } from '../shared/instance-class';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';
import { refuse, Situation } from '../../core/refusal';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html */
const LEAST_MAX_ACU = 1;
const MOST_ACU = 256;
const MOST_ACU_OF_OLD_VERSIONS = 128;
const ACU_STEP = 0.5;
const GIB_PER_ACU = 2;
const BYTES_PER_GIB = 1024 ** 3;
/** With no more than this to start from, Aurora PostgreSQL limits connections. The same page. */
const SMALL_START_ACU = 0.5;
/** Families that Aurora offers: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.Types.html */
const AURORA_CLASS = /^(t3|t4g)\.(medium|large)$|^(r(?:[5-9]|\d\d)[a-z]*|x[1-9][a-z]*)\.(\d+)?x?large$/;

/** Between which capacities each instance of a cluster moves by itself. */
export interface ServerlessCapacityOptions {
  /**
   * The least capacity of an instance, in Aurora capacity units (ACU) of about 2 GiB of memory each, in steps of 0.5.
   * 0 lets an instance pause after five minutes without connections; the next client waits some 15 seconds until it is back.
   * Refused for versions that cannot pause, and beside a proxy, which never disconnects.
   */
  readonly minAcu: number;
  /**
   * The most capacity of an instance: 1 to 256 ACU in steps of 0.5, and no less than `minAcu`. It also decides how many connections are allowed.
   * More than 128 is refused for versions that grow no further.
   */
  readonly maxAcu: number;
}

/** The class of each instance of a cluster. */
export interface ProvisionedCapacityOptions {
  /** The instance class. Refused where Aurora offers no such class. */
  readonly instanceType: ec2.InstanceType;
}

/** What is the same for every instance of a cluster. */
export type CommonInstanceProps = rds.ProvisionedClusterInstanceProps & rds.ServerlessV2ClusterInstanceProps;

/** What a capacity comes to. */
export interface CapacityPlan {
  /** The class of the instances, unless they are serverless. */
  readonly instanceType?: ec2.InstanceType;
  /** The memory of an instance at its largest, in GiB, unless it is known only at deployment. */
  readonly memoryGib?: number;
  /** How many connections AWS allows unless the app says otherwise, or nothing where that is known only at deployment. */
  readonly connections?: number;
  /** Whether instances stand still, and report nothing, while nobody connects. */
  readonly pauses: boolean;
  /** What the cluster has to know. */
  readonly scaling: { readonly serverlessV2MinCapacity?: number; readonly serverlessV2MaxCapacity?: number };
  /** An instance; one of a low tier is as large as the writer at any time, and becomes the writer when that fails. */
  instance(id: string, promotionTier: number, props: CommonInstanceProps): rds.IClusterInstance;
}

/** How large the instances of an Aurora cluster are. Going from one capacity to another, or from one kind to the other, replaces no instance. */
export abstract class AuroraCapacity {
  /** Each instance grows and shrinks with its load, between two bounds, and is paid by the second. */
  public static serverless(options: ServerlessCapacityOptions): AuroraCapacity {
    checkFactory('AuroraCapacity.serverless', { options });
    return new Serverless(options);
  }

  /** Each instance is of one class. */
  public static provisioned(options: ProvisionedCapacityOptions): AuroraCapacity {
    checkFactory('AuroraCapacity.provisioned', { options });
    return new Provisioned(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'AuroraCapacity');

  /**
   * Refuses what Aurora would refuse, and says what the rest comes to. Tokens pass.
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
      ...Token.isUnresolved(maxAcu) ? {} : { memoryGib: maxAcu * GIB_PER_ACU, connections: this.connections(profile) },
      pauses: minAcu === 0,
      scaling: { serverlessV2MinCapacity: minAcu, serverlessV2MaxCapacity: maxAcu },
      instance: (id, promotionTier, props) => rds.ClusterInstance.serverlessV2(id, { ...props, scaleWithWriter: promotionTier < 2 }),
    };
  }

  private connections(profile: EngineProfile): number {
    const { minAcu, maxAcu } = this.options;
    const usual = profile.connectionsOfServerless?.(maxAcu) ?? profile.defaultConnections(maxAcu * GIB_PER_ACU * BYTES_PER_GIB);
    return minAcu <= SMALL_START_ACU ? Math.min(usual, profile.connectionsOfSmallStart ?? Infinity) : usual;
  }

  private validate(scope: Construct, profile: EngineProfile): void {
    const { minAcu, maxAcu } = this.options;
    requireAcu(scope, 'capacity.minAcu', minAcu, 0);
    requireAcu(scope, 'capacity.maxAcu', maxAcu, LEAST_MAX_ACU);
    if (!Token.isUnresolved(minAcu) && !Token.isUnresolved(maxAcu) && minAcu > maxAcu) {
      refuse(scope, { prop: 'capacity.minAcu', given: minAcu, allowed: `at most maxAcu, which is ${maxAcu}`, change: 'lower minAcu or raise maxAcu' });
    }
    if (minAcu === 0 && profile.cannotPause) {
      refuse(scope, {
        prop: 'capacity.minAcu',
        given: new Situation(`0 with ${profile.cannotPause.version}`),
        allowed: `at least ${ACU_STEP}, since the version cannot pause`,
        change: `raise minAcu, or choose ${profile.cannotPause.since}`,
      });
    }
    if (!Token.isUnresolved(maxAcu) && maxAcu > MOST_ACU_OF_OLD_VERSIONS && profile.growsToHalf) {
      refuse(scope, {
        prop: 'capacity.maxAcu',
        given: new Situation(`${maxAcu} with ${profile.growsToHalf.version}`),
        allowed: `at most ${MOST_ACU_OF_OLD_VERSIONS}, since the version grows no further`,
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
        allowed: 'a class that Aurora offers, without "db." before it: medium and large of t3 and t4g, or r5, x2g and their successors',
        change: 'use for example ec2.InstanceType.of(ec2.InstanceClass.R7G, ec2.InstanceSize.LARGE)',
      });
    }
    const memory = memoryGib(instanceType);
    return {
      instanceType,
      memoryGib: memory,
      connections: memory === undefined ? undefined : profile.defaultConnections(memory * BYTES_PER_GIB),
      pauses: false,
      scaling: {},
      instance: (id, promotionTier, props) => rds.ClusterInstance.provisioned(id, { ...props, instanceType, promotionTier }),
    };
  }
}

function requireAcu(scope: Construct, prop: string, given: number, least: number): void {
  if (Token.isUnresolved(given) || (given >= least && given <= MOST_ACU && Number.isInteger(given / ACU_STEP))) return;
  refuse(scope, { prop, given, allowed: `${least} to ${MOST_ACU} in steps of ${ACU_STEP}`, change: 'pass a number of Aurora capacity units in that range' });
}
