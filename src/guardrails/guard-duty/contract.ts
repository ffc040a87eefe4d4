/**
 * The property that the guardrail passes to the handler: a custom resource controls the detector or one protection
 * plan.
 */
export interface FeatureProperties {
  readonly Feature: 'DETECTOR' | PlanName;
}

/** The name of a protection plan in the API of GuardDuty. */
export type PlanName =
  | 'S3_DATA_EVENTS'
  | 'RDS_LOGIN_EVENTS'
  | 'LAMBDA_NETWORK_LOGS'
  | 'EBS_MALWARE_PROTECTION'
  | 'EKS_AUDIT_LOGS'
  | 'RUNTIME_MONITORING';
