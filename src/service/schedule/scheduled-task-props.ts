import { Duration } from 'aws-cdk-lib';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { IServiceBindable } from '../../binding/service-binding';
import { TaskProps } from '../task-props';

/**
 * Properties of a `ScheduledTask`.
 *
 * `image` and `schedule` are required, and `vpc` without `cluster`.
 */
export interface ScheduledTaskProps extends TaskProps {
  /**
   * When the task runs: `ScheduleExpression.cron` or `ScheduleExpression.rate`. A schedule that runs once is refused.
   *
   * A cron schedule is in UTC unless it has a `timeZone`. In a time zone, EventBridge Scheduler follows daylight saving
   * time.
   */
  readonly schedule: scheduler.ScheduleExpression;
  /**
   * The time after the scheduled time in which the task starts: 1 minute to 24 hours, in whole minutes. EventBridge
   * Scheduler chooses the moment.
   * @default - the task starts at the scheduled time, within a minute
   */
  readonly window?: Duration;
  /**
   * Whether a run starts while another task of this construct runs, by schedule or by command.
   *
   * Otherwise, such a run is tried again after one and two minutes, and then reported as a run that did not start.
   * @default false
   */
  readonly allowOverlap?: boolean;
  /**
   * The command that the container runs: the program and its arguments. A command without a program is refused.
   * @default - the command of the image
   */
  readonly command?: string[];
  /**
   * The resources that the program uses, such as a database or a queue. Each resource gets one security group rule on
   * its port, and the container gets the environment variables and secrets that its client needs.
   * @default - none
   */
  readonly uses?: IServiceBindable[];
}
