import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { MonitoringPlan } from '../../monitoring/monitored';

const PERIOD_MINUTES = 5;
/** For how many periods something must last before it is more than a burst. */
const LASTING_PERIODS = 3;
/** As long as an automatic growth of the volume takes: half an hour. */
const GROWING_PERIODS = 6;
const HIGH_CPU_PERCENT = 80;
const LOW_MEMORY_BYTES = 256 * 1024 ** 2;
/** A read or a write of gp3 takes single milliseconds; a tenth of a second means a queue. */
const SLOW_IO_SECONDS = 0.1;
/** PostgreSQL refuses to write at about 2.1 billion; AWS's own guidance is to act at one billion. https://aws.amazon.com/blogs/database/implement-an-early-warning-system-for-transaction-id-wraparound-in-amazon-rds-for-postgresql/ */
const MANY_TRANSACTION_IDS = 1_000_000_000;

/** What the alarms are measured by. */
export interface DatabaseLimits {
  readonly tooFewFreeBytes: number;
  /** Absent where the instance class is known only at deployment. */
  readonly tooManyConnections?: number;
  readonly transactionIdsWrapAround: boolean;
}

/** The alarms and widgets of an instance. */
export function instanceMonitoring(title: string, instance: rds.DatabaseInstance, limits: DatabaseLimits): MonitoringPlan {
  const metric = (name: string, statistic: string) => instance.metric(name, { statistic, period: Duration.minutes(PERIOD_MINUTES) });
  const metrics = {
    cpu: metric('CPUUtilization', cloudwatch.Stats.AVERAGE),
    memory: metric('FreeableMemory', cloudwatch.Stats.MINIMUM),
    storage: metric('FreeStorageSpace', cloudwatch.Stats.MINIMUM),
    connections: metric('DatabaseConnections', cloudwatch.Stats.MAXIMUM),
    readLatency: metric('ReadLatency', cloudwatch.Stats.AVERAGE),
    writeLatency: metric('WriteLatency', cloudwatch.Stats.AVERAGE),
    transactionIds: metric('MaximumUsedTransactionIDs', cloudwatch.Stats.MAXIMUM),
  };
  return {
    title,
    alarms: [...resourceAlarms(metrics, limits), ...latencyAlarms(metrics), ...loadAlarms(metrics, limits)],
    widgets: [
      new cloudwatch.GraphWidget({ title: 'CPU (%) and free memory (bytes)', left: [metrics.cpu], right: [metrics.memory], width: 12 }),
      new cloudwatch.GraphWidget({ title: 'Connections', left: [metrics.connections], width: 12 }),
      new cloudwatch.GraphWidget({ title: 'Free storage (bytes)', left: [metrics.storage], width: 12 }),
      new cloudwatch.GraphWidget({ title: 'Latency of reads and writes (seconds)', left: [metrics.readLatency, metrics.writeLatency], width: 12 }),
    ],
  };
}

interface InstanceMetrics {
  readonly [name: string]: cloudwatch.Metric;
}

function resourceAlarms(metrics: InstanceMetrics, limits: DatabaseLimits): AlarmDefinition[] {
  return [
    {
      id: 'Cpu',
      metric: metrics.cpu,
      threshold: HIGH_CPU_PERCENT,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      description: `CPU above ${HIGH_CPU_PERCENT} % for a quarter of an hour, or the database reports nothing at all. First see in the RDS console whether it is available; `
        + 'then look in Database Insights for the statement with the most load, and choose a larger instance class if there is no such statement.',
    },
    {
      id: 'FreeMemory',
      metric: metrics.memory,
      threshold: LOW_MEMORY_BYTES,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.MISSING,
      description: 'Less than 256 MiB of memory are left. First look for clients that open too many connections or sort large results; then choose a larger instance class.',
    },
    {
      id: 'FreeStorage',
      metric: metrics.storage,
      threshold: limits.tooFewFreeBytes,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: GROWING_PERIODS,
      missingData: cloudwatch.TreatMissingData.MISSING,
      description: 'Storage is nearly full and has not grown by itself for half an hour. A full database stops. First raise maxAllocatedStorage, or allocatedStorage if the last growth is '
        + 'less than six hours ago; then look for what has grown.',
    },
  ];
}

function latencyAlarms(metrics: InstanceMetrics): AlarmDefinition[] {
  return [['Read', metrics.readLatency], ['Write', metrics.writeLatency]].map(([kind, metric]) => ({
    id: `${kind as string}Latency`,
    metric: metric as cloudwatch.Metric,
    threshold: SLOW_IO_SECONDS,
    evaluationPeriods: LASTING_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description: `A ${(kind as string).toLowerCase()} takes more than 100 ms on average. First look in Database Insights for statements that scan whole tables; `
      + 'then compare IOPS and throughput with the limits of the volume and of the instance class.',
  }));
}

function loadAlarms(metrics: InstanceMetrics, limits: DatabaseLimits): AlarmDefinition[] {
  const alarms: AlarmDefinition[] = [];
  if (limits.tooManyConnections !== undefined) {
    alarms.push({
      id: 'Connections',
      metric: metrics.connections,
      threshold: limits.tooManyConnections,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'The database is running out of connections, and the next clients will be turned away. First see which service holds them and lower its pool; then choose a larger instance class.',
    });
  }
  if (limits.transactionIdsWrapAround) {
    alarms.push({
      id: 'TransactionIds',
      metric: metrics.transactionIds,
      threshold: MANY_TRANSACTION_IDS,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: 'Vacuum does not keep up, and PostgreSQL stops writing when the transaction ids run out. First end the oldest open transactions and drop unused replication slots; then vacuum the oldest tables.',
    });
  }
  return alarms;
}
