import { Duration } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { MonitoringPlan } from '../../monitoring/monitored';
import { Notification } from '../../monitoring/notification';

/** Minutes that tasks can wait for instances: an instance needs about five minutes until it runs tasks. */
const WAITING_MINUTES = 15;
/** The reservation above which tasks wait: ECS needs more instances than the group has. */
const FULL_PERCENT = 100;

/** The parts of an `Ec2Capacity` that its monitoring plan reads. */
export interface WatchedCapacity {
  readonly path: string;
  readonly group: autoscaling.AutoScalingGroup;
  readonly provider: ecs.AsgCapacityProvider;
  readonly cluster: ecs.ICluster;
  /** The name of the group with the schedule of the renewal. */
  readonly scheduleGroup: string;
}

/** The alarms, widgets and notifications of EC2 capacity. */
export function capacityPlan(watched: WatchedCapacity): MonitoringPlan {
  const { path, group } = watched;
  const [desired, inService] = ['GroupDesiredCapacity', 'GroupInServiceInstances'].map((name) => ofGroup(group, name));
  const reservation = reservationOf(watched);
  return {
    title: `EC2 capacity ${path}`,
    alarms: [tasksWait(reservation), instancesMissing(desired, inService), renewalNotStarted(watched.scheduleGroup)],
    widgets: [
      new cloudwatch.GraphWidget({
        title: 'Instances',
        left: [desired.with({ label: 'desired' }), inService.with({ label: 'in service' })],
        leftYAxis: { min: 0 },
      }),
      new cloudwatch.GraphWidget({
        title: 'Instances that the tasks need (% of all instances)',
        left: [reservation.with({ label: 'reservation' })],
        leftYAxis: { min: 0 },
      }),
    ],
    notifications: [failedRenewal(group)],
  };
}

function ofGroup({ autoScalingGroupName }: autoscaling.AutoScalingGroup, metricName: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/AutoScaling',
    metricName,
    dimensionsMap: { AutoScalingGroupName: autoScalingGroupName },
    statistic: cloudwatch.Stats.AVERAGE,
    period: Duration.minutes(1),
  });
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html */
function reservationOf({ provider, cluster }: WatchedCapacity): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/ECS/ManagedScaling',
    metricName: 'CapacityProviderReservation',
    dimensionsMap: { CapacityProviderName: provider.capacityProviderName, ClusterName: cluster.clusterName },
    statistic: cloudwatch.Stats.AVERAGE,
    period: Duration.minutes(1),
  });
}

function tasksWait(metric: cloudwatch.Metric): AlarmDefinition {
  return {
    id: 'TasksWait',
    metric,
    threshold: FULL_PERCENT,
    evaluationPeriods: WAITING_MINUTES,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `Tasks have waited for instances for ${WAITING_MINUTES} minutes. First check whether the Auto Scaling `
      + 'group has its maximum number of instances. If it has, raise maxInstances. Otherwise, read the activity '
      + 'history of the group, and the events of the services in the ECS console.',
  };
}

function instancesMissing(desired: cloudwatch.Metric, inService: cloudwatch.Metric): AlarmDefinition {
  return {
    id: 'InstancesMissing',
    metric: new cloudwatch.MathExpression({
      expression: 'desired - inService',
      usingMetrics: { desired, inService },
      label: 'missing instances',
      period: Duration.minutes(1),
    }),
    threshold: 0,
    evaluationPeriods: WAITING_MINUTES,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `Instances have not started for ${WAITING_MINUTES} minutes. First read the activity history of the `
      + 'Auto Scaling group. Common causes: no capacity of the instance types in a zone (add types), a quota of vCPUs, '
      + 'or a key policy that does not allow EC2 Auto Scaling to use the key.',
  };
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html */
function renewalNotStarted(scheduleGroup: string): AlarmDefinition {
  return {
    id: 'RenewalNotStarted',
    metric: new cloudwatch.Metric({
      namespace: 'AWS/Scheduler',
      metricName: 'InvocationDroppedCount',
      dimensionsMap: { ScheduleGroup: scheduleGroup },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
    }),
    threshold: 0,
    evaluationPeriods: 1,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'EventBridge Scheduler could not start the renewal of the instances, so they keep an old image. First '
      + 'read the instance refreshes of the Auto Scaling group: another refresh can be in progress. Then check the '
      + 'role of the schedule, and start the renewal by its command.',
  };
}

/**
 * The notification about a renewal that fails: instances then keep an old image.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-eventbridge-events.html
 */
function failedRenewal({ autoScalingGroupName }: autoscaling.AutoScalingGroup): Notification {
  return Notification.event({
    id: 'RenewalFailed',
    description: 'Failed renewals of ECS instances',
    eventPattern: {
      source: ['aws.autoscaling'],
      // Failed, or stopped by a person or by CloudFormation.
      detailType: ['Failed', 'Cancel']
        .flatMap((end) => events.Match.prefix(`EC2 Auto Scaling Instance Refresh ${end}`)),
      detail: { AutoScalingGroupName: [autoScalingGroupName] },
    },
    message: `The renewal of the instances of ${events.EventField.fromPath('$.detail.AutoScalingGroupName')} `
      + 'failed or was stopped, so some instances keep an old image. First read the instance refreshes and the '
      + 'activity history of the Auto Scaling group. Correct the cause, and start the renewal by its command.',
  });
}
