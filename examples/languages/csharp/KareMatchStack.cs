using System.Collections.Generic;
using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.ECS;
using Amazon.CDK.AWS.ElasticLoadBalancingV2;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.RDS;
using Amazon.CDK.AWS.Route53;
using CdkHipaa;
using Constructs;
using Secret = Amazon.CDK.AWS.ECS.Secret;

namespace KareMatch;

/// <summary>KareMatch: a site behind CloudFront, an API behind a load balancer, PostgreSQL, and their alarms.</summary>
public sealed class KareMatchStack : Stack
{
    /// <summary>When the database can restart, and when passwords and keys rotate.</summary>
    private const string MaintenanceWindow = "sun:04:00-sun:05:00";

    /// <summary>The certificates in the image that verify the database.</summary>
    private const string Certificates = "/etc/ssl/rds/global-bundle.pem";

    /// <summary>The built site.</summary>
    private const string SiteFiles = "../../karematch/frontend/dist";

    public KareMatchStack(Construct scope, string id, Settings settings, ContainerImage image)
        : base(scope, id, settings.StackProps())
    {
        if (settings.Disposable is not null)
        {
            DataProtection.Of(this).Disposable(settings.Disposable);
        }

        var network = new HipaaVpc(this, "Network", new HipaaVpcProps { Nat = settings.Nat });
        var database = new EncryptedDatabaseInstance(this, "Database", new EncryptedDatabaseInstanceProps
        {
            Vpc = network.Vpc,
            Engine = DatabaseInstanceEngine.Postgres(new PostgresInstanceEngineProps
            {
                Version = PostgresEngineVersion.VER_15_17,
            }),
            InstanceType = Amazon.CDK.AWS.EC2.InstanceType.Of(InstanceClass.T4G, InstanceSize.MICRO),
            AllocatedStorage = Size.Gibibytes(20),
            MaxAllocatedStorage = Size.Gibibytes(100),
            MultiAz = settings.MultiAz,
            DatabaseName = "karematch",
            Backup = new DatabaseBackupOptions { Retention = Duration.Days(7), Window = "03:00-04:00" },
            MaintenanceWindow = MaintenanceWindow,
        });
        var secrets = new RotatingSecrets(this, "Secrets", new RotatingSecretsProps
        {
            Secrets = new Dictionary<string, GeneratedSecret>
            {
                ["session"] = GeneratedSecret.SigningKeys(),
                ["fieldEncryption"] = GeneratedSecret.KeyRing(),
            },
            MaintenanceWindow = MaintenanceWindow,
        });

        var (apiEndpoint, siteEndpoint) = Endpoints(settings);
        var firewall = new WebFirewall(this, "EntranceFirewall", new WebFirewallProps
        {
            Clients = FirewallClients.ThroughDistribution(),
        });
        var entrance = new SecureLoadBalancer(this, "Entrance", new SecureLoadBalancerProps
        {
            Vpc = network.Vpc,
            Endpoint = apiEndpoint,
            Firewall = firewall,
        });
        var api = new SecureFargateService(this, "Api", new SecureFargateServiceProps
        {
            Vpc = network.Vpc,
            Image = image,
            ContainerPort = 5000,
            Cpu = 512,
            Memory = Size.Mebibytes(1024),
            Scaling = ScalingPolicy.Between(new ScalingRange { Min = 1, Max = 4 }),
            Ingress = ServiceIngress.LoadBalancer(entrance, new ServiceIngressOptions
            {
                ContainerProtocol = ApplicationProtocol.HTTPS,
                HealthCheckPath = "/health",
                HealthCheckInterval = Duration.Seconds(30),
                Stickiness = Duration.Hours(24),
            }),
            CertificateBundlePath = Certificates,
            WritablePaths = new[] { "/tmp" },
            Uses = new IServiceBindable[] { database },
            Environment = new Dictionary<string, string>
            {
                ["NODE_ENV"] = "production",
                ["PORT"] = "5000",
                ["AWS_REGION"] = Region,
            },
            Secrets = new Dictionary<string, Secret>
            {
                ["SESSION_SECRET"] = secrets.ForContainer("session"),
                ["ENCRYPTION_KEYS"] = secrets.ForContainer("fieldEncryption"),
            },
            // The log contains the failed logins: 45 CFR 164.316(b)(2)(i).
            LogRetention = RetentionDays.SIX_YEARS,
            LogMetrics = new[] { LogMetric.ApplicationErrors(), LogMetric.FailedLogins() },
            ResponseTimeTarget = Duration.Millis(500),
        });
        var migrations = new MigrationTask(this, "Migrations", new MigrationTaskProps
        {
            Cluster = api.Cluster,
            Image = image,
            Command = new[] { "node", "migrate.js" },
            Uses = new IServiceBindable[] { database.Access("Migrations", DatabaseAccess.Owner()) },
            CertificateBundlePath = Certificates,
            RunBefore = new[] { api },
        });
        _ = new CfnOutput(this, "Migrate", new CfnOutputProps { Value = migrations.RunCommand });

        var site = new StaticSiteCdn(this, "Site", new StaticSiteCdnProps
        {
            Source = SiteFiles,
            Routing = SiteRouting.SinglePageApp(),
            Api = new SiteApi { DomainName = entrance.DomainName, PlainHttp = settings.PlainHttp },
            Endpoint = siteEndpoint,
        });

        var monitoring = new WorkloadMonitoring(this, "Monitoring", new WorkloadMonitoringProps
        {
            Email = settings.AlarmEmail,
        });
        monitoring.Watch(network, database, secrets, firewall, entrance, api, migrations, site);
    }

    /// <summary>
    /// The endpoints of the API and of the site. Without domain names, the load balancer has no HTTPS.
    /// </summary>
    private (WebEndpoint Api, WebEndpoint? Site) Endpoints(Settings settings)
    {
        if (settings.Domain is null)
        {
            return (WebEndpoint.PlainHttp(settings.PlainHttp!), null);
        }

        var zone = HostedZone.FromHostedZoneAttributes(this, "Zone", new HostedZoneAttributes
        {
            HostedZoneId = settings.Domain.HostedZoneId,
            ZoneName = settings.Domain.ZoneName,
        });
        return (Endpoint(settings.Domain.Api, zone), Endpoint(settings.Domain.Site, zone));
    }

    private static WebEndpoint Endpoint(string domainName, IHostedZone zone) =>
        WebEndpoint.Domain(new WebDomainOptions { DomainName = domainName, HostedZone = zone });
}
