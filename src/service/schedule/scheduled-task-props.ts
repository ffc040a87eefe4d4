import { Duration, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { IServiceBindable } from '../../binding/service-binding';

/**
 * Properties of a `ScheduledTask`.
 *
 * `image` and `schedule` are required, and `vpc` without `cluster`. The props that a `SecureFargateService` also has
 * mean the same.
 */
export interface ScheduledTaskProps {
  /**
   * The container image. An image from a repository of the same stack is refused, because nobody can push to that
   * repository before the task runs. An image without a tag or with the tag `latest` is refused unless the data is
   * disposable. A name that Docker cannot parse is refused.
   */
  readonly image: ecs.ContainerImage;
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
   * The command that the container runs.
   * @default - the command of the image
   */
  readonly command?: string[];
  /**
   * The resources that the program uses, such as a database or a queue. Each resource gets one security group rule on
   * its port, and the container gets the environment variables and secrets that its client needs.
   * @default - none
   */
  readonly uses?: IServiceBindable[];
  /**
   * The user that runs the program: a user name of the image, a number, or `user:group`. Root is refused.
   * @default '1000:1000'
   */
  readonly user?: string;
  /**
   * The CPU architecture of the image.
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  /**
   * The CPU units of the task: 256, 512, 1024, 2048, 4096, 8192 or 16384. 1,024 units are one vCPU.
   * @default 512
   */
  readonly cpu?: number;
  /**
   * The memory of the task. A size that Fargate does not offer with `cpu` is refused.
   * @default Size.mebibytes(1024)
   */
  readonly memory?: Size;
  /**
   * Environment variables. Anyone with access to the task definition can read them, so a value that looks like a secret
   * is refused: by its name, such as `DB_PASSWORD`, or by its content. Tokens are accepted.
   * @default - none
   */
  readonly environment?: { [name: string]: string };
  /**
   * Secrets, by the name of the environment variable. The execution role can read only these secrets. A name that
   * `environment` or a resource in `uses` also sets is refused.
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };
  /**
   * The absolute path of the RDS certificate bundle in the image. Database clients use it to verify the server's
   * certificate.
   * @default - database clients require TLS and do not verify the server's certificate, with a warning if the data of
   * the database is retained
   */
  readonly certificateBundlePath?: string;
  /**
   * Absolute paths that the program can write to; the rest of the file system is read-only. The paths are in memory:
   * they are empty at each start, disappear with the task, and are mounted with `noexec`. Paths with `.`, `..`,
   * repeated or trailing slashes are refused, as are the paths of the kernel (except `/dev/shm`) and those of ECS Exec.
   * @default - none
   */
  readonly writablePaths?: string[];
  /**
   * The size of each writable path in whole MiB, at least 1. The paths use the memory of the task: together they must
   * be smaller than `memory`.
   * @default Size.mebibytes(64)
   */
  readonly writablePathSize?: Size;
  /**
   * The VPC. Required without `cluster`. A cluster and resources in `uses` that are known to be in another VPC are
   * refused.
   * @default - the VPC of `cluster`
   */
  readonly vpc?: ec2.IVpc;
  /**
   * The subnets of the task. Public subnets, a selection without a subnet, and subnets of another VPC are refused.
   * @default - the private subnets, or the isolated subnets of a VPC without private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * The cluster that the task runs on.
   *
   * It can be a `ServiceCluster`, the `cluster` of a service, or any other ECS cluster. A cluster that was imported by
   * its ARN alone is refused, because its VPC is unknown.
   * @default - the construct creates a cluster with Container Insights
   */
  readonly cluster?: ecs.ICluster;
  /**
   * The key that encrypts the log of the container.
   *
   * It also encrypts the messages about runs that did not start. The policy of an imported key must allow CloudWatch
   * Logs to use it. An alias and a key of another region are refused.
   * @default - the key of a `ServiceCluster`; otherwise the construct creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The retention of the container's log.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;
}
