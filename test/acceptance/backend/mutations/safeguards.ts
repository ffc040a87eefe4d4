import { Break } from './alarms';
import {
  about, Change, edit, matching, named, open, Properties, remove, set, Where, wrongDenials,
} from '../../../support/template/mutations';
import * as compute from '../proof/compute';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as network from '../proof/network';
import * as type from '../proof/parts';
import { Proof } from '../proof/system';
import * as whole from '../proof/whole';

const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const SCHEDULED = 'AWS::Scheduler::Schedule';
const FIREWALL_LOG = 'AWS::WAFv2::LoggingConfiguration';
const PARAMETER_GROUP = /^AWS::RDS::DB(Cluster)?ParameterGroup$/;

const denials = (proof: Proof, of: string, where: Where, count: number): Break[] =>
  wrongDenials(of, where, count).map(([what, change]) => [proof, what, change]);
const jobs: Where = ({ RedrivePolicy }) => RedrivePolicy !== undefined;
const redrive = (properties: Properties) => edit(type.QUEUE, ({ RedrivePolicy }) =>
  Object.assign(RedrivePolicy, properties), jobs);
const instances = (properties: Properties) => set(type.DB_INSTANCE, properties);
/** Changes the parameter group, or the group of the database, of either variant. */
const parameter = (name: string, value: string): Change => ({ Resources }) => {
  const [group] = Object.values(Resources).filter(({ Type }) => PARAMETER_GROUP.test(Type));
  group.Properties.Parameters[name] = value;
};
const defaultParameters: Change = (template) => {
  const isCluster = Object.values(template.Resources).some(({ Type }) => Type === type.DB_CLUSTER);
  const [[, { Properties: properties }]] = matching(template, isCluster ? type.DB_CLUSTER : type.DB_INSTANCE);
  properties[isCluster ? 'DBClusterParameterGroupName' : 'DBParameterGroupName'] = 'default.postgres16';
};
const planned = (change: (rule: Properties) => void) => edit('AWS::Backup::BackupPlan', ({ BackupPlan }) =>
  change(BackupPlan.BackupPlanRule[0]));
const attribute = (key: string, value: string) => edit(type.LOAD_BALANCER, ({ LoadBalancerAttributes }) => {
  LoadBalancerAttributes.find(({ Key }: Properties) => Key === key).Value = value;
});
const rule = (where: Where, index: number, properties: Properties) => edit(type.BUCKET, ({ LifecycleConfiguration }) =>
  Object.assign(LifecycleConfiguration.Rules[index], properties), where);
const schedule = (name: string, properties: Properties) => set(SCHEDULED, properties, named(name));

