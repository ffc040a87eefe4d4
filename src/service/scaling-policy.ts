import { Duration, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { IConstruct } from 'constructs';
import { scaleOnBacklog } from './queue/backlog-scaling';
import type { JobQueue } from './queue/job-queue';
import { checkFactory } from '../core/check-props';
import { markChoice } from '../core/choice';
import { refuse, refuseUse, requireInteger } from '../core/refusal';
import { requireRegionOf } from '../core/same-region';

/**
 * The default range of the number of tasks.
 *
 * Two tasks, so that the service survives the loss of a zone; up to four, so that a busy hour needs no manual change.
 */
export const DEFAULT_MIN_TASKS = 2;
export const DEFAULT_MAX_TASKS = 4;
/** The target utilization, in percent: it leaves a third of the CPU and a fifth of the memory in reserve. */
export const DEFAULT_CPU_TARGET = 70;
export const DEFAULT_MEMORY_TARGET = 80;
/** The quota of tasks per service: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MOST_TASKS = 5_000;
/**
 * The quota of jobs in progress in a queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 */
const MOST_JOBS = 120_000;
/** How long scaling waits after a change, in seconds: it adds tasks quickly and removes them slowly. */
const SCALE_OUT_COOLDOWN_SECONDS = 60;
const SCALE_IN_COOLDOWN_SECONDS = 300;

/** Properties of `ScalingPolicy.between`: the range of the number of tasks, and the target utilization. */
export interface ScalingRange {
  /**
   * The minimum number of tasks, 1 to 5,000 and at most `max`. A single task is unavailable for minutes when its zone
   * fails.
   */
  readonly min: number;
  /** The maximum number of tasks, 1 to 5,000. */
  readonly max: number;
  /**
   * The target of the average CPU utilization, in percent: 1 to 100.
   * @default 70
   */
  readonly cpu?: number;
  /**
   * The target of the average memory utilization, in percent: 1 to 100.
   * @default 80
   */
  readonly memory?: number;
}

/** Properties of `ScalingPolicy.backlog`: the queue, the jobs for each task, and the range of the number of tasks. */
export interface BacklogScalingOptions {
  /** The queue whose jobs the service processes. A queue of another region is refused. */
  readonly queue: JobQueue;
  /**
   * The target of the number of jobs for each task, waiting and in progress: 1 to 120,000, the quota of jobs in
   * progress.
   *
   * It is the time that a job can wait, divided by the time that a task needs for one job: 10 if a job can wait for a
   * minute and takes six seconds.
   */
  readonly jobsPerTask: number;
  /**
   * The minimum number of tasks, 0 to 5,000 and at most `max`. A token is refused, and 0 with `ingress`.
   *
   * With 0, no task runs while the queue is empty. The first job then waits for about five minutes, and for up to 20
   * minutes if the queue had no request for six hours.
   */
  readonly min: number;
  /** The maximum number of tasks, 1 to 5,000. */
  readonly max: number;
}

/**
 * The number of tasks of a service.
 *
 * @example
 * declare const services: ServiceCluster;
 * declare const images: HardenedRepository;
 *
 * services.addService(this, 'Worker', {
 *   image: images.image('1.4.2'),
 *   scaling: ScalingPolicy.between({ min: 2, max: 8 }),
 * });
 */
export abstract class ScalingPolicy {
  /**
   * Scales the number of tasks within a range.
   *
   * Scaling keeps the average CPU and memory utilization at their targets. The service sets no desired count, so a
   * deployment does not change the number of tasks.
   */
  public static between(bounds: ScalingRange): ScalingPolicy {
    checkFactory('ScalingPolicy.between', { bounds });
    return new TargetTracking(bounds);
  }

  /**
   * Runs a constant number of tasks.
   * @param tasks the number of tasks, 1 to 5,000
   */
  public static constant(tasks: number): ScalingPolicy {
    checkFactory('ScalingPolicy.constant', { tasks });
    return new ConstantCount(tasks);
  }

  /**
   * Scales a worker on the number of jobs for each task, and to zero on request.
   *
   * Jobs in progress count as long as they are invisible in the queue, so they keep a task running. Scale-in can stop a
   * task that works while another one does not: the worker protects its task, or returns its job on SIGTERM. The task
   * role can protect the tasks of the cluster from scale-in.
   */
  public static backlog(options: BacklogScalingOptions): ScalingPolicy {
    checkFactory('ScalingPolicy.backlog', { options });
    return new Backlog(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'ScalingPolicy');

  /** @internal Refuses settings that cannot be deployed. */
  public abstract _validate(scope: IConstruct): void;

  /** @internal The desired count of the service, or undefined if scaling sets it. */
  public abstract _desiredCount(): number | undefined;

  /**
   * Adds scaling to the service, and returns its scaling target.
   * @internal
   */
  public abstract _scale(service: ecs.BaseService, receivesRequests: boolean): ecs.ScalableTaskCount | undefined;

  /**
   * The queue of a service that runs no task while the queue is empty.
   * @internal
   */
  public _idleQueue(): sqs.IQueue | undefined {
    return undefined;
  }
}

/** Refuses a minimum above the maximum. Tokens are accepted. */
function requireOrder(scope: IConstruct, min: number, max: number): void {
  if (Token.isUnresolved(min) || Token.isUnresolved(max) || min <= max) return;
  refuse(scope, {
    prop: 'scaling.min',
    given: min,
    allowed: `at most scaling.max (${max})`,
    change: 'swap the two, or raise scaling.max',
  });
}

class TargetTracking extends ScalingPolicy {
  constructor(private readonly range: ScalingRange) {
    super();
  }

  public _validate(scope: IConstruct): void {
    const { min, max, cpu, memory } = this.range;
    requireInteger(scope, 'scaling.min', min, 1, MOST_TASKS);
    requireInteger(scope, 'scaling.max', max, 1, MOST_TASKS);
    requireInteger(scope, 'scaling.cpu', cpu, 1, 100, 'use a percentage in this range');
    requireInteger(scope, 'scaling.memory', memory, 1, 100, 'use a percentage in this range');
    requireOrder(scope, min, max);
  }

  public _desiredCount(): undefined {
    return undefined;
  }

  public _scale(service: ecs.BaseService): ecs.ScalableTaskCount {
    const { min, max, cpu, memory } = this.range;
    const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
    const cooldowns = {
      scaleInCooldown: Duration.seconds(SCALE_IN_COOLDOWN_SECONDS),
      scaleOutCooldown: Duration.seconds(SCALE_OUT_COOLDOWN_SECONDS),
      disableScaleIn: false,
    };
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpu ?? DEFAULT_CPU_TARGET, ...cooldowns });
    scaling.scaleOnMemoryUtilization('Memory', {
      targetUtilizationPercent: memory ?? DEFAULT_MEMORY_TARGET,
      ...cooldowns,
    });
    return scaling;
  }
}

