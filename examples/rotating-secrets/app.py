from aws_cdk import App, Stack, aws_ecs as ecs
from cdk_hipaa import (
    ComplianceChecks, ExternalSecretOptions, GeneratedSecret, HipaaVpc, RotatingSecrets, RulePack,
    SecureFargateService, WorkloadMonitoring,
)

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

stack = Stack(app, "Sessions")
network = HipaaVpc(stack, "Network")
secrets = RotatingSecrets(
    stack, "Secrets",
    secrets={"session": GeneratedSecret.signing_keys(), "fieldEncryption": GeneratedSecret.key_ring()},
    external_secrets={"vendorApi": ExternalSecretOptions()},
)
SecureFargateService(
    stack, "Api",
    vpc=network,
    image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx-unprivileged:1.28"),
    writable_paths=["/tmp"],
    secrets={
        "SESSION_KEYS": secrets.for_container("session"),
        "FIELD_KEYS": secrets.for_container("fieldEncryption"),
        "VENDOR_API_KEY": secrets.for_container("vendorApi"),
    },
)

WorkloadMonitoring(stack, "Monitoring", email="oncall@example.com").watch(secrets)

app.synth()
