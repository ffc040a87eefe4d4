import * as path from 'path';
import { Duration, Size } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import {
  aBucket, aCertificate, aCertificateOfUsEast1, aHostedZone, aKey, aListener, aLoadBalancer, anS3Endpoint, aQueue,
  aReplica, aSecret, aServer, aWebAclArn, ZONE,
} from './existing';
import { COMPOSED, Making, Recipes } from './generator';
import { GUARDRAIL_STRUCTS, inAws } from './guardrail-recipes';
import { choice, integer, nested, one, options, REASON, relaxation, several } from './makers';
import * as library from '../../src';
import { zoneCountOf } from '../../src/network/region-zones';
import { SOME_SITE } from '../support/shapes';

const { days, hours, minutes, seconds, millis } = Duration;
const RETENTIONS = [logs.RetentionDays.ONE_YEAR, logs.RetentionDays.SIX_YEARS, logs.RetentionDays.TEN_YEARS];
const { FirewallScope } = library;

const isGlobal = ({ soFar }: Making) => soFar.webAclScope === FirewallScope.CLOUDFRONT;

/** Secrets by the names of environment variables. */
function containerSecrets(making: Making): unknown {
  const names = making.random.some(['SESSION_KEY', 'VENDOR_TOKEN', 'SIGNING_KEY'], 1, 2);
  return making.generator.map(names.map((name) => [name, ecs.Secret.fromSecretsManager(aSecret(making))]));
}

function endpointNames({ generator, random }: Making, max: number): string[] {
  return Array.from({ length: random.int(1, max) }, () => `${generator.unique('host')}.${ZONE}`);
}

const SUBNETS = [ec2.SubnetType.PRIVATE_ISOLATED, ec2.SubnetType.PRIVATE_WITH_EGRESS]
  .map((subnetType) => ({ subnetType }));
const RULES = { group: 'AWSManagedRulesCommonRuleSet', names: ['SizeRestrictions_BODY', 'NoUserAgent_HEADER'] };

/** The props that one-off tasks have in common. */
const TASK: Recipes['structs'][string] = {
  user: one('node', '1001', '1001:1001'),
  cpuArchitecture: one(ecs.CpuArchitecture.ARM64, ecs.CpuArchitecture.X86_64),
  cpu: one(256, 512),
  memory: ({ random }) => Size.mebibytes(random.pick([1_024, 2_048])),
  environment: ({ generator }) => generator.map([['LOG_LEVEL', 'info'], ['TZ', 'UTC']]),
  secrets: containerSecrets,
  certificateBundlePath: one('/etc/ssl/rds-global-bundle.pem'),
  writablePaths: several(1, 2, '/tmp', '/var/cache/app'),
  writablePathSize: ({ random }) => Size.mebibytes(random.int(1, 100)),
  vpc: COMPOSED,
  vpcSubnets: one(...SUBNETS),
  cluster: COMPOSED,
  encryptionKey: aKey,
  logRetention: one(...RETENTIONS),
};

/** The domain of a web endpoint. */
const DOMAIN: Recipes['structs'][string] = {
  domainName: ({ generator }) => `${generator.unique('www')}.${ZONE}`,
  additionalDomainNames: COMPOSED,
  hostedZone: aHostedZone,
  certificate: aCertificate,
  createAliasRecords: ({ random, soFar }) => soFar.hostedZone ? random.chance(0.5) : undefined,
};

/** The requests that a service receives. */
const INGRESS: Recipes['structs'][string] = {
  path: COMPOSED,
  host: COMPOSED,
  priority: COMPOSED,
  healthCheckPath: one('/health', '/'),
  healthCheckInterval: ({ random }) => seconds(random.int(6, 300)),
  healthyThreshold: integer(2, 10),
  unhealthyThreshold: integer(2, 10),
  healthCheckGracePeriod: ({ random }) => seconds(random.int(0, 600)),
  stickiness: ({ random }) => hours(random.int(1, 168)),
  deregistrationDelay: ({ random }) => seconds(random.int(0, 3_600)),
  containerProtocol: one(elbv2.ApplicationProtocol.HTTP, elbv2.ApplicationProtocol.HTTPS),
};

