import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import { LogMetricInPlace } from './log-metric';
import { AlarmDefinition, MonitoringPlan } from '../monitoring/monitored';
import { refuse, Situation } from '../core/refusal';

/** Utilisation, in percent, that scaling should have ended: above it for a quarter of an hour, scaling has reached its end. */
export const HIGH_UTILIZATION_PERCENT = 90;
const HIGH_UTILIZATION_PERIODS = 3;
/** How many requests the service may fail in five minutes. */
export const TARGET_ERRORS = 10;
/** For how many minutes in a row there may be an unhealthy task, or none at all. */
const UNHEALTHY_MINUTES = 5;
const NO_TASK_MINUTES = 3;

const PERIOD_MINUTES = 5;

/** How slow one answer in twenty may be is judged over the same quarter of an hour as the load balancer's average. */
const SLOW_PERIODS = 3;
/** The longest that a load balancer waits for an answer, in seconds: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html */
const LONGEST_RESPONSE_SECONDS = 4_000;

/** How many lines of the log the dashboard shows, and how wide and high. */
const LOG_LINES = 50;
const LOG_WIDTH = 24;
const LOG_HEIGHT = 8;

/** What there is to watch of a service. */
export interface WatchedService {
  readonly path: string;
  readonly service: ecs.FargateService;
  readonly logGroup: logs.ILogGroup;
  /** What is counted in the log. */
  readonly logMetrics: LogMetricInPlace[];
  /** Absent without ingress. */
  readonly targetGroup?: elbv2.ApplicationTargetGroup;
  /** Absent where nobody asked for it. */
  readonly responseTimeTarget?: Duration;
}

/** Refuses a target without answers to measure, and one that no load balancer would wait for. Gives it back as it was. */
export function requireResponseTimeTarget(
  scope: IConstruct, target: Duration | undefined, targetGroup: elbv2.ApplicationTargetGroup | undefined,
): Duration | undefined {
  if (target === undefined) return undefined;
  if (!targetGroup) {
    refuse(scope, {
      prop: 'responseTimeTarget',
      given: new Situation('given without ingress'),
      allowed: 'a target only where a load balancer measures answers',
      change: 'pass ingress, or leave the target out',
    });
  }
  if (target.isUnresolved()) return target;
  const milliseconds = target.toMilliseconds();
  if (milliseconds >= 1 && milliseconds <= LONGEST_RESPONSE_SECONDS * 1000) return target;
  return refuse(scope, { prop: 'responseTimeTarget', given: target, allowed: '1 millisecond to 4,000 seconds', change: 'pass a duration in that range' });
}

/** What a service wants watched. */
export function servicePlan(watched: WatchedService): MonitoringPlan {
  const { service, logGroup, logMetrics, targetGroup, responseTimeTarget } = watched;
  const period = Duration.minutes(PERIOD_MINUTES);
  const cpu = service.metricCpuUtilization({ period, label: 'CPU' });
  const memory = service.metricMemoryUtilization({ period, label: 'memory' });
  const tasks = runningTasks(service);
  return {
    title: `Service ${watched.path}`,
    alarms: [
      highUtilization('CpuHigh', cpu, 'CPU', 'for a query or a loop that a deployment has brought'),
      highUtilization('MemoryHigh', memory, 'memory', 'for memory that only ever grows; Fargate kills a task that runs out of it'),
      {
        id: 'NoRunningTask',
        metric: tasks,
        threshold: 1,
        comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: NO_TASK_MINUTES,
        missingData: cloudwatch.TreatMissingData.BREACHING,
        description: 'No task of the service runs. First read the service\'s events and the stopped reason of its last tasks in the ECS console: '
          + `an image or a secret that cannot be read, a program that ends at once (its log is ${logGroup.logGroupName}), or a failing health check.`,
      },
      ...(targetGroup ? targetAlarms(targetGroup, logGroup, period) : []),
      ...(targetGroup && responseTimeTarget ? [slowAnswers(targetGroup, responseTimeTarget)] : []),
      ...logMetrics.map(({ alarm }) => alarm),
    ],
    widgets: [
      new cloudwatch.GraphWidget({ title: 'CPU and memory (%)', left: [cpu, memory], leftYAxis: { min: 0, max: 100 } }),
      new cloudwatch.GraphWidget({ title: 'Tasks', left: [tasks, ...(targetGroup ? [healthyTasks(targetGroup)] : [])], leftYAxis: { min: 0 } }),
      ...(targetGroup ? [targetWidget(targetGroup, period)] : []),
      ...(targetGroup && responseTimeTarget ? [responseTimeWidget(targetGroup, responseTimeTarget)] : []),
      ...(logMetrics.length > 0 ? [new cloudwatch.GraphWidget({ title: 'Counted in the log', left: logMetrics.map(({ metric }) => metric), leftYAxis: { min: 0 } })] : []),
      recentLogLines(logGroup),
    ],
  };
}

