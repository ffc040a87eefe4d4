import { Aws, Duration, Names } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, reportedText } from '../../core/acknowledge';

/**
 * Consecutive minutes with jobs and without a task after which the first task starts.
 *
 * The metric of the tasks arrives late, and its last minute then counts as zero. Three minutes are never all late.
 */
const FROM_ZERO_MINUTES = 3;
/** Consecutive minutes without any job after which the last task stops. */
const TO_ZERO_MINUTES = 10;
/** How long scaling waits after a change, in seconds: a task needs some minutes to start and to receive jobs. */
const COOLDOWN_SECONDS = 300;
const SCALE_OUT_COOLDOWN_SECONDS = 60;

const MINUTE = Duration.minutes(1);

/** The queue and the bounds of a service that scales on its backlog. */
export interface BacklogBounds {
  readonly queue: sqs.IQueue;
  readonly jobsPerTask: number;
  readonly min: number;
  readonly max: number;
}

/** The metrics of a queue and its worker, by the names in the expressions. */
function metricsOf(service: ecs.BaseService, queue: sqs.IQueue): { readonly [name: string]: cloudwatch.Metric } {
  const options = { period: MINUTE, statistic: cloudwatch.Stats.MAXIMUM };
  return {
    waiting: queue.metricApproximateNumberOfMessagesVisible(options),
    started: queue.metricApproximateNumberOfMessagesNotVisible(options),
    // Each running task reports its CPU utilization once a minute. Without a running task there is no sample.
    tasks: service.metricCpuUtilization({ period: MINUTE, statistic: cloudwatch.Stats.SAMPLE_COUNT }),
  };
}

/** The number of jobs while no task runs, and 0 while one does. */
export function jobsWithoutTask(service: ecs.BaseService, queue: sqs.IQueue): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: 'IF(FILL(tasks, 0) < 1, waiting + started, 0)',
    usingMetrics: metricsOf(service, queue),
    period: MINUTE,
    label: 'jobs without a task',
  });
}

/**
 * Scales a service on the number of jobs for each task. Jobs in progress count, so that they keep a task.
 *
 * The method is the one that AWS documents, with jobs in progress and without Container Insights:
 * https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
 * Without a task it has no data and does not scale. Therefore, two step policies start the first task and stop the
 * last.
 */
export function scaleOnBacklog(service: ecs.BaseService, bounds: BacklogBounds): ecs.ScalableTaskCount {
  const { queue, min, max } = bounds;
  const scaling = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
  const target = scaling.node.findChild('Target') as appscaling.ScalableTarget;
  trackBacklog(target, service, bounds);
  if (min === 0) {
    startFirstTask(target, service, queue);
    stopLastTask(target, service, queue);
  }
  allowTaskProtection(service);
  return scaling;
}

function trackBacklog(
  target: appscaling.ScalableTarget, service: ecs.BaseService, { queue, jobsPerTask }: BacklogBounds,
): void {
  const scope = new Construct(target, 'Backlog');
  new appscaling.CfnScalingPolicy(scope, 'Resource', {
    policyName: Names.uniqueId(scope),
    policyType: 'TargetTrackingScaling',
    scalingTargetId: target.scalableTargetId,
    targetTrackingScalingPolicyConfiguration: {
      targetValue: jobsPerTask,
      disableScaleIn: false,
      scaleInCooldown: COOLDOWN_SECONDS,
      scaleOutCooldown: SCALE_OUT_COOLDOWN_SECONDS,
      customizedMetricSpecification: {
        metrics: [
          ...Object.entries(metricsOf(service, queue)).map(([id, metric]) => query(id, metric)),
          { id: 'backlog', expression: '(waiting + started) / tasks', label: 'Jobs for each task', returnData: true },
        ],
      },
    },
  });
}

function query(
  id: string, metric: cloudwatch.Metric,
): appscaling.CfnScalingPolicy.TargetTrackingMetricDataQueryProperty {
  const { namespace, metricName, statistic: stat, dimensions = {} } = metric;
  const list = Object.entries(dimensions).map(([name, value]) => ({ name, value: value as string }));
  return { id, metricStat: { metric: { namespace, metricName, dimensions: list }, stat }, returnData: false };
}

function startFirstTask(target: appscaling.ScalableTarget, service: ecs.BaseService, queue: sqs.IQueue): void {
  const action = stepAction(target, 'FromZero', appscaling.AdjustmentType.CHANGE_IN_CAPACITY);
  action.addAdjustment({ adjustment: 1, lowerBound: 0 });
  scaleWhen(target, 'JobsWithoutTask', action, {
    alarmDescription: `Starts the first task of ${service.node.scope!.node.path} when a job waits. Needs no action.`,
    metric: jobsWithoutTask(service, queue),
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: FROM_ZERO_MINUTES,
  });
}

function stopLastTask(target: appscaling.ScalableTarget, service: ecs.BaseService, queue: sqs.IQueue): void {
  const action = stepAction(target, 'ToZero', appscaling.AdjustmentType.EXACT_CAPACITY);
  action.addAdjustment({ adjustment: 0, upperBound: 0 });
  const { waiting, started } = metricsOf(service, queue);
  scaleWhen(target, 'NoJobs', action, {
    alarmDescription: `Stops the last task of ${service.node.scope!.node.path} without jobs. Needs no action.`,
    metric: new cloudwatch.MathExpression({
      expression: 'waiting + started', usingMetrics: { waiting, started }, period: MINUTE, label: 'jobs',
    }),
    comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: TO_ZERO_MINUTES,
  });
}

function stepAction(
  scalingTarget: appscaling.ScalableTarget, id: string, adjustmentType: appscaling.AdjustmentType,
): appscaling.StepScalingAction {
  return new appscaling.StepScalingAction(scalingTarget, id, {
    scalingTarget,
    adjustmentType,
    cooldown: Duration.seconds(COOLDOWN_SECONDS),
    metricAggregationType: appscaling.MetricAggregationType.MAXIMUM,
  });
}

type ScalingAlarmProps = Omit<cloudwatch.AlarmProps, 'threshold'>;

/** Both alarms compare with one job. A queue without a request for six hours publishes no metrics. */
function scaleWhen(
  scope: Construct, id: string, action: appscaling.StepScalingAction, props: ScalingAlarmProps,
): void {
  const alarm = new cloudwatch.Alarm(scope, id, {
    ...props, threshold: 1, treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new actions.ApplicationScalingAction(action));
}

/**
 * Allows the worker to protect its own task from scale-in while it works.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
 */
function allowTaskProtection(service: ecs.BaseService): void {
  const tasks = `arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:task/${service.cluster.clusterName}/*`;
  const { policyDependable } = service.taskDefinition.taskRole.addToPrincipalPolicy(new iam.PolicyStatement({
    actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'], resources: [tasks],
  }));
  acknowledge(policyDependable as Construct, {
    rules: [`AwsSolutions-IAM5[Resource::${reportedText(service, tasks)}]`],
    reason: `A task of ${service.node.scope!.node.path} protects itself from scale-in while it works. ECS chooses its `
      + 'ID when it starts, so the statement names the tasks of one cluster.',
  });
}
