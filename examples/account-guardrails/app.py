from aws_cdk import App, Environment, Stack
from cdk_hipaa import ComplianceChecks, ComplianceGuardrails, Guardrail, RulePack, WorkloadMonitoring

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

stack = Stack(app, "Guardrails", env=Environment(region="us-east-1"), termination_protection=True)
guardrails = ComplianceGuardrails(
    stack, "Guardrails",
    # The organization records all accounts and has enabled GuardDuty.
    adopt=[Guardrail.CONFIG, Guardrail.GUARD_DUTY],
    monthly_cost_limit=500,
)

WorkloadMonitoring(stack, "Monitoring", email="security@example.com").watch(guardrails)

app.synth()
