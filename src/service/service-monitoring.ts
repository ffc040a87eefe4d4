import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AlarmRule, MonitoringPlan } from '../monitoring/monitored';

/** Utilisation, in percent, that scaling should have ended: above it for a quarter of an hour, scaling has reached its end. */
export const HIGH_UTILIZATION_PERCENT = 90;
const HIGH_UTILIZATION_PERIODS = 3;
/** How many requests the service may fail in five minutes. */
export const TARGET_ERRORS = 10;
/** For how many minutes in a row there may be an unhealthy task, or none at all. */
const UNHEALTHY_MINUTES = 5;
const NO_TASK_MINUTES = 3;

const PERIOD_MINUTES = 5;

/** What a service wants watched. */
export function servicePlan(
  path: string, service: ecs.FargateService, logGroup: logs.ILogGroup, targetGroup: elbv2.ApplicationTargetGroup | undefined,
): MonitoringPlan {
  const period = Duration.minutes(PERIOD_MINUTES);
  const cpu = service.metricCpuUtilization({ period, label: 'CPU' });
  const memory = service.metricMemoryUtilization({ period, label: 'memory' });
  const tasks = runningTasks(service);
  return {
    title: `Service ${path}`,
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
    ],
    widgets: [
      new cloudwatch.GraphWidget({ title: 'CPU and memory (%)', left: [cpu, memory], leftYAxis: { min: 0, max: 100 } }),
      new cloudwatch.GraphWidget({ title: 'Running tasks', left: [tasks], leftYAxis: { min: 0 } }),
      ...(targetGroup ? [targetWidget(targetGroup, period)] : []),
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

function highUtilization(id: string, metric: cloudwatch.Metric, what: string, lookFor: string): AlarmRule {
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

function targetAlarms(targetGroup: elbv2.ApplicationTargetGroup, { logGroupName }: logs.ILogGroup, period: Duration): AlarmRule[] {
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
      id: 'TargetErrors',
      metric: targetGroup.metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period, label: '5XX' }),
      threshold: TARGET_ERRORS,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: `The service answers requests with 5XX. First look in its log, ${logGroupName}, for the errors of these minutes; if they began with a deployment, `
        + 'deploy the previous version.',
    },
  ];
}

function targetWidget({ metrics }: elbv2.ApplicationTargetGroup, period: Duration): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Requests and errors',
    left: [metrics.requestCount({ period, label: 'requests' })],
    right: [metrics.httpCodeTarget(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, { period, label: '5XX' })],
  });
}
