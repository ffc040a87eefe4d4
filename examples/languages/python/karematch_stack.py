from __future__ import annotations

from pathlib import Path

from aws_cdk import (
    CfnOutput,
    Duration,
    Size,
    Stack,
    aws_ec2 as ec2,
    aws_ecs as ecs,
    aws_elasticloadbalancingv2 as elbv2,
    aws_logs as logs,
    aws_rds as rds,
    aws_route53 as route53,
)
from cdk_hipaa import (
    DatabaseAccess,
    DatabaseBackupOptions,
    DataProtection,
    EncryptedDatabaseInstance,
    FirewallClients,
    GeneratedSecret,
    HipaaVpc,
    LogMetric,
    MigrationTask,
    RotatingSecrets,
    ScalingPolicy,
    SecureFargateService,
    SecureLoadBalancer,
    ServiceIngress,
    SiteApi,
    SiteRouting,
    StaticSiteCdn,
    WebEndpoint,
    WebFirewall,
    WorkloadMonitoring,
)
from constructs import Construct

from environments import Settings

# When the database can restart, and when passwords and keys rotate.
MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"
# The certificates in the image that verify the database.
CERTIFICATES = "/etc/ssl/rds/global-bundle.pem"
# The built site.
SITE = Path(__file__).parent / "../../karematch/frontend/dist"


class KareMatchStack(Stack):
    """KareMatch: a site behind CloudFront, an API behind a load balancer, PostgreSQL, and their alarms."""

    def __init__(
        self, scope: Construct, id: str, *, settings: Settings, image: ecs.ContainerImage, **kwargs
    ) -> None:
        super().__init__(scope, id, termination_protection=settings.termination_protection, **kwargs)
        if settings.disposable:
            DataProtection.of(self).disposable(reason=settings.disposable)

        network = HipaaVpc(self, "Network", nat=settings.nat)
        database = EncryptedDatabaseInstance(
            self,
            "Database",
            vpc=network.vpc,
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_15_17),
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
            allocated_storage=Size.gibibytes(20),
            max_allocated_storage=Size.gibibytes(100),
            multi_az=settings.multi_az,
            database_name="karematch",
            backup=DatabaseBackupOptions(retention=Duration.days(7), window="03:00-04:00"),
            maintenance_window=MAINTENANCE_WINDOW,
        )
        secrets = RotatingSecrets(
            self,
            "Secrets",
            secrets={
                "session": GeneratedSecret.signing_keys(),
                "fieldEncryption": GeneratedSecret.key_ring(),
            },
            maintenance_window=MAINTENANCE_WINDOW,
        )

        api_endpoint, site_endpoint = self._endpoints(settings)
        firewall = WebFirewall(self, "EntranceFirewall", clients=FirewallClients.through_distribution())
        entrance = SecureLoadBalancer(
            self, "Entrance", vpc=network.vpc, endpoint=api_endpoint, firewall=firewall
        )
        api = SecureFargateService(
            self,
            "Api",
            vpc=network.vpc,
            image=image,
            container_port=5000,
            cpu=512,
            memory=Size.mebibytes(1024),
            scaling=ScalingPolicy.between(min=1, max=4),
            ingress=ServiceIngress.load_balancer(
                entrance,
                container_protocol=elbv2.ApplicationProtocol.HTTPS,
                health_check_path="/health",
                health_check_interval=Duration.seconds(30),
                stickiness=Duration.hours(24),
            ),
            certificate_bundle_path=CERTIFICATES,
            writable_paths=["/tmp"],
            uses=[database],
            environment={"NODE_ENV": "production", "PORT": "5000", "AWS_REGION": self.region},
            secrets={
                "SESSION_SECRET": secrets.for_container("session"),
                "ENCRYPTION_KEYS": secrets.for_container("fieldEncryption"),
            },
            # The log contains the failed logins: 45 CFR 164.316(b)(2)(i).
            log_retention=logs.RetentionDays.SIX_YEARS,
            log_metrics=[LogMetric.application_errors(), LogMetric.failed_logins()],
            response_time_target=Duration.millis(500),
        )
        migrations = MigrationTask(
            self,
            "Migrations",
            cluster=api.cluster,
            image=image,
            command=["node", "migrate.js"],
            uses=[database.access("Migrations", DatabaseAccess.owner())],
            certificate_bundle_path=CERTIFICATES,
            run_before=[api],
        )
        CfnOutput(self, "Migrate", value=migrations.run_command)

        site = StaticSiteCdn(
            self,
            "Site",
            source=str(SITE),
            routing=SiteRouting.single_page_app(),
            api=SiteApi(domain_name=entrance.domain_name, plain_http=settings.plain_http),
            endpoint=site_endpoint,
        )

        monitoring = WorkloadMonitoring(self, "Monitoring", email=settings.alarm_email)
        monitoring.watch(network, database, secrets, firewall, entrance, api, migrations, site)

    def _endpoints(self, settings: Settings) -> tuple[WebEndpoint, WebEndpoint | None]:
        """The endpoints of the API and of the site. Without domain names, the load balancer has no HTTPS."""
        if settings.domain is None:
            return WebEndpoint.plain_http(reason=settings.plain_http.reason), None
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self,
            "Zone",
            hosted_zone_id=settings.domain.hosted_zone_id,
            zone_name=settings.domain.zone_name,
        )
        return (
            WebEndpoint.domain(domain_name=settings.domain.api, hosted_zone=zone),
            WebEndpoint.domain(domain_name=settings.domain.site, hosted_zone=zone),
        )
