/** The CloudWatch namespace of the metric. */
export const AGE_NAMESPACE = 'CdkHipaa/Secrets';
/** The name of the metric: days since the current value was created. */
export const AGE_METRIC = 'AgeInDays';
/** The name of the metric: 1 for a secret that still contains the value with which it was created, otherwise 0. */
export const PLACEHOLDER_METRIC = 'ContainsPlaceholder';
/**
 * The dimension of the metric: one metric for each secret, or one for each function.
 *
 * The maximum of the metric of a function is the age of the oldest value. Each metric and each alarm has a price.
 */
export type AgeDimension = 'SecretArn' | 'FunctionName';

/** The input of the function: the secrets that it measures. */
export interface AgeRequest {
  readonly dimension: AgeDimension;
  readonly secretArns: string[];
  /** Whether the first value of each secret is a placeholder. */
  readonly placeholders?: boolean;
}

/** The measured secret, and the function that measured it. */
export type MeasuredSecret = Readonly<Record<AgeDimension, string>>;

/** The text of the log line of a secret with a placeholder. */
const PLACEHOLDER_MESSAGE = 'The secret contains its placeholder. Enter its value with put-secret-value, and redeploy '
  + 'the services that read it.';
const MILLISECONDS_PER_DAY = 24 * 60 * 60 * 1000;

/** A version of a secret, as `ListSecretVersionIds` returns it. */
export interface SecretVersion {
  readonly VersionStages?: string[];
  readonly CreatedDate?: Date;
}

/** Returns the age of the current value in days, or undefined if there is no value. */
export function ageInDays(versions: ReadonlyArray<SecretVersion>, now: Date): number | undefined {
  const createdAt = versions.find(({ VersionStages }) => VersionStages?.includes('AWSCURRENT'))?.CreatedDate;
  return createdAt && (now.getTime() - createdAt.getTime()) / MILLISECONDS_PER_DAY;
}

/**
 * Whether a secret still contains its first value. Secrets Manager labels the previous value as soon as there is a
 * second one, so no value is read.
 */
export function hasFirstValue(versions: ReadonlyArray<SecretVersion>): boolean {
  return !versions.some(({ VersionStages }) => VersionStages?.includes('AWSPREVIOUS'));
}

/** The measured metrics of a secret by name. */
export type Measurements = Readonly<Record<string, number>>;

/**
 * Returns a log line from which CloudWatch extracts the metric, without a permission to put metrics.
 *
 * The line names the secret with either dimension.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetric(
  measured: MeasuredSecret, dimension: AgeDimension, values: Measurements, now: Date,
): string {
  const Metrics = Object.keys(values).map((Name) => ({ Name }));
  return JSON.stringify({
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [{ Namespace: AGE_NAMESPACE, Dimensions: [[dimension]], Metrics }],
    },
    ...measured,
    ...values[PLACEHOLDER_METRIC] === 1 && { message: PLACEHOLDER_MESSAGE },
    ...values,
  });
}
