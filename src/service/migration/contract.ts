/** The properties of the custom resource that runs a migration. A change of any property runs it again. */
export interface MigrationProperties {
  /** The ARN of the cluster. */
  readonly Cluster: string;
  /** The ARN of the task definition. Its revision changes with the image, the command and the settings. */
  readonly TaskDefinition: string;
  /** The name of the container whose exit code is the outcome. */
  readonly Container: string;
  readonly Subnets: string[];
  readonly SecurityGroup: string;
  /** The name of the log group, for the reason of a failure. */
  readonly LogGroup: string;
  /** The maximum time of a run. CloudFormation passes every value as text. */
  readonly TimeoutSeconds: string;
}

/** The first part of the names of log streams. */
export const STREAM_PREFIX = 'migration';
