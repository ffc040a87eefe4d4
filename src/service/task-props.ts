import { Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';

/**
 * Properties that every construct with ECS tasks has: services, migrations and scheduled tasks.
 *
 * `image` is required, and `vpc` without `cluster`. The props are in five groups: image and user, size, configuration,
 * file system, network and encryption.
 */
export interface TaskProps {
  // --- Image and user

  /**
   * The container image. An image from a repository of the same stack is refused, because nobody can push to that
   * repository before the task starts. An image without a tag or with the tag `latest` is refused unless the data is
   * disposable. A name that Docker cannot parse is refused. An image that `ContainerImage.fromAsset` builds for a
   * platform other than that of `cpuArchitecture` is refused too.
   */
  readonly image: ecs.ContainerImage;
  /**
   * The user that runs the program: a user name of the image, a number, or `user:group`. Root and a
   * name of more than 32 characters are refused.
   * @default '1000:1000'
   */
  readonly user?: string;
  /**
   * The CPU architecture of the image.
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;

  // --- Size

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
   * The absolute path of the RDS certificate bundle in the image. Database clients use it to verify the server's
   * certificate.
   * @default - database clients require TLS and do not verify the server's certificate, with a warning if the data of
   * the database is retained
   */
  readonly certificateBundlePath?: string;

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

  // --- Network and encryption

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
   * The cluster that the tasks run on: a `ServiceCluster`, the `cluster` of a service, or any other ECS cluster.
   *
   * A `ServiceCluster` also provides the VPC, the encryption key and the log of ECS Exec. A cluster that was imported
   * by its ARN alone is refused, because its VPC is unknown.
   * @default - the construct creates a cluster with Container Insights
   */
  readonly cluster?: ecs.ICluster;
  /**
   * The key that encrypts the log of the container, and all other data that the construct stores.
   *
   * For a service, this is the sessions of ECS Exec on its own cluster, the messages of the roller, and the firewall
   * log of `ServiceIngress.https`. For a migration, it is the log and the messages of the function that runs it. For a
   * scheduled task, it is the messages about runs that did not start. The policy of an imported key must allow
   * CloudWatch Logs to use it. An alias and a key of another region are refused.
   * @default - the key of a `ServiceCluster`; otherwise the construct creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The retention of the container's log.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;
}
