import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { STREAM_PREFIX } from './contract';
import { MigrationRun } from './migration-run';
import { MigrationTaskProps } from './migration-task-props';
import { requireMigration } from './migration-validation';
import { cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { HandlerFunction } from '../../blocks/handler-function';
import { applicationLogGroup } from '../../blocks/log-group';
import { checkProps } from '../../core/check-props';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
import { functionAlarms } from '../../monitoring/function-alarms';
import { IMonitored, MonitoringPlan } from '../../monitoring/monitored';
import { ContainerSettings } from '../container-settings';
import { failedRuns } from '../failed-runs';
import {
  defineHardenedTask, defineOwnCluster, defineTaskConnections, defineTaskRoles, HardenedTask, requireProgram,
} from '../hardened-task';
import { recentLogLines } from '../log-widget';
import { runCommandOf } from '../run-command';
import { placementOf, ServicePlacement } from '../service-placement';
import { createLast } from '../task-start';

/** The default of `timeout`: enough for usual changes of a schema. It ends a migration that hangs. */
const DEFAULT_TIMEOUT_MINUTES = 10;
/** The first sentences of the alarms on the function. */
const NOT_ANSWERED = 'The function that runs the migration before a deployment could not answer CloudFormation, which '
  + 'waits for up to 48 minutes and then fails the deployment.';

/** The words of the notification about failed runs. */
const FAILED_RUN = {
  what: 'a migration',
  remedy: 'Then check which migrations the database has. If a deployment started the task, the services still run the '
    + 'previous version.',
};

/**
 * A one-off task on Fargate that changes the schema of a database, with the command of an image.
 *
 * The task is as hardened as that of a `SecureFargateService`: it does not run as root, has a read-only file system, an
 * encrypted log, and two roles with only the permissions that you grant. Its security group allows outbound HTTPS and
 * connections to the resources in `uses`, and nothing inbound.
 *
 * `runCommand` starts the task. With `runBefore`, CloudFormation also runs it before it creates or updates services.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 * declare const database: EncryptedDatabaseInstance;
 * declare const api: SecureFargateService;
 *
 * new MigrationTask(this, 'Migration', {
 *   vpc: network,
 *   image: images.image('1.4.2'),
 *   command: ['alembic', 'upgrade', 'head'],
 *   uses: [database.access('Migrations', DatabaseAccess.owner())],
 *   runBefore: [api],
 * });
 */
export class MigrationTask extends Construct implements ec2.IConnectable, iam.IGrantable, IMonitored {
  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** The container. The construct does not check environment variables that you add to it here. */
  public readonly container: ecs.ContainerDefinition;
  /** The cluster: the `cluster` prop, or the task's own cluster. */
  public readonly cluster: ecs.ICluster;
  /** The log group of the container's output. */
  public readonly logGroup: logs.LogGroup;
  /** The role of the program. It has no permissions until you grant some. */
  public readonly taskRole: iam.Role;
  /** The role with which Fargate starts the task: it pulls the image, reads the secrets, and writes the log. */
  public readonly executionRole: iam.Role;
  /** The connections of the task. */
  public readonly connections: ec2.Connections;
  /** The principal that grants apply to: the task role. */
  public readonly grantPrincipal: iam.IPrincipal;
  /**
   * The AWS CLI command that starts the task, for an output of your stack.
   *
   * It is one line for a POSIX shell. It prints the ARN of the task, or the reason why ECS did not start it. The caller
   * needs `ecs:RunTask` on the task definition and `iam:PassRole` on both roles.
   */
  public readonly runCommand: string;
  private readonly handler?: HandlerFunction;

  /** Creates the task definition. With `runBefore`, the deployment also runs the task. */
  constructor(scope: Construct, id: string, props: MigrationTaskProps) {
    super(scope, id);
    checkProps(this, 'MigrationTaskProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    requireMigration(this, props);
    requireProgram(this, props);
    const placement = placementOf(this, props);
    const roles = defineTaskRoles(this);
    ({ taskRole: this.taskRole, executionRole: this.executionRole } = roles);
    this.grantPrincipal = this.taskRole;
    const settings = new ContainerSettings(this, placement.vpc, props);

    const key = encryptionKeyFor(this, placement.encryptionKey, {
      description: `Logs of the migration ${this.node.path}`,
      users: [cloudWatchLogs],
    });
    this.logGroup = applicationLogGroup(this, 'Log', { encryptionKey: key, retention: props.logRetention });
    this.cluster = placement.cluster ?? defineOwnCluster(this, placement.vpc);
    const task = defineHardenedTask(this, {
      program: props, roles, settings, logGroup: this.logGroup, streamPrefix: STREAM_PREFIX,
    });
    ({ taskDefinition: this.taskDefinition, container: this.container } = task);
    this.connections = this.defineConnections(placement.vpc, settings);
    this.runCommand = runCommandOf(this, placement.subnets.subnetIds);
    this.handler = this.runBeforeServices(props, { task, placement, settings, key });
  }

  /**
   * Alarms, widgets and notifications of the migration.
   *
   * A notification reports each failed run, by command or before a deployment. With `runBefore`, alarms fire when the
   * function that runs the task does not answer CloudFormation.
   */
  public monitoringPlan(): MonitoringPlan {
    return {
      title: `Migration ${this.node.path}`,
      alarms: this.handler ? functionAlarms('Run', this.handler, NOT_ANSWERED) : [],
      widgets: [recentLogLines(this.logGroup)],
      notifications: [failedRuns(this.taskDefinition, this.logGroup.logGroupName, FAILED_RUN)],
    };
  }

  private defineConnections(vpc: ec2.IVpc, { connectables }: ContainerSettings): ec2.Connections {
    return defineTaskConnections(this, {
      vpc,
      description: 'One-off tasks of a migration',
      ruleDescription: `Connections of the migration ${this.node.id}`,
      connectables,
    });
  }

  /** Runs the task before services. Returns its function, which does not exist without services. */
  private runBeforeServices(
    { runBefore = [], timeout = Duration.minutes(DEFAULT_TIMEOUT_MINUTES) }: MigrationTaskProps,
    { task, placement, settings, key }: RunParts,
  ): HandlerFunction | undefined {
    if (runBefore.length === 0) return undefined;
    const { cluster, logGroup, connections } = this;
    const { handler, resource } = new MigrationRun(this, 'Run', {
      task,
      cluster,
      logGroup,
      timeout,
      subnets: placement.subnets,
      securityGroup: connections.securityGroups[0],
      encryptionKey: key,
    });
    const followers = runBefore.map(({ service }) => service);
    createLast({ starts: resource, followers, connections, ...task }, { placement, ...settings.prerequisites });
    for (const service of followers) service.node.addDependency(resource);
    return handler;
  }
}

/** The parts of a migration that its run uses. */
interface RunParts {
  readonly task: HardenedTask;
  readonly placement: ServicePlacement;
  readonly settings: ContainerSettings;
  readonly key: kms.IKey;
}