export const RECIPES: Recipes = {
  structs: {
    HipaaVpcProps: {
      cidr: one('10.1.0.0/16', '172.20.0.0/18', '192.168.0.0/20', '100.64.0.0/17'),
      maxAzs: ({ random, place: { region } }) => random.int(2, region === undefined ? 6 : zoneCountOf(region)!),
      availabilityZones: ({ random, place: { region }, soFar }) => region === undefined || soFar.maxAzs !== undefined
        ? undefined : ['a', 'b', 'c'].slice(0, random.int(2, 3)).map((letter) => `${region}${letter}`),
      nat: choice('NatStrategy'),
      dataSubnetEgress: (making) => reachesInternet(making) ? relaxation(making) : undefined,
      flowLogs: choice('FlowLogStorage'),
      encryptionKey: (making) => makesOwnBucket(making) ? undefined : aKey(making),
      alarms: choice('NetworkAlarms'),
    },
    NoNatOptions: {
      additionalEndpoints: several(1, 2, ec2.InterfaceVpcEndpointAwsService.SQS,
        ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE, ec2.InterfaceVpcEndpointAwsService.SSM),
      endpointOptions: COMPOSED,
    },
    PrivateEndpointOptions: { ports: several(1, 2, 443, 8443), zones: COMPOSED },
    CompleteNetworkAlarmsOptions: { rejectedRecords: integer(0, 500), mebibytesLeavingData: integer(0, 500) },
    FlowLogGroupOptions: { retention: one(...RETENTIONS) },
    FlowLogBucketOptions: {
      bucket: aBucket,
      retention: ({ random, soFar }) => soFar.bucket ? undefined : days(random.int(1, 3_000)),
      prefix: one('flow-logs', 'network/flow-logs'),
    },
    SsmBastionProps: {
      vpc: COMPOSED,
      vpcSubnets: one({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED }, { subnetGroupName: 'Private' }),
      instanceType: one(...['t4g.nano', 't3.micro', 'm7g.medium'].map((type) => new ec2.InstanceType(type))),
      image: choice('BastionImage'),
      rotationMarker: one('2026-06', 'July'),
      packages: several(1, 2, 'postgresql16', 'mariadb105', 'htop'),
      idleTimeout: ({ random }) => minutes(random.int(1, 60)),
      maxSessionDuration: ({ random }) => minutes(random.int(1, 1440)),
      portForwarding: relaxation,
      encryptionKey: aKey,
    },
    SshBastionProps: {
      vpc: COMPOSED,
      allowedAddress: one('203.0.113.7/32', '198.51.100.0/24', '192.0.2.64/26'),
      keyPair: ({ generator, place: { users } }) =>
        ec2.KeyPair.fromKeyPairName(users, generator.unique('KeyPair'), 'analysts'),
      reason: REASON,
      vpcSubnets: one({ subnetType: ec2.SubnetType.PUBLIC }),
      instanceType: one(...['t4g.nano', 't3.micro', 'm7g.medium'].map((type) => new ec2.InstanceType(type))),
      image: choice('BastionImage'),
      rotationMarker: one('2026-06', 'July'),
      packages: several(1, 2, 'postgresql16', 'mariadb105', 'htop'),
      idleTimeout: ({ random }) => minutes(random.int(1, 60)),
      encryptionKey: aKey,
    },
    WebFirewallProps: {
      webAclScope: ({ random, place: { region } }) => random.pick(
        region === undefined || region === 'us-east-1' ? Object.values(FirewallScope) : [FirewallScope.REGIONAL]),
      rateLimit: integer(10, 2_000),
      clients: (making) => isGlobal(making) ? undefined : choice('FirewallClients')(making),
      countOnly: ({ generator, random, place }) => random.some(RULES.names, 1, 2)
        .map((rule) => generator.props('CountOnlyRule', place, { rule })),
      rules: (making) =>
        [choice('FirewallRule')(making), library.FirewallRule.managedGroup('AWSManagedRulesUnixRuleSet')],
      allowedCidrs: several(1, 2, '203.0.113.0/24', '2001:db8::/32', '198.51.100.7/32'),
      encryptionKey: aKey,
    },
    ThroughDistributionOptions: { serverRateLimit: integer(2_000, 50_000) },
    CountOnlyRule: { rule: COMPOSED, group: () => RULES.group, reason: REASON },
    RequestMatch: {
      pathPrefixes: several(1, 2, '/admin', '/internal'),
      exceptPathPrefixes: several(1, 2, '/health', '/public'),
      countries: several(1, 2, 'US', 'CA'),
      exceptCountries: several(1, 2, 'DE', 'FR'),
      label: one('awswaf:managed:aws:core-rule-set:SizeRestrictions_Body'),
    },
    SecureLoadBalancerProps: {
      vpc: COMPOSED,
      endpoint: choice('WebEndpoint'),
      additionalCertificates: (making) => isPlain(making) ? undefined : [aCertificate(making)],
      firewall: (making) => making.random.pick([
        () => library.WebFirewall.none(relaxation(making) as library.RelaxationOptions),
        () => library.WebFirewall.fromWebAclArn(aWebAclArn(making.place, 'regional')),
        () => new library.WebFirewall(making.place.stack, making.generator.unique('LoadBalancerFirewall'),
          making.generator.props('WebFirewallProps', making.place, { webAclScope: FirewallScope.REGIONAL })),
      ])(),
      hstsDomainOnly: (making) => isPlain(making) ? undefined : relaxation(making),
      internetFacing: one(true, false),
      accessLogBucket: aBucket,
      vpcSubnets: ({ soFar }) => soFar.internetFacing === false
        ? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } : { subnetType: ec2.SubnetType.PUBLIC },
      idleTimeout: ({ random }) => seconds(random.int(1, 4_000)),
      encryptionKey: (making) => making.soFar.firewall ? undefined : aKey(making),
    },
    WebDomainOptions: DOMAIN,
    StaticSiteCdnProps: {
      source: () => SOME_SITE,
      routing: choice('SiteRouting'),
      immutablePaths: several(1, 2, '/static/*', '/fonts/*'),
      endpoint: siteEndpoint,
      associateDomainNames: ({ random, soFar }) => {
        const { endpoint } = soFar as { endpoint?: library.WebEndpoint };
        // A distribution without the names refuses alias records to it.
        return endpoint && (endpoint._recordZone !== undefined || random.chance(0.5));
      },
      api: nested('SiteApi'),
      contentSecurityPolicy: choice('ContentSecurityPolicy'),
      hstsDomainOnly: relaxation,
      geoRestriction: one(cloudfront.GeoRestriction.allowlist('US', 'CA'), cloudfront.GeoRestriction.denylist('FR')),
      priceClass: one(...Object.values(cloudfront.PriceClass)),
      firewall: COMPOSED,
      accessLogBucket: aBucket,
      encryptionKey: aKey,
    },
    SiteApi: {
      domainName: () => `origin.${ZONE}`,
      paths: several(1, 2, '/v1/*', '/graphql'),
      plainHttp: relaxation,
    },
    EncryptedDatabaseInstanceProps: {
      vpc: COMPOSED,
      engine: COMPOSED,
      instanceType: one(...['t4g.medium', 't4g.micro', 'm6g.large'].map((type) => new ec2.InstanceType(type))),
      allocatedStorage: ({ random }) => Size.gibibytes(random.int(20, 400)),
      maxAllocatedStorage: ({ random, soFar }) => Size.gibibytes(
        random.int(500, 2_000) + (soFar.allocatedStorage as Size | undefined ?? Size.gibibytes(0)).toGibibytes()),
      proxy: choice('DatabaseProxy'),
      multiAz: ({ random, place }) => !place.disposable || random.chance(0.5),
      snapshotIdentifier: ({ soFar, generator, random, place }) => {
        soFar.encryptionKey ??= aKey({ soFar, generator, random, place });
        return soFar.encryptionKey === undefined ? undefined : 'before-the-migration';
      },
      databaseName: one('clinic', 'records'),
      backup: nested('DatabaseBackupOptions'),
      maintenanceWindow: one('sun:05:00-sun:06:00', 'tue:10:30-tue:12:00'),
      vpcSubnets: one(...SUBNETS),
      parameters: databaseParameters,
      encryptionKey: aKey,
    },
    EncryptedAuroraClusterProps: {
      vpc: COMPOSED,
      engine: COMPOSED,
      capacity: choice('AuroraCapacity'),
      readers: ({ random, place }) => random.int(place.disposable ? 0 : 1, 3),
      proxy: (making) => pauses(making) ? undefined : choice('DatabaseProxy')(making),
      snapshotIdentifier: one('before-the-migration', 'awsbackup:job-0a1b2c3d'),
      databaseName: one('clinic', 'records'),
      backup: nested('DatabaseBackupOptions'),
      maintenanceWindow: one('sun:05:00-sun:06:00', 'tue:10:30-tue:12:00'),
      vpcSubnets: one(...SUBNETS),
      parameters: databaseParameters,
      encryptionKey: aKey,
    },
    DatabaseBackupOptions: {
      retention: ({ random }) => days(random.int(7, 35)),
      window: one('03:00-04:00', '22:00-23:30', '07:15-08:00'),
      vaultRetention: ({ random }) => days(random.int(35, 2_000)),
      vaultLock: (making) => making.place.disposable ? undefined : choice('VaultLock')(making),
    },
    GovernanceLockOptions: { minRetention: () => days(1), maxRetention: () => days(2_001) },
    ComplianceLockOptions: {
      minRetention: () => days(1),
      maxRetention: () => days(2_001),
      changeableFor: ({ random }) => days(random.int(3, 30)),
    },
    ServerlessCapacityOptions: {
      minAcu: one(0, 0.5, 2),
      maxAcu: integer(2, 64),
    },
    ProvisionedCapacityOptions: {
      instanceType: one(...['t4g.medium', 'r6g.large'].map((type) => new ec2.InstanceType(type))),
    },
    DatabaseProxyOptions: {
      maxConnectionsPercent: integer(1, 100),
      idleClientTimeout: ({ random }) => minutes(random.int(1, 480)),
      secrets: (making) => [aSecret(making)],
    },
    RotatingSecretsProps: {
      secrets: COMPOSED,
      externalSecrets: COMPOSED,
      rotateEvery: ({ random }) => random.pick([days(random.int(1, 999)), days(90)]),
      maintenanceWindow: one('sun:05:00-sun:06:00', '02:00-04:00'),
      encryptionKey: aKey,
    },
    PasswordOptions: { length: integer(16, 128), excludeCharacters: one('"@/\\', '/@" ') },
    SigningKeyOptions: { bytes: one(33, 66, 129) },
    ExternalSecretOptions: { maxAge: ({ random }) => days(random.int(1, 397)) },
    HardenedRepositoryProps: {
      repositoryName: ({ generator }) => generator.unique('clinic/images'),
      mutableTags: relaxation,
      maxImageCount: integer(1, 100),
      untaggedRetention: ({ random }) => days(random.int(1, 60)),
      encryptionKey: aKey,
    },
    ServiceClusterProps: {
      vpc: COMPOSED,
      encryptionKey: aKey,
      containerInsights: one(ecs.ContainerInsights.ENABLED, ecs.ContainerInsights.ENHANCED),
    },
    SecureFargateServiceProps: {
      image: COMPOSED,
      command: one(['node', 'server.js'], ['./serve']),
      user: one('node', '1001', '1001:1001'),
      containerPort: integer(1_024, 65_535),
      healthCheck: ({ random }) => ({
        command: ['CMD-SHELL', 'curl -f http://localhost:8080/ || exit 1'],
        retries: random.int(1, 10),
        interval: seconds(random.int(61, 300)),
        timeout: seconds(random.int(2, 60)),
        startPeriod: seconds(random.int(0, 300)),
      }),
      maintenanceWindow: one('sat:01:00-sat:03:00', '02:00-04:00'),
      stopTimeout: ({ random }) => seconds(random.int(1, 120)),
      cpuArchitecture: one(ecs.CpuArchitecture.ARM64, ecs.CpuArchitecture.X86_64),
      cpu: ({ random, soFar }) => {
        const cpu = random.pick([256, 512, 1_024]);
        if (cpu === 1_024) soFar.memory = Size.mebibytes(4_096);
        return cpu;
      },
      memory: ({ random }) => Size.mebibytes(random.pick([1_024, 2_048])),
      scaling: choice('ScalingPolicy'),
      capacity: COMPOSED,
      environment: ({ generator, random }) => generator.map(
        random.some([['LOG_LEVEL', 'info'], ['TZ', 'UTC'], ['REGION_NAME', 'east']] as Array<[string, string]>, 1, 3)),
      secrets: containerSecrets,
      uses: COMPOSED,
      certificateBundlePath: one('/etc/ssl/rds-global-bundle.pem'),
      restartOnRotation: (making) => [aSecret(making)],
      writablePaths: several(1, 2, '/tmp', '/var/cache/app'),
      writablePathSize: ({ random }) => Size.mebibytes(random.int(1, 100)),
      vpc: COMPOSED,
      vpcSubnets: one(...SUBNETS),
      cluster: COMPOSED,
      ingress: COMPOSED,
      exec: choice('ExecAccess'),
      encryptionKey: aKey,
      logRetention: one(...RETENTIONS),
      logMetrics: ({ generator, random, place }) => random.chance(0.5)
        ? [generator.choice('LogMetric', place)]
        : [library.LogMetric.applicationErrors(), library.LogMetric.failedLogins()],
      responseTimeTarget: ({ random, soFar }) => soFar.receives ? millis(random.int(1, 3_000)) : undefined,
    },
    JobQueueProps: {
      type: choice('QueueType'),
      visibilityTimeout: ({ random }) => seconds(random.int(1, 3_600)),
      retention: ({ random }) => days(random.int(1, 13)),
      maxReceiveCount: integer(1, 20),
      maxAge: ({ random }) => minutes(random.int(1, 1_200)),
      dataKeyReuse: ({ random }) => minutes(random.int(1, 1_440)),
      encryptionKey: aKey,
    },
    FifoQueueOptions: { contentBasedDeduplication: one(true, false) },
    BacklogScalingOptions: { queue: COMPOSED, jobsPerTask: integer(1, 100), min: COMPOSED, max: integer(1, 20) },
    Ec2CapacityProps: {
      cluster: COMPOSED,
      instanceTypes: ({ random }) => random.pick([['m7i.large', 'm6i.large', 'm7a.large'], ['c7g.xlarge']])
        .map((type) => new ec2.InstanceType(type)),
      minInstances: integer(0, 3),
      maxInstances: integer(3, 9),
      spot: ({ generator, place }) => generator.props('SpotShareOptions', place),
      renewal: one(
        scheduler.ScheduleExpression.rate(days(3)), scheduler.ScheduleExpression.cron({ weekDay: 'WED', hour: '2' })),
      vpcSubnets: one(...SUBNETS),
      encryptionKey: aKey,
    },
    SpotShareOptions: { onDemandInstances: integer(0, 2), spotPercentage: integer(1, 100) },
    FargateSpotOptions: { onDemandTasks: integer(0, 2) },
    ScheduledTaskProps: {
      image: COMPOSED,
      schedule: one(
        scheduler.ScheduleExpression.rate(hours(6)), scheduler.ScheduleExpression.cron({ hour: '3', minute: '30' })),
      window: ({ random }) => minutes(random.int(1, 1_440)),
      allowOverlap: one(true, false),
      command: one(['node', 'report.js'], ['./report']),
      uses: COMPOSED,
      ...TASK,
    },
    MigrationTaskProps: {
      image: COMPOSED,
      command: one(['alembic', 'upgrade', 'head'], ['./migrate']),
      uses: COMPOSED,
      runBefore: COMPOSED,
      timeout: ({ random, soFar }) => soFar.runBefore ? minutes(random.int(1, 13)) : undefined,
      ...TASK,
    },
    ServiceIngressOptions: INGRESS,
    HttpsIngressOptions: { ...DOMAIN, ...INGRESS },
    ScalingRange: { min: integer(1, 3), max: integer(3, 20), cpu: integer(1, 100), memory: integer(1, 100) },
    LogMetricOptions: { threshold: integer(0, 50), pattern: () => logs.FilterPattern.anyTerm('ERROR', 'FATAL') },
    MatchingLogMetricOptions: {
      pattern: () => logs.FilterPattern.literal('TIMEOUT'),
      threshold: integer(0, 50),
      description: () => 'The program timed out. Read its log.',
    },
    ServiceBinding: {
      connectable: aServer,
      environment: ({ generator }) => generator.map([['BACKLOG_NAME', 'backlog'], ['BACKLOG_BATCH', '10']]),
      secrets: (making) => making.generator.map(['BACKLOG_TOKEN', 'BACKLOG_CERTIFICATE'].map((name) =>
        [name, ecs.Secret.fromSecretsManager(aSecret(making))])),
      rotatedSecrets: (making) => [aSecret(making)],
      overlappingSecrets: (making) => [aSecret(making), aSecret(making)],
      waitFor: (making) => [aQueue(making)],
    },
    PhiBucketProps: {
      encryptionKey: aKey,
      accessLogBucket: aBucket,
      lifecycle: ({ generator, place }) => [generator.props('ObjectLifecycle', place, { expireAfter: days(400) })],
      noncurrentVersionRetention: ({ random }) => days(random.int(1, 3_000)),
      objectLock: choice('ObjectLock'),
      replicaBucket: (making) => aReplica(making),
      browserOrigins: several(1, 2, 'https://app.example.com', 'https://admin.example.com:8443'),
      malwareScan: choice('MalwareScan'),
      vpcEndpoints: (making) => making.soFar.browserOrigins ? undefined : [anS3Endpoint(making)],
      requestMetrics: () => true,
    },
    ObjectLifecycle: {
      prefix: one('exports/', 'reports/daily/'),
      transitions: ({ generator, place }) => [generator.props('ObjectTransition', place)],
      expireAfter: ({ random }) => days(random.int(366, 3_000)),
    },
    ObjectTransition: {
      storageClass: one(s3.StorageClass.INFREQUENT_ACCESS, s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
        s3.StorageClass.INTELLIGENT_TIERING),
      after: ({ random }) => days(random.int(30, 365)),
    },
    ObjectLockOptions: { retention: ({ random }) => days(random.int(1, 3_000)), reason: REASON },
    FieldEncryptionKeyProps: { contextKeys: several(1, 3, 'table', 'column', 'record-id') },
    ServiceBindingContext: { service: COMPOSED, certificateBundlePath: COMPOSED },
    WorkloadMonitoringProps: {
      email: one('oncall@example.com'),
      topic: ({ generator, random, place }) => random.chance(0.3)
        ? new sns.Topic(place.users, generator.unique('Topic')) : undefined,
      encryptionKey: (making) => making.soFar.topic ? undefined : aKey(making),
      dashboard: ({ generator, place }) => new cloudwatch.Dashboard(place.users, generator.unique('Dashboard')),
    },
    MonitoringPlan: {
      title: () => 'Visits',
      alarms: ({ generator, place }) => [generator.props('AlarmDefinition', place, { id: 'Few' })],
      widgets: () => [new cloudwatch.TextWidget({ markdown: 'Visits' })],
      notifications: ({ generator, place }) => [generator.choice('Notification', place)],
    },
    AlarmDefinition: {
      id: COMPOSED,
      metric: () => new cloudwatch.Metric({ namespace: 'Clinic', metricName: 'Visits', period: minutes(5) }),
      threshold: integer(0, 50),
      description: () => 'Look at the clinic.',
      missingData: one(...Object.values(cloudwatch.TreatMissingData)),
      comparison: one(cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD),
      evaluationPeriods: integer(1, 5),
      ignoreFewSamples: () => false,
      createdAfter: ({ place }) => [place.stack.node.children[0]],
    },
    EventNotificationOptions: {
      id: COMPOSED,
      eventPattern: () => ({ source: ['aws.rds'], detailType: ['RDS DB Instance Event'] }),
      description: () => 'Something happened to the database.',
      message: () => 'Look at the database.',
    },
    CostNotificationOptions: { id: COMPOSED, monthlyLimit: integer(1, 5_000) },
    ComplianceCheckOptions: {
      additionalPacks: several(1, 2, library.RulePack.AWS_SOLUTIONS, library.RulePack.NIST_800_53_R5),
      baseline: () => path.join(__dirname, 'baseline.json'),
      excludedStacks: COMPOSED,
    },
    ExcludedStack: { stackName: COMPOSED, reason: REASON },
    ...GUARDRAIL_STRUCTS,
    RelaxationOptions: { reason: REASON },
  },
  factories: {
    NatStrategy: {
      onePerAz: () => [],
      single: options('RelaxationOptions'),
      regional: () => [],
      none: (making) => [making.generator.props('NoNatOptions', making.place, endpointOptions(making))],
    },
    NetworkAlarms: {
      essential: () => [],
      complete: (making) => logsToBucket(making) ? undefined : options('CompleteNetworkAlarmsOptions')(making),
    },
    VaultLock: {
      governance: options('GovernanceLockOptions'), compliance: options('ComplianceLockOptions'),
    },
    AdoptedRecording: {
      everything: () => [], everythingExcept: options('ExcludedTypes'), atLeast: options('RequiredTypes'),
    },
    ObjectLock: {
      legalHoldsOnly: () => [], governance: options('ObjectLockOptions'), compliance: options('ObjectLockOptions'),
    },
    MalwareScan: { allObjects: () => [], prefixes: ({ random }) => random.some(['uploads/', 'mail/', 'fax/'], 1, 3) },
    DatabaseAccess: { readOnly: () => [], readWrite: () => [], owner: () => [], iamToken: () => [] },
    FlowLogStorage: {
      cloudWatchLogs: options('FlowLogGroupOptions'), bucket: options('FlowLogBucketOptions'),
    },
    BastionImage: {
      amazonLinux2023: () => [],
      pinned: ({ generator, place: { region = 'us-east-1' } }) =>
        [generator.map([[region, 'ami-0123456789abcdef0'], ['eu-central-1', 'ami-0123456789abcdef1']])],
      parameterVersion: ({ random }) => ['/images/bastion', random.int(1, 9)],
    },
    FirewallClients: {
      direct: () => [],
      throughDistribution: ({ generator, place }) => [generator.props('ThroughDistributionOptions', place)],
    },
    FirewallRule: {
      block: ruleWithMatch,
      count: ruleWithMatch,
      managedGroup: () => ['AWSManagedRulesLinuxRuleSet'],
      ruleGroup: (making) => {
        const id = making.generator.unique('RuleGroup');
        return [id, new wafv2.CfnRuleGroup(making.place.users, id, {
          capacity: 1,
          scope: isGlobal(making) ? 'CLOUDFRONT' : 'REGIONAL',
          visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: id, sampledRequestsEnabled: false },
        })];
      },
    },
    WebEndpoint: {
      domain: options('WebDomainOptions'),
      certificate: (making) => [aCertificate(making), ...making.random.chance(0.5) ? endpointNames(making, 1) : []],
      plainHttp: options('RelaxationOptions'),
    },
    SiteRouting: { files: () => [], multiPage: () => [], singlePageApp: () => [] },
    ContentSecurityPolicy: {
      strict: ({ generator }) => [generator.map([['connect-src', [`https://api.${ZONE}`]], ['img-src', ['data:']]])],
      custom: (making) => ["default-src 'self'", relaxation(making)],
    },
    AuroraCapacity: {
      serverless: options('ServerlessCapacityOptions'),
      provisioned: options('ProvisionedCapacityOptions'),
    },
    DatabaseProxy: {
      withPassword: options('DatabaseProxyOptions'), withIamToken: options('DatabaseProxyOptions'),
    },
    GeneratedSecret: {
      password: options('PasswordOptions'),
      signingKey: options('SigningKeyOptions'),
      signingKeys: options('SigningKeyOptions'),
      keyRing: () => [],
    },
    ServiceIngress: {
      https: (making) => {
        // A load balancer refuses more domain names.
        making.generator.used.add('HttpsIngressOptions.additionalDomainNames');
        return [making.generator.props('HttpsIngressOptions', making.place, ingressRule(making))];
      },
      loadBalancer: (making) => {
        const balancers = making.soFar.loadBalancers as library.SecureLoadBalancer[];
        return balancers.length > 0 ? [making.random.pick(balancers), ingressOptions(making)] : undefined;
      },
      listener: (making) => [aListener(making), ingressOptions(making)],
      newListener: (making) => [aLoadBalancer(making), [aCertificate(making)], ingressOptions(making)],
      none: () => [],
    },
    ScalingPolicy: {
      between: options('ScalingRange'),
      constant: ({ random }) => [random.int(1, 10)],
      backlog: ({ generator, random, place, soFar }) => [generator.props('BacklogScalingOptions', place, {
        queue: new library.JobQueue(
          place.stack, generator.unique('Backlog'), generator.props('JobQueueProps', place)),
        min: soFar.ingress ? 1 : random.int(0, 1),
      })],
    },
    QueueType: { standard: () => [], fifo: options('FifoQueueOptions') },
    ServiceCapacity: {
      fargate: () => [],
      fargateSpot: options('FargateSpotOptions'),
      ec2: ({ soFar }) => soFar.instances ? [soFar.instances] : undefined,
    },
    ExecAccess: { none: () => [], audited: options('RelaxationOptions') },
    LogMetric: {
      applicationErrors: options('LogMetricOptions'),
      failedLogins: options('LogMetricOptions'),
      matching: ({ generator, place }) => ['Timeouts', generator.props('MatchingLogMetricOptions', place)],
    },
    Notification: {
      event: ({ generator, place }) =>
        [generator.props('EventNotificationOptions', place, { id: generator.unique('Event') })],
      costs: (making) => inAws(making)
        ? [making.generator.props('CostNotificationOptions', making.place, { id: making.generator.unique('Costs') })]
        : undefined,
    },
    ConfigRecording: {
      continuous: options('ConfigRecordingOptions'), daily: options('ConfigRecordingOptions'),
    },
  },
};

