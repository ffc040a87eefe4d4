import { Duration, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { StartEnvironment } from './contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { acknowledge } from '../../core/acknowledge';
import { HardenedTask } from '../hardened-task';

/** Enough for the retries of three calls. */
const FUNCTION_TIMEOUT_MINUTES = 2;
/**
 * How often and for how long EventBridge Scheduler tries to invoke the function. A run that starts much later than its
 * time can meet the next one, so the default of 24 hours is too long.
 */
const RETRIES = 5;
const RETRY_MINUTES = 30;

/** Properties of a `TaskSchedule`. */
export interface TaskScheduleProps {
  readonly task: HardenedTask;
  readonly cluster: ecs.ICluster;
  readonly subnets: ec2.SelectedSubnets;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly encryptionKey: kms.IKey;
  readonly expression: scheduler.ScheduleExpression;
  readonly window?: Duration;
  readonly allowOverlap: boolean;
}

/**
 * Starts a task on a schedule of EventBridge Scheduler.
 *
 * A function starts the task: ECS returns status 200 also when it starts none, and neither ECS nor EventBridge
 * Scheduler prevents two runs at the same time.
 */
export class TaskSchedule extends Construct {
  /** The group with only this schedule. The metrics of EventBridge Scheduler have the group as their only dimension. */
  public readonly group: scheduler.CfnScheduleGroup;
  /** The function that starts the task. Its dead-letter queue receives the runs that did not start. */
  public readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, props: TaskScheduleProps) {
    super(scope, id);
    this.group = new scheduler.CfnScheduleGroup(this, 'Group');
    this.handler = this.defineFunction(props);
    this.defineSchedule(props, this.defineRole(props.encryptionKey));
  }

  private defineSchedule({ expression, window }: TaskScheduleProps, role: iam.IRole): void {
    const schedule = new scheduler.CfnSchedule(this, 'Resource', {
      description: `Starts ${this.node.scope!.node.path}`,
      groupName: this.group.ref,
      scheduleExpression: expression.expressionString,
      scheduleExpressionTimezone: expression.timeZone?.timezoneName,
      flexibleTimeWindow: window
        ? { mode: 'FLEXIBLE', maximumWindowInMinutes: window.toMinutes() }
        : { mode: 'OFF' },
      target: {
        arn: this.handler.function.functionArn,
        roleArn: role.roleArn,
        // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        input: JSON.stringify({ schedule: '<aws.scheduler.schedule-arn>', time: '<aws.scheduler.scheduled-time>' }),
        deadLetterConfig: { arn: this.handler.deadLetterQueue.queueArn },
        retryPolicy: {
          maximumRetryAttempts: RETRIES, maximumEventAgeInSeconds: Duration.minutes(RETRY_MINUTES).toSeconds(),
        },
      },
    });
    // EventBridge Scheduler uses the role when it creates the schedule. The first run can be a moment later.
    schedule.node.addDependency(role, this.handler);
  }

  private defineFunction(props: TaskScheduleProps): HandlerFunction {
    const environment: StartEnvironment = {
      CLUSTER: props.cluster.clusterArn,
      TASK_DEFINITION: props.task.taskDefinition.taskDefinitionArn,
      FAMILY: props.task.taskDefinition.family,
      SUBNETS: Fn.join(',', props.subnets.subnetIds),
      SECURITY_GROUP: props.securityGroup.securityGroupId,
      ALLOW_OVERLAP: `${props.allowOverlap}`,
    };
    const handler = new HandlerFunction(this, 'Function', {
      handler: 'service/schedule/start-run',
      description: 'Starts a scheduled task',
      timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
      encryptionKey: props.encryptionKey,
      environment: { ...environment },
      statements: statementsFor(props),
      outsideVpcReason: `${this.node.path} calls the API of ECS, and connects to nothing in the VPC.`,
      noReservedConcurrencyReason:
        `A schedule invokes ${this.node.path} once for each run. A reservation would take executions from the `
        + 'application.',
    });
    acknowledge(handler.policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `${this.node.path} lists the tasks of one cluster. ecs:ListTasks supports no resource for tasks on `
        + 'Fargate, and a condition limits it to the cluster.',
    });
    return handler;
  }

  /**
   * The role of EventBridge Scheduler. The condition limits it to the schedules of the group.
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
   */
  private defineRole(encryptionKey: kms.IKey): iam.IRole {
    const role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': this.group.attrArn },
        },
      }),
      description: 'Invokes the function that starts a scheduled task',
    });
    const allow = (actions: string[], resource: string) =>
      role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [resource] }));
    allow(['lambda:InvokeFunction'], this.handler.function.functionArn);
    allow(['sqs:SendMessage'], this.handler.deadLetterQueue.queueArn);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], encryptionKey.keyArn);
    return role;
  }
}

/**
 * The permissions of the function.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
function statementsFor({ task, cluster }: TaskScheduleProps): iam.PolicyStatement[] {
  const conditions = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
  return [
    new iam.PolicyStatement({
      actions: ['ecs:RunTask'], resources: [task.taskDefinition.taskDefinitionArn], conditions,
    }),
    // The reference lists container instances. A request without one is for all resources, also on Fargate:
    // https://github.com/cdklabs/construct-hub/pull/1207
    new iam.PolicyStatement({ actions: ['ecs:ListTasks'], resources: ['*'], conditions }),
    new iam.PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [task.taskRole.roleArn, task.executionRole.roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  ];
}
