import { Duration, Size } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as config from 'aws-cdk-lib/aws-config';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { someVpc } from './app';
import { SOME_SITE } from './shapes';
import {
  FirewallScope, GeneratedSecret, Guardrail, JobQueue, SecureFargateService,
  SecureLoadBalancer, ServiceCluster, ServiceIngress, WebEndpoint, WebFirewall,
} from '../../src';

const IMAGE = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
const zone = (scope: Construct) => route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
  hostedZoneId: 'Z1', zoneName: 'example.com',
});
const certificate = (scope: Construct) =>
  acm.Certificate.fromCertificateArn(scope, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1');
const loadBalancer = (scope: Construct) => new SecureLoadBalancer(scope, 'Entrance', {
  vpc: someVpc(scope), endpoint: WebEndpoint.certificate(certificate(scope)),
});
const fixed = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).map(([owner, value]) => [owner, () => value]));
const ingress = (struct: string) => ({
  [`${struct}.path`]: '/api/*',
  [`${struct}.host`]: 'api.example.com',
  [`${struct}.healthCheckPath`]: '/health',
  [`${struct}.healthCheckInterval`]: Duration.seconds(30),
  [`${struct}.stickiness`]: Duration.hours(1),
  [`${struct}.deregistrationDelay`]: Duration.seconds(60),
});

