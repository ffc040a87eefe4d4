import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IDependable } from 'constructs';

/** An alarm that a construct defines and that `WorkloadMonitoring` creates. */
export interface AlarmDefinition {
  /**
   * The ID of the alarm below the construct, in PascalCase: `FreeStorage`. Other characters than letters, digits,
   * hyphens and underscores, and more than 128 of them, are refused.
   */
  readonly id: string;
  /** The metric. An alarm on a metric that nothing publishes never fires. */
  readonly metric: cloudwatch.IMetric;
  /** The threshold, in the unit of the metric. */
  readonly threshold: number;
  /** The description, which states what the person on call must do first. At most 1,024 characters. */
  readonly description: string;
  /** How the alarm evaluates a period without data. */
  readonly missingData: cloudwatch.TreatMissingData;
  /**
   * The comparison of metric and threshold.
   * @default ComparisonOperator.GREATER_THAN_THRESHOLD
   */
  readonly comparison?: cloudwatch.ComparisonOperator;
  /**
   * The number of consecutive breaching periods after which the alarm fires: 1 or more. The total time is at most one
   * day, or seven days for periods of an hour or more.
   * @default 1
   */
  readonly evaluationPeriods?: number;
  /**
   * Whether a period with too few samples leaves the state of the alarm unchanged. Only for percentiles.
   *
   * With few samples, a percentile is not significant: the p95 of ten response times is the slowest one. CloudWatch
   * needs 10 / (1 - percentile) samples in a period, which is 200 for p95. Refused for other statistics, and for a
   * metric with a label.
   * @default false - every period counts
   */
  readonly ignoreFewSamples?: boolean;
  /**
   * The constructs that exist before the alarm is created, in addition to those of the metric.
   *
   * An alarm that treats missing data as breaching fires immediately if it exists before the resource that publishes
   * the metric, for example before the instances of a cluster.
   * @default - the alarm is created as soon as the resources that its metric refers to exist
   */
  readonly createdAfter?: IDependable[];
}
