/** The recording settings that the guardrail passes to the handler. */
export interface RecordingProperties {
  readonly Frequency: 'CONTINUOUS' | 'DAILY';
  /** The resource types that AWS Config does not record. */
  readonly ExcludedTypes: string[];
}

/** The properties that the guardrail passes to the handler. With `adopt`, there are only types. */
export interface RecorderProperties extends Partial<RecordingProperties> {
  /** The types that an adopted recorder must record. Default: all types except the excluded ones. */
  readonly RequiredTypes?: string[];
  /** The bucket of the configuration history. */
  readonly BucketName?: string;
  /** The key of the bucket. */
  readonly KeyArn?: string;
}
