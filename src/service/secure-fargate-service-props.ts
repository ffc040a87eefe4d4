import { Duration } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ServiceCapacity } from './capacity/service-capacity';
import { ExecAccess } from './exec-access';
import { LogMetric } from './log-metric';
import { ScalingPolicy } from './scaling-policy';
import { ServiceIngress } from './service-ingress';
import { TaskProps } from './task-props';
import { IServiceBindable } from '../binding/service-binding';

/**
 * Properties of a `SecureFargateService`.
 *
 * Only `image` is always required, and `vpc` without `cluster`. The props of `TaskProps` are those that every task has.
 * The others are in five groups: program, scaling, configuration, access, logs and alarms.
 */
export interface SecureFargateServiceProps extends TaskProps {
  // --- Program

  /**
   * The command that the container runs: the program and its arguments. A command without a program is refused.
   * @default - the command of the image
   */
  readonly command?: string[];
  /**
   * The port that the program listens on, 1 to 65,535. Required with `ingress`. Use a port above 1,023, because the
   * program does not run as root.
   * @default - none
   */
  readonly containerPort?: number;
  /**
   * A health check command that ECS runs inside the container: every 5 to 300 seconds, with a timeout of 2 to 60
   * seconds that is not longer than the interval, 1 to 10 retries, and a start period of up to 300 seconds. The image
   * must contain the command. A service with `ingress` does not need it, because the load balancer checks the tasks.
   * @default - ECS considers a task healthy while its program runs
   */
  readonly healthCheck?: ecs.HealthCheck;
  /**
   * The time that a program has after SIGTERM to finish its work: 1 to 120 seconds, the maximum of Fargate, in whole
   * seconds. Then ECS kills it. ECS stops a task in a deployment, when the service scales in, after a rotation, and
   * when Fargate needs the capacity.
   * @default - 30 seconds, the default of ECS
   */
  readonly stopTimeout?: Duration;

  // --- Scaling

  /**
   * The number of tasks.
   * @default ScalingPolicy.between({ min: 2, max: 4 })
   */
  readonly scaling?: ScalingPolicy;
  /**
   * The capacity that runs the tasks: Fargate, Fargate Spot, or EC2 instances of the cluster. A change between the
   * three replaces the service.
   * @default ServiceCapacity.fargate()
   */
  readonly capacity?: ServiceCapacity;

  // --- Configuration

  /**
   * Resources that the service uses, such as a database. Each resource gets one security group rule on its port, and
   * the container gets the environment variables and secrets that its client needs.
   * @default - none
   */
  readonly uses?: IServiceBindable[];
  /**
   * Your own rotating secrets. The service replaces its tasks immediately after each rotation, because tasks read
   * secrets only at start. Secrets of `uses` and of `RotatingSecrets` are included automatically.
   * @default - none
   */
  readonly restartOnRotation?: secretsmanager.ISecret[];
  /**
   * The window in which the service replaces its tasks after the rotation of keys.
   *
   * It applies to secrets whose previous value remains valid until the next rotation: signing keys, key rings, and
   * `overlappingSecrets` of a binding. In UTC, weekly as `ddd:hh:mm-ddd:hh:mm` or daily as `hh:mm-hh:mm`, of at least
   * an hour. After the rotation of any other secret, such as the password of a database, the service replaces its tasks
   * immediately. It does so too if the next rotation can come before the next window.
   * @default 'sun:05:00-sun:07:00' - the hour in which secrets rotate by default, and the next one
   */
  readonly maintenanceWindow?: string;

  // --- Access

  /**
   * The source of the requests.
   * @default ServiceIngress.none()
   */
  readonly ingress?: ServiceIngress;
  /**
   * Access to running containers with ECS Exec.
   * @default ExecAccess.none()
   */
  readonly exec?: ExecAccess;

  // --- Logs and alarms

  /**
   * Metrics that count lines of the container's log. Each metric has an alarm. Duplicate names, the names of
   * other alarms of a service, such as `CpuHigh`, and more than 100 metrics are refused.
   * @default - none
   */
  readonly logMetrics?: LogMetric[];
  /**
   * The target for the 95th percentile of the response time: 1 millisecond to 4,000 seconds, the maximum that a load
   * balancer waits. An alarm fires when responses exceed the target for 15 minutes. A duration that is known only at
   * deployment must be in seconds. Refused without `ingress`.
   * @default - no alarm on this percentile; a `SecureLoadBalancer` has an alarm on the average
   */
  readonly responseTimeTarget?: Duration;
}
