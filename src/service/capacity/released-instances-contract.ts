/** The properties that the custom resource passes to the function. */
export interface ReleasedInstancesProperties {
  /** The name of the Auto Scaling group whose instances the function releases. */
  readonly AutoScalingGroupName: string;
}
