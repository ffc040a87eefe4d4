from aws_cdk import App, Stack, aws_ecs as ecs, aws_rds as rds, aws_route53 as route53
from cdk_hipaa import (
    ComplianceChecks, EncryptedAuroraCluster, HipaaVpc, RulePack, SecureFargateService, ServiceIngress,
    WorkloadMonitoring,
)

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

stack = Stack(app, "Clinic")
network = HipaaVpc(stack, "Network")
database = EncryptedAuroraCluster(
    stack, "Database",
    vpc=network,
    engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_16_8),
)
hosted_zone = route53.HostedZone.from_hosted_zone_attributes(
    stack, "Zone", hosted_zone_id="Z0EXAMPLE0000000000", zone_name="example.com",
)
api = SecureFargateService(
    stack, "Api",
    vpc=network,
    image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx-unprivileged:1.28"),
    writable_paths=["/tmp"],
    container_port=8080,
    ingress=ServiceIngress.https(domain_name="api.example.com", hosted_zone=hosted_zone),
    uses=[database],
    certificate_bundle_path="/etc/ssl/rds/global-bundle.pem",
)

WorkloadMonitoring(stack, "Monitoring", email="oncall@example.com").watch(network, database, api)

app.synth()