/** The options of two endpoints of a VPC, in some of its zones. */
function endpointOptions({ generator, random, place, soFar }: Making): object {
  if (!random.chance(0.5)) return { endpointOptions: undefined };
  const { maxAzs, availabilityZones } = soFar as library.HipaaVpcProps;
  const count = availabilityZones?.length ?? maxAzs ?? 2;
  const zones = Array.from({ length: count }, (_, zone) => zone + 1);
  return {
    endpointOptions: generator.map(['logs', 'secretsmanager'].map((name) => [
      name,
      generator.props('PrivateEndpointOptions', place, {
        zones: random.chance(0.3) ? undefined : random.some(zones, 1, count),
      }),
    ])),
  };
}

function databaseParameters({ generator, soFar }: Making): unknown {
  const isPostgres = /postgres/.test((soFar.engine as rds.IEngine).engineType);
  return generator.map([['max_connections', '90'], [isPostgres ? 'lock_timeout' : 'wait_timeout', '5000']]);
}

function reachesInternet({ soFar }: Making): boolean {
  return (soFar.nat as { _reachesInternet?: boolean } | undefined)?._reachesInternet !== false;
}

function makesOwnBucket({ soFar }: Making): boolean {
  return (soFar.flowLogs as { options?: { bucket?: unknown } } | undefined)?.options?.bucket !== undefined;
}

