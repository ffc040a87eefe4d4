package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-hipaa/cdk-hipaa-go/cdkhipaa"
)

const (
	// When the database can restart, and when passwords and keys rotate.
	maintenanceWindow = "sun:04:00-sun:05:00"
	// The certificates in the image that verify the database.
	certificates = "/etc/ssl/rds/global-bundle.pem"
	// The built site.
	siteFiles = "../../karematch/frontend/dist"
)

// newKareMatchStack adds a site behind CloudFront, an API behind a load balancer, PostgreSQL, and their alarms.
func newKareMatchStack(scope constructs.Construct, id string, settings settings, image awsecs.ContainerImage) {
	stack := awscdk.NewStack(scope, jsii.String(id), settings.stackProps())
	if settings.disposable != nil {
		cdkhipaa.DataProtection_Of(stack).Disposable(settings.disposable)
	}

	network := cdkhipaa.NewHipaaVpc(stack, jsii.String("Network"), &cdkhipaa.HipaaVpcProps{Nat: settings.nat})
	database := newDatabase(stack, network, settings)
	secrets := cdkhipaa.NewRotatingSecrets(stack, jsii.String("Secrets"), &cdkhipaa.RotatingSecretsProps{
		Secrets: &map[string]cdkhipaa.GeneratedSecret{
			"session":         cdkhipaa.GeneratedSecret_SigningKeys(nil),
			"fieldEncryption": cdkhipaa.GeneratedSecret_KeyRing(),
		},
		MaintenanceWindow: jsii.String(maintenanceWindow),
	})

	apiEndpoint, siteEndpoint := endpoints(stack, settings)
	firewall := cdkhipaa.NewWebFirewall(stack, jsii.String("EntranceFirewall"), &cdkhipaa.WebFirewallProps{
		Clients: cdkhipaa.FirewallClients_ThroughDistribution(nil),
	})
	entrance := cdkhipaa.NewSecureLoadBalancer(stack, jsii.String("Entrance"), &cdkhipaa.SecureLoadBalancerProps{
		Vpc:      network.Vpc(),
		Endpoint: apiEndpoint,
		Firewall: firewall,
	})
	api := newAPI(stack, network, database, secrets, entrance, image)
	migrations := cdkhipaa.NewMigrationTask(stack, jsii.String("Migrations"), &cdkhipaa.MigrationTaskProps{
		Cluster: api.Cluster(),
		Image:   image,
		Command: jsii.Strings("node", "migrate.js"),
		Uses: &[]cdkhipaa.IServiceBindable{
			database.Access(jsii.String("Migrations"), cdkhipaa.DatabaseAccess_Owner()),
		},
		CertificateBundlePath: jsii.String(certificates),
		RunBefore:             &[]cdkhipaa.SecureFargateService{api},
	})
	awscdk.NewCfnOutput(stack, jsii.String("Migrate"), &awscdk.CfnOutputProps{Value: migrations.RunCommand()})

	site := cdkhipaa.NewStaticSiteCdn(stack, jsii.String("Site"), &cdkhipaa.StaticSiteCdnProps{
		Source:   jsii.String(siteFiles),
		Routing:  cdkhipaa.SiteRouting_SinglePageApp(),
		Api:      &cdkhipaa.SiteApi{DomainName: entrance.DomainName(), PlainHttp: settings.plainHTTP},
		Endpoint: siteEndpoint,
	})

	monitoring := cdkhipaa.NewWorkloadMonitoring(stack, jsii.String("Monitoring"), &cdkhipaa.WorkloadMonitoringProps{
		Email: jsii.String(settings.alarmEmail),
	})
	monitoring.Watch(network, database, secrets, firewall, entrance, api, migrations, site)
}

