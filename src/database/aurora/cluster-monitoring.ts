import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as rds from 'aws-cdk-lib/aws-rds';
import { IDependable } from 'constructs';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { MonitoringPlan } from '../../monitoring/monitored';
import { lowMemoryOf } from '../shared/low-memory';
import { transactionIdsAlarm } from '../shared/transaction-ids';

/** Aurora publishes metrics every minute. Alarms evaluate 15 minutes, so that short bursts do not fire them. */
const PERIOD_MINUTES = 1;
const LASTING_PERIODS = 15;
const HIGH_CPU_PERCENT = 80;
/**
 * Readers usually lag less than 100 ms.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html
 */
const LONG_LAG_MILLISECONDS = 2000;
/** The threshold that AWS recommends for the history list of MySQL.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/proactive-insights.history-list.html */
const LONG_HISTORY_LIST = 1_000_000;

/** The values that the thresholds depend on. */
export interface ClusterLimits {
  /** The maximum memory of an instance, in GiB. Undefined for a token. */
  readonly memoryGib?: number;
  /** The threshold of the connections alarm. Undefined for a token. */
  readonly tooManyConnections?: number;
  /** Whether instances pause, and publish no metrics, without connections. */
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
 * Each alarm evaluates the worst instance. An average would hide an overloaded writer behind an idle reader, and an
 * alarm on one instance would watch the wrong one after a failover. CPU and memory of serverless instances are relative
 * to their maximum capacity, so the same thresholds apply to both types.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
 */
export function clusterMonitoring(title: string, cluster: rds.DatabaseCluster, limits: ClusterLimits): MonitoringPlan {
  const metric = (name: string, statistic: string) =>
    cluster.metric(name, { statistic, period: Duration.minutes(PERIOD_MINUTES) });
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
    alarms: [
      ...resourceAlarms(metrics, limits, firstInstanceOf(cluster)),
      ...[connectionAlarms, replicationAlarms, cleaningAlarms].flatMap((alarms) => alarms(metrics, limits)),
    ],
    widgets: [
      new cloudwatch.GraphWidget({
        title: 'CPU (%) and free memory (bytes) of the busiest instance',
        left: [metrics.cpu],
        right: [metrics.memory],
        width: 12,
      }),
      new cloudwatch.GraphWidget({
        title: 'Connections of the busiest instance',
        left: [metrics.connections],
        width: 12,
      }),
      new cloudwatch.GraphWidget({
        title: 'Capacity of the largest serverless instance (ACU)',
        left: [metrics.capacity],
        width: 12,
      }),
      new cloudwatch.GraphWidget({
        title: 'Commit latency and replica lag (milliseconds)',
        left: [metrics.commits, metrics.lag],
        width: 12,
      }),
    ],
  };
}

/**
 * The first instance, which exists minutes after the cluster. Without an instance, the cluster publishes no metrics.
 * The others do not matter, so that a new reader changes no alarm.
 */
export const firstInstanceOf = (cluster: rds.DatabaseCluster) =>
  cluster.node.findAll().filter((child) => child instanceof rds.CfnDBInstance).slice(0, 1);

function resourceAlarms(
  metrics: ClusterMetrics, { memoryGib, pauses }: ClusterLimits, firstInstance: IDependable[],
): AlarmDefinition[] {
  const lowMemory = lowMemoryOf(memoryGib);
  return [
    {
      id: 'Cpu',
      metric: metrics.cpu,
      threshold: HIGH_CPU_PERCENT,
      evaluationPeriods: LASTING_PERIODS,
      missingData: pauses ? cloudwatch.TreatMissingData.NOT_BREACHING : cloudwatch.TreatMissingData.BREACHING,
      createdAfter: firstInstance,
      description: `CPU of an instance has been above ${HIGH_CPU_PERCENT} % of its maximum capacity for 15 `
        + `minutes${pauses ? '' : ', or no instance publishes metrics'}. First check in the RDS console that the `
        + 'cluster is available. Then find the statement with the most load in Database Insights. If no statement '
        + 'stands out, raise the capacity.',
    },
    {
      id: 'FreeMemory',
      metric: metrics.memory,
      threshold: lowMemory.bytes,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.MISSING,
      description: `On an instance, less than ${lowMemory.described} free. First find clients that open too many `
        + 'connections or sort large results. Then raise the capacity.',
    },
  ];
}

function connectionAlarms(metrics: ClusterMetrics, { tooManyConnections }: ClusterLimits): AlarmDefinition[] {
  return tooManyConnections === undefined
    ? []
    : [
      {
        id: 'Connections',
        metric: metrics.connections,
        threshold: tooManyConnections,
        evaluationPeriods: LASTING_PERIODS,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: 'An instance uses more than 70 % of its connections, and will refuse clients at 100 %. First '
          + 'find the service that holds them and reduce its pool. Then raise the capacity and restart the instances, '
          + 'or add a proxy.',
      },
    ];
}

function replicationAlarms(metrics: ClusterMetrics, { hasReaders }: ClusterLimits): AlarmDefinition[] {
  return hasReaders
    ? [
      {
        id: 'ReplicaLag',
        metric: metrics.lag,
        threshold: LONG_LAG_MILLISECONDS,
        evaluationPeriods: LASTING_PERIODS,
        missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
        description: `A reader has lagged more than ${LONG_LAG_MILLISECONDS / 1000} seconds for 15 minutes. It serves `
          + 'old data, and Aurora may restart it. First find long statements on the readers in Database Insights. '
          + 'Then make the readers as large as the writer.',
      },
    ]
    : [];
}

/** The alarms on old row versions that vacuum or purge does not remove. */
function cleaningAlarms(metrics: ClusterMetrics, { transactionIdsWrapAround }: ClusterLimits): AlarmDefinition[] {
  if (transactionIdsWrapAround) return [transactionIdsAlarm(metrics.transactionIds)];
  return [
    {
      id: 'HistoryList',
      metric: metrics.historyList,
      threshold: LONG_HISTORY_LIST,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'MySQL keeps more than a million old row versions, which slow down every statement. First find the '
        + 'oldest open transaction, also on readers, and end it. Then wait until the list shrinks before the next '
        + 'large change.',
    },
  ];
}
