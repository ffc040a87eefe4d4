/** The property that the guardrail passes to the handler: each custom resource controls one type of scan. */
export interface ScanProperties {
  readonly ScanType: 'EC2' | 'ECR' | 'LAMBDA' | 'LAMBDA_CODE' | 'CODE_REPOSITORY';
}
