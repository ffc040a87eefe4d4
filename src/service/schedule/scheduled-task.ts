import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { scheduleAlarms, scheduleWidget } from './schedule-monitoring';
import { ScheduledTaskProps } from './scheduled-task-props';
import { requireSchedule } from './scheduled-task-validation';
import { TaskSchedule } from './task-schedule';
import { cloudWatchLogs, encryptionKeyFor } from '../../blocks/encryption-key';
import { applicationLogGroup } from '../../blocks/log-group';
import { checkProps } from '../../core/check-props';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
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

/** The words of the notification about failed runs. */
const FAILED_RUN = {
  what: 'a scheduled task',
  remedy: 'Correct the cause. Then start the task by its command, or wait for the next run.',
};

/**
 * A one-off task on Fargate that runs on a schedule, with an image and its command.
 *
 * The task is as hardened as that of a `SecureFargateService`: it does not run as root, has a read-only file system, an
 * encrypted log, and two roles with only the permissions that you grant. Its security group allows outbound HTTPS and
 * connections to the resources in `uses`, and nothing inbound.
 *
 * A run does not start while another task of this construct runs, unless `allowOverlap` is true. A run that does not
 * start is reported.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 * declare const database: EncryptedDatabaseInstance;
 *
 * new ScheduledTask(this, 'Report', {
 *   vpc: network,
 *   image: images.image('1.4.2'),
 *   command: ['node', 'report.js'],
 *   uses: [database],
 *   schedule: scheduler.ScheduleExpression.cron({ hour: '3', minute: '30' }),
 * });
 */
export class ScheduledTask extends Construct implements ec2.IConnectable, iam.IGrantable, IMonitored {
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
  /** The queue of the runs that did not start. */
  public readonly deadLetterQueue: sqs.Queue;
  /**
   * The AWS CLI command that starts the task at once, for an output of your stack.
   *
   * It is one line for a POSIX shell. It prints the ARN of the task, or the reason why ECS starts none. The caller
   * needs `ecs:RunTask` on the task definition and `iam:PassRole` on both roles.
   */
  public readonly runCommand: string;
  private readonly schedule: TaskSchedule;

  /** Creates the task definition and its schedule. The first run is at the next scheduled time. */
  constructor(scope: Construct, id: string, props: ScheduledTaskProps) {
    super(scope, id);
    checkProps(this, 'ScheduledTaskProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    requireSchedule(this, props.schedule, props.window);
    requireProgram(this, props);
    const placement = placementOf(this, props);
    const roles = defineTaskRoles(this);
    ({ taskRole: this.taskRole, executionRole: this.executionRole } = roles);
    this.grantPrincipal = this.taskRole;
    const settings = new ContainerSettings(this, placement.vpc, props);
    const encryptionKey = encryptionKeyFor(this, placement.encryptionKey, {
      description: `Logs of the scheduled task ${this.node.path}`,
      users: [cloudWatchLogs],
    });
    this.logGroup = applicationLogGroup(this, 'Log', { encryptionKey, retention: props.logRetention });
    this.cluster = placement.cluster ?? defineOwnCluster(this, placement.vpc);
    const task = defineHardenedTask(this, {
      program: props, roles, settings, logGroup: this.logGroup, streamPrefix: 'scheduled',
    });
    ({ taskDefinition: this.taskDefinition, container: this.container } = task);
    this.connections = this.defineConnections(placement.vpc, settings);
    this.schedule = this.defineSchedule(props, task, placement, settings, encryptionKey);
    this.deadLetterQueue = this.schedule.handler.deadLetterQueue;
    this.runCommand = runCommandOf(this, placement.subnets.subnetIds);
  }

  /**
   * Alarms, widgets and notifications of the task.
   *
   * A notification reports each run that fails or whose container does not start. Alarms fire when a run does not
   * start, also because the previous one still runs.
   */
  public monitoringPlan(): MonitoringPlan {
    return {
      title: `Scheduled task ${this.node.path}`,
      alarms: scheduleAlarms(this.schedule, this.node.path),
      widgets: [scheduleWidget(this.schedule), recentLogLines(this.logGroup)],
      notifications: [failedRuns(this.taskDefinition, this.logGroup.logGroupName, FAILED_RUN)],
    };
  }

  private defineConnections(vpc: ec2.IVpc, { connectables }: ContainerSettings): ec2.Connections {
    return defineTaskConnections(this, {
      vpc,
      description: 'One-off tasks of a schedule',
      ruleDescription: `Connections of the scheduled task ${this.node.id}`,
      connectables,
    });
  }

  private defineSchedule(
    { schedule: expression, window, allowOverlap = false }: ScheduledTaskProps, task: HardenedTask,
    placement: ServicePlacement,
    settings: ContainerSettings, encryptionKey: kms.IKey,
  ): TaskSchedule {
    const { cluster, connections } = this;
    const schedule = new TaskSchedule(this, 'Schedule', {
      task,
      cluster,
      expression,
      window,
      allowOverlap,
      encryptionKey,
      subnets: placement.subnets,
      securityGroup: connections.securityGroups[0],
    });
    createLast({ starts: schedule, connections, ...task }, { placement, ...settings.prerequisites });
    return schedule;
  }
}
