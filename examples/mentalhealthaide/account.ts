import {
  AccessAnalyzerGuardrail, ComplianceGuardrailsProps, ConfigGuardrail, EbsEncryptionGuardrail, GuardDutyGuardrail, PasswordPolicyGuardrail,
  PublicAccessGuardrail, SecurityHubGuardrail, TrailGuardrail,
} from 'cdk-hipaa';

/** What is set up once for the account, in a stack of its own, for all workloads in it: here it would come and go with one of them. Inspector is not among it. */
export const LEFT_TO_THE_ACCOUNT: ComplianceGuardrailsProps = {
  trail: TrailGuardrail.skip({ reason: 'one trail records every region and every workload; the stack of the account makes it' }),
  config: ConfigGuardrail.skip({ reason: 'a region has one recorder, which the stack of the account makes together with the HIPAA pack' }),
  guardDuty: GuardDutyGuardrail.skip({ reason: 'a region has one detector, and its findings are deleted with it: it belongs to the stack of the account' }),
  securityHub: SecurityHubGuardrail.skip({ reason: 'its standards judge the account by what Config records, so the stack that has Config enables it' }),
  accessAnalyzer: AccessAnalyzerGuardrail.skip({ reason: 'the one analyzer of external access looks at the whole account, and is made in the account\'s stack' }),
  s3PublicAccess: PublicAccessGuardrail.skip({ reason: 'the block reaches the buckets of other workloads too, so the account\'s stack sets it; the bucket made here has one of its own' }),
  ebsEncryption: EbsEncryptionGuardrail.skip({ reason: 'this workload has no EBS volume; the stack of the account sets the default for those that have' }),
  passwordPolicy: PasswordPolicyGuardrail.skip({ reason: 'this workload has no IAM user; whose passwords may be how is set for people, in the stack of the account' }),
};
