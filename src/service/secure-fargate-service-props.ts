import { Duration, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ExecAccess } from './exec-access';
import { LogMetric } from './log-metric';
import { ScalingPolicy } from './scaling-policy';
import { ServiceIngress } from './service-ingress';
import { IServiceBindable } from '../binding/service-binding';

/** What runs in each task. */
export interface FargateTaskProps {
  /**
   * The image. While data is kept, one without a tag or with `latest` is refused; so is, always, one from a repository that the
   * service's own stack makes, since nobody could push to it before the service starts.
   */
  readonly image: ecs.ContainerImage;
  /**
   * The port that the program listens on: 1 to 65,535. Better one above 1,023, since the program is not root.
   * @default - none; refused with ingress
   */
  readonly containerPort?: number;
  /**
   * CPU units, 1,024 being one vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384.
   * @default 512
   */
  readonly cpu?: number;
  /**
   * The memory of a task. Refused where Fargate does not offer it with this CPU.
   * @default Size.mebibytes(1024)
   */
  readonly memory?: Size;
  /**
   * What the image was built for.
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  /**
   * The command, in place of the image's own.
   * @default - the image's own
   */
  readonly command?: string[];
  /**
   * Whom the program runs as: a name that the image knows, a number, or `user:group`. Root is refused.
   * @default '1000:1000'
   */
  readonly user?: string;
  /**
   * Environment variables. Everybody who may see the task definition reads them, so what looks like a secret is refused: by its
   * name (`DB_PASSWORD`, unless the name ends like a pointer, as `_ARN` or `_FILE`) or by its value (access keys, private keys,
   * JSON Web Tokens, addresses with a password in them). Tokens pass.
   * @default - none
   */
  readonly environment?: { [name: string]: string };
  /**
   * Secrets by the name of the variable. The execution role may read exactly these. A name that `environment` or something used
   * has too is refused.
   * @default - none
   */
  readonly secrets?: { [name: string]: ecs.Secret };
  /**
   * Absolute paths that the program may write to; the rest of its file system is read-only. They are in memory, empty at each
   * start, gone with the task, and no program can be run from them.
   * @default - none
   */
  readonly writablePaths?: string[];
  /**
   * How much each writable path may hold, in whole MiB; all of them together less than the memory, of which they are a part.
   * @default Size.mebibytes(64)
   */
  readonly writablePathSize?: Size;
  /**
   * A command inside the container that says whether the program is well. Needed only without ingress.
   * @default - the task is well while the program runs
   */
  readonly healthCheck?: ecs.HealthCheck;
}

/** What is kept of what the tasks say, and what somebody is told about beyond the alarms that every service has. */
export interface ServiceMonitoringProps {
  /**
   * How long the log of the container is kept.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: logs.RetentionDays;
  /**
   * What is counted in the log of the container, each with an alarm. Two of one name, and more than 100, are refused.
   * @default - nothing
   */
  readonly logMetrics?: LogMetric[];
  /**
   * How long 95 of 100 answers may take at most: 1 millisecond to 4,000 seconds, which is the longest that a load balancer waits.
   * When slower ones last for a quarter of an hour, somebody is told. One that is known only at deployment has to be in seconds.
   * Refused without ingress.
   * @default - no alarm on single answers; the load balancer has one on their average
   */
  readonly responseTimeTarget?: Duration;
}

/** A container that runs in private subnets. */
export interface SecureFargateServiceProps extends FargateTaskProps, ServiceMonitoringProps {
  /** The VPC. */
  readonly vpc: ec2.IVpc;
  /**
   * The subnets. Public ones are refused.
   * @default - the private subnets, or the isolated ones of a VPC that has no private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Where requests come from.
   * @default ServiceIngress.none()
   */
  readonly ingress?: ServiceIngress;
  /**
   * What the service uses, as a database: the one port between the two is opened, and the container gets the variables and
   * secrets with which it finds and opens it.
   * @default - nothing
   */
  readonly uses?: IServiceBindable[];
  /**
   * Where the image keeps the RDS certificate bundle, so that database clients can verify whom they talk to.
   * @default - unknown: clients are told to encrypt, not to verify
   */
  readonly certificateBundlePath?: string;
  /**
   * How many tasks run.
   * @default ScalingPolicy.between({ min: 2, max: 4 })
   */
  readonly scaling?: ScalingPolicy;
  /**
   * A cluster that is there already, as that of a `ServiceCluster`. One that was imported by its ARN alone is refused, since its VPC is not known.
   * @default - a cluster of the service's own, with Container Insights
   */
  readonly cluster?: ecs.ICluster;
  /**
   * Whether people may run commands in the containers.
   * @default ExecAccess.none()
   */
  readonly exec?: ExecAccess;
  /**
   * The key that encrypts the log, and the sessions of ECS Exec. The policy of an imported key must let CloudWatch Logs use it.
   * @default - a rotating key of the service's own
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Secrets of your own that rotate: the tasks are replaced after each rotation, since they read secrets only when they start.
   * Those of `uses` and of `RotatingSecrets` need not be named.
   * @default - none
   */
  readonly restartOnRotation?: secretsmanager.ISecret[];
}
