import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { MonitoringPlan } from '../monitoring/monitored';

/** Where Container Insights publishes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html */
const INSIGHTS = 'ECS/ContainerInsights';
const PERIOD_MINUTES = 5;

/** What there is to see of a cluster. What somebody has to be told of, each service tells by itself. */
export function clusterPlan(path: string, { clusterName }: ecs.ICluster, execLog: logs.ILogGroup): MonitoringPlan {
  return {
    title: `Cluster ${path}`,
    alarms: [],
    widgets: [
      new cloudwatch.GraphWidget({ title: 'Running tasks, by service', left: [tasksByService(clusterName)], leftYAxis: { min: 0 } }),
      new cloudwatch.GraphWidget({
        title: 'Used of what is reserved (%)',
        left: [share(clusterName, 'Cpu', 'CPU'), share(clusterName, 'Memory', 'memory')],
        leftYAxis: { min: 0, max: 100 },
      }),
      new cloudwatch.GraphWidget({ title: 'Shell sessions (events in their log)', left: [sessions(execLog)], leftYAxis: { min: 0 } }),
    ],
  };
}

/** A line for each service that the cluster has at the time of looking. */
function tasksByService(clusterName: string): cloudwatch.IMetric {
  return new cloudwatch.MathExpression({
    expression: `SEARCH('{${INSIGHTS},ClusterName,ServiceName} ClusterName="${clusterName}" MetricName="RunningTaskCount"', 'Average')`,
    usingMetrics: {},
    label: '${PROP(\'Dim.ServiceName\')}',
    period: Duration.minutes(1),
  });
}

/** Every task reports each minute what it uses and what it has reserved, so the sums have the same number of reports. */
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

/** How much is written, not what: what people typed and saw is not for a dashboard. */
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
