import { FACTS } from './facts';
import * as account from './proof/account';
import * as database from './proof/database';
import * as delivery from './proof/delivery';
import * as entrance from './proof/entrance';
import * as monitoring from './proof/monitoring';
import * as network from './proof/network';
import * as type from './proof/parts';
import * as secrets from './proof/secrets';
import * as service from './proof/service';
import * as storage from './proof/storage';
import { Proof, System } from './proof/system';
import * as whole from './proof/whole';
import {
  about, at, Change, copy, edit, grant, inhabit, Mutation as Of, named, open, Properties, remove, set, statements,
} from '../../support/template/mutations';

/** A mutation with the stack that it changes. */
export interface Mutation extends Of<System> {
  readonly of: keyof System;
}

const PACK = 'AWS::Config::ConformancePack';
const PROVIDER = 'AWS::IAM::OIDCProvider';
const TRAIL = 'AWS::CloudTrail::Trail';
const RECORD = 'AWS::Route53::RecordSet';
const container = (change: (properties: Properties) => void) =>
  edit(type.TASK, ({ ContainerDefinitions: [definition] }) => change(definition), named('ApiTask'));
const https = ({ Port }: Properties) => Port === 443;
const withoutOutput = (name: string): Change => (template) => {
  delete (template as unknown as Properties).Outputs[name];
};
const withoutRule = (rule: string) => edit(PACK, (pack) => {
  const body = JSON.stringify(pack.TemplateBody);
  pack.TemplateBody = JSON.parse(body.replace(`ConfigRuleName: ${rule}`, 'ConfigRuleName: x'));
});
const parameters = (change: (values: Properties) => void) =>
  edit('AWS::RDS::DBParameterGroup', ({ Parameters }) => change(Parameters));
const unencrypted = (what: string, property: string, where: string) =>
  edit(what, (resource) => delete resource[property], named(where));
const noRotation = set(type.KEY, { EnableKeyRotation: false }, named('FieldsKey'));
const noContext = edit(type.KEY, ({ KeyPolicy }) => {
  KeyPolicy.Statement = KeyPolicy.Statement.filter(({ Sid }: Properties) => Sid !== 'RequireContext3');
}, named('FieldsKey'));

