/** The environment variables of the function that starts a scheduled run. */
export interface StartEnvironment {
  /** The ARN of the cluster. */
  readonly CLUSTER: string;
  /** The ARN of the revision of the task definition. */
  readonly TASK_DEFINITION: string;
  /** The family of the task definition, with which ECS finds tasks of every revision. */
  readonly FAMILY: string;
  /** The IDs of the subnets, with a comma between them. */
  readonly SUBNETS: string;
  readonly SECURITY_GROUP: string;
  /** Whether a run can start while another one runs: `true` or `false`. */
  readonly ALLOW_OVERLAP: string;
}

/** The event that EventBridge Scheduler passes to the function. */
export interface ScheduledStart {
  /** The ARN of the schedule. */
  readonly schedule: string;
  /** The scheduled time. It is the same in each attempt to start a run. */
  readonly time: string;
}