function logsToBucket({ soFar }: Making): boolean {
  return soFar.flowLogs !== undefined && 'refuseWithOwnBucket' in (soFar.flowLogs as object);
}

function isPlain({ soFar }: Making): boolean {
  return (soFar.endpoint as { _plainHttp?: unknown } | undefined)?._plainHttp !== undefined;
}

function pauses({ soFar }: Making): boolean {
  return (soFar.capacity as { options?: { minAcu?: number } } | undefined)?.options?.minAcu === 0;
}

function ruleWithMatch({ generator, random, place }: Making): unknown[] {
  const match = generator.props<library.RequestMatch>('RequestMatch', place);
  const isEmpty = Object.keys(match).length === 0;
  return [generator.unique('Rule'), isEmpty ? { pathPrefixes: [random.pick(['/a', '/b'])] } : match];
}

function ingressOptions(making: Making): unknown {
  return making.generator.props<library.ServiceIngressOptions>(
    'ServiceIngressOptions', making.place, ingressRule(making));
}

function ingressRule({ generator, random }: Making): library.ServiceIngressOptions {
  return {
    path: undefined,
    host: undefined,
    priority: undefined,
    ...random.pick([
      { path: `/${generator.unique('service')}/*` },
      { host: `${generator.unique('api')}.${ZONE}` },
      { path: `/${generator.unique('service')}`, priority: Number(generator.unique('')) },
    ]),
  };
}

/** An endpoint of a site: its certificate is in us-east-1. */
function siteEndpoint(making: Making): unknown {
  const { generator, random, place } = making;
  const certificate = aCertificateOfUsEast1(making);
  generator.used.add('WebDomainOptions.additionalDomainNames');
  if (random.chance(0.4)) return library.WebEndpoint.certificate(certificate, ...endpointNames(making, 10));
  const requests = place.region === 'us-east-1' && random.chance(0.5);
  const [domainName, ...additionalDomainNames] = endpointNames(making, 10);
  return library.WebEndpoint.domain(generator.props<library.WebDomainOptions>('WebDomainOptions', place, {
    domainName, additionalDomainNames, certificate: requests ? undefined : certificate,
  }));
}

export const ENGINES = {
  postgres: () => rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_13 }),
  mysql: () => rds.DatabaseInstanceEngine.mysql({ version: rds.MysqlEngineVersion.VER_8_4_7 }),
  auroraPostgres: () =>
    rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
  auroraMysql: () => rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_10_4 }),
};
