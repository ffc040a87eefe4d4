/** The CloudWatch namespace of the metric. */
export const AGE_NAMESPACE = 'CdkHipaa/Secrets';
/** The name of the metric: days since the current value was entered. */
export const AGE_METRIC = 'AgeInDays';
/** The dimension of the metric: the ARN of the secret. */
export const AGE_DIMENSION = 'SecretArn';

const MILLISECONDS_PER_DAY = 24 * 60 * 60 * 1000;

/** A version of a secret, as `ListSecretVersionIds` returns it. */
export interface SecretVersion {
  readonly VersionStages?: string[];
  readonly CreatedDate?: Date;
}

/** Returns the age of the current value in days, or undefined if there is no value. */
export function ageInDays(versions: ReadonlyArray<SecretVersion>, now: Date): number | undefined {
  const enteredAt = versions.find(({ VersionStages }) => VersionStages?.includes('AWSCURRENT'))?.CreatedDate;
  return enteredAt && (now.getTime() - enteredAt.getTime()) / MILLISECONDS_PER_DAY;
}

/**
 * Returns a log line from which CloudWatch extracts the metric, without a permission to put metrics.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetric(secretArn: string, age: number, now: Date): string {
  return JSON.stringify({
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [{ Namespace: AGE_NAMESPACE, Dimensions: [[AGE_DIMENSION]], Metrics: [{ Name: AGE_METRIC }] }],
    },
    [AGE_DIMENSION]: secretArn,
    [AGE_METRIC]: age,
  });
}