/** Changes, each with the proof that it must fail. */
const BREAKS: Array<[Proof, string, Change]> = [
  [network.range, 'another range', set(type.VPC, { CidrBlock: '10.1.0.0/16' })],
  [network.names, 'no host names', set(type.VPC, { EnableDnsHostnames: false })],
  [network.publicSubnets, 'a function beside the load balancer', inhabit('10.0.2.0/24')],
  [network.publicSubnets, 'another range', set(type.SUBNET, { CidrBlock: '10.0.4.0/24' }, at('10.0.3.0/24'))],
  [network.privateSubnets, 'tasks with public addresses', edit(type.SERVICE, ({ NetworkConfiguration }) => {
    NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = 'ENABLED';
  })],
  [network.privateSubnets, 'another range', set(type.SUBNET, { CidrBlock: '10.0.14.0/24' }, at('10.0.13.0/24'))],
  [network.isolatedDatabase, 'a public address', set(type.DATABASE, { PubliclyAccessible: true })],
  [network.databaseAndTasksArePrivate, 'a public address', set(type.DATABASE, { PubliclyAccessible: true })],
  [network.oneNatGateway, 'a second NAT gateway', copy(type.NAT_GATEWAY, 'Subnet1', 'Subnet2')],
  [network.everySubnet, 'two zones', remove(type.SUBNET, at('10.0.13.0/24'))],
  [network.groups, 'tasks that are open to the VPC', open('ApiSecurityGroup', 8443, '10.0.0.0/16')],
  [network.groups, 'a database that is open to the VPC', open('DatabaseSecurityGroup', 5432, '10.0.0.0/16')],
  [
    network.tasksReachTheDatabase,
    'no rule for the tasks',
    remove('AWS::EC2::SecurityGroupIngress', about('fromCareBowApi')),
  ],

  [database.postgres16, 'another major version', set(type.DATABASE, { EngineVersion: '15.13' })],
  [database.medium, 'a smaller class', set(type.DATABASE, { DBInstanceClass: 'db.t4g.micro' })],
  [database.fiftyGigabytes, 'less storage', set(type.DATABASE, { AllocatedStorage: '20' })],
  [database.standby, 'one zone', set(type.DATABASE, { MultiAZ: false })],
  [database.encryptedWithStandby, 'no encryption', set(type.DATABASE, { StorageEncrypted: false })],
  [database.aWeekOfBackups, 'one day', set(type.DATABASE, { BackupRetentionPeriod: 1 })],
  [database.aWeekOfBackups, 'backups that end with the instance', set(type.DATABASE, { DeleteAutomatedBackups: true })],
  [database.dailySnapshots, 'no selection', remove('AWS::Backup::BackupSelection')],
  [database.encryptedBackups, 'another key', set('AWS::Backup::BackupVault', { EncryptionKeyArn: 'arn' })],

  [storage.reportsAreEncrypted, 'SSE-S3', edit(type.BUCKET, ({ BucketEncryption }) => {
    BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault = { SSEAlgorithm: 'AES256' };
  }, named('ReportsBucket'))],
  [storage.presignedAlone, 'another role', grant('MigrationsTaskRole', 's3:GetObject', '*')],
  [storage.presignedAlone, 'every origin', edit(type.BUCKET, ({ CorsConfiguration: { CorsRules: [rule] } }) => {
    rule.AllowedOrigins = ['*'];
  }, named('ReportsBucket'))],
  [storage.noPublicAccess, 'a public bucket', edit(type.BUCKET, (bucket) => {
    bucket.PublicAccessBlockConfiguration.BlockPublicPolicy = false;
  }, named('ReportsBucket'))],
  [storage.versions, 'no versions', unencrypted(type.BUCKET, 'VersioningConfiguration', 'ReportsBucket')],
  [storage.lifecycle, 'no lifecycle', edit(type.BUCKET, (bucket) => {
    bucket.LifecycleConfiguration.Rules = [];
  }, named('ReportsBucket'))],
  [storage.fieldsAreEncrypted, 'a key without the record in its context', noContext],
  [storage.fieldsAreEncrypted, 'no rotation', noRotation],
  [storage.fieldsAreEncrypted, 'no permission', statements((all) => all.splice(0, 1), named('ApiTaskRolePolicy'))],

  [secrets.openai, 'a value in the template', set(type.SECRET, { SecretString: 'sk-1' }, about('openai'))],
  [secrets.stripe, 'a value in the template', set(type.SECRET, { SecretString: 'sk-1' }, about('stripe'))],
  [secrets.jwtKeys, 'no rotation', remove(type.SCHEDULE, named('SecretsRotation'))],
  [secrets.generated, 'a password in the template', set(type.DATABASE, { MasterUserPassword: 'x' })],
  [secrets.inSecretsManager, 'a variable without a secret', container((app) => {
    app.Secrets = app.Secrets.filter(({ Name }: Properties) => Name !== 'OPENAI_API_KEY');
  })],
  [secrets.securely, 'the default key', unencrypted(type.SECRET, 'KmsKeyId', 'SecretsExternalstripe')],

  [service.onFargateWithScaling, 'instances of EC2', set(type.SERVICE, { LaunchType: 'EC2' })],
  [service.onFargateWithScaling, 'the root user', container((app) => { app.User = 'root'; })],
  [service.cpu, 'a quarter', set(type.TASK, { Cpu: '256' }, named('ApiTask'))],
  [service.memory, 'two gigabytes', set(type.TASK, { Memory: '2048' }, named('ApiTask'))],
  [service.twoTasks, 'one task', set(type.SCALABLE, { MinCapacity: 1 })],
  [service.scales, 'no scaling by memory', remove(type.SCALING, about('Memory'))],
  [service.health, 'another path', set(type.TARGET_GROUP, { HealthCheckPath: '/' })],
  [service.containerHealth, 'no check', container((app) => delete app.HealthCheck)],
  [service.logs, 'another driver', container((app) => { app.LogConfiguration.LogDriver = 'json-file'; })],
  [service.logsForSixYears, '30 days', set(type.LOG_GROUP, { RetentionInDays: 30 }, named('ApiLog'))],
  [service.logsAreFiltered, 'no filter of errors', remove('AWS::Logs::MetricFilter', about('ApplicationErrors'))],
  [service.auditTrail, '30 days', set(type.LOG_GROUP, { RetentionInDays: 30 }, named('ApiLog'))],
  [service.imageOfTheRegistry, 'the newest image', container((app) => { app.Image = 'carebow-api:latest'; })],

  [entrance.routesToTheTasks, 'an internal load balancer', set(type.LOAD_BALANCER, { Scheme: 'internal' })],
  [entrance.tls, 'TLS 1.0', set(type.LISTENER, { SslPolicy: 'ELBSecurityPolicy-2016-08' }, https)],
  [entrance.domain, 'no record for IPv6', remove(RECORD, ({ Type }) => Type === 'AAAA')],
  [entrance.firewall, 'not attached', remove('AWS::WAFv2::WebACLAssociation')],
  [entrance.firewall, 'rules that count', edit(type.FIREWALL, ({ Rules: [first] }) => {
    first.OverrideAction = { Count: {} };
  })],

  [monitoring.cpuOfTasks, 'no alarm', remove(type.ALARM, about('ApiCpuHigh'))],
  [monitoring.memoryOfTasks, 'no alarm', remove(type.ALARM, about('ApiMemoryHigh'))],
  [monitoring.connections, 'no alarm', remove(type.ALARM, about('DatabaseConnections'))],
  [monitoring.databaseIsWatched, 'no enhanced monitoring', set(type.DATABASE, { MonitoringInterval: 0 })],
  [monitoring.errorRate, '1 %', set(type.ALARM, { Threshold: 1 }, about('TargetsErrorRate'))],
  [monitoring.errorRate, 'errors of the load balancer alone', edit(type.ALARM, ({ Metrics }) => {
    Metrics.splice(Metrics.findIndex(({ Id }: Properties) => Id === 'target'), 1);
  }, about('TargetsErrorRate'))],
  [monitoring.errorRate, 'the requests with a target alone', edit(type.ALARM, ({ Metrics }) => {
    Metrics.find(({ Expression }: Properties) => Expression).Expression
      = 'IF(requests >= 100, 100 * (FILL(elb, 0) + FILL(target, 0)) / requests, 0)';
  }, about('TargetsErrorRate'))],
  [monitoring.availability, '99 %', set(type.ALARM, { Threshold: 99 }, about('TargetsAvailability'))],
  [monitoring.throughput, '100 requests', set(type.ALARM, { Threshold: 100 }, about('TargetsThroughput'))],
  [monitoring.responseTime, 'one second', set(type.ALARM, { Threshold: 1 }, about('ApiSlowP95'))],
  [
    monitoring.everythingIsWatched,
    'an alarm without actions',
    set(type.ALARM, { ActionsEnabled: false }, about('ApiCpu')),
  ],

  [account.everyCallIsRecorded, 'one region', set(TRAIL, { IsMultiRegionTrail: false })],
  [account.config, 'daily records', set('Custom::ConfigRecorder', { Frequency: 'DAILY' })],
  [account.guardDuty, 'no detector', remove('Custom::GuardDutyFeature', ({ Feature }) => Feature === 'DETECTOR')],
  [account.mfa, 'no rule on MFA', withoutRule('iam-user-mfa-enabled')],
  [account.mfa, 'no alarm', remove(type.ALARM, about('ConsoleWithoutMfa'))],
  [account.policiesAreReviewed, 'no analyzer', remove('Custom::AccessAnalyzer')],

  [delivery.registry, 'mutable tags', set(type.REPOSITORY, { ImageTagMutability: 'MUTABLE' })],
  [delivery.pushes, 'no output', withoutOutput('Repository')],
  [delivery.builds, 'no scan', set(type.REPOSITORY, { ImageScanningConfiguration: { ScanOnPush: false } })],
  [delivery.workflow, 'every branch', edit(type.ROLE, ({ AssumeRolePolicyDocument: { Statement: [statement] } }) => {
    statement.Condition.StringEquals['token.actions.githubusercontent.com:sub'] = 'repo:carebow/carebow-backend:*';
  })],
  [delivery.workflow, 'another audience', set(PROVIDER, { ClientIdList: ['other'] })],
  [delivery.workflow, 'an administrator', grant('Role', '*', '*')],
  [delivery.workflow, 'no output', withoutOutput('RoleArn')],

  [whole.everything, 'no database', remove(type.DATABASE)],
  [whole.encryptedAtRest, 'a log without a key', unencrypted(type.LOG_GROUP, 'KmsKeyId', 'ApiLog')],
  [whole.keysRotate, 'a key that does not rotate', noRotation],
  [whole.encryptedInTransit, 'HTTP to the tasks', set(type.TARGET_GROUP, { Protocol: 'HTTP' })],
  [whole.encryptedInTransit, 'connections without TLS', parameters((values) => { values['rds.force_ssl'] = '0'; })],
  [whole.leastPrivilege, 'every action', grant('ApiTaskRole', 's3:*', '*')],
  [
    whole.userIsolation,
    'an owner for the API',
    set('Custom::DatabaseUser', { Privileges: 'owner' }, about('UsersApi')),
  ],
  [whole.minimal, 'no migration', set(type.MIGRATION, { TaskDefinition: { Ref: 'ApiTaskDefinitionFA71DA57' } })],
  [whole.consent, 'no migration', set(type.MIGRATION, { TaskDefinition: { Ref: 'ApiTaskDefinitionFA71DA57' } })],
  [whole.scaleCommand, 'no output', withoutOutput('ServiceName')],
  [whole.migrateCommand, 'no output', withoutOutput('Migrate')],
  [whole.logsCommand, 'no output', withoutOutput('LogGroupName')],
  [whole.destroyCommand, 'keys that are deleted', edit(type.KEY, (_key, resource) => {
    resource.DeletionPolicy = 'Delete';
  })],
  [whole.url, 'another path', set(type.TARGET_GROUP, { HealthCheckPath: '/' })],
  [whole.databaseHasNoFixedName, 'a fixed name', set(type.DATABASE, { DBInstanceIdentifier: 'carebow-db' })],
  [whole.noFixedNames, 'a fixed name', set(type.CLUSTER, { ClusterName: 'carebow-cluster' })],
  [
    whole.describedGroups,
    'a group without a description',
    set(type.SECURITY_GROUP, { GroupDescription: '' }, named('Api')),
  ],
  [whole.managedPolicies, 'an inline policy', set(type.ROLE, { Policies: [] }, named('ApiTaskRole'))],
  [whole.fieldKeyOfTheTask, 'another role that decrypts', grant(
    'MigrationsTaskRole', 'kms:Decrypt', { 'Fn::GetAtt': ['FieldsKey3D2CE92E', 'Arn'] })],
];

/** Each change, once for each row that its proof shows. */
export const MUTATIONS: Mutation[] = FACTS.flatMap((fact) => BREAKS.filter(([proof]) => proof === fact.proof)
  .map(([, what, change]) => ({
    rows: [fact], of: fact.of, words: fact.words, what: `${what} (${fact.section})`, change,
  })));
