import * as path from 'path';
import { CfnOutput, Duration, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { EdgeStack } from './edge-stack';
import { Environment } from './environments';
import {
  DatabaseAccess,
  DataProtection,
  EncryptedDatabaseInstance,
  FirewallClients,
  GeneratedSecret,
  HipaaVpc,
  LogMetric,
  MigrationTask,
  WorkloadMonitoring,
  RotatingSecrets,
  ScalingPolicy,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceIngress,
  SiteRouting,
  StaticSiteCdn,
  WebEndpoint,
  WebFirewall,
} from 'cdk-hipaa';

export interface KareMatchStackProps extends StackProps {
  readonly environment: Environment;
  /** The image of the API, in a repository of an earlier stack. */
  readonly image: ecs.ContainerImage;
  /** The resources in us-east-1, for a stack in another region. */
  readonly edge?: EdgeStack;
}

/** When the database can restart, and when passwords and keys rotate. */
const MAINTENANCE_WINDOW = 'sun:04:00-sun:05:00';
/** The certificates in the image that verify the database. */
const CERTIFICATES = '/etc/ssl/rds/global-bundle.pem';

/** KareMatch: a site behind CloudFront, an API behind a load balancer, PostgreSQL, and their alarms. */
export class KareMatchStack extends Stack {
  public readonly site: StaticSiteCdn;

  constructor(scope: Construct, id: string, props: KareMatchStackProps) {
    super(scope, id, { ...props, terminationProtection: props.environment.terminationProtection });
    const { disposable, nat, multiAz, plainHttp, alarmEmail, cutOver = false } = props.environment;
    if (disposable) DataProtection.of(this).disposable(disposable);

    const network = new HipaaVpc(this, 'Network', { nat });
    const database = new EncryptedDatabaseInstance(this, 'Database', {
      vpc: network.vpc,
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_15_17 }),
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MICRO),
      allocatedStorage: Size.gibibytes(20),
      maxAllocatedStorage: Size.gibibytes(100),
      multiAz,
      databaseName: 'karematch',
      backup: { retention: Duration.days(7), window: '03:00-04:00' },
      maintenanceWindow: MAINTENANCE_WINDOW,
    });
    const secrets = new RotatingSecrets(this, 'Secrets', {
      secrets: { session: GeneratedSecret.signingKeys(), fieldEncryption: GeneratedSecret.keyRing() },
      maintenanceWindow: MAINTENANCE_WINDOW,
    });

    const endpoints = this.endpoints(props);
    const firewall = new WebFirewall(this, 'EntranceFirewall', { clients: FirewallClients.throughDistribution() });
    const entrance = new SecureLoadBalancer(this, 'Entrance', { vpc: network.vpc, endpoint: endpoints.api, firewall });
    const api = new SecureFargateService(this, 'Api', {
      vpc: network.vpc,
      image: props.image,
      containerPort: 5000,
      cpu: 512,
      memory: Size.mebibytes(1024),
      scaling: ScalingPolicy.between({ min: 1, max: 4 }),
      ingress: ServiceIngress.loadBalancer(entrance, {
        containerProtocol: elbv2.ApplicationProtocol.HTTPS,
        healthCheckPath: '/health',
        healthCheckInterval: Duration.seconds(30),
        stickiness: Duration.hours(24),
      }),
      certificateBundlePath: CERTIFICATES,
      writablePaths: ['/tmp'],
      uses: [database],
      environment: { NODE_ENV: 'production', PORT: '5000', AWS_REGION: this.region },
      secrets: {
        SESSION_SECRET: secrets.forContainer('session'),
        ENCRYPTION_KEYS: secrets.forContainer('fieldEncryption'),
      },
      // The log contains the failed logins: 45 CFR 164.316(b)(2)(i).
      logRetention: logs.RetentionDays.SIX_YEARS,
      logMetrics: [LogMetric.applicationErrors(), LogMetric.failedLogins()],
      responseTimeTarget: Duration.millis(500),
    });
    const migrations = new MigrationTask(this, 'Migrations', {
      cluster: api.cluster,
      image: props.image,
      command: ['node', 'migrate.js'],
      uses: [database.access('Migrations', DatabaseAccess.owner())],
      certificateBundlePath: CERTIFICATES,
      runBefore: [api],
    });
    new CfnOutput(this, 'Migrate', { value: migrations.runCommand });

    this.site = new StaticSiteCdn(this, 'Site', {
      source: path.join(__dirname, 'frontend', 'dist'),
      routing: SiteRouting.singlePageApp(),
      api: { domainName: entrance.domainName, plainHttp },
      endpoint: endpoints.site,
      associateDomainNames: !cutOver,
      firewall: props.edge?.firewall,
    });

    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: alarmEmail });
    monitoring.watch(network, database, secrets, firewall, entrance, api, migrations);
    // CloudFront publishes its metrics in us-east-1, and alarms must be in the region of their metrics.
    if (!props.edge) monitoring.watch(this.site);
  }

  /** The endpoints. An environment without domain names has a load balancer without HTTPS. */
  private endpoints({ environment: { domain, plainHttp, cutOver = false }, edge }: KareMatchStackProps): {
    api: WebEndpoint;
    site?: WebEndpoint;
  } {
    if (!domain) return { api: WebEndpoint.plainHttp(plainHttp!) };
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', domain);
    const records = { hostedZone, createAliasRecords: !cutOver };
    return {
      api: WebEndpoint.domain({ domainName: domain.api, ...records }),
      site: WebEndpoint.domain({ domainName: domain.site, ...records, certificate: edge?.certificate }),
    };
  }
}