func newDatabase(stack awscdk.Stack, network cdkhipaa.HipaaVpc, settings settings) cdkhipaa.EncryptedDatabaseInstance {
	return cdkhipaa.NewEncryptedDatabaseInstance(stack, jsii.String("Database"), &cdkhipaa.EncryptedDatabaseInstanceProps{
		Vpc: network.Vpc(),
		Engine: awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{
			Version: awsrds.PostgresEngineVersion_VER_15_17(),
		}),
		InstanceType:        awsec2.InstanceType_Of(awsec2.InstanceClass_T4G, awsec2.InstanceSize_MICRO),
		AllocatedStorage:    awscdk.Size_Gibibytes(jsii.Number(20)),
		MaxAllocatedStorage: awscdk.Size_Gibibytes(jsii.Number(100)),
		MultiAz:             jsii.Bool(settings.multiAz),
		DatabaseName:        jsii.String("karematch"),
		Backup: &cdkhipaa.DatabaseBackupOptions{
			Retention: awscdk.Duration_Days(jsii.Number(7)),
			Window:    jsii.String("03:00-04:00"),
		},
		MaintenanceWindow: jsii.String(maintenanceWindow),
	})
}

func newAPI(
	stack awscdk.Stack,
	network cdkhipaa.HipaaVpc,
	database cdkhipaa.EncryptedDatabaseInstance,
	secrets cdkhipaa.RotatingSecrets,
	entrance cdkhipaa.SecureLoadBalancer,
	image awsecs.ContainerImage,
) cdkhipaa.SecureFargateService {
	return cdkhipaa.NewSecureFargateService(stack, jsii.String("Api"), &cdkhipaa.SecureFargateServiceProps{
		Vpc:           network.Vpc(),
		Image:         image,
		ContainerPort: jsii.Number(5000),
		Cpu:           jsii.Number(512),
		Memory:        awscdk.Size_Mebibytes(jsii.Number(1024)),
		Scaling:       cdkhipaa.ScalingPolicy_Between(&cdkhipaa.ScalingRange{Min: jsii.Number(1), Max: jsii.Number(4)}),
		Ingress: cdkhipaa.ServiceIngress_LoadBalancer(entrance, &cdkhipaa.ServiceIngressOptions{
			ContainerProtocol:   awselasticloadbalancingv2.ApplicationProtocol_HTTPS,
			HealthCheckPath:     jsii.String("/health"),
			HealthCheckInterval: awscdk.Duration_Seconds(jsii.Number(30)),
			Stickiness:          awscdk.Duration_Hours(jsii.Number(24)),
		}),
		CertificateBundlePath: jsii.String(certificates),
		WritablePaths:         jsii.Strings("/tmp"),
		Uses:                  &[]cdkhipaa.IServiceBindable{database},
		Environment: &map[string]*string{
			"NODE_ENV":   jsii.String("production"),
			"PORT":       jsii.String("5000"),
			"AWS_REGION": stack.Region(),
		},
		Secrets: &map[string]awsecs.Secret{
			"SESSION_SECRET":  secrets.ForContainer(jsii.String("session")),
			"ENCRYPTION_KEYS": secrets.ForContainer(jsii.String("fieldEncryption")),
		},
		// The log contains the failed logins: 45 CFR 164.316(b)(2)(i).
		LogRetention: awslogs.RetentionDays_SIX_YEARS,
		LogMetrics: &[]cdkhipaa.LogMetric{
			cdkhipaa.LogMetric_ApplicationErrors(nil),
			cdkhipaa.LogMetric_FailedLogins(nil),
		},
		ResponseTimeTarget: awscdk.Duration_Millis(jsii.Number(500)),
	})
}

// endpoints returns those of the API and of the site. Without domain names, the load balancer has no HTTPS.
func endpoints(stack awscdk.Stack, settings settings) (api, site cdkhipaa.WebEndpoint) {
	if settings.domain == nil {
		return cdkhipaa.WebEndpoint_PlainHttp(settings.plainHTTP), nil
	}
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String(settings.domain.hostedZoneID),
		ZoneName:     jsii.String(settings.domain.zoneName),
	})
	return endpoint(settings.domain.api, zone), endpoint(settings.domain.site, zone)
}

func endpoint(domainName string, zone awsroute53.IHostedZone) cdkhipaa.WebEndpoint {
	return cdkhipaa.WebEndpoint_Domain(&cdkhipaa.WebDomainOptions{
		DomainName: jsii.String(domainName),
		HostedZone: zone,
	})
}
