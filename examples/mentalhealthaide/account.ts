import {
  AccessAnalyzerGuardrail, ComplianceGuardrailsProps, ConfigGuardrail, EbsEncryptionGuardrail, GuardDutyGuardrail, PasswordPolicyGuardrail,
  PublicAccessGuardrail, SecurityHubGuardrail, TrailGuardrail,
} from 'cdk-hipaa';

/** The guardrails that a stack of the account creates once for all workloads. Inspector is not one of them. */
export const LEFT_TO_THE_ACCOUNT: ComplianceGuardrailsProps = {
  trail: TrailGuardrail.skip({
    reason: 'one trail records all regions and workloads; the stack of the account '
    + 'creates it',
  }),
  config: ConfigGuardrail.skip({
    reason: 'a region has one recorder, which the stack of the account creates with the '
    + 'HIPAA pack',
  }),
  guardDuty: GuardDutyGuardrail.skip({
    reason: 'a region has one detector, and deleting it deletes its findings: it '
    + 'belongs to the stack of the account',
  }),
  securityHub: SecurityHubGuardrail.skip({
    reason: 'its standards evaluate the account from the records of AWS '
    + 'Config, so the stack with AWS Config enables it',
  }),
  accessAnalyzer: AccessAnalyzerGuardrail.skip({
    reason: 'one analyzer of external access covers the account; the '
    + 'stack of the account creates it',
  }),
  s3PublicAccess: PublicAccessGuardrail.skip({
    reason: 'the block affects buckets of other workloads, so the stack '
    + 'of the account sets it; the bucket of this stack has its own',
  }),
  ebsEncryption: EbsEncryptionGuardrail.skip({
    reason: 'this workload has no EBS volume; the stack of the account '
    + 'sets the default',
  }),
  passwordPolicy: PasswordPolicyGuardrail.skip({
    reason: 'this workload has no IAM user; the stack of the account '
    + 'sets the policy for people',
  }),
};