/** Changes of policies, keys, parameters and schedules. */
export const SAFEGUARD_BREAKS: Break[] = [
  [database.pooled, 'logins with a plain password', edit(type.DB_PROXY, ({ Auth }) => {
    Auth[1].ClientPasswordAuthType = 'POSTGRES_MD5';
  })],
  [database.pooled, 'a login less', edit(type.DB_PROXY, ({ Auth }) => Auth.pop())],
  [database.pooled, 'statements in the log', set(type.DB_PROXY, { DebugLogging: true })],
  [database.pooled, 'another database', edit('AWS::RDS::DBProxyTargetGroup', (group) => {
    delete group.DBClusterIdentifiers;
    group.DBInstanceIdentifiers = ['other'];
  })],
  [database.monitored, 'metrics each hour', instances({ MonitoringInterval: 3600 })],
  [database.monitored, 'no role', instances({ MonitoringRoleArn: { 'Fn::GetAtt': ['ApiTaskRole', 'Arn'] } })],
  [database.performanceInsights, 'another key', instances({ PerformanceInsightsKMSKeyId: 'alias/aws/rds' })],
  [database.performanceInsights, 'two years', instances({ PerformanceInsightsRetentionPeriod: 731 })],
  [database.serverless, 'both instances in one zone', edit(type.DB_INSTANCE, (properties) => {
    properties.AvailabilityZone = { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] };
  })],
  [database.backups, 'backups of one day', planned(({ Lifecycle }) => { Lifecycle.DeleteAfterDays = 1; })],
  [database.backups, 'weekly backups', planned((each) => { each.ScheduleExpression = 'cron(0 6 ? * SUN *)'; })],
  [database.backups, 'another vault', planned((each) => { each.TargetBackupVault = 'Default'; })],
  [database.backups, 'another database', edit('AWS::Backup::BackupSelection', ({ BackupSelection }) => {
    BackupSelection.Resources = ['arn:aws:rds:us-east-1:111122223333:db:other'];
  })],
  ...(['rds.force_ssl', 'ssl_min_protocol_version', 'log_statement', 'pgaudit.log'] as const).map((name): Break =>
    [whole.encryptedInTransit, `another value of ${name}`, parameter(name, 'all')]),
  [whole.encryptedInTransit, 'the default parameters', defaultParameters],
  [whole.encryptedInTransit, 'a proxy without TLS', set(type.DB_PROXY, { RequireTLS: false })],
  ...['Api', 'Worker', 'Migrations', 'Cleanup'].map((name): Break =>
    [database.generatedCredentials, `no rotation of ${name}`, remove(type.SCHEDULE, about(`Users${name}Rotation`))]),
  [database.generatedCredentials, 'one rotation', edit(type.SCHEDULE, ({ RotationRules }) => {
    RotationRules.ScheduleExpression = 'cron(0 5 1 1 ? 2099)';
  }, about('PasswordRotation'))],
  [database.ownUsers, 'no policy of a login', remove(SECRET_POLICY, about('UsersWorkerSecret'))],
  ...denials(database.ownUsers, SECRET_POLICY, about('UsersApiSecret'), 2),

  [compute.queue, 'a day of retention', set(type.QUEUE, { MessageRetentionPeriod: 86_400 }, jobs)],
  [compute.queue, 'a job that is soon received again', set(type.QUEUE, { VisibilityTimeout: 1 }, jobs)],
  ...denials(compute.queue, 'AWS::SQS::QueuePolicy', named('JobsPolicy'), 1),
  ...denials(compute.deadLetterQueue, 'AWS::SQS::QueuePolicy', named('JobsDeadLettersPolicy'), 1),
  [compute.deadLetterQueue, 'one attempt', redrive({ maxReceiveCount: 1 })],
  [compute.deadLetterQueue, 'no redrive', edit(type.QUEUE, (queue) => delete queue.RedrivePolicy, jobs)],
  [compute.deadLetterQueue, 'no key', edit(type.QUEUE, (queue) => delete queue.KmsMasterKeyId,
    named('JobsDeadLetters'))],
  [compute.deadLetterQueue, 'jobs that cannot return', set(type.QUEUE, {
    RedriveAllowPolicy: { redrivePermission: 'denyAll' },
  }, named('JobsDeadLetters'))],

  [compute.spot, 'a hundred instances', set(type.AUTO_SCALING_GROUP, { MaxSize: '100' })],
  [compute.spot, 'no rebalancing', set(type.AUTO_SCALING_GROUP, { CapacityRebalance: false })],
  [compute.spot, 'the cheapest pool', edit(type.AUTO_SCALING_GROUP, ({ MixedInstancesPolicy }) => {
    MixedInstancesPolicy.InstancesDistribution.SpotAllocationStrategy = 'lowest-price';
  })],
  [compute.cluster, 'the task of the migrations', set(type.SERVICE, {
    TaskDefinition: { Ref: 'MigrationsTaskDefinition95FE7971' },
  }, named('Worker'))],
  [compute.cluster, 'a shell in the container', set(type.SERVICE, { EnableExecuteCommand: true }, named('Api'))],
  [compute.cluster, 'no way back', edit(type.SERVICE, ({ DeploymentConfiguration }) => {
    DeploymentConfiguration.DeploymentCircuitBreaker.Enable = false;
  }, named('Worker'))],
  ...([
    ['another program', { Command: ['node', 'migrate.js'] }],
    ['another image', { Image: 'programs:latest' }],
    ['capabilities', { LinuxParameters: {} }],
    ['no log', { LogConfiguration: { LogDriver: 'json-file' } }],
  ] as Array<[string, object]>).map(([what, values]): Break => [
    compute.cluster, what, edit(type.TASK, ({ ContainerDefinitions: [definition] }) =>
      Object.assign(definition, values), named('WorkerTaskDefinition')),
  ]),
  [database.pooled, 'a role that reads no secrets', set(type.DB_PROXY, {
    RoleArn: { 'Fn::GetAtt': ['ApiTaskRole', 'Arn'] },
  })],
  [compute.cluster, 'plain disks', edit(type.LAUNCH_TEMPLATE, ({ LaunchTemplateData }) => {
    LaunchTemplateData.BlockDeviceMappings[0].Ebs.Encrypted = false;
  }, named('Instances'))],
  [compute.cluster, 'metadata for containers', edit(type.LAUNCH_TEMPLATE, ({ LaunchTemplateData }) => {
    LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit = 2;
  }, named('Instances'))],
  [compute.secureBastion, 'IMDSv1', edit(type.EC2_INSTANCE, ({ MetadataOptions }) => {
    MetadataOptions.HttpTokens = 'optional';
  })],
  [compute.secureBastion, 'SSH from everywhere', edit(type.SECURITY_GROUP, ({ SecurityGroupIngress: [ssh] }) => {
    ssh.CidrIp = '0.0.0.0/0';
  }, named('Bastion'))],
  [network.bastionAccess, 'a larger range', edit(type.SECURITY_GROUP, ({ SecurityGroupIngress: [ssh] }) => {
    ssh.CidrIp = '203.0.113.0/24';
  }, named('Bastion'))],
  [network.bastionAccess, 'all ports', edit(type.SECURITY_GROUP, ({ SecurityGroupIngress: [ssh] }) => {
    Object.assign(ssh, { FromPort: 0, ToPort: 65_535 });
  }, named('Bastion'))],
  [compute.keyPair, 'the key pair of another', set(type.EC2_INSTANCE, { KeyName: 'other' })],
  [compute.keyPair, 'passwords', edit(type.EC2_INSTANCE, (bastion) => {
    bastion.UserData = JSON.parse(JSON.stringify(bastion.UserData).replace('PasswordAuthentication no', ''));
  })],
  [compute.keyPair, 'instances that stay', schedule('InstancesRenewal', { State: 'DISABLED' })],
  [compute.keyPair, 'instances that stay for a year', schedule('InstancesRenewal', {
    ScheduleExpression: 'rate(365 days)',
  })],
  [compute.keyPair, 'an old image', edit(type.LAUNCH_TEMPLATE, ({ LaunchTemplateData }) => {
    LaunchTemplateData.ImageId = 'ami-12345678';
  }, named('Instances'))],

  [network.groups, 'an open default group', remove('Custom::VpcRestrictDefaultSG')],
  [network.groups, 'migrations with a port', open('MigrationsSecurityGroup', 22, '10.0.0.0/16')],
  [network.databaseClients, 'a proxy that reaches everything', edit(type.SECURITY_GROUP, (group) => {
    group.SecurityGroupEgress = [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }];
  }, named('DatabaseProxy'))],
  [network.subnetsInTwoZones, 'no flow log', remove('AWS::EC2::FlowLog')],

  ...denials(entrance.buckets, type.BUCKET_POLICY, named('StorageBucket'), 4),
  ...denials(entrance.buckets, type.BUCKET_POLICY, named('EntranceAccessLogs'), 1),
  [entrance.buckets, 'no log of connections', attribute('connection_logs.s3.enabled', 'false')],
  [entrance.loadBalancerWithHttps, 'headers that are not valid',
    attribute('routing.http.drop_invalid_header_fields.enabled', 'false')],
  [entrance.loadBalancerWithHttps, 'one path', edit(type.LISTENER_RULE, ({ Conditions: [condition] }) => {
    condition.PathPatternConfig.Values = ['/api/*'];
  })],
  [entrance.loadBalancerWithHttps, 'a redirect to HTTP', edit(type.LISTENER, ({ DefaultActions: [redirect] }) => {
    redirect.RedirectConfig.Protocol = 'HTTP';
  }, ({ Port }) => Port === 80)],
  [entrance.firewall, 'no log', remove(FIREWALL_LOG)],
  [entrance.firewall, 'tokens in the log', set(FIREWALL_LOG, { RedactedFields: [] })],
  [entrance.firewall, 'another log', set(FIREWALL_LOG, { LogDestinationConfigs: ['arn:aws:s3:::aws-waf-logs-x'] })],
  [entrance.logLifecycle, 'logs of a day', rule(named('EntranceAccessLogs'), 0, { ExpirationInDays: 1 })],
  [entrance.logLifecycle, 'versions of a day', rule(named('StorageBucket'), 0, {
    NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  })],
  [entrance.logLifecycle, 'all documents that end', rule(named('StorageBucket'), 2, { Prefix: '' })],

  [whole.everything, 'no clean-up', remove(SCHEDULED, named('CleanupSchedule'))],
  [whole.everything, 'a disabled clean-up', schedule('CleanupSchedule', { State: 'DISABLED' })],
  [whole.everything, 'a yearly clean-up', schedule('CleanupSchedule', { ScheduleExpression: 'rate(365 days)' })],
  [whole.everything, 'logins of a year', set(type.LOG_GROUP, { RetentionInDays: 365 }, named('BastionLogin'))],
  [whole.everything, 'a log of a month', set(type.LOG_GROUP, { RetentionInDays: 30 }, named('WorkerLog'))],
  [whole.encryptedAtRest, 'a log with another key', set(type.LOG_GROUP, { KmsKeyId: 'arn' }, named('BastionLogin'))],
];
