/**
 * The properties that every custom resource of the guardrails has.
 *
 * A custom resource controls one switch, so that CloudFormation determines which switches an update adds and removes.
 */
export interface SwitchProperties {
  /** `create` enables the switch unless it is on. `adopt` requires that it is on, and never changes it. */
  readonly Mode: 'create' | 'adopt';
  /**
   * With `true`, a region that does not offer the switch is not a failure. With `adopt`, the switch may then be off,
   * which the handler logs.
   */
  readonly WhereOffered: 'true' | 'false';
}
