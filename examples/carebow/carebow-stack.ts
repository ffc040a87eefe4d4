import { CfnOutput, Duration, Size, Stack, StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { PerformanceTargets } from './performance-targets';
import {
  DatabaseAccess,
  EncryptedDatabaseInstance,
  FieldEncryptionKey,
  GeneratedSecret,
  HipaaVpc,
  LogMetric,
  MigrationTask,
  NatStrategy,
  PhiBucket,
  RotatingSecrets,
  ScalingPolicy,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceIngress,
  WebEndpoint,
  WorkloadMonitoring,
} from 'cdk-hipaa';

export interface CareBowStackProps extends StackProps {
  /** The image of the API, in a repository of an earlier stack. */
  readonly image: ecs.ContainerImage;
  readonly domain: Domain;
  /** The pages that upload and download reports with presigned URLs. */
  readonly siteOrigins: string[];
  /** The issuer of the tokens. It signs them with the keys in the secret `jwt`. */
  readonly identityProvider: string;
  /** The recipient of the alarms. */
  readonly alarmEmail: string;
}

export interface Domain {
  readonly name: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
  /** False while another system uses the name: the stack then creates no alias records. */
  readonly createAliasRecords?: boolean;
}

/** The certificates in the image that verify the database. */
const CERTIFICATES = '/etc/ssl/rds/global-bundle.pem';
/** The range of the number of tasks. */
const TASKS = { min: 2, max: 6 };

/** CareBow: an API on Fargate behind a load balancer, PostgreSQL, encrypted fields, reports in S3, and their alarms. */
export class CareBowStack extends Stack {
  constructor(scope: Construct, id: string, props: CareBowStackProps) {
    super(scope, id, props);

    const network = new HipaaVpc(this, 'Network', {
      cidr: '10.0.0.0/16',
      maxAzs: 3,
      nat: NatStrategy.single({
        reason: 'if the zone of the gateway fails, requests that need KMS fail until the zone is back: a cost decision',
      }),
    });
    const database = new EncryptedDatabaseInstance(this, 'Database', {
      vpc: network,
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.MEDIUM),
      allocatedStorage: Size.gibibytes(50),
      databaseName: 'carebow',
      backup: { retention: Duration.days(7) },
    });
    const fields = new FieldEncryptionKey(this, 'Fields', { contextKeys: ['table', 'column', 'owner', 'record'] });
    const reports = new PhiBucket(this, 'Reports', { browserOrigins: props.siteOrigins });
    const secrets = new RotatingSecrets(this, 'Secrets', {
      secrets: { jwt: GeneratedSecret.signingKeys() },
      externalSecrets: { openaiApiKey: {}, stripeSecretKey: {} },
    });

    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(this, 'Zone', props.domain);
    const entrance = new SecureLoadBalancer(this, 'Entrance', {
      vpc: network,
      endpoint: WebEndpoint.domain({
        domainName: props.domain.name,
        hostedZone,
        createAliasRecords: props.domain.createAliasRecords,
      }),
    });
    const api = new SecureFargateService(this, 'Api', {
      vpc: network,
      image: props.image,
      containerPort: 8443,
      cpu: 512,
      memory: Size.mebibytes(1024),
      scaling: ScalingPolicy.between(TASKS),
      ingress: ServiceIngress.loadBalancer(entrance, {
        containerProtocol: elbv2.ApplicationProtocol.HTTPS,
        healthCheckPath: '/healthz',
      }),
      healthCheck: { command: ['CMD', 'node', 'healthcheck.js'], startPeriod: Duration.seconds(10) },
      certificateBundlePath: CERTIFICATES,
      writablePaths: ['/tmp'],
      uses: [database, fields, reports],
      environment: {
        AWS_REGION: this.region,
        JWT_ISSUER: props.identityProvider,
        JWT_AUDIENCE: `https://${props.domain.name}`,
      },
      secrets: {
        JWT_KEYS: secrets.forContainer('jwt'),
        OPENAI_API_KEY: secrets.forContainer('openaiApiKey'),
        STRIPE_SECRET_KEY: secrets.forContainer('stripeSecretKey'),
      },
      // The log is the audit trail of the access to records: 45 CFR 164.316(b)(2)(i).
      logRetention: logs.RetentionDays.SIX_YEARS,
      logMetrics: [LogMetric.applicationErrors(), LogMetric.failedLogins()],
      responseTimeTarget: Duration.millis(200),
    });
    const migrations = new MigrationTask(this, 'Migrations', {
      cluster: api.cluster,
      image: props.image,
      command: ['node', 'migrate.js'],
      uses: [database.access('Migrations', DatabaseAccess.owner())],
      certificateBundlePath: CERTIFICATES,
      runBefore: [api],
    });

    const targets = new PerformanceTargets(this, 'Targets', {
      loadBalancer: entrance.loadBalancer,
      errorRate: 0.1,
      availability: 99.9,
      requestsPerMinute: 1000,
    });
    const monitoring = new WorkloadMonitoring(this, 'Monitoring', { email: props.alarmEmail });
    monitoring.watch(network, database, fields, reports, secrets, entrance, api, migrations, targets);
    this.defineOutputs({
      Url: entrance.url,
      ClusterName: api.cluster.clusterName,
      ServiceName: api.service.serviceName,
      LogGroupName: api.logGroup.logGroupName,
      DatabaseIdentifier: database.instance.instanceIdentifier,
      Migrate: migrations.runCommand,
    });
  }

  /** The values that carebow.sh and people need. */
  private defineOutputs(values: { [name: string]: string }): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
