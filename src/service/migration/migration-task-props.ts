import { Duration, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IServiceBindable } from '../../binding/service-binding';
import { SecureFargateService } from '../secure-fargate-service';

/**
 * Properties of a `MigrationTask`.
 *
 * `image`, `command` and `uses` are required, and `vpc` without `cluster`. The props that a `SecureFargateService` also
 * has mean the same.
 */
export interface MigrationTaskProps {
  /**
   * The container image. An image from a repository of the same stack is refused, because nobody can push to that
   * repository before the task runs. An image without a tag or with the tag `latest` is refused unless the data is
   * disposable. A name that Docker cannot parse is refused.
   */
  readonly image: ecs.ContainerImage;
  /** The command that the container runs, such as `['alembic', 'upgrade', 'head']`. An empty command is refused. */
  readonly command: string[];
  /**
   * The databases and other resources that the command uses. An empty array is refused.
   *
   * Pass the owner of a schema, such as `database.access('Migrations', DatabaseAccess.owner())`. If you pass the
   * database itself, the user of the task cannot change the schema. Each resource gets one security group rule on its
   * port, and the container gets the environment variables and secrets that its client needs.
   */
  readonly uses: IServiceBindable[];
  /**
   * The services that CloudFormation creates or updates after the task has run, such as `[api]`.
   *
   * CloudFormation runs the task when it is new, or when its image, command or settings change, and waits. It creates
   * or updates the services only if the command exits with code 0. The task does not run during a rollback. A service
   * of another stack is refused.
   * @default - the task runs only by `runCommand`
   */
  readonly runBefore?: SecureFargateService[];
  /**
   * The maximum time of a run before a deployment: 1 to 13 minutes, in whole seconds.
   *
   * After this time, the task is stopped and the deployment fails. A Lambda function, which has a limit of 15 minutes,
   * waits for the task: start longer migrations with `runCommand`, which has no limit. Refused without `runBefore`.
   * @default Duration.minutes(10)
   */
  readonly timeout?: Duration;
  /**
   * The user that runs the command: a user name of the image, a number, or `user:group`. Root is refused.
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
   * Absolute paths that the command can write to; the rest of the file system is read-only. The paths are in memory:
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
   * It also encrypts the log and the messages of the function that runs the task. The policy of an imported
   * key must allow CloudWatch Logs to use it. An alias and a key of another region are refused.
   * @default - the key of a `ServiceCluster`; otherwise the construct creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The retention of the container's log.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;
}
