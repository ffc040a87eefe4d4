/** The namespace of the metric. */
export const ROLL_NAMESPACE = 'CdkHipaa/Services';
/** The name of the metric: 1 if the roller has stopped because of a failed deployment, otherwise 0. */
export const ROLL_FAILED_METRIC = 'RollFailed';
/** The dimension of the metric: the ARN of the service. */
export const SERVICE_DIMENSION = 'Service';

/**
 * Returns a log line from which CloudWatch extracts the metric, without a permission to put metrics.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function rollFailedLine(service: string, failed: boolean, now: Date): string {
  return JSON.stringify({
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [{
        Namespace: ROLL_NAMESPACE,
        Dimensions: [[SERVICE_DIMENSION]],
        Metrics: [{ Name: ROLL_FAILED_METRIC }],
      }],
    },
    [SERVICE_DIMENSION]: service,
    [ROLL_FAILED_METRIC]: failed ? 1 : 0,
  });
}
