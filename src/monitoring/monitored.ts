import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { Notification } from './notification';

/** One thing that somebody has to be told about. */
export interface AlarmDefinition {
  /** The alarm's id below the construct, in PascalCase: `FreeStorage`. */
  readonly id: string;
  /** The metric. It has to exist: a metric that nothing publishes makes an alarm that never fires. */
  readonly metric: cloudwatch.IMetric;
  /** The number the metric is compared with, in the metric's own unit. */
  readonly threshold: number;
  /** What to do first when it fires: the description that the person on call reads. */
  readonly description: string;
  /** What a period without data means. */
  readonly missingData: cloudwatch.TreatMissingData;
  /**
   * How metric and threshold are compared.
   * @default ComparisonOperator.GREATER_THAN_THRESHOLD
   */
  readonly comparison?: cloudwatch.ComparisonOperator;
  /**
   * How many periods in a row must be breaching.
   * @default 1
   */
  readonly evaluationPeriods?: number;
  /**
   * Whether a period with too few samples leaves the alarm as it is. For percentiles alone: of ten answers, p95 is the slowest one. CloudWatch
   * wants 10 / (1 - percentile) samples in a period, for p95 200. Refused for another statistic, and for a metric with a label.
   * @default false - every period counts
   */
  readonly ignoreFewSamples?: boolean;
}

/** What a construct wants watched. */
export interface MonitoringPlan {
  /** The heading on the dashboard. */
  readonly title: string;
  /** The alarms. */
  readonly alarms: AlarmDefinition[];
  /** The dashboard's widgets. */
  readonly widgets: cloudwatch.IWidget[];
  /**
   * What is told as it happens, because there is no metric of it.
   * @default - nothing
   */
  readonly notifications?: Notification[];
}

/** What `Monitoring.watch` can watch. Implement it to have a construct of your own watched. */
export interface IMonitored extends IConstruct {
  /** What this construct wants watched. */
  monitoringPlan(): MonitoringPlan;
}
