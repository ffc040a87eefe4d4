import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { IConstruct } from 'constructs';
import { failedDeployments } from './failed-deployments';
import { LogMetricInPlace } from './log-metric';
import { recentLogLines } from './log-widget';
import { jobsWithoutTask } from './queue/backlog-scaling';
import { refuse } from '../core/refusal';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { MonitoringPlan } from '../monitoring/monitored';

/** Utilization in percent that scaling should prevent. Above it for 15 minutes, scaling has reached its maximum. */
export const HIGH_UTILIZATION_PERCENT = 90;
const HIGH_UTILIZATION_PERIODS = 3;
/** Failed requests in five minutes above which the alarm fires. */
export const TARGET_ERRORS = 10;
/** Consecutive minutes with an unhealthy task, or without any task, after which the alarm fires. */
const UNHEALTHY_MINUTES = 5;
const NO_TASK_MINUTES = 3;
/** The same for a service that scales from zero: scaling and the start of a task need up to seven minutes. */
const NO_TASK_FOR_JOBS_MINUTES = 15;

const PERIOD_MINUTES = 5;

/** Periods of the alarm on the 95th percentile: the same 15 minutes as the load balancer's alarm on the average. */
const SLOW_PERIODS = 3;
/**
 * The maximum time that a load balancer waits for a response, in seconds.
 * Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
 */
const LONGEST_RESPONSE_SECONDS = 4_000;

/** The parts of a service that its monitoring plan reads. */
export interface WatchedService {
  readonly path: string;
  readonly service: ecs.BaseService;
  readonly logGroup: logs.ILogGroup;
  /** The metrics of the log. */
  readonly logMetrics: LogMetricInPlace[];
  /** Undefined without ingress. */
  readonly targetGroup?: elbv2.ApplicationTargetGroup;
  /** The queue of a service that runs no task while the queue is empty. Undefined if a task always runs. */
  readonly idleQueue?: sqs.IQueue;
  /** Undefined if the service has no target. */
  readonly responseTimeTarget?: Duration;
}

/**
 * Refuses a target without ingress, and a target outside the range that a load balancer can wait. Returns the target.
 */
export function requireResponseTimeTarget(
  scope: IConstruct, target: Duration | undefined, targetGroup: elbv2.ApplicationTargetGroup | undefined,
): Duration | undefined {
  if (!target) return undefined;
  if (!targetGroup) {
    refuse(scope, {
      prop: 'responseTimeTarget',
      given: target,
      allowed: 'left out without ingress, because the load balancer measures the response time',
      change: 'pass ingress, or leave responseTimeTarget out',
    });
  }
  if (target.isUnresolved()) return target;
  const milliseconds = target.toMilliseconds();
  if (milliseconds >= 1 && milliseconds <= LONGEST_RESPONSE_SECONDS * 1000) return target;
  return refuse(scope, {
    prop: 'responseTimeTarget',
    given: target,
    allowed: 'from 1 millisecond to 4,000 seconds',
    change: 'use a duration in this range',
  });
}

/** The alarms, widgets and notifications of a service. */
export function servicePlan(watched: WatchedService): MonitoringPlan {
  const { service, logGroup, logMetrics, targetGroup, responseTimeTarget, idleQueue } = watched;
  const period = Duration.minutes(PERIOD_MINUTES);
  const cpu = service.metricCpuUtilization({ period, label: 'CPU' });
  const memory = service.metricMemoryUtilization({ period, label: 'memory' });
  const tasks = runningTasks(service);
  return {
    title: `Service ${watched.path}`,
    alarms: [
      highUtilization('CpuHigh', cpu, 'CPU', 'for an expensive query or loop in the last deployment'),
      highUtilization(
        'MemoryHigh',
        memory,
        'memory',
        'for a memory leak; a container that runs out of memory is killed, and ECS starts another task',
      ),
      idleQueue ? noTaskForJobs(service, idleQueue, logGroup) : noRunningTask(tasks, logGroup),
      ...(targetGroup ? targetAlarms(service, targetGroup, logGroup, period) : []),
      ...(targetGroup && responseTimeTarget ? [slowResponses(targetGroup, responseTimeTarget)] : []),
      ...logMetrics.map(({ alarm }) => alarm),
    ],
    widgets: [
      new cloudwatch.GraphWidget({ title: 'CPU and memory (%)', left: [cpu, memory], leftYAxis: { min: 0, max: 100 } }),
      new cloudwatch.GraphWidget({
        title: 'Tasks',
        left: [tasks, ...(targetGroup ? [healthyTasks(targetGroup)] : [])],
        leftYAxis: { min: 0 },
      }),
      ...(targetGroup ? [targetWidget(targetGroup, period)] : []),
      ...(targetGroup && responseTimeTarget ? [responseTimeWidget(targetGroup, responseTimeTarget)] : []),
      ...(logMetrics.length > 0 ? [logMetricWidget(logMetrics)] : []),
      recentLogLines(logGroup),
    ],
    notifications: [failedDeployments(service)],
  };
}

/**
 * The number of running tasks.
 *
 * Each running task reports its CPU utilization once a minute, so the number of samples is the number of tasks. The
 * metric does not need Container Insights. Without a running task there is no sample.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
 */
function runningTasks(service: ecs.BaseService): cloudwatch.Metric {
  return service.metricCpuUtilization({
    period: Duration.minutes(1), statistic: cloudwatch.Stats.SAMPLE_COUNT, label: 'running tasks',
  });
}

/** The steps when a service runs no task, as they continue a description. */
function findCause({ logGroupName }: logs.ILogGroup): string {
  return 'First read the events of the service and the stopped reason of its last tasks in the ECS console. Common '
    + 'causes: an image or a secret that the task cannot read, a failing health check, or a program that exits (read '
    + `its log group ${logGroupName}).`;
}

