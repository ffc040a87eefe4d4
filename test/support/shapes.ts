import * as path from 'path';
import { ArnFormat, CfnParameter, Duration, Size, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { someVpc } from './app';
import {
  AuroraCapacity,
  BastionImage,
  DatabaseProxy,
  ComplianceGuardrails,
  ContentSecurityPolicy,
  Ec2Capacity,
  EncryptedAuroraCluster,
  EncryptedAuroraClusterProps,
  EncryptedDatabaseInstance,
  EncryptedDatabaseInstanceProps,
  FieldEncryptionKey,
  FlowLogStorage,
  GeneratedSecret,
  HardenedRepository,
  HipaaVpc,
  IMonitored,
  IServiceBindable,
  JobQueue,
  LogMetric,
  MalwareScan,
  MigrationTask,
  WorkloadMonitoring,
  MonitoringPlan,
  ObjectLock,
  PhiBucket,
  RotatingSecrets,
  ScalingPolicy,
  ScheduledTask,
  SecureFargateService,
  SecureLoadBalancer,
  ServiceBinding,
  ServiceBindingContext,
  ServiceCluster,
  ServiceIngress,
  SiteRouting,
  SshBastion,
  SsmBastion,
  StaticSiteCdn,
  WebEndpoint,
  WebFirewall,
} from '../../src';

/** The ID of the scope with the existing resources of the user. The tests ignore findings on these resources. */
export const USERS = 'Users';

/** The existing resources that a user passes to a construct. */
export interface Things {
  readonly vpc: ec2.IVpc;
  readonly certificate: acm.ICertificate;
  readonly ingress: ServiceIngress;
  readonly secret: secretsmanager.ISecret;
  readonly encryptionKey?: kms.IKey;
  readonly cluster?: ecs.ICluster;
  readonly hostedZone?: route53.IHostedZone;
  readonly logBucket?: s3.IBucket;
}

/** A public construct. */
export interface Subject {
  readonly name: string;
  /** The class that `index.ts` exports. */
  readonly type: new (scope: Construct, id: string, props: never) => Construct;
  /** The existing resources that the construct accepts. */
  readonly takes: Array<keyof Things>;
  /** Creates it with the required props and the existing resources of the user. */
  make(scope: Construct, id: string, things: Things): Construct;
  /** Creates it with tokens, which are known only at deployment, for as many props as possible. */
  makeOfTokens(scope: Construct, id: string, things: Things, token: Tokens): Construct;
}

/** Values that are known only at deployment: parameters of the stack. */
export class Tokens {
  constructor(private readonly scope: Construct) {}

  public text(id: string): string {
    return new CfnParameter(this.scope, id).valueAsString;
  }

  public number(id: string): number {
    return new CfnParameter(this.scope, id, { type: 'Number' }).valueAsNumber;
  }
}

/** The existing resources of a stack, imported by default. `own` replaces some of them. */
export function things(stack: Stack, own: (users: Construct) => Partial<Things> = () => ({})): Things {
  const users = new Construct(stack, USERS);
  const arn = (service: string, resource: string, resourceName: string, arnFormat = ArnFormat.SLASH_RESOURCE_NAME) =>
    stack.formatArn({ service, resource, resourceName, arnFormat });
  return {
    vpc: someVpc(users, (name) => `subnet-${Buffer.from(name).toString('hex').padStart(17, '0')}`),
    certificate: acm.Certificate.fromCertificateArn(users, 'Certificate', arn('acm', 'certificate', '1')),
    ingress: ServiceIngress.listener(
      elbv2.ApplicationListener.fromApplicationListenerAttributes(users, 'Listener', {
        listenerArn: arn('elasticloadbalancing', 'listener', 'app/main/1/2'),
        securityGroup: ec2.SecurityGroup.fromSecurityGroupId(users, 'ListenerGroup', 'sg-12345678', {
          allowAllOutbound: false,
        }),
        defaultPort: 443,
      }),
      { path: '/api/*' },
    ),
    secret: secretsmanager.Secret.fromSecretCompleteArn(
      users,
      'Secret',
      arn('secretsmanager', 'secret', 'session-AbCdEf', ArnFormat.COLON_RESOURCE_NAME),
    ),
    ...own(users),
  };
}

/** A user-defined resource that tasks use. */
class Schema extends Construct implements IServiceBindable {
  public bindToService({ certificateBundlePath }: ServiceBindingContext): ServiceBinding {
    return { environment: { SCHEMA: 'clinic', ...certificateBundlePath && { BUNDLE: certificateBundlePath } } };
  }
}

/** A user-defined construct with an alarm. */
class Heartbeat extends Construct implements IMonitored {
  public monitoringPlan(): MonitoringPlan {
    const metric = new cloudwatch.Metric({
      namespace: 'Clinic',
      metricName: 'Heartbeats',
      period: Duration.minutes(5),
    });
    return {
      title: 'Heartbeat',
      alarms: [
        {
          id: 'Silent',
          metric,
          threshold: 1,
          description: 'Look at the clinic.',
          missingData: cloudwatch.TreatMissingData.BREACHING,
        },
      ],
      widgets: [new cloudwatch.GraphWidget({ left: [metric] })],
    };
  }
}

function database(name: string, engine: rds.IInstanceEngine): Subject {
  const make = (
    scope: Construct,
    id: string,
    { vpc, encryptionKey }: Things,
    more: Partial<EncryptedDatabaseInstanceProps> = {},
  ) => new EncryptedDatabaseInstance(scope, id, { vpc, encryptionKey, engine, ...more });
  return {
    name,
    type: EncryptedDatabaseInstance,
    takes: ['vpc', 'encryptionKey'],
    make: (scope, id, given) => make(scope, id, given),
    makeOfTokens: (scope, id, given, token) => make(scope, id, given, {
      allocatedStorage: Size.gibibytes(token.number('Allocated')),
      maxAllocatedStorage: Size.gibibytes(token.number('MaxAllocated')),
      databaseName: token.text('DatabaseName'),
      maintenanceWindow: token.text('Maintenance'),
      backup: { window: token.text('BackupWindow'), vaultRetention: Duration.days(token.number('VaultRetention')) },
    }),
  };
}

function aurora(name: string, engine: rds.IClusterEngine, more: Partial<EncryptedAuroraClusterProps> = {}): Subject {
  return {
    name,
    type: EncryptedAuroraCluster,
    takes: ['vpc', 'encryptionKey'],
    make: (scope, id, { vpc, encryptionKey }) =>
      new EncryptedAuroraCluster(scope, id, { vpc, encryptionKey, engine, ...more }),
    makeOfTokens: (scope, id, { vpc }, token) =>
      new EncryptedAuroraCluster(scope, id, {
        vpc,
        engine,
        ...more,
        capacity: AuroraCapacity.serverless({ minAcu: token.number('MinAcu'), maxAcu: token.number('MaxAcu') }),
        databaseName: token.text('DatabaseName'),
        maintenanceWindow: token.text('Maintenance'),
        backup: { window: token.text('BackupWindow'), vaultRetention: Duration.days(token.number('VaultRetention')) },
      }),
  };
}

const IMAGE = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');

/** A built site of minimal size. */
export const SOME_SITE = path.join(__dirname, 'some-site');

function ofUsEast1(scope: Construct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, region: 'us-east-1', resource, resourceName });
}