/** Valid values of props and arguments for which another value of the type is refused. */
export const VALID: Record<string, (scope: Construct) => unknown> = {
  ...fixed({
    'BacklogScalingOptions.min': 1,
    'BacklogScalingOptions.max': 4,
    'BastionImage.parameterVersion.parameterName':
      '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
    'BastionImage.pinned.amis': { 'us-east-1': 'ami-0123456789abcdef0' },
    'BastionImage.pinned.amis{}': 'ami-0123456789abcdef0',
    'ComplianceLockOptions.maxRetention': Duration.days(400),
    'ConfigOptions.excludedRules': { 'rds-multi-az-support': 'one zone is enough for reports' },
    'ConfigOptions.ruleParameters': { 'access-keys-rotated': { maxAccessKeyAge: '60' } },
    'ConfigOptions.ruleParameters{}': { maxAccessKeyAge: '60' },
    'ConfigOptions.ruleParameters{}{}': '60',
    'AlarmDefinition.id': 'Silent',
    'AlarmDefinition.ignoreFewSamples': false,
    'CostNotificationOptions.id': 'Costs',
    'EventNotificationOptions.id': 'Findings',
    'EventNotificationOptions.eventPattern': { source: ['aws.s3'] },
    'WebFirewall.metric.name': 'BlockedRequests',
    'MalwareScan.prefixes.others[]': 'uploads/',
    'RotatingSecrets.get.name': 'session',
    'RotatingSecrets.forContainer.name': 'session',
    'RotatingSecrets.grantRead.names[]': 'session',
    'ContentSecurityPolicy.strict.additions': { 'connect-src': ['https://api.example.com'] },
    'ContentSecurityPolicy.strict.additions{}': ['https://api.example.com'],
    'ContentSecurityPolicy.strict.additions{}[]': 'https://api.example.com',
    'ContentSecurityPolicy.custom.policy': "default-src 'self'",
    'CountOnlyRule.rule': 'SizeRestrictions_BODY',
    'CountOnlyRule.group': 'AWSManagedRulesCommonRuleSet',
    'DatabaseBackupOptions.vaultRetention': Duration.days(60),
    'DatabaseBackupOptions.window': '03:00-04:00',
    'DatabaseProxyOptions.idleClientTimeout': Duration.minutes(30),
    'EncryptedAuroraClusterProps.maintenanceWindow': 'sun:05:00-sun:06:00',
    'EncryptedDatabaseInstanceProps.maintenanceWindow': 'sun:05:00-sun:06:00',
    'FirewallRule.managedGroup.name': 'AWSManagedRulesLinuxRuleSet',
    'FirewallRule.block.match': { pathPrefixes: ['/admin'] },
    'FirewallRule.count.match': { pathPrefixes: ['/admin'] },
    'GovernanceLockOptions.maxRetention': Duration.days(400),
    'HipaaVpcProps.availabilityZones': ['us-east-1a', 'us-east-1b'],
    'HipaaVpcProps.cidr': '10.1.0.0/16',
    'HttpsIngressOptions.domainName': 'api.example.com',
    'HttpsIngressOptions.additionalDomainNames[]': 'www.example.com',
    ...ingress('HttpsIngressOptions'),
    ...ingress('ServiceIngressOptions'),
    'JobQueueProps.dataKeyReuse': Duration.minutes(10),
    'JobQueueProps.maxAge': Duration.hours(1),
    'JobQueueProps.retention': Duration.days(7),
    'JobQueueProps.visibilityTimeout': Duration.minutes(10),
    'LogMetric.matching.name': 'Declined',
    'MigrationTaskProps.cpu': 512,
    'MigrationTaskProps.memory': Size.gibibytes(2),
    'MigrationTaskProps.timeout': Duration.minutes(10),
    'MigrationTaskProps.user': '1000:1000',
    'MigrationTaskProps.certificateBundlePath': '/etc/rds.pem',
    'MigrationTaskProps.writablePaths[]': '/tmp',
    'MigrationTaskProps.writablePathSize': Size.mebibytes(100),
    'NoNatOptions.endpointOptions': { logs: {} },
    'ObjectLifecycle.prefix': 'exports/',
    'PasswordOptions.length': 40,
    'PasswordPolicyOptions.minimumLength': 16,
    'PhiBucketProps.browserOrigins[]': 'https://app.example.com',
    'PhiBucketProps.lifecycle[]': { expireAfter: Duration.days(400) },
    'PrivateEndpointOptions.ports[]': 443,
    'PrivateEndpointOptions.zones[]': 1,
    'RequestMatch.countries[]': 'US',
    'RequestMatch.exceptCountries[]': 'US',
    'RequestMatch.pathPrefixes[]': '/admin',
    'RequestMatch.exceptPathPrefixes[]': '/admin',
    'RotatingSecretsProps.secrets': { session: GeneratedSecret.signingKeys() },
    'RotatingSecretsProps.maintenanceWindow': 'sun:05:00-sun:07:00',
    'ScalingRange.max': 4,
    'ScalingRange.cpu': 60,
    'ScalingRange.memory': 60,
    'ScheduledTaskProps.schedule': scheduler.ScheduleExpression.rate(Duration.hours(6)),
    'ScheduledTaskProps.cpu': 512,
    'ScheduledTaskProps.memory': Size.gibibytes(2),
    'ScheduledTaskProps.user': '1000:1000',
    'ScheduledTaskProps.window': Duration.minutes(10),
    'ScheduledTaskProps.certificateBundlePath': '/etc/rds.pem',
    'ScheduledTaskProps.writablePaths[]': '/tmp',
    'ScheduledTaskProps.writablePathSize': Size.mebibytes(100),
    'SecureFargateServiceProps.certificateBundlePath': '/etc/rds.pem',
    'SecureFargateServiceProps.containerPort': 8080,
    'SecureFargateServiceProps.cpu': 512,
    'SecureFargateServiceProps.memory': Size.gibibytes(2),
    'SecureFargateServiceProps.user': '1000:1000',
    'SecureFargateServiceProps.maintenanceWindow': 'sun:05:00-sun:07:00',
    'SecureFargateServiceProps.responseTimeTarget': Duration.seconds(1),
    'SecureFargateServiceProps.stopTimeout': Duration.seconds(60),
    'SecureFargateServiceProps.writablePaths[]': '/tmp',
    'SecureFargateServiceProps.writablePathSize': Size.mebibytes(100),
    'SecureLoadBalancerProps.idleTimeout': Duration.seconds(60),
    'SigningKeyOptions.bytes': 66,
    'SiteApi.domainName': 'api.example.com',
    'SiteApi.paths[]': '/api/*',
    'SpotShareOptions.onDemandInstances': 2,
    'SpotShareOptions.spotPercentage': 50,
    'SshBastionProps.allowedAddress': '203.0.113.7/32',
    'SshBastionProps.idleTimeout': Duration.minutes(20),
    'SsmBastionProps.idleTimeout': Duration.minutes(20),
    'SsmBastionProps.maxSessionDuration': Duration.hours(2),
    'StaticSiteCdnProps.immutablePaths[]': '/assets/*',
    'StaticSiteCdnProps.source': SOME_SITE,
    'ThroughDistributionOptions.serverRateLimit': 10_000,
    'WebDomainOptions.domainName': 'www.example.com',
    'WebDomainOptions.additionalDomainNames[]': 'app.example.com',
    'WebEndpoint.certificate.domainNames[]': 'www.example.com',
    'WebFirewallProps.allowedCidrs[]': '203.0.113.0/24',
    'WebFirewallProps.rateLimit': 1_000,
    'WorkloadMonitoringProps.email': 'oncall@example.com',
    'ecs.HealthCheck.command': ['CMD-SHELL', 'curl -f http://localhost:8080/ || exit 1'],
    'ecs.HealthCheck.interval': Duration.seconds(30),
    'ecs.HealthCheck.startPeriod': Duration.seconds(30),
    'ecs.HealthCheck.timeout': Duration.seconds(5),
    'ExcludedTypes.types': [config.ResourceType.EC2_INSTANCE],
    'ProvisionedCapacityOptions.instanceType': new ec2.InstanceType('r7g.large'),
  }),
  'WebFirewall.fromWebAclArn.webAclArn': () => 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/clinic/1',
  'SecureLoadBalancerProps.endpoint': (scope) => WebEndpoint.certificate(certificate(scope)),
  'HttpsIngressOptions.hostedZone': zone,
  'HttpsIngressOptions.certificate': certificate,
  'WebDomainOptions.hostedZone': zone,
  'WebDomainOptions.certificate': certificate,
  'ServiceIngress.loadBalancer.loadBalancer': loadBalancer,
  'BacklogScalingOptions.queue': (scope) => new JobQueue(scope, 'Jobs'),
  'PhiBucketProps.replicaBucket': (scope) => s3.Bucket.fromBucketAttributes(scope, 'Replica', {
    bucketArn: 'arn:aws:s3:::clinic-replica',
    region: 'us-west-2',
    encryptionKey: kms.Key.fromKeyArn(scope, 'ReplicaKey', 'arn:aws:kms:us-west-2:111122223333:key/1'),
  }),
  'SecureLoadBalancerProps.vpcSubnets': () => ({ subnetType: ec2.SubnetType.PUBLIC }),
  'SshBastionProps.vpcSubnets': () => ({ subnetType: ec2.SubnetType.PUBLIC }),
  'StaticSiteCdnProps.firewall': (scope) =>
    new WebFirewall(scope, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT }),
  'StaticSiteCdnProps.accessLogBucket': (scope) =>
    new s3.Bucket(scope, 'Logs', { objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED }),
};