/**
 * Each running task reports its CPU once a minute, so the count of reports is the count of tasks. It needs no Container
 * Insights, so it is there on every cluster; with no task there is no report.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
 */
function runningTasks(service: ecs.FargateService): cloudwatch.Metric {
  return service.metricCpuUtilization({ period: Duration.minutes(1), statistic: cloudwatch.Stats.SAMPLE_COUNT, label: 'running tasks' });
}

function highUtilization(id: string, metric: cloudwatch.Metric, what: string, lookFor: string): AlarmDefinition {
  return {
    id,
    metric,
    threshold: HIGH_UTILIZATION_PERCENT,
    evaluationPeriods: HIGH_UTILIZATION_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `The tasks have used more than ${HIGH_UTILIZATION_PERCENT} % of their ${what} for a quarter of an hour, although the service scales. `
      + `First look whether it has reached its greatest number of tasks, and raise that; then look ${lookFor}.`,
  };
}

function targetAlarms(targetGroup: elbv2.ApplicationTargetGroup, { logGroupName }: logs.ILogGroup, period: Duration): AlarmDefinition[] {
  return [
    {
      id: 'UnhealthyTasks',
      metric: targetGroup.metrics.unhealthyHostCount({ period: Duration.minutes(1), statistic: cloudwatch.Stats.MAXIMUM, label: 'unhealthy' }),
      threshold: 0,
      evaluationPeriods: UNHEALTHY_MINUTES,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'A task fails its health check for minutes, and its replacements too. First look in the target group for the reason code, '
        + `then in the log, ${logGroupName}, for what it answers on the health check path.`,
    },
    {
      id: 'NoHealthyTask',
      metric: healthyTasks(targetGroup),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: NO_TASK_MINUTES,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      description: 'No task is healthy, so every request fails. First see in the target group whether there are tasks: if none, read the service\'s events in the '
        + `ECS console; if there are, read the reason code of their health check and the log, ${logGroupName}. If it began with a deployment, deploy the previous version.`,
    },
    {
      id: 'TargetErrors',
      metric: targetGroup.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period, label: '5XX' }),
      threshold: TARGET_ERRORS,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: `The service answers requests with 5XX. First look in its log, ${logGroupName}, for the errors of these minutes; if they began with a deployment, `
        + 'deploy the previous version.',
    },
  ];
}

/**
 * Every zone of the load balancer reports for itself. The greatest of the reports is below one only when no zone knows a healthy task: the
 * least would be so already when one zone of two has no task. No report at all comes when no task is registered.
 */
function healthyTasks(targetGroup: elbv2.ApplicationTargetGroup): cloudwatch.Metric {
  return targetGroup.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: cloudwatch.Stats.MAXIMUM, label: 'healthy' });
}

function responseTime({ metrics }: elbv2.ApplicationTargetGroup): cloudwatch.Metric {
  return metrics.targetResponseTime({ period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.p(95) });
}

function slowAnswers(targetGroup: elbv2.ApplicationTargetGroup, target: Duration): AlarmDefinition {
  return {
    id: 'SlowP95',
    metric: responseTime(targetGroup),
    threshold: secondsOf(target),
    evaluationPeriods: SLOW_PERIODS,
    // At night one slow answer of three would be one of twenty.
    ignoreFewSamples: true,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'One answer in twenty takes longer than its target, for a quarter of an hour. First find the slow paths in the access log of the load balancer '
      + '(target_processing_time), then what they wait for: the statement with the most load in Database Insights, or a partner\'s service.',
  };
}

function responseTimeWidget(targetGroup: elbv2.ApplicationTargetGroup, target: Duration): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Response time, 95 of 100 answers (s)',
    left: [responseTime(targetGroup).with({ label: 'p95' })],
    leftYAxis: { min: 0 },
    leftAnnotations: [{ value: secondsOf(target), label: 'target' }],
  });
}

/** A duration that is known only at deployment cannot be converted, so it has to be in seconds already. */
function secondsOf(duration: Duration): number {
  return duration.toSeconds({ integral: false });
}

/** Whoever sees them needs the right to query the log as well as the right to see dashboards. */
function recentLogLines(logGroup: logs.ILogGroup): cloudwatch.IWidget {
  return new cloudwatch.LogQueryWidget({
    title: 'Recent log lines',
    logGroupNames: [logGroup.logGroupName],
    queryLines: ['fields @timestamp, @message', 'sort @timestamp desc', `limit ${LOG_LINES}`],
    region: Stack.of(logGroup).region,
    width: LOG_WIDTH,
    height: LOG_HEIGHT,
  });
}

function targetWidget({ metrics }: elbv2.ApplicationTargetGroup, period: Duration): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Requests and errors',
    left: [metrics.requestCount({ period, label: 'requests' })],
    right: [metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period, label: '5XX' })],
  });
}
