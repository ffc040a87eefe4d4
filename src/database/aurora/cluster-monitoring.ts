import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { MonitoringPlan } from '../../monitoring/monitored';

/** Aurora reports every minute, and a burst is over within a quarter of an hour. */
const PERIOD_MINUTES = 1;
const LASTING_PERIODS = 15;
const HIGH_CPU_PERCENT = 80;
/** Below a twentieth of its memory a server starts to swap or to end statements: a share, since an instance may have 2 GiB or 512. */
const LOW_MEMORY_SHARE = 0.05;
/** Where the memory is known only at deployment. */
const LOW_MEMORY_BYTES = 256 * 1024 ** 2;
const BYTES_PER_GIB = 1024 ** 3;
/** Readers usually lag less than a tenth of a second behind: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html */
const LONG_LAG_MILLISECONDS = 2000;
/** PostgreSQL refuses to write at about 2.1 billion; AWS's own guidance is to act at one billion. https://aws.amazon.com/blogs/database/implement-an-early-warning-system-for-transaction-id-wraparound-in-amazon-rds-for-postgresql/ */
const MANY_TRANSACTION_IDS = 1_000_000_000;
/** AWS's own guidance for the history list of MySQL. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/proactive-insights.history-list.html */
const LONG_HISTORY_LIST = 1_000_000;

/** What the alarms are measured by. */
export interface ClusterLimits {
  /** The memory of an instance at its largest, unless it is known only at deployment. */
  readonly memoryGib?: number;
  /** Absent where the memory is known only at deployment. */
  readonly tooManyConnections?: number;
  /** Whether instances stand still, and report nothing, while nobody connects. */
  readonly pauses: boolean;
  readonly hasReaders: boolean;
  readonly transactionIdsWrapAround: boolean;
}

interface ClusterMetrics {
  readonly [name: string]: cloudwatch.Metric;
}

/**
 * The alarms and widgets of a cluster.
 *
 * Each alarm looks at the instance that is worst off, whichever it is: an average over writer and readers would hide a writer that is
 * overloaded beside an idle reader, and an alarm on one instance would be about the wrong one after a failover. CPU and memory of serverless
 * instances are reported as if they had grown to their largest, so the same thresholds serve both kinds.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
 */
export function clusterMonitoring(title: string, cluster: rds.DatabaseCluster, limits: ClusterLimits): MonitoringPlan {
  const metric = (name: string, statistic: string) => cluster.metric(name, { statistic, period: Duration.minutes(PERIOD_MINUTES) });
  const metrics = {
    cpu: metric('CPUUtilization', cloudwatch.Stats.MAXIMUM),
    memory: metric('FreeableMemory', cloudwatch.Stats.MINIMUM),
    connections: metric('DatabaseConnections', cloudwatch.Stats.MAXIMUM),
    lag: metric('AuroraReplicaLagMaximum', cloudwatch.Stats.MAXIMUM),
    transactionIds: metric('MaximumUsedTransactionIDs', cloudwatch.Stats.MAXIMUM),
    historyList: metric('RollbackSegmentHistoryListLength', cloudwatch.Stats.MAXIMUM),
    capacity: metric('ServerlessDatabaseCapacity', cloudwatch.Stats.MAXIMUM),
    commits: metric('CommitLatency', cloudwatch.Stats.AVERAGE),
  };
  return {
    title,
    alarms: [resourceAlarms, connectionAlarms, replicationAlarms, cleaningAlarms].flatMap((alarms) => alarms(metrics, limits)),
    widgets: [
      new cloudwatch.GraphWidget({ title: 'CPU of the busiest instance (%) and its free memory (bytes)', left: [metrics.cpu], right: [metrics.memory], width: 12 }),
      new cloudwatch.GraphWidget({ title: 'Connections of the busiest instance', left: [metrics.connections], width: 12 }),
      new cloudwatch.GraphWidget({ title: 'Capacity of the largest serverless instance (ACU)', left: [metrics.capacity], width: 12 }),
      new cloudwatch.GraphWidget({ title: 'Latency of commits and lag of readers (milliseconds)', left: [metrics.commits, metrics.lag], width: 12 }),
    ],
  };
}

