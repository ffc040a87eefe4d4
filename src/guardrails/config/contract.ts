/** The recording settings that the guardrail passes to the handler. */
export interface RecordingProperties {
  readonly Frequency: 'CONTINUOUS' | 'DAILY';
  /** The resource types that AWS Config does not record. */
  readonly ExcludedTypes: string[];
}

/** The properties that the guardrail passes to the handler. With `adopt`, there are none. */
export interface RecorderProperties extends Partial<RecordingProperties> {
  /** The bucket of the configuration history. */
  readonly BucketName?: string;
  /** The key of the bucket. */
  readonly KeyArn?: string;
}
