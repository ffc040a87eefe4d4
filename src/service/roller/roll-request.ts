/**
 * A request to check whether a service needs new tasks. The event rules of the service send it.
 *
 * It contains the settings of the service, so that one function serves all services of a stack, and its environment
 * does not grow with them.
 */
export interface RollRequest {
  /** The ARN of the cluster. */
  readonly cluster: string;
  /** The ARN of the service. */
  readonly service: string;
  /** The ARNs of the secrets whose previous value stops working at a rotation. */
  readonly breaking: string[];
  /** The ARNs of the secrets whose previous value remains valid until the next rotation. */
  readonly overlapping: string[];
  /** The window in which the service replaces its tasks for the overlapping secrets: `sun:05:00-sun:07:00`. */
  readonly window: string;
  /** The ID of the event, so that the queue does not take two requests for duplicates. */
  readonly event?: string;
}

/** The interval of the scheduled check, in minutes. It is the longest delay of a roll whose event is lost. */
export const CHECK_MINUTES = 15;