function resourceAlarms(metrics: ClusterMetrics, { memoryGib, pauses }: ClusterLimits): AlarmDefinition[] {
  return [
    {
      id: 'Cpu',
      metric: metrics.cpu,
      threshold: HIGH_CPU_PERCENT,
      evaluationPeriods: LASTING_PERIODS,
      missingData: pauses ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.BREACHING,
      description: `CPU of an instance above ${HIGH_CPU_PERCENT} % of its largest capacity for a quarter of an hour${pauses ? '' : ', or no instance reports anything at all'}. `
        + 'First see in the RDS console whether the cluster is available; then look in Database Insights for the statement with the most load, and raise the capacity if there is no such statement.',
    },
    {
      id: 'FreeMemory',
      metric: metrics.memory,
      threshold: memoryGib === undefined ? LOW_MEMORY_BYTES : Math.floor(memoryGib * BYTES_PER_GIB * LOW_MEMORY_SHARE),
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.MISSING,
      description: 'An instance at its largest capacity would have hardly any memory left. First look for clients that open too many connections or sort large results; then raise the capacity.',
    },
  ];
}

function connectionAlarms(metrics: ClusterMetrics, { tooManyConnections }: ClusterLimits): AlarmDefinition[] {
  return tooManyConnections === undefined ? [] : [{
    id: 'Connections',
    metric: metrics.connections,
    threshold: tooManyConnections,
    evaluationPeriods: LASTING_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: 'An instance is running out of connections, and the next clients will be turned away. First see which service holds them and lower its pool; '
      + 'then raise the capacity and restart the instances, or put a proxy in front.',
  }];
}

function replicationAlarms(metrics: ClusterMetrics, { hasReaders }: ClusterLimits): AlarmDefinition[] {
  return hasReaders ? [{
    id: 'ReplicaLag',
    metric: metrics.lag,
    threshold: LONG_LAG_MILLISECONDS,
    evaluationPeriods: LASTING_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `A reader is more than ${LONG_LAG_MILLISECONDS / 1000} seconds behind for a quarter of an hour: what it serves is old, and Aurora may restart it. `
      + 'First look in Database Insights for long statements on the readers; then make the readers as large as the writer.',
  }] : [];
}

/** What goes wrong slowly, and then stops everything: rows of the past that nothing clears away. */
function cleaningAlarms(metrics: ClusterMetrics, { transactionIdsWrapAround }: ClusterLimits): AlarmDefinition[] {
  const missingData = cloudwatch.TreatMissingData.NOT_BREACHING;
  return [transactionIdsWrapAround ? {
    id: 'TransactionIds',
    metric: metrics.transactionIds,
    threshold: MANY_TRANSACTION_IDS,
    missingData,
    description: 'Vacuum of the cluster does not keep up, and PostgreSQL stops writing when the transaction ids run out. First end the oldest open transactions and drop unused replication slots; then vacuum the oldest tables.',
  } : {
    id: 'HistoryList',
    metric: metrics.historyList,
    threshold: LONG_HISTORY_LIST,
    evaluationPeriods: LASTING_PERIODS,
    missingData,
    description: 'MySQL keeps more than a million old versions of rows, which makes every statement slower. First find the oldest open transaction, on a reader too, and end it; then let the list shrink before the next large change.',
  }];
}

/** That the proxy reaches no instance, which none of the cluster's own alarms would tell. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.monitoring.html */
export function proxyAlarms(proxy: rds.DatabaseProxy): AlarmDefinition[] {
  return [{
    id: 'ProxyTarget',
    metric: new cloudwatch.Metric({
      namespace: 'AWS/RDS',
      metricName: 'AvailabilityPercentage',
      dimensionsMap: { ProxyName: proxy.dbProxyName, TargetGroup: 'default', TargetRole: 'READ_WRITE' },
      statistic: cloudwatch.Stats.AVERAGE,
      period: Duration.minutes(PERIOD_MINUTES),
    }),
    threshold: 100,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: 5,
    missingData: cloudwatch.TreatMissingData.BREACHING,
    description: 'The proxy has had no writer to lead to for five minutes, and services that use it cannot connect. First run aws rds describe-db-proxy-targets and read the reason: '
      + 'a secret that the proxy may not read, a security group, or a cluster that is failing over.',
  }];
}
