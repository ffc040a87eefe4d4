import { Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ComplianceGuardrails, WorkloadMonitoring } from 'cdk-hipaa';

export interface GuardrailsStackProps extends StackProps {
  /** The recipient of the findings. */
  readonly alarmEmail: string;
  /** The monthly cost limit of the account, in USD. */
  readonly monthlyCostLimit: number;
}

/** The guardrails of the account: CloudTrail, AWS Config with the rules on MFA and IAM, GuardDuty and others. */
export class GuardrailsStack extends Stack {
  constructor(scope: Construct, id: string, props: GuardrailsStackProps) {
    super(scope, id, props);

    const guardrails = new ComplianceGuardrails(this, 'Guardrails', { monthlyCostLimit: props.monthlyCostLimit });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: props.alarmEmail });
    monitoring.watch(guardrails);
  }
}
