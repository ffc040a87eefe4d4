import { Aws, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { ManagedPolicyRole } from '../../blocks/managed-policy-role';

/** Sunday at 06:00 UTC. */
const DEFAULT_RENEWAL = 'cron(0 6 ? * SUN *)';
/** A refresh first starts new instances: at least one, and at most a tenth of the group. */
const MIN_HEALTHY_PERCENT = 100;
const MAX_HEALTHY_PERCENT = 110;

/** Without these limits, EventBridge Scheduler retries a start for a day before it reports a failure. */
const LONGEST_RETRY_SECONDS = 3_600;
const RETRIES = 10;

/**
 * The preferences of a refresh. Instances with tasks are protected from scale-in, so a refresh would wait for them.
 * https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
 */
const PREFERENCES = {
  MinHealthyPercentage: MIN_HEALTHY_PERCENT,
  MaxHealthyPercentage: MAX_HEALTHY_PERCENT,
  ScaleInProtectedInstances: 'Refresh',
  SkipMatching: false,
};

/** Properties of an `InstanceRenewal`. */
export interface InstanceRenewalProps {
  readonly group: autoscaling.AutoScalingGroup;
  readonly expression?: scheduler.ScheduleExpression;
}

/**
 * Replaces the instances of a group on a schedule, and so renews their image.
 *
 * The maximum instance lifetime of the group would not do it: instance scale-in protection, which ECS manages, delays
 * it. https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-max-instance-lifetime.html
 */
export class InstanceRenewal extends Construct {
  /** The name of the group of the schedule. */
  public readonly scheduleGroup: string;

  constructor(scope: Construct, id: string, { group, expression }: InstanceRenewalProps) {
    super(scope, id);
    const schedules = new scheduler.CfnScheduleGroup(this, 'Group');
    this.scheduleGroup = schedules.ref;
    const role = this.defineRole(group, schedules);
    const schedule = new scheduler.CfnSchedule(this, 'Resource', {
      description: `Replaces the instances of ${scope.node.path}`,
      groupName: schedules.ref,
      scheduleExpression: expression?.expressionString ?? DEFAULT_RENEWAL,
      scheduleExpressionTimezone: expression?.timeZone?.timezoneName,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: `arn:${Aws.PARTITION}:scheduler:::aws-sdk:autoscaling:startInstanceRefresh`,
        roleArn: role.roleArn,
        retryPolicy: { maximumEventAgeInSeconds: LONGEST_RETRY_SECONDS, maximumRetryAttempts: RETRIES },
        input: Stack.of(this).toJsonString({
          AutoScalingGroupName: group.autoScalingGroupName, Strategy: 'Rolling', Preferences: PREFERENCES,
        }),
      },
    });
    // EventBridge Scheduler uses the role when it creates the schedule.
    schedule.node.addDependency(role);
  }

  /**
   * The role of EventBridge Scheduler.
   * https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
   */
  private defineRole(group: autoscaling.AutoScalingGroup, schedules: scheduler.CfnScheduleGroup): iam.Role {
    const role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': schedules.attrArn },
        },
      }),
      description: 'Starts the refresh of an Auto Scaling group',
    });
    const { attrAutoScalingGroupArn: arn } = group.node.defaultChild as autoscaling.CfnAutoScalingGroup;
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['autoscaling:StartInstanceRefresh'], resources: [arn],
    }));
    return role;
  }
}

/** The AWS CLI command that replaces the instances at once. */
export function renewCommandOf(group: autoscaling.AutoScalingGroup): string {
  return `aws autoscaling start-instance-refresh --region ${Stack.of(group).region} `
    + `--auto-scaling-group-name ${group.autoScalingGroupName} --preferences '${JSON.stringify(PREFERENCES)}'`;
}