function noRunningTask(tasks: cloudwatch.Metric, logGroup: logs.ILogGroup): AlarmDefinition {
  return {
    id: 'NoRunningTask',
    metric: tasks,
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: NO_TASK_MINUTES,
    missingData: cloudwatch.TreatMissingData.BREACHING,
    description: `No task of the service runs. ${findCause(logGroup)}`,
  };
}

/** The alarm of a service that runs no task while its queue is empty. */
function noTaskForJobs(service: ecs.BaseService, queue: sqs.IQueue, logGroup: logs.ILogGroup): AlarmDefinition {
  return {
    id: 'NoRunningTask',
    metric: jobsWithoutTask(service, queue),
    threshold: 0,
    evaluationPeriods: NO_TASK_FOR_JOBS_MINUTES,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `Jobs wait in queue ${queue.queueName}, and no task has run for ${NO_TASK_FOR_JOBS_MINUTES} minutes. `
      + findCause(logGroup),
  };
}

function highUtilization(id: string, metric: cloudwatch.Metric, resource: string, lookFor: string): AlarmDefinition {
  return {
    id,
    metric,
    threshold: HIGH_UTILIZATION_PERCENT,
    evaluationPeriods: HIGH_UTILIZATION_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description:
      `The tasks have used more than ${HIGH_UTILIZATION_PERCENT} % of their ${resource} for 15 minutes. First check ` +
      'whether the service runs its maximum number of tasks. If it does, raise the maximum. ' +
      `Then look ${lookFor}.`,
  };
}

function targetAlarms(
  service: ecs.BaseService, targetGroup: elbv2.ApplicationTargetGroup, { logGroupName }: logs.ILogGroup,
  period: Duration,
): AlarmDefinition[] {
  const unhealthyTasks = { period: Duration.minutes(1), statistic: cloudwatch.Stats.MAXIMUM, label: 'unhealthy' };
  return [
    {
      id: 'UnhealthyTasks',
      metric: targetGroup.metrics.unhealthyHostCount(unhealthyTasks),
      threshold: 0,
      evaluationPeriods: UNHEALTHY_MINUTES,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description:
        `A task and its replacements failed their health check for ${UNHEALTHY_MINUTES} minutes. First read the ` +
        `reason code in the target group. Then read in the log group ${logGroupName} how the program responds on ` +
        'the health check path.',
    },
    {
      id: 'NoHealthyTask',
      metric: healthyTasks(targetGroup),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: NO_TASK_MINUTES,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      // The target group exists minutes before the first task.
      createdAfter: [service],
      description:
        'No task is healthy, so every request fails. First check the targets in the target group. If there are ' +
        'none, read the events of the service in the ECS console. Otherwise, read the reason code of their health ' +
        `check and the log group ${logGroupName}. If the failures began with a deployment, deploy the previous ` +
        'version.',
    },
    {
      id: 'TargetErrors',
      metric: targetGroup.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period, label: '5XX' }),
      threshold: TARGET_ERRORS,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description:
        `The service responded with 5XX to more than ${TARGET_ERRORS} requests in five minutes. First read the ` +
        `errors in the log group ${logGroupName}. If they began with a deployment, deploy the previous version.`,
    },
  ];
}

/**
 * The number of healthy tasks in the zone that has most of them.
 *
 * Each zone of the load balancer reports its own number. The maximum is below one only when no zone has a healthy task;
 * the minimum would be below one as soon as one zone has none. Without registered tasks there is no sample.
 */
function healthyTasks(targetGroup: elbv2.ApplicationTargetGroup): cloudwatch.Metric {
  return targetGroup.metrics.healthyHostCount({
    period: Duration.minutes(1), statistic: cloudwatch.Stats.MAXIMUM, label: 'healthy',
  });
}

function responseTime({ metrics }: elbv2.ApplicationTargetGroup): cloudwatch.Metric {
  return metrics.targetResponseTime({ period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.p(95) });
}

function slowResponses(targetGroup: elbv2.ApplicationTargetGroup, target: Duration): AlarmDefinition {
  return {
    id: 'SlowP95',
    metric: responseTime(targetGroup),
    threshold: secondsOf(target),
    evaluationPeriods: SLOW_PERIODS,
    // With few requests, one slow response decides the percentile.
    ignoreFewSamples: true,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description:
      'More than 5 % of the responses exceeded the response time target for 15 minutes. First find the slow paths ' +
      'in the access log of the load balancer (target_processing_time). Then find the cause of the delay: the ' +
      'statement with the highest load in Database Insights, or an external service.',
  };
}

function responseTimeWidget(targetGroup: elbv2.ApplicationTargetGroup, target: Duration): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Response time, 95th percentile (s)',
    left: [responseTime(targetGroup).with({ label: 'p95' })],
    leftYAxis: { min: 0 },
    leftAnnotations: [{ value: secondsOf(target), label: 'target' }],
  });
}

/** A duration that is known only at deployment cannot be converted, so it must be in seconds. */
function secondsOf(duration: Duration): number {
  return duration.toSeconds({ integral: false });
}

function logMetricWidget(logMetrics: LogMetricInPlace[]): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Log metrics',
    left: logMetrics.map(({ metric }) => metric),
    leftYAxis: { min: 0 },
  });
}

function targetWidget({ metrics }: elbv2.ApplicationTargetGroup, period: Duration): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Requests and errors',
    left: [metrics.requestCount({ period, label: 'requests' })],
    right: [metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period, label: '5XX' })],
  });
}
