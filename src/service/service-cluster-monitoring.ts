import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { MonitoringPlan } from '../monitoring/monitored';

/**
 * The namespace of Container Insights.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
 */
const INSIGHTS = 'ECS/ContainerInsights';
const PERIOD_MINUTES = 5;

/** The widgets of a cluster. It has no alarms, because each service has its own. */
export function clusterPlan(path: string, { clusterName }: ecs.ICluster, execLog: logs.ILogGroup): MonitoringPlan {
  return {
    title: `Cluster ${path}`,
    alarms: [],
    widgets: [
      new cloudwatch.GraphWidget({
        title: 'Running tasks, by service',
        left: [tasksByService(clusterName)],
        leftYAxis: { min: 0 },
      }),
      new cloudwatch.GraphWidget({
        title: 'Used share of reserved CPU and memory (%)',
        left: [share(clusterName, 'Cpu', 'CPU'), share(clusterName, 'Memory', 'memory')],
        leftYAxis: { min: 0, max: 100 },
      }),
      new cloudwatch.GraphWidget({
        title: 'Shell sessions (log events)',
        left: [sessions(execLog)],
        leftYAxis: { min: 0 },
      }),
    ],
  };
}

/** One line for each service that the cluster has when the dashboard is open. */
function tasksByService(clusterName: string): cloudwatch.IMetric {
  return new cloudwatch.MathExpression({
    expression: `SEARCH('{${INSIGHTS},ClusterName,ServiceName} ClusterName="${clusterName}" `
      + 'MetricName="RunningTaskCount"\', \'Average\')',
    usingMetrics: {},
    label: "${PROP('Dim.ServiceName')}",
    period: Duration.minutes(1),
  });
}

/**
 * The used share of the reserved amount.
 *
 * Every task reports its used and its reserved amount each minute, so both sums have the same number of samples.
 */
function share(clusterName: string, what: string, label: string): cloudwatch.IMetric {
  const [used, reserved] = ['Utilized', 'Reserved'].map((kind) => new cloudwatch.Metric({
    namespace: INSIGHTS,
    metricName: `${what}${kind}`,
    dimensionsMap: { ClusterName: clusterName },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(PERIOD_MINUTES),
  }));
  const ids = { used: `${what.toLowerCase()}Used`, reserved: `${what.toLowerCase()}Reserved` };
  return new cloudwatch.MathExpression({
    expression: `100 * ${ids.used} / ${ids.reserved}`,
    usingMetrics: { [ids.used]: used, [ids.reserved]: reserved },
    label,
    period: Duration.minutes(PERIOD_MINUTES),
  });
}

/** The number of log events. The dashboard does not show their content, which can contain sensitive data. */
function sessions({ logGroupName }: logs.ILogGroup): cloudwatch.IMetric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingLogEvents',
    dimensionsMap: { LogGroupName: logGroupName },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(PERIOD_MINUTES),
    label: 'events',
  });
}
