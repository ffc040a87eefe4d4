/** Excludes the calls of CloudFormation, so that a deployment does not cause an alarm. */
export const NOT_CLOUDFORMATION = '($.sourceIPAddress != "cloudformation.amazonaws.com")';

/** Excludes the calls that an AWS service makes. */
export const NOT_SERVICE = '($.userIdentity.invokedBy NOT EXISTS)';

/** A kind of event of the trail that raises an alarm. */
export interface TrailEvents {
  /** The name of the metric and of the alarm, and of a single filter. */
  readonly id: string;
  /** The filter pattern of CloudWatch Logs, or several by the end of the ID of their filters. */
  readonly patterns: string | { readonly [name: string]: string };
  /** The number of events in 5 minutes above which the alarm fires. */
  readonly threshold: number;
  /** The event and the first step. */
  readonly description: string;
}

/**
 * The pattern of these calls of a service.
 *
 * A value with other characters than letters, digits and underscores, such as a hyphen, needs quotation marks.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
 */
export function anyOf(source: string, names: string[], further: string[] = []): string {
  const wanted = names.map((name) => `($.eventName = ${name})`).join(' || ');
  return `{ ${[`($.eventSource = "${source}")`, `(${wanted})`, ...further].join(' && ')} }`;
}
