import { Duration, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { refuse, requireInteger } from '../core/refusal';

/** Two tasks, so that one zone may fail; four, so that a busy hour does not need a person. */
export const DEFAULT_MIN_TASKS = 2;
export const DEFAULT_MAX_TASKS = 4;
/** The utilisation that tasks are added or removed to keep, in percent: a third of the CPU, a fifth of the memory in reserve. */
export const DEFAULT_CPU_TARGET = 70;
export const DEFAULT_MEMORY_TARGET = 80;
/** How many tasks one service may have: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MOST_TASKS = 5_000;
/** How long scaling waits for its own effect, in seconds: quick to add, slow to remove. */
const SCALE_OUT_COOLDOWN_SECONDS = 60;
const SCALE_IN_COOLDOWN_SECONDS = 300;

/** Between how many tasks a service scales, and by what. */
export interface ScalingRange {
  /** The fewest tasks, 1 to 5,000 and no more than `max`. One task alone is gone for minutes when its zone fails. */
  readonly min: number;
  /** The most tasks, 1 to 5,000. */
  readonly max: number;
  /**
   * The average CPU utilisation that is kept, in percent: 1 to 100.
   * @default 70
   */
  readonly cpu?: number;
  /**
   * The average memory utilisation that is kept, in percent: 1 to 100.
   * @default 80
   */
  readonly memory?: number;
}

/** How many tasks of a service run. */
export abstract class ScalingPolicy {
  /**
   * As many tasks as keep the average CPU and memory utilisation at their targets, within a range. The service states no
   * desired count, so that a deployment leaves the number of tasks as it is.
   */
  public static between(bounds: ScalingRange): ScalingPolicy {
    return new TargetTracking(bounds);
  }

  /**
   * Always the same number of tasks, 1 to 5,000.
   * @param tasks how many tasks
   */
  public static constant(tasks: number): ScalingPolicy {
    return new ConstantCount(tasks);
  }

  /** @internal Refuses what cannot be deployed. */
  public abstract _validate(scope: IConstruct): void;

  /** @internal The desired count that the service states, if it states one. */
  public abstract _desiredCount(): number | undefined;

  /** @internal Makes the service scale. */
  public abstract _scale(service: ecs.FargateService): void;
}

class TargetTracking extends ScalingPolicy {
  constructor(private readonly range: ScalingRange) {
    super();
  }

  public _validate(scope: IConstruct): void {
    const { min, max, cpu, memory } = this.range;
    requireInteger(scope, 'scaling.min', min, 1, MOST_TASKS);
    requireInteger(scope, 'scaling.max', max, 1, MOST_TASKS);
    requireInteger(scope, 'scaling.cpu', cpu, 1, 100, 'pass a utilisation in percent');
    requireInteger(scope, 'scaling.memory', memory, 1, 100, 'pass a utilisation in percent');
    if (Token.isUnresolved(min) || Token.isUnresolved(max) || min <= max) return;
    refuse(scope, { prop: 'scaling.min', given: min, allowed: `at most scaling.max, which is ${max}`, change: 'swap the two, or raise scaling.max' });
  }

  public _desiredCount(): undefined {
    return undefined;
  }

  public _scale(service: ecs.FargateService): void {
    const { min, max, cpu, memory } = this.range;
    const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
    const cooldowns = {
      scaleInCooldown: Duration.seconds(SCALE_IN_COOLDOWN_SECONDS),
      scaleOutCooldown: Duration.seconds(SCALE_OUT_COOLDOWN_SECONDS),
      disableScaleIn: false,
    };
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpu ?? DEFAULT_CPU_TARGET, ...cooldowns });
    scaling.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: memory ?? DEFAULT_MEMORY_TARGET, ...cooldowns });
  }
}

class ConstantCount extends ScalingPolicy {
  constructor(private readonly tasks: number) {
    super();
  }

  public _validate(scope: IConstruct): void {
    requireInteger(scope, 'scaling', this.tasks, 1, MOST_TASKS, 'pass how many tasks always run');
  }

  public _desiredCount(): number {
    return this.tasks;
  }

  public _scale(): void {
    // The service states its count itself.
  }
}