/** The props that a construct requires in addition, or with other values than those of the struct. */
export const BASES: Record<string, (scope: Construct) => object> = {
  Ec2Capacity: (scope) => {
    const encryptionKey = new kms.Key(scope, 'Key');
    return { cluster: new ServiceCluster(scope, 'Cluster', { vpc: someVpc(scope), encryptionKey }), encryptionKey };
  },
  MigrationTask: (scope) => ({ vpc: someVpc(scope), image: IMAGE }),
  ScheduledTask: (scope) => ({ vpc: someVpc(scope), image: IMAGE }),
  SecureFargateService: (scope) => ({ vpc: someVpc(scope), image: IMAGE, containerPort: 8080 }),
  RotatingSecrets: () => ({ secrets: { session: GeneratedSecret.signingKeys() } }),
};
export const WITH: Array<[RegExp, (scope: Construct) => object]> = [
  [/^ComplianceGuardrails config\.adoptedRecording/, () => ({ adopt: [Guardrail.CONFIG] })],
  [/^ComplianceGuardrails trail\.logGroup/, () => ({ adopt: [Guardrail.TRAIL] })],
  [/^EncryptedDatabaseInstance snapshotIdentifier/, (scope) => ({ encryptionKey: new kms.Key(scope, 'Key') })],
  [/^MigrationTask timeout/, (scope) => ({
    runBefore: [new SecureFargateService(scope, 'Api', { vpc: someVpc(scope), image: IMAGE })],
  })],
  [/^(?:MigrationTask|ScheduledTask|SecureFargateService) writablePathSize/, () => ({ writablePaths: ['/tmp'] })],
  [/^SecureFargateService responseTimeTarget/, (scope) => ({
    ingress: ServiceIngress.loadBalancer(loadBalancer(scope), { path: '/api/*' }),
  })],
];

/** The props whose valid value depends on other props, and that have tests of their own. */
export const NOT_VALID_ALONE = [
  'Ec2CapacityProps.cluster',
  'HipaaVpcProps.availabilityZones[]',
  'HttpsIngressOptions.additionalDomainNames',
  'HttpsIngressOptions.additionalDomainNames[]',
  'MigrationTaskProps.runBefore',
  'MigrationTaskProps.runBefore[]',
  'RotatingSecrets.grantRead.grantee',
  'ServiceBinding.connectable',
  'ServiceCapacity.ec2.instances',
  'SshBastion.allowTo.target',
  'SsmBastion.allowTo.target',
  'WebDomainOptions.additionalDomainNames',
  'WebDomainOptions.additionalDomainNames[]',
];

const TEXT = ['5,000 characters', 'a control character', 'a leading space', 'no letter', 'an emoji'];
const SHORT_TEXT = TEXT.slice(1);
const NONE = ['no element'];