/** Every public construct. */
export const SUBJECTS: Subject[] = [
  {
    name: 'HipaaVpc',
    type: HipaaVpc,
    takes: ['encryptionKey', 'logBucket'],
    make: (scope, id, { encryptionKey, logBucket }) =>
      new HipaaVpc(
        scope,
        id,
        logBucket ? { flowLogs: FlowLogStorage.bucket({ bucket: logBucket }) } : { encryptionKey },
      ),
    makeOfTokens: (scope, id, _, token) =>
      new HipaaVpc(scope, id, {
        availabilityZones: [token.text('ZoneA'), token.text('ZoneB')],
        flowLogs: FlowLogStorage.bucket({
          retention: Duration.days(token.number('Days')),
          prefix: token.text('Prefix'),
        }),
      }),
  },
  {
    name: 'SsmBastion',
    type: SsmBastion,
    takes: ['vpc', 'encryptionKey'],
    make: (scope, id, { vpc, encryptionKey }) => {
      const bastion = new SsmBastion(scope, id, {
        vpc,
        encryptionKey,
        portForwarding: { reason: 'analysts use their own client' },
      });
      bastion.grantStartSession(new iam.Role(scope, `${id}Analysts`, { assumedBy: new iam.AccountRootPrincipal() }));
      return bastion;
    },
    makeOfTokens: (scope, id, { vpc }, token) =>
      new SsmBastion(scope, id, {
        vpc,
        image: BastionImage.parameterVersion(token.text('ImageParameter'), token.number('ImageVersion')),
        instanceType: new ec2.InstanceType(token.text('InstanceType')),
        packages: [token.text('Package')],
        idleTimeout: Duration.minutes(token.number('Idle')),
        maxSessionDuration: Duration.minutes(token.number('Longest')),
      }),
  },
  {
    name: 'SshBastion',
    type: SshBastion,
    takes: ['vpc', 'encryptionKey'],
    make: (scope, id, { vpc, encryptionKey }) =>
      new SshBastion(scope, id, {
        vpc,
        encryptionKey,
        allowedAddress: '203.0.113.7/32',
        keyPair: ec2.KeyPair.fromKeyPairName(scope, `${id}Analysts`, 'analysts'),
        reason: 'the client of the analysts supports SSH only',
      }),
    makeOfTokens: (scope, id, { vpc }, token) =>
      new SshBastion(scope, id, {
        vpc,
        allowedAddress: `${token.text('Office')}/32`,
        keyPair: ec2.KeyPair.fromKeyPairName(scope, `${id}Analysts`, token.text('KeyPair')),
        reason: 'the client of the analysts supports SSH only',
        image: BastionImage.parameterVersion(token.text('ImageParameter'), token.number('ImageVersion')),
        instanceType: new ec2.InstanceType(token.text('InstanceType')),
        packages: [token.text('Package')],
        idleTimeout: Duration.minutes(token.number('Idle')),
      }),
  },
  {
    name: 'WebFirewall',
    type: WebFirewall,
    takes: ['encryptionKey'],
    make: (scope, id, { encryptionKey }) => new WebFirewall(scope, id, { encryptionKey }),
    makeOfTokens: (scope, id, _, token) =>
      new WebFirewall(scope, id, { rateLimit: token.number('Rate'), allowedCidrs: [token.text('Office')] }),
  },
  {
    name: 'SecureLoadBalancer',
    type: SecureLoadBalancer,
    takes: ['vpc', 'certificate', 'encryptionKey', 'hostedZone', 'logBucket'],
    make: (scope, id, { vpc, certificate, encryptionKey, hostedZone, logBucket }) =>
      new SecureLoadBalancer(scope, id, {
        vpc,
        endpoint: hostedZone
          ? WebEndpoint.domain({ domainName: 'api.example.com', hostedZone })
          : WebEndpoint.certificate(certificate),
        encryptionKey,
        accessLogBucket: logBucket,
      }),
    makeOfTokens: (scope, id, { vpc }, token) => {
      const domainName = token.text('DomainName');
      return new SecureLoadBalancer(scope, id, {
        vpc,
        endpoint: WebEndpoint.domain({
          certificate: acm.Certificate.fromCertificateArn(scope, 'TokenCertificate', token.text('CertificateArn')),
          domainName,
          hostedZone: route53.HostedZone.fromHostedZoneAttributes(scope, 'TokenZone', {
            hostedZoneId: token.text('ZoneId'),
            zoneName: domainName,
          }),
        }),
        idleTimeout: Duration.seconds(token.number('IdleTimeout')),
      });
    },
  },
  {
    name: 'SecureFargateService',
    type: SecureFargateService,
    takes: ['vpc', 'ingress', 'secret', 'encryptionKey', 'cluster'],
    make: (scope, id, { vpc, ingress, secret, encryptionKey, cluster }) =>
      new SecureFargateService(scope, id, {
        vpc,
        cluster,
        encryptionKey,
        image: IMAGE,
        containerPort: 8080,
        // The priorities of listener rules are unique, so the second service in a stack has no ingress.
        ingress: id === 'Second' ? ServiceIngress.none() : ingress,
        secrets: { SESSION_KEY: ecs.Secret.fromSecretsManager(secret) },
        restartOnRotation: [secret],
        writablePaths: ['/tmp'],
        logMetrics: [LogMetric.applicationErrors()],
      }),
    makeOfTokens: (scope, id, { vpc, secret }, token) =>
      new SecureFargateService(scope, id, {
        vpc,
        image: ecs.ContainerImage.fromRegistry(token.text('Image')),
        cpu: token.number('Cpu'),
        memory: Size.mebibytes(token.number('Memory')),
        containerPort: token.number('Port'),
        user: token.text('User'),
        writablePaths: [token.text('Path')],
        writablePathSize: Size.mebibytes(token.number('PathSize')),
        scaling: ScalingPolicy.constant(token.number('Tasks')),
        environment: { LOG_LEVEL: token.text('LogLevel') },
        logMetrics: [LogMetric.failedLogins({ pattern: logs.FilterPattern.literal(token.text('Pattern')) })],
        secrets: { SESSION_KEY: ecs.Secret.fromSecretsManager(secret) },
        restartOnRotation: [secretsmanager.Secret.fromSecretCompleteArn(scope, 'TokenSecret', token.text('SecretArn'))],
        maintenanceWindow: token.text('Window'),
      }),
  },
  {
    name: 'MigrationTask',
    type: MigrationTask,
    takes: ['vpc', 'encryptionKey', 'cluster'],
    make: (scope, id, { vpc, encryptionKey, cluster, secret }) => {
      const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
      const api = new SecureFargateService(scope, `${id}Api`, { vpc, encryptionKey, cluster, image });
      return new MigrationTask(scope, id, {
        vpc,
        encryptionKey,
        cluster,
        image,
        command: ['alembic', 'upgrade', 'head'],
        uses: [new Schema(scope, `${id}Schema`)],
        secrets: { SIGNING_KEY: ecs.Secret.fromSecretsManager(secret) },
        writablePaths: ['/tmp'],
        runBefore: [api],
      });
    },
    makeOfTokens: (scope, id, { vpc }, token) => {
      const image = ecs.ContainerImage.fromRegistry(token.text('Image'));
      return new MigrationTask(scope, id, {
        vpc,
        image,
        command: [token.text('Command'), token.text('Argument')],
        uses: [new Schema(scope, `${id}Schema`)],
        runBefore: [new SecureFargateService(scope, `${id}Api`, { vpc, image })],
        timeout: Duration.seconds(token.number('Timeout')),
        cpu: token.number('Cpu'),
        memory: Size.mebibytes(token.number('Memory')),
        user: token.text('User'),
        environment: { LOG_LEVEL: token.text('LogLevel') },
        certificateBundlePath: token.text('BundlePath'),
        writablePaths: [token.text('Path')],
        writablePathSize: Size.mebibytes(token.number('PathSize')),
      });
    },
  },
  {
    name: 'ScheduledTask',
    type: ScheduledTask,
    takes: ['vpc', 'encryptionKey'],
    make: (scope, id, { vpc, encryptionKey, secret }) => new ScheduledTask(scope, id, {
      vpc,
      encryptionKey,
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3'),
      schedule: scheduler.ScheduleExpression.rate(Duration.hours(6)),
      uses: [new Schema(scope, `${id}Schema`)],
      secrets: { SIGNING_KEY: ecs.Secret.fromSecretsManager(secret) },
    }),
    makeOfTokens: (scope, id, { vpc }, token) => new ScheduledTask(scope, id, {
      vpc,
      image: ecs.ContainerImage.fromRegistry(token.text('Image')),
      schedule: scheduler.ScheduleExpression.expression(token.text('Schedule')),
      window: Duration.minutes(token.number('Window')),
      command: [token.text('Command')],
      cpu: token.number('Cpu'),
      memory: Size.mebibytes(token.number('Memory')),
      user: token.text('User'),
      environment: { LOG_LEVEL: token.text('LogLevel') },
      writablePaths: [token.text('Path')],
      writablePathSize: Size.mebibytes(token.number('PathSize')),
    }),
  },
  {
    name: 'JobQueue',
    type: JobQueue,
    takes: ['encryptionKey'],
    make: (scope, id, { encryptionKey }) => new JobQueue(scope, id, { encryptionKey }),
    makeOfTokens: (scope, id, _, token) => new JobQueue(scope, id, {
      visibilityTimeout: Duration.seconds(token.number('Visibility')),
      retention: Duration.seconds(token.number('Retention')),
      maxReceiveCount: token.number('Receives'),
      dataKeyReuse: Duration.seconds(token.number('Reuse')),
    }),
  },
  {
    name: 'ServiceCluster',
    type: ServiceCluster,
    // The VPC is only for the services. The cluster creates nothing in it.
    takes: ['encryptionKey'],
    make: (scope, id, { vpc, encryptionKey }) => new ServiceCluster(scope, id, { vpc, encryptionKey }),
    makeOfTokens: (scope, id, { vpc }, token) =>
      new ServiceCluster(scope, id, {
        vpc,
        encryptionKey: kms.Key.fromKeyArn(scope, 'TokenKey', token.text('KeyArn')),
      }),
  },
  {
    name: 'Ec2Capacity',
    type: Ec2Capacity,
    takes: ['vpc', 'encryptionKey'],
    make: (scope, id, { vpc, encryptionKey }) =>
      new Ec2Capacity(scope, id, { cluster: new ServiceCluster(scope, `${id}Cluster`, { vpc, encryptionKey }) }),
    makeOfTokens: (scope, id, { vpc }, token) => {
      const encryptionKey = kms.Key.fromKeyArn(scope, 'TokenKey', token.text('KeyArn'));
      return new Ec2Capacity(scope, id, {
        cluster: new ServiceCluster(scope, `${id}Cluster`, { vpc, encryptionKey }),
        minInstances: token.number('Min'),
        maxInstances: token.number('Max'),
        renewal: scheduler.ScheduleExpression.expression(token.text('Renewal')),
        encryptionKey,
      });
    },
  },
  {
    name: 'HardenedRepository',
    type: HardenedRepository,
    takes: ['encryptionKey'],
    make: (scope, id, { encryptionKey }) => {
      const images = new HardenedRepository(scope, id, { encryptionKey });
      images.grantPush(
        new iam.Role(scope, `${id}Pipeline`, { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') }),
      );
      return images;
    },
    makeOfTokens: (scope, id, _, token) =>
      new HardenedRepository(scope, id, {
        repositoryName: token.text('RepositoryName'),
        encryptionKey: kms.Key.fromKeyArn(scope, 'TokenKey', token.text('KeyArn')),
      }),
  },
  {
    name: 'StaticSiteCdn',
    type: StaticSiteCdn,
    takes: ['encryptionKey', 'hostedZone', 'logBucket'],
    // Passes the resources of us-east-1, because the stack can be in any region.
    make: (scope, id, { encryptionKey, hostedZone, logBucket }) =>
      new StaticSiteCdn(scope, id, {
        source: SOME_SITE,
        routing: SiteRouting.singlePageApp(),
        api: { domainName: 'api.example.com' },
        firewall: WebFirewall.fromWebAclArn(ofUsEast1(scope, 'wafv2', 'global', 'webacl/site/1')),
        endpoint:
          hostedZone &&
          WebEndpoint.domain({
            domainName: 'www.example.com',
            hostedZone,
            certificate: acm.Certificate.fromCertificateArn(
              scope,
              `${id}Certificate`,
              ofUsEast1(scope, 'acm', 'certificate', '1'),
            ),
          }),
        encryptionKey,
        accessLogBucket: logBucket,
      }),
    makeOfTokens: (scope, id, _, token) => {
      const domainName = token.text('DomainName');
      return new StaticSiteCdn(scope, id, {
        endpoint: WebEndpoint.domain({
          certificate: acm.Certificate.fromCertificateArn(scope, 'TokenCertificate', token.text('CertificateArn')),
          domainName,
          hostedZone: route53.HostedZone.fromHostedZoneAttributes(scope, 'TokenZone', {
            hostedZoneId: token.text('ZoneId'),
            zoneName: domainName,
          }),
        }),
        immutablePaths: [token.text('Immutable')],
        api: { domainName: token.text('Api'), paths: [token.text('ApiPath')] },
        contentSecurityPolicy: ContentSecurityPolicy.strict({ 'connect-src': [`https://${token.text('Partner')}`] }),
        firewall: WebFirewall.fromWebAclArn(token.text('WebAcl')),
      });
    },
  },
  database(
    'EncryptedDatabaseInstance (PostgreSQL)',
    rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 }),
  ),
  database(
    'EncryptedDatabaseInstance (MySQL)',
    rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_7 }),
  ),
  aurora(
    'EncryptedAuroraCluster (PostgreSQL)',
    rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
  ),
  aurora(
    'EncryptedAuroraCluster (MySQL, proxy)',
    rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_10_4 }),
    { proxy: DatabaseProxy.withPassword() },
  ),
  {
    name: 'RotatingSecrets',
    type: RotatingSecrets,
    takes: ['encryptionKey'],
    make: (scope, id, { encryptionKey }) =>
      new RotatingSecrets(scope, id, {
        encryptionKey,
        secrets: {
          session: GeneratedSecret.signingKeys(),
          fields: GeneratedSecret.keyRing(),
          password: GeneratedSecret.password(),
        },
        externalSecrets: { partner: {} },
      }),
    makeOfTokens: (scope, id, _, token) =>
      new RotatingSecrets(scope, id, {
        secrets: { password: GeneratedSecret.password({ length: token.number('Length') }) },
        rotateEvery: Duration.days(token.number('Every')),
      }),
  },
  {
    name: 'PhiBucket',
    type: PhiBucket,
    takes: ['encryptionKey', 'logBucket'],
    make: (scope, id, { encryptionKey, logBucket }) => {
      const bucket = new PhiBucket(scope, id, {
        encryptionKey,
        accessLogBucket: logBucket,
        malwareScan: MalwareScan.prefixes('uploads/'),
        browserOrigins: ['https://app.example.com'],
        requestMetrics: true,
      });
      const assumedBy = new iam.ServicePrincipal('lambda.amazonaws.com');
      bucket.grantRead(new iam.Role(scope, `${id}Reader`, { assumedBy }));
      return bucket;
    },
    makeOfTokens: (scope, id, _, token) =>
      new PhiBucket(scope, id, {
        lifecycle: [{ prefix: token.text('ExportPrefix'), expireAfter: Duration.days(token.number('ExportDays')) }],
        noncurrentVersionRetention: Duration.days(token.number('VersionDays')),
        objectLock: ObjectLock.governance({ retention: Duration.days(token.number('LockDays')), reason: 'policy 4' }),
        browserOrigins: [token.text('Origin')],
        malwareScan: MalwareScan.prefixes(token.text('ScanPrefix')),
      }),
  },
  {
    name: 'FieldEncryptionKey',
    type: FieldEncryptionKey,
    takes: [],
    make: (scope, id) => new FieldEncryptionKey(scope, id, { contextKeys: ['table', 'column'] }),
    // The names of context keys are a part of the policy, and cannot be tokens.
    makeOfTokens: (scope, id) => new FieldEncryptionKey(scope, id, { contextKeys: ['table', 'column'] }),
  },
  {
    name: 'Monitoring',
    type: WorkloadMonitoring,
    takes: ['encryptionKey'],
    make: (scope, id, { encryptionKey }) => {
      const monitoring = new WorkloadMonitoring(scope, id, { encryptionKey, email: 'oncall@example.com' });
      monitoring.watch(new Heartbeat(scope, `${id}Heartbeat`));
      return monitoring;
    },
    makeOfTokens: (scope, id, _, token) => {
      const monitoring = new WorkloadMonitoring(scope, id, { email: token.text('Email') });
      monitoring.watch(new Heartbeat(scope, `${id}Heartbeat`));
      return monitoring;
    },
  },
  {
    name: 'ComplianceGuardrails',
    type: ComplianceGuardrails,
    takes: ['encryptionKey'],
    make: (scope, id, { encryptionKey }) =>
      new ComplianceGuardrails(scope, id, {
        encryptionKey,
        ebsEncryptionKey: kms.Key.fromKeyArn(
          scope,
          `${id}Volumes`,
          Stack.of(scope).formatArn({ service: 'kms', resource: 'key', resourceName: '1' }),
        ),
      }),
    makeOfTokens: (scope, id, _, token) =>
      new ComplianceGuardrails(scope, id, {
        encryptionKey: kms.Key.fromKeyArn(scope, 'TokenKey', token.text('KeyArn')),
      }),
  },
];
