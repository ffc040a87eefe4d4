/** The property that the guardrail passes to the handler. */
export interface AnalyzerProperties {
  /** The name of an analyzer that this library creates. */
  readonly AnalyzerName: string;
}
