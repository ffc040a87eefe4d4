/** The properties that the guardrails pass to the handler: each custom resource controls one setting of the account. */
export interface SettingProperties {
  readonly Setting: 'S3_PUBLIC_ACCESS_BLOCK' | 'EBS_ENCRYPTION' | 'PASSWORD_POLICY';
  /** The key for new volumes. Only for EBS_ENCRYPTION, and only if the user chose a key. */
  readonly KeyArn?: string;
  /** Only for PASSWORD_POLICY, as are the next two. */
  readonly MinimumLength?: string;
  readonly MaxAgeDays?: string;
  readonly ReusePrevention?: string;
}
