import { SwitchProperties } from '../contract';

/** The CloudWatch namespace of the metric, without the name of a stack: an account and region has one check. */
export const DRIFT_NAMESPACE = 'CdkHipaa/Guardrails';
/** The name of the metric: the number of differences that the last check found. */
export const DRIFT_METRIC = 'Differences';
/** The dimension of the metric: the member of `Guardrail`. */
export const DRIFT_DIMENSION = 'Guardrail';

/** The directories of the handlers that control switches. */
export type SwitchHandler = 'access-analyzer' | 'config' | 'guard-duty' | 'inspector' | 'security-hub' | 'settings';

/** A switch that the check reads. */
export interface CheckedSwitch {
  readonly Handler: SwitchHandler;
  /** The physical ID of its custom resource, which records whether the switch may be off. */
  readonly PhysicalId: string;
  /** The properties of its custom resource. */
  readonly Properties: SwitchProperties;
}

/** The settings of the trail that the stack created. */
export interface TrailSettings {
  readonly Name: string;
  readonly BucketName: string;
  readonly KeyArn: string;
  readonly LogGroupArn: string;
  readonly RoleArn: string;
  /** The number of ARNs whose object-level events the trail logs, as text. */
  readonly DataEvents: string;
  /** The ARNs, unless there are too many for the input of the check. */
  readonly DataEventArns?: string[];
}

/** The input of the check: the required state of each guardrail. */
export interface GuardrailCheck {
  readonly StackId: string;
  readonly Switches: CheckedSwitch[];
  /** The trail of this stack. */
  readonly Trail?: TrailSettings;
  /** `true` if the account or its organization must have a trail. */
  readonly AdoptedTrail?: 'true';
  /** The name of the conformance pack. */
  readonly ConformancePack?: string;
}
