package com.karematch;

import io.github.cdkhipaa.DataProtection;
import io.github.cdkhipaa.DatabaseAccess;
import io.github.cdkhipaa.DatabaseBackupOptions;
import io.github.cdkhipaa.EncryptedDatabaseInstance;
import io.github.cdkhipaa.FirewallClients;
import io.github.cdkhipaa.GeneratedSecret;
import io.github.cdkhipaa.HipaaVpc;
import io.github.cdkhipaa.LogMetric;
import io.github.cdkhipaa.MigrationTask;
import io.github.cdkhipaa.RotatingSecrets;
import io.github.cdkhipaa.ScalingPolicy;
import io.github.cdkhipaa.ScalingRange;
import io.github.cdkhipaa.SecureFargateService;
import io.github.cdkhipaa.SecureLoadBalancer;
import io.github.cdkhipaa.ServiceIngress;
import io.github.cdkhipaa.ServiceIngressOptions;
import io.github.cdkhipaa.SiteApi;
import io.github.cdkhipaa.SiteRouting;
import io.github.cdkhipaa.StaticSiteCdn;
import io.github.cdkhipaa.WebDomainOptions;
import io.github.cdkhipaa.WebEndpoint;
import io.github.cdkhipaa.WebFirewall;
import io.github.cdkhipaa.WorkloadMonitoring;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.InstanceClass;
import software.amazon.awscdk.services.ec2.InstanceSize;
import software.amazon.awscdk.services.ec2.InstanceType;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationProtocol;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.rds.DatabaseInstanceEngine;
import software.amazon.awscdk.services.rds.PostgresEngineVersion;
import software.amazon.awscdk.services.rds.PostgresInstanceEngineProps;
import software.amazon.awscdk.services.route53.HostedZone;
import software.amazon.awscdk.services.route53.HostedZoneAttributes;
import software.amazon.awscdk.services.route53.IHostedZone;
import software.constructs.Construct;

/** KareMatch: a site behind CloudFront, an API behind a load balancer, PostgreSQL, and their alarms. */
final class KareMatchStack extends Stack {
  /** When the database can restart, and when passwords and keys rotate. */
  private static final String MAINTENANCE_WINDOW = "sun:04:00-sun:05:00";
  /** The certificates in the image that verify the database. */
  private static final String CERTIFICATES = "/etc/ssl/rds/global-bundle.pem";
  /** The built site. */
  private static final String SITE = "../../karematch/frontend/dist";

  KareMatchStack(Construct scope, String id, Settings settings, ContainerImage image) {
    super(scope, id, settings.stackProps());
    if (settings.disposable() != null) {
      DataProtection.of(this).disposable(settings.disposable());
    }

    HipaaVpc network = HipaaVpc.Builder.create(this, "Network").nat(settings.nat()).build();
    EncryptedDatabaseInstance database = database(network, settings);
    RotatingSecrets secrets = RotatingSecrets.Builder.create(this, "Secrets")
        .secrets(Map.of("session", GeneratedSecret.signingKeys(), "fieldEncryption", GeneratedSecret.keyRing()))
        .maintenanceWindow(MAINTENANCE_WINDOW)
        .build();

    IHostedZone zone = hostedZone(settings);
    WebFirewall firewall = WebFirewall.Builder.create(this, "EntranceFirewall")
        .clients(FirewallClients.throughDistribution())
        .build();
    SecureLoadBalancer entrance = SecureLoadBalancer.Builder.create(this, "Entrance")
        .vpc(network.getVpc())
        .endpoint(zone == null
            ? WebEndpoint.plainHttp(settings.plainHttp())
            : endpoint(settings.domain().api(), zone))
        .firewall(firewall)
        .build();
    SecureFargateService api = api(network, database, secrets, entrance, image);
    MigrationTask migrations = MigrationTask.Builder.create(this, "Migrations")
        .cluster(api.getCluster())
        .image(image)
        .command(List.of("node", "migrate.js"))
        .uses(List.of(database.access("Migrations", DatabaseAccess.owner())))
        .certificateBundlePath(CERTIFICATES)
        .runBefore(List.of(api))
        .build();
    CfnOutput.Builder.create(this, "Migrate").value(migrations.getRunCommand()).build();

    StaticSiteCdn site = StaticSiteCdn.Builder.create(this, "Site")
        .source(SITE)
        .routing(SiteRouting.singlePageApp())
        .api(SiteApi.builder().domainName(entrance.getDomainName()).plainHttp(settings.plainHttp()).build())
        .endpoint(zone == null ? null : endpoint(settings.domain().site(), zone))
        .build();

    WorkloadMonitoring monitoring = WorkloadMonitoring.Builder.create(this, "Monitoring")
        .email(settings.alarmEmail())
        .build();
    monitoring.watch(network, database, secrets, firewall, entrance, api, migrations, site);
  }

