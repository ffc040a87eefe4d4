/**
 * The maximum size of an event pattern, in characters. An account can request a higher quota.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
 */
export const MAX_PATTERN_LENGTH = 2_048;
/**
 * The maximum size of the input of a rule's target, in characters.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
 */
export const MAX_INPUT_LENGTH = 8_192;
/** The maximum number of targets of a rule. Source: the page of the quotas. */
export const MAX_TARGETS = 5;
