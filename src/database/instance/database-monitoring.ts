import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AlarmDefinition } from '../../monitoring/alarm-definition';
import { MonitoringPlan } from '../../monitoring/monitored';
import { lowMemoryOf } from '../shared/low-memory';
import { transactionIdsAlarm } from '../shared/transaction-ids';

const PERIOD_MINUTES = 5;
/** The evaluation periods of most alarms, so that bursts do not fire them. */
const LASTING_PERIODS = 3;
/** The evaluation periods of the storage alarm: 30 minutes, the duration of storage autoscaling. */
const GROWING_PERIODS = 6;
const HIGH_CPU_PERCENT = 80;
/** The latency threshold. gp3 needs a few milliseconds per operation; 100 ms indicate a queue. */
const SLOW_IO_SECONDS = 0.1;

/** The values that the thresholds depend on. */
export interface DatabaseLimits {
  readonly tooFewFreeBytes: number;
  /** The memory of the instance class, in GiB. Undefined for a token. */
  readonly memoryGib?: number;
  /** The threshold of the connections alarm. Undefined if the instance class is a token. */
  readonly tooManyConnections?: number;
  readonly transactionIdsWrapAround: boolean;
}

/** The alarms and widgets of an instance. */
export function instanceMonitoring(
  title: string,
  instance: rds.DatabaseInstance,
  limits: DatabaseLimits,
): MonitoringPlan {
  const metric = (name: string, statistic: string) =>
    instance.metric(name, { statistic, period: Duration.minutes(PERIOD_MINUTES) });
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
      new cloudwatch.GraphWidget({
        title: 'CPU (%) and free memory (bytes)',
        left: [metrics.cpu],
        right: [metrics.memory],
        width: 12,
      }),
      new cloudwatch.GraphWidget({ title: 'Connections', left: [metrics.connections], width: 12 }),
      new cloudwatch.GraphWidget({ title: 'Free storage (bytes)', left: [metrics.storage], width: 12 }),
      new cloudwatch.GraphWidget({
        title: 'Read and write latency (seconds)',
        left: [metrics.readLatency, metrics.writeLatency],
        width: 12,
      }),
    ],
  };
}

interface InstanceMetrics {
  readonly [name: string]: cloudwatch.Metric;
}

function resourceAlarms(metrics: InstanceMetrics, limits: DatabaseLimits): AlarmDefinition[] {
  const lowMemory = lowMemoryOf(limits.memoryGib);
  return [
    {
      id: 'Cpu',
      metric: metrics.cpu,
      threshold: HIGH_CPU_PERCENT,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.BREACHING,
      description:
        `CPU has been above ${HIGH_CPU_PERCENT} % for 15 minutes, or the database publishes no metrics. First check ` +
        'in the RDS console that it is available. Then find the statement with the most load in Database Insights. ' +
        'If no statement stands out, use a larger instance class.',
    },
    {
      id: 'FreeMemory',
      metric: metrics.memory,
      threshold: lowMemory.bytes,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: LASTING_PERIODS,
      missingData: cloudwatch.TreatMissingData.MISSING,
      description:
        `Less than ${lowMemory.described} free. First find clients that open too many connections or sort large ` +
        'results. Then use a larger instance class.',
    },
    {
      id: 'FreeStorage',
      metric: metrics.storage,
      threshold: limits.tooFewFreeBytes,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: GROWING_PERIODS,
      missingData: cloudwatch.TreatMissingData.MISSING,
      description:
        'Storage is almost full, and autoscaling has not extended it for 30 minutes. A full database stops. First ' +
        'raise maxAllocatedStorage, or allocatedStorage if the last extension was less than six hours ago. Then ' +
        'find the tables and logs that have grown.',
    },
  ];
}

function latencyAlarms(metrics: InstanceMetrics): AlarmDefinition[] {
  return [
    ['Read', metrics.readLatency],
    ['Write', metrics.writeLatency],
  ].map(([kind, metric]) => ({
    id: `${kind as string}Latency`,
    metric: metric as cloudwatch.Metric,
    threshold: SLOW_IO_SECONDS,
    evaluationPeriods: LASTING_PERIODS,
    missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    description:
      `A ${(kind as string).toLowerCase()} takes more than 100 ms on average. First find statements that scan whole ` +
      'tables in Database Insights. Then compare IOPS and throughput with the limits of the volume and of the ' +
      'instance class.',
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
      description:
        'The database uses more than 70 % of its connections, and will refuse clients at 100 %. First find the ' +
        'service that holds them and reduce its pool. Then use a larger instance class.',
    });
  }
  if (limits.transactionIdsWrapAround) alarms.push(transactionIdsAlarm(metrics.transactionIds));
  return alarms;
}