  private EncryptedDatabaseInstance database(HipaaVpc network, Settings settings) {
    return EncryptedDatabaseInstance.Builder.create(this, "Database")
        .vpc(network.getVpc())
        .engine(DatabaseInstanceEngine.postgres(PostgresInstanceEngineProps.builder()
            .version(PostgresEngineVersion.VER_15_17)
            .build()))
        .instanceType(InstanceType.of(InstanceClass.T4G, InstanceSize.MICRO))
        .allocatedStorage(Size.gibibytes(20))
        .maxAllocatedStorage(Size.gibibytes(100))
        .multiAz(settings.multiAz())
        .databaseName("karematch")
        .backup(DatabaseBackupOptions.builder().retention(Duration.days(7)).window("03:00-04:00").build())
        .maintenanceWindow(MAINTENANCE_WINDOW)
        .build();
  }

  private SecureFargateService api(
      HipaaVpc network,
      EncryptedDatabaseInstance database,
      RotatingSecrets secrets,
      SecureLoadBalancer entrance,
      ContainerImage image) {
    return SecureFargateService.Builder.create(this, "Api")
        .vpc(network.getVpc())
        .image(image)
        .containerPort(5000)
        .cpu(512)
        .memory(Size.mebibytes(1024))
        .scaling(ScalingPolicy.between(ScalingRange.builder().min(1).max(4).build()))
        .ingress(ServiceIngress.loadBalancer(entrance, ServiceIngressOptions.builder()
            .containerProtocol(ApplicationProtocol.HTTPS)
            .healthCheckPath("/health")
            .healthCheckInterval(Duration.seconds(30))
            .stickiness(Duration.hours(24))
            .build()))
        .certificateBundlePath(CERTIFICATES)
        .writablePaths(List.of("/tmp"))
        .uses(List.of(database))
        .environment(Map.of("NODE_ENV", "production", "PORT", "5000", "AWS_REGION", getRegion()))
        .secrets(Map.of(
            "SESSION_SECRET", secrets.forContainer("session"),
            "ENCRYPTION_KEYS", secrets.forContainer("fieldEncryption")))
        // The log contains the failed logins: 45 CFR 164.316(b)(2)(i).
        .logRetention(RetentionDays.SIX_YEARS)
        .logMetrics(List.of(LogMetric.applicationErrors(), LogMetric.failedLogins()))
        .responseTimeTarget(Duration.millis(500))
        .build();
  }

  /** The hosted zone. Without domain names, there is none, and the load balancer has no HTTPS. */
  private IHostedZone hostedZone(Settings settings) {
    if (settings.domain() == null) {
      return null;
    }
    return HostedZone.fromHostedZoneAttributes(this, "Zone", HostedZoneAttributes.builder()
        .hostedZoneId(settings.domain().hostedZoneId())
        .zoneName(settings.domain().zoneName())
        .build());
  }

  private static WebEndpoint endpoint(String domainName, IHostedZone zone) {
    return WebEndpoint.domain(WebDomainOptions.builder().domainName(domainName).hostedZone(zone).build());
  }
}
