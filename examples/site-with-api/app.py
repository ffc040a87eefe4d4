from aws_cdk import App, Environment, Stack, aws_ecs as ecs, aws_route53 as route53
from cdk_hipaa import (
    ComplianceChecks, HipaaVpc, RulePack, SecureFargateService, SecureLoadBalancer, ServiceIngress, SiteApi,
    SiteRouting, StaticSiteCdn, WebEndpoint,
)

app = App()
ComplianceChecks.of(app).enforce(additional_packs=[RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5])

stack = Stack(app, "Portal", env=Environment(region="us-east-1"))
network = HipaaVpc(stack, "Network")
hosted_zone = route53.HostedZone.from_hosted_zone_attributes(
    stack, "Zone", hosted_zone_id="Z0EXAMPLE0000000000", zone_name="example.com",
)
load_balancer = SecureLoadBalancer(
    stack, "LoadBalancer",
    vpc=network,
    endpoint=WebEndpoint.domain(domain_name="api.example.com", hosted_zone=hosted_zone),
)
SecureFargateService(
    stack, "Api",
    vpc=network,
    image=ecs.ContainerImage.from_registry("public.ecr.aws/nginx/nginx-unprivileged:1.28"),
    writable_paths=["/tmp"],
    container_port=8080,
    ingress=ServiceIngress.load_balancer(load_balancer),
)
StaticSiteCdn(
    stack, "Site",
    source="site",
    routing=SiteRouting.single_page_app(),
    endpoint=WebEndpoint.domain(domain_name="www.example.com", hosted_zone=hosted_zone),
    api=SiteApi(domain_name="api.example.com"),
)

app.synth()
