import { App, Stack } from 'aws-cdk-lib';
import { ComplianceChecks, ComplianceGuardrails, Guardrail, RulePack, WorkloadMonitoring } from 'cdk-hipaa';

const app = new App();
ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });

const stack = new Stack(app, 'Guardrails', { env: { region: 'us-east-1' }, terminationProtection: true });
const guardrails = new ComplianceGuardrails(stack, 'Guardrails', {
  // The organization records all accounts and has enabled GuardDuty.
  adopt: [Guardrail.CONFIG, Guardrail.GUARD_DUTY],
  monthlyCostLimit: 500,
});

new WorkloadMonitoring(stack, 'Monitoring', { email: 'security@example.com' }).watch(guardrails);

app.synth();
