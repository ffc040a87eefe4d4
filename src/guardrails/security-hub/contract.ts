/** The property that the guardrail passes to the handler: a custom resource controls the hub or one standard. */
export interface StandardProperties {
  /** The end of the ARN of the standard, after `standards/`, or `HUB`. */
  readonly Standard: string;
}
