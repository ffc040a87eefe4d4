import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import type { Ec2Capacity } from './ec2-capacity';
import { requireFittingTask, TaskSize } from './instance-size';
import { taskArchitecture } from './instance-template';
import { dependencyOn, isOfType } from '../../binding/readiness';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';
import { refuse, requireInteger, Situation } from '../../core/refusal';
import { defaultArchitecture, defineEc2Task, defineFargateTask, TaskRoles } from '../hardened-task';
import { wrappedCluster } from '../service-cluster-mark';
import { TaskProps } from '../task-props';

/** The quota of tasks per service: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MOST_TASKS = 5_000;

/** Properties of `ServiceCapacity.fargateSpot`. */
export interface FargateSpotOptions {
  /**
   * The number of tasks that never run on Spot capacity: 0 to 5,000. All other tasks run on Fargate Spot. With 0, an
   * interruption can stop all tasks at the same time.
   */
  readonly onDemandTasks: number;
}

/** The properties of a service that its capacity checks. */
export interface CapacityUser extends TaskSize {
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  /** Whether the service allows sessions of ECS Exec. */
  readonly exec: boolean;
}

/**
 * The capacity that runs the tasks of a service.
 *
 * @example
 * declare const services: ServiceCluster;
 * declare const images: HardenedRepository;
 *
 * services.addService(this, 'Mailer', {
 *   image: images.image('1.4.2'),
 *   capacity: ServiceCapacity.fargateSpot({ onDemandTasks: 1 }),
 * });
 */
export abstract class ServiceCapacity {
  /** Runs the tasks on Fargate. */
  public static fargate(): ServiceCapacity {
    return new Fargate();
  }

  /**
   * Runs a number of tasks on Fargate, and all others on Fargate Spot.
   *
   * AWS can stop a task on Spot capacity: it sends SIGTERM two minutes before. ECS starts another task when there is
   * capacity. Use it for services whose tasks can stop at any time. A cluster that another app created is refused,
   * because its capacity providers are unknown.
   */
  public static fargateSpot(options: FargateSpotOptions): ServiceCapacity {
    checkFactory('ServiceCapacity.fargateSpot', { options });
    return new FargateSpot(options);
  }

  /**
   * Runs the tasks on EC2 instances of the service's cluster.
   *
   * The CPU architecture of the image must be that of the instances, and the task must fit on the smallest of their
   * types. `ExecAccess.audited` is refused, because its agent needs a writable root file system on EC2.
   * @param instances the instances; those of another cluster are refused
   */
  public static ec2(instances: Ec2Capacity): ServiceCapacity {
    checkFactory('ServiceCapacity.ec2', { instances });
    return new Ec2(instances);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'ServiceCapacity');

  /** @internal The tasks in the description of their security group. A change replaces the group. */
  public abstract readonly _tasks: string;

  /** @internal Refuses a service that cannot run on the capacity. */
  public abstract _validate(scope: IConstruct, user: CapacityUser): void;

  /** @internal */
  public abstract _defineTask(scope: Construct, program: TaskProps, roles: TaskRoles): ecs.TaskDefinition;

  /** @internal Creates the service with the ID `Service`. */
  public abstract _defineService(scope: Construct, task: ecs.TaskDefinition, props: ServiceProps): ecs.BaseService;
}

/** The properties that services have on any capacity. */
export type ServiceProps = Omit<ecs.FargateServiceProps, 'taskDefinition' | 'capacityProviderStrategies'>;

class Fargate extends ServiceCapacity {
  public readonly _tasks: string = 'Tasks of a Fargate service';

  public _validate(_scope: IConstruct, _user: CapacityUser): void {
    // Services have the properties that Fargate needs.
  }

  public _defineTask(scope: Construct, program: TaskProps, roles: TaskRoles): ecs.TaskDefinition {
    return defineFargateTask(scope, program, roles);
  }

  public _defineService(scope: Construct, taskDefinition: ecs.TaskDefinition, props: ServiceProps): ecs.BaseService {
    const capacityProviderStrategies = this.strategies(scope, props.cluster);
    const platformVersion = ecs.FargatePlatformVersion.LATEST;
    const all = { ...props, taskDefinition, platformVersion, capacityProviderStrategies };
    const service = new ecs.FargateService(scope, 'Service', all);
    if (capacityProviderStrategies) createAfterProviders(service, props.cluster);
    return service;
  }

