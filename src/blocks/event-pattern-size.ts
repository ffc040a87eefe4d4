/**
 * The maximum size of an event pattern, in characters. An account can request a higher quota.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
export const MAX_PATTERN_LENGTH = 2_048;
