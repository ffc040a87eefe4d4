import { Duration, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ServiceCapacity } from './capacity/service-capacity';
import { ExecAccess } from './exec-access';
import { LogMetric } from './log-metric';
import { ScalingPolicy } from './scaling-policy';
import { ServiceIngress } from './service-ingress';
import { IServiceBindable } from '../binding/service-binding';

/**
 * Properties of a `SecureFargateService`.
 *
 * Only `image` is always required. The props are in seven groups: image and program, size and scaling, configuration,
 * file system, network and cluster, access, logs and alarms.
 */
export interface SecureFargateServiceProps {
  // --- Image and program

  /**
   * The container image. An image from a repository of the service's own stack is refused, because nobody can push to
   * that repository before the service starts. An image without a tag or with the tag `latest` is refused unless the
   * data is disposable. A name that Docker cannot parse is refused, and an image that `ContainerImage.fromAsset` builds
   * for another platform than that of `cpuArchitecture`.
   */
  readonly image: ecs.ContainerImage;
  /**
   * The command that the container runs.
   * @default - the command of the image
   */
  readonly command?: string[];
  /**
   * The user that runs the program: a user name of the image, a number, or `user:group`. Root is refused.
   * @default '1000:1000'
   */
  readonly user?: string;
  /**
   * The port that the program listens on, 1 to 65,535. Required with `ingress`. Use a port above 1,023, because the
   * program does not run as root.
   * @default - none
   */
  readonly containerPort?: number;
  /**
   * A health check command that ECS runs inside the container: every 5 to 300 seconds, with a timeout of 2 to 60
   * seconds that is not longer than the interval, 1 to 10 retries, and a start period of up to 300 seconds. A service
   * with `ingress` does not need it, because the load balancer checks the tasks.
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
  /**
   * The CPU architecture of the image.
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;

  // --- Size and scaling

  /**
   * The CPU units of a task: 256, 512, 1024, 2048, 4096, 8192 or 16384. 1,024 units are one vCPU.
   * @default 512
   */
  readonly cpu?: number;
  /**
   * The memory of a task. A size that Fargate does not offer with `cpu` is refused.
   * @default Size.mebibytes(1024)
   */
  readonly memory?: Size;
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
   * Environment variables. Anyone with access to the task definition can read them, so a value that looks like a secret
   * is refused: by its name (`DB_PASSWORD`, unless the name ends in a suffix for pointers such as `_ARN` or `_FILE`) or
   * by its content (access keys, private keys, JSON Web Tokens, URLs that contain a password). A value that turns off
   * TLS or the verification of certificates is refused: `NODE_TLS_REJECT_UNAUTHORIZED`, `PYTHONHTTPSVERIFY`,
   * `GIT_SSL_NO_VERIFY` and `PGSSLMODE`. Tokens are accepted.
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
   * Resources that the service uses, such as a database. Each resource gets one security group rule on its port, and
   * the container gets the environment variables and secrets that its client needs.
   * @default - none
   */
  readonly uses?: IServiceBindable[];
  /**
   * The absolute path of the RDS certificate bundle in the image. Database clients use it to verify the server's
   * certificate.
   * @default - database clients require TLS and do not verify the server's certificate, with a warning if the data of
   * the database is retained
   */
  readonly certificateBundlePath?: string;
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

  // --- File system

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

  // --- Network and cluster

  /**
   * The VPC. Required without `cluster`. A cluster, a load balancer and resources in `uses` that are known to be in
   * another VPC are refused.
   * @default - the VPC of `cluster`
   */
  readonly vpc?: ec2.IVpc;
  /**
   * The subnets of the tasks. Public subnets, a selection without a subnet, and subnets of another VPC are refused.
   * @default - the private subnets, or the isolated subnets of a VPC without private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * The cluster that the service runs on: a `ServiceCluster` or any other ECS cluster. A `ServiceCluster` also provides
   * the VPC, the encryption key and the log of ECS Exec. A cluster that was imported by its ARN alone is refused,
   * because its VPC is unknown.
   * @default - the service creates a cluster with Container Insights
   */
  readonly cluster?: ecs.ICluster;

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
   * The key that encrypts the logs, sessions and messages of the service.
   *
   * It encrypts the log of the container, the sessions of ECS Exec on a cluster that the service creates, the messages
   * of the roller, and the firewall log of `ServiceIngress.https`. The policy of an imported key must allow CloudWatch
   * Logs to use it. An alias and a key of another region are refused.
   * @default - the key of a `ServiceCluster`; otherwise the service creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The retention of the container's log.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;
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