  protected strategies(_scope: IConstruct, _cluster: ecs.ICluster): ecs.CapacityProviderStrategy[] | undefined {
    return undefined;
  }
}

class FargateSpot extends Fargate {
  constructor(private readonly options: FargateSpotOptions) {
    super();
  }

  public _validate(scope: IConstruct): void {
    requireInteger(scope, 'capacity.onDemandTasks', this.options.onDemandTasks, 0, MOST_TASKS);
  }

  protected strategies(scope: IConstruct, cluster: ecs.ICluster): ecs.CapacityProviderStrategy[] {
    const wrapped = wrappedCluster(cluster);
    if (!(wrapped instanceof ecs.Cluster)) {
      refuse(scope, {
        prop: 'cluster',
        given: new Situation(`${cluster.node.path}, which the app imports`),
        allowed: 'a cluster of the app with ServiceCapacity.fargateSpot, because the capacity provider FARGATE_SPOT '
          + 'must belong to the cluster',
        change: 'use a ServiceCluster, or ServiceCapacity.fargate',
      });
    }
    wrapped.enableFargateCapacityProviders();
    return [
      { capacityProvider: 'FARGATE', base: this.options.onDemandTasks, weight: 0 },
      { capacityProvider: 'FARGATE_SPOT', weight: 1 },
    ];
  }
}

class Ec2 extends ServiceCapacity {
  public readonly _tasks: string = 'Tasks of a service on EC2 instances';

  constructor(private readonly instances: Ec2Capacity) {
    super();
  }

  public _validate(scope: IConstruct, user: CapacityUser): void {
    const { cpuArchitecture = defaultArchitecture(), exec } = user;
    const { architecture, _instanceTypes: types, node: { path } } = this.instances;
    if (taskArchitecture(architecture)._cpuArchitecture !== cpuArchitecture._cpuArchitecture) {
      refuse(scope, {
        prop: 'cpuArchitecture',
        given: new Situation(cpuArchitecture._cpuArchitecture),
        allowed: `that of the instances of ${this.instances.node.path}, which is ${architecture}`,
        change: 'set cpuArchitecture and build the image for it, or use another Ec2Capacity',
      });
    }
    if (exec) {
      refuse(scope, {
        prop: 'exec',
        given: new Situation('ExecAccess.audited'),
        allowed: 'ExecAccess.none with ServiceCapacity.ec2, because the agent of ECS Exec on EC2 needs a writable root '
          + 'file system',
        change: 'leave exec out, or run the service on Fargate',
      });
    }
    requireFittingTask(scope, user, { path, types });
  }

  public _defineTask(scope: Construct, program: TaskProps, roles: TaskRoles): ecs.TaskDefinition {
    return defineEc2Task(scope, program, roles);
  }

  public _defineService(scope: Construct, taskDefinition: ecs.TaskDefinition, props: ServiceProps): ecs.BaseService {
    const { cluster, capacityProvider } = this.instances;
    if (wrappedCluster(props.cluster) !== wrappedCluster(cluster)) {
      refuse(scope, {
        prop: 'capacity',
        given: new Situation(`the instances of ${this.instances.node.path}, which belong to ${cluster.node.path}`),
        allowed: 'instances of the cluster of the service',
        change: 'pass the cluster of the Ec2Capacity as cluster, or create the service with its addService',
      });
    }
    const service = new ecs.Ec2Service(scope, 'Service', {
      ...props,
      taskDefinition,
      capacityProviderStrategies: [{ capacityProvider: capacityProvider.capacityProviderName, weight: 1 }],
      // The spread over the zones is first, as the rebalancing requires. Then as few instances as possible.
      placementStrategies: [
        ecs.PlacementStrategy.spreadAcross(ecs.BuiltInAttributes.AVAILABILITY_ZONE),
        ecs.PlacementStrategy.packedByMemory(),
      ],
    });
    createAfterProviders(service, cluster);
    return service;
  }
}

/**
 * Creates a service after its capacity providers belong to the cluster.
 *
 * No property of the service refers to that. On deletion, the service is first, because a provider that a service uses
 * cannot be removed.
 */
function createAfterProviders(service: ecs.BaseService, cluster: ecs.ICluster): void {
  service.node.addDependency(dependencyOn(() => wrappedCluster(cluster).node.findAll()
    .filter((each) => isOfType(each, 'AWS::ECS::ClusterCapacityProviderAssociations'))));
}