/** Unusual values that an app can mean. */
export const ACCEPTED: Array<{ readonly of: RegExp; readonly kinds: string[]; readonly reason: string }> = [
  { of: /\.reason$|\.excludedRules\{\}$|^MonitoringPlan\.title$/, kinds: TEXT, reason: 'for people, who judge it' },
  {
    of: /(?:AlarmDefinition|LogMetricOptions|EventNotificationOptions)\.(?:description|message)$/,
    kinds: SHORT_TEXT,
    reason: 'for people',
  },
  { of: /^EventNotificationOptions\.message$/, kinds: ['5,000 characters'], reason: 'at most 8,192 characters' },
  { of: /^MonitoringPlan\.widgets$/, kinds: ['an element twice'], reason: 'the dashboard shows it twice' },
  { of: /^PhiBucketProps\.lifecycle$/, kinds: ['an element twice'], reason: 'S3 accepts equal rules' },
  { of: /^MonitoringPlan\.(?:alarms|widgets)$/, kinds: NONE, reason: 'a construct can have none' },
  { of: /\.(?:others|domainNames)$/, kinds: NONE, reason: 'an argument that can be left out' },
  { of: /Props\.command\[\]$/, kinds: TEXT, reason: 'an argument of a program is any text' },
  { of: /^ecs\.HealthCheck\.command\[\]$/, kinds: TEXT, reason: 'an argument of a program is any text' },
  { of: /\.command$/, kinds: ['an element twice'], reason: 'two arguments can be equal' },
  { of: /\.environment\{\}$/, kinds: [...TEXT, 'an empty text', 'a blank text'], reason: 'a variable is any text' },
  {
    of: /(?:(?:Task|Service)Props|ServiceBinding)\.(?:environment|secrets)$/,
    kinds: ['a long key'],
    reason: 'Linux has no limit for the name of a variable',
  },
  {
    of: /\.parameters\{\}$/,
    kinds: ['a leading space', 'no letter', 'an emoji'],
    reason: 'the engine decides what a parameter accepts',
  },
  {
    of: /\.ruleParameters\{\}\{\}$/,
    kinds: [...SHORT_TEXT, 'an empty text'],
    reason: 'the rule decides what a parameter accepts, and an empty value removes it',
  },
  { of: /^ObjectLifecycle\.prefix$/, kinds: SHORT_TEXT, reason: 'a key has any characters' },
  {
    of: /^MalwareScan\.prefixes\.(?:first|others\[\])$/,
    kinds: ['a control character', 'no letter', 'an emoji'],
    reason: 'a key has any characters',
  },
  { of: /^FlowLogBucketOptions\.prefix$/, kinds: ['no letter'], reason: 'S3 documents ! as a safe character' },
  {
    of: /\.excludeCharacters$/,
    kinds: [...SHORT_TEXT, 'an empty text', 'a blank text'],
    reason: 'a character that no password has is never used',
  },
  {
    of: /\.dbUser$/,
    kinds: ['a leading space', 'no letter', 'an emoji'],
    reason: 'the name of a user in quotes has any characters',
  },
  { of: /\.addService\.id$/, kinds: [...TEXT, 'a blank text'], reason: 'the ID of a construct is any text' },
  { of: /\.custom\.policy$/, kinds: ['a leading space'], reason: 'a browser skips it' },
  {
    of: /\.(?:threshold|rejectedRecords|mebibytesLeavingData)$/,
    kinds: ['0', '1e12'],
    reason: 'CloudWatch has no limit for a threshold',
  },
  { of: /^AlarmDefinition\.threshold$/, kinds: ['-1', '2.5'], reason: 'the metric decides its values' },
  { of: /\.mebibytesLeavingData$/, kinds: ['2.5'], reason: 'a size in mebibytes has fractions' },
  { of: /\.monthly(?:Cost)?Limit$/, kinds: ['2.5', '1e12'], reason: 'an amount in US dollars' },
  {
    of: /^BacklogScalingOptions\.min$|\.(?:minInstances|minAcu|onDemandTasks|onDemandInstances)$/,
    kinds: ['0'],
    reason: 'nothing runs while there is no work, or only Spot capacity',
  },
  { of: /\.maxAcu$/, kinds: ['2.5'], reason: 'Aurora scales in steps of 0.5' },
  {
    of: /\.(?:deregistrationDelay|healthCheckGracePeriod|startPeriod|after)$/,
    kinds: ['0 seconds'],
    reason: 'at once',
  },
  { of: /\.responseTimeTarget$/, kinds: ['1 millisecond', '90,001 milliseconds'], reason: 'any measured time' },
  { of: /\.parameterVersion\.version$/, kinds: ['1e12'], reason: 'Systems Manager has no limit for a version' },
  { of: /\.(?:protectionPlans|standards|immutablePaths)$/, kinds: NONE, reason: 'documented: none of them' },
];