class Backlog extends ScalingPolicy {
  constructor(private readonly options: BacklogScalingOptions) {
    super();
  }

  public _validate(scope: IConstruct): void {
    const { jobsPerTask, min, max } = this.options;
    if (Token.isUnresolved(min)) {
      refuse(scope, {
        prop: 'scaling.min',
        given: min,
        allowed: 'a number that is known at synthesis, because 0 needs other resources',
        change: 'pass a number',
      });
    }
    requireRegionOf(scope, 'scaling.queue', 'a queue', this.options.queue.queue);
    requireInteger(scope, 'scaling.min', min, 0, MOST_TASKS);
    requireInteger(scope, 'scaling.max', max, 1, MOST_TASKS);
    requireInteger(scope, 'scaling.jobsPerTask', jobsPerTask, 1, MOST_JOBS);
    requireOrder(scope, min, max);
  }

  public _desiredCount(): undefined {
    return undefined;
  }

  public _scale(service: ecs.BaseService, receivesRequests: boolean): ecs.ScalableTaskCount {
    const { queue: { queue }, jobsPerTask, min, max } = this.options;
    if (min === 0 && receivesRequests) {
      refuseUse(service.node.scope!, 'scaling.min is 0, and the service has ingress: requests fail while no task runs',
        'set scaling.min to 1 or more, or process the jobs in a service without ingress');
    }
    return scaleOnBacklog(service, { queue, jobsPerTask, min, max });
  }

  public _idleQueue(): sqs.IQueue | undefined {
    return this.options.min === 0 ? this.options.queue.queue : undefined;
  }
}

class ConstantCount extends ScalingPolicy {
  constructor(private readonly tasks: number) {
    super();
  }

  public _validate(scope: IConstruct): void {
    requireInteger(scope, 'scaling', this.tasks, 1, MOST_TASKS, 'use a number of tasks in this range');
  }

  public _desiredCount(): number {
    return this.tasks;
  }

  /** The desired count of the service sets the number of tasks. */
  public _scale(): undefined {
    return undefined;
  }
}

/** The default policy of a service. */
export function defaultScaling(): ScalingPolicy {
  return ScalingPolicy.between({ min: DEFAULT_MIN_TASKS, max: DEFAULT_MAX_TASKS });
}
