import { Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';
import { acknowledge } from '../../core/acknowledge';
import { HardenedTask } from '../hardened-task';

/** The retention of runs that did not start, in days: the maximum of SQS. */
const DEAD_LETTER_RETENTION_DAYS = 14;
/**
 * How often and for how long EventBridge Scheduler tries to start a run. A run that starts much later than its time can
 * meet the next one, so the default of 24 hours is too long.
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
}

/** Starts a task on a schedule of EventBridge Scheduler. */
export class TaskSchedule extends Construct {
  /** The group with only this schedule. The metrics of EventBridge Scheduler have the group as their only dimension. */
  public readonly group: scheduler.CfnScheduleGroup;
  /** The queue of the runs that did not start. */
  public readonly deadLetterQueue: sqs.Queue;

  constructor(scope: Construct, id: string, props: TaskScheduleProps) {
    super(scope, id);
    this.group = new scheduler.CfnScheduleGroup(this, 'Group');
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: props.encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
      // The default of SQS, which marks a dead-letter queue. Source: Control Tower control CT.SQS.PR.1.
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
    acknowledge(this.deadLetterQueue, {
      rules: ['AwsSolutions-SQS3'],
      reason: `The queue is the dead-letter queue of the schedule ${this.node.path}, which the rule does not recognize`,
    });
    this.defineSchedule(props, this.defineRole(props));
  }

  private defineSchedule(props: TaskScheduleProps, role: iam.IRole): void {
    const { expression, window, task, subnets, securityGroup } = props;
    const schedule = new scheduler.CfnSchedule(this, 'Resource', {
      description: `Starts ${this.node.scope!.node.path}`,
      groupName: this.group.ref,
      scheduleExpression: expression.expressionString,
      scheduleExpressionTimezone: expression.timeZone?.timezoneName,
      flexibleTimeWindow: window
        ? { mode: 'FLEXIBLE', maximumWindowInMinutes: window.toMinutes() }
        : { mode: 'OFF' },
      target: {
        arn: props.cluster.clusterArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: this.deadLetterQueue.queueArn },
        retryPolicy: {
          maximumRetryAttempts: RETRIES, maximumEventAgeInSeconds: Duration.minutes(RETRY_MINUTES).toSeconds(),
        },
        ecsParameters: {
          taskDefinitionArn: task.taskDefinition.taskDefinitionArn,
          launchType: 'FARGATE',
          taskCount: 1,
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: subnets.subnetIds, securityGroups: [securityGroup.securityGroupId], assignPublicIp: 'DISABLED',
            },
          },
        },
      },
    });
    // EventBridge Scheduler uses the role when it creates the schedule.
    schedule.node.addDependency(role);
  }

  /**
   * The role of EventBridge Scheduler. The condition limits it to the schedules of the group.
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
   */
  private defineRole({ task, cluster, encryptionKey }: TaskScheduleProps): iam.IRole {
    const role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': this.group.attrArn },
        },
      }),
      description: 'Starts a task on a schedule',
    });
    const allow = (actions: string[], resources: string[], conditions?: iam.Conditions) =>
      role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    allow(['ecs:RunTask'], [task.taskDefinition.taskDefinitionArn], {
      ArnEquals: { 'ecs:cluster': cluster.clusterArn },
    });
    allow(['iam:PassRole'], [task.taskRole.roleArn, task.executionRole.roleArn], {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    });
    allow(['sqs:SendMessage'], [this.deadLetterQueue.queueArn]);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [encryptionKey.keyArn]);
    return role;
  }
}
