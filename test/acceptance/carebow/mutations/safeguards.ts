import { Break } from './alarms';
import { about, edit, named, Properties, remove, set, Where, wrongDenials } from '../../../support/template/mutations';
import * as account from '../proof/account';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as network from '../proof/network';
import * as type from '../proof/parts';
import * as secrets from '../proof/secrets';
import * as service from '../proof/service';
import * as storage from '../proof/storage';
import { Proof } from '../proof/system';
import * as whole from '../proof/whole';

const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';
const FILTER = 'AWS::Logs::MetricFilter';
const RULE = 'AWS::Events::Rule';
const PLAN = 'AWS::Backup::BackupPlan';
const VAULT = 'AWS::Backup::BackupVault';
const FIREWALL_LOG = 'AWS::WAFv2::LoggingConfiguration';
const TRAIL = 'AWS::CloudTrail::Trail';

/** Changes of the denials of policies, each of which the proof must not accept. */
const denials = (proof: Proof, of: string, where: Where, count: number): Break[] =>
  wrongDenials(of, where, count).map(([what, change]) => [proof, what, change]);

const filter = (proof: Proof, where: Where): Break[] => [
  [proof, 'a filter that matches nothing', set(FILTER, { FilterPattern: '{ $.never = "1" }' }, where)],
  [proof, 'a filter of another log', set(FILTER, { LogGroupName: 'other' }, where)],
  [proof, 'a filter that counts nothing', edit(FILTER, ({ MetricTransformations: [metric] }) => {
    metric.MetricValue = '0';
  }, where)],
];
const external = (proof: Proof, name: string): Break[] => [
  [proof, 'no policy', remove(SECRET_POLICY, about(name))],
  ...denials(proof, SECRET_POLICY, about(name), 2),
  [proof, 'a public policy', set(SECRET_POLICY, { BlockPublicPolicy: false }, about(name))],
  [proof, 'another key', set(type.SECRET, { KmsKeyId: 'alias/aws/secretsmanager' }, about(name))],
  [proof, 'no placeholder', edit(type.SECRET, (secret) => delete secret.SecretString, about(name))],
  [proof, 'an age that is never measured', set(RULE, { State: 'DISABLED' }, named('SecretsAgeDaily'))],
  [proof, 'an age that is measured each year', set(RULE, { ScheduleExpression: 'rate(365 days)' },
    named('SecretsAgeDaily'))],
  [proof, 'the age of no secret', edit(RULE, ({ Targets: [target] }) => { target.Input = '{}'; },
    named('SecretsAgeDaily'))],
];
const cors = (change: (rule: Properties) => void) => edit(type.BUCKET, ({ CorsConfiguration }) =>
  change(CorsConfiguration.CorsRules[0]), named('ReportsBucket'));
const planned = (change: (rule: Properties) => void) => edit(PLAN, ({ BackupPlan }) =>
  change(BackupPlan.BackupPlanRule[0]));
const guardDutyRule = (change: (rule: Properties) => void) => edit(RULE, change, about('GuardDutyFindings'));

/** Changes of policies, keys, filters and schedules. */
export const SAFEGUARD_BREAKS: Break[] = [
  ...denials(storage.fieldsAreEncrypted, type.KEY, named('FieldsKey'), 6),
  ...denials(storage.reportsAreEncrypted, type.BUCKET_POLICY, named('ReportsBucket'), 4),
  ...denials(whole.encryptedInTransit, type.BUCKET_POLICY, named('ReportsAccessLogs'), 1),
  [whole.encryptedInTransit, 'objects without TLS', edit(type.BUCKET_POLICY, ({ PolicyDocument: { Statement } }) => {
    Statement[0].Resource = [Statement[0].Resource[0]];
  }, named('EntranceAccessLogs'))],
  [whole.encryptedInTransit, 'an empty policy', edit('AWS::SQS::QueuePolicy', ({ PolicyDocument }) => {
    PolicyDocument.Statement = [];
  })],
  [storage.presignedAlone, 'no uploads', cors((rule) => { rule.AllowedMethods = ['GET', 'HEAD']; })],
  [storage.presignedAlone, 'no header of the type', cors((rule) => { rule.AllowedHeaders = []; })],
  [storage.lifecycle, 'versions that end after a day', edit(type.BUCKET, ({ LifecycleConfiguration }) => {
    LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration.NoncurrentDays = 1;
  }, named('ReportsBucket'))],
  [storage.lifecycle, 'reports that end', edit(type.BUCKET, ({ LifecycleConfiguration }) => {
    LifecycleConfiguration.Rules[0].ExpirationInDays = 30;
  }, named('ReportsBucket'))],

  ...external(secrets.openai, 'openai'),
  ...external(secrets.stripe, 'stripe'),
  [secrets.securely, 'no policy', remove(SECRET_POLICY, named('DatabaseUsersMigrations'))],
  [secrets.jwtKeys, 'a short key', edit(type.SECRET, ({ GenerateSecretString }) => {
    GenerateSecretString.PasswordLength = 8;
  }, about('jwt'))],
  ...[secrets.jwtKeys, secrets.generated].map((proof): Break =>
    [proof, 'one rotation', edit(type.SCHEDULE, ({ RotationRules }) => {
      RotationRules.ScheduleExpression = 'cron(0 5 1 1 ? 2099)';
    }, about('jwt'))]),
  ...['PasswordRotation', 'UsersApiRotation', 'UsersMigrationsRotation'].map((name): Break =>
    [secrets.generated, `no ${name}`, remove(type.SCHEDULE, about(name))]),
  [secrets.generated, 'a short password', edit(type.SECRET, ({ GenerateSecretString }) => {
    GenerateSecretString.PasswordLength = 8;
  }, about('UsersApiSecret'))],
  [secrets.generated, 'another master user', set(type.DATABASE, { ManageMasterUserPassword: false })],

  ...filter(service.logsAreFiltered, about('ApplicationErrors')),
  ...filter(service.logsAreFiltered, about('FailedLogins')),
  ...filter(account.mfa, about('ConsoleWithoutMfa')),
  ...filter(account.policiesAreReviewed, about('IamChangedByHand')),
  [account.policiesAreReviewed, 'a filter without role policies', edit(FILTER, (properties) => {
    properties.FilterPattern = properties.FilterPattern.replace('PutRolePolicy', 'X');
  }, about('IamChangedByHand'))],
  [account.guardDuty, 'critical findings alone', guardDutyRule(({ EventPattern: { detail } }) => {
    detail.severity = [{ numeric: ['>=', 9] }];
  })],
  [account.guardDuty, 'a disabled rule', guardDutyRule((rule) => { rule.State = 'DISABLED'; })],
  [account.guardDuty, 'another recipient', guardDutyRule(({ Targets: [target] }) => { target.Arn = 'arn'; })],
  [account.guardDuty, 'no malware protection', remove('Custom::GuardDutyFeature', about('MALWARE'))],
  [account.everyCallIsRecorded, 'no data events', edit(TRAIL, ({ EventSelectors: [selector] }) => {
    selector.DataResources = [];
  })],
  [account.everyCallIsRecorded, 'one bucket', edit(TRAIL, ({ EventSelectors: [selector] }) => {
    selector.DataResources[0].Values = ['arn:aws:s3:::one/'];
  })],
  [account.everyCallIsRecorded, 'no key', edit(TRAIL, (trail) => delete trail.KMSKeyId)],
  [account.everyCallIsRecorded, 'files that an administrator can delete', edit(type.BUCKET, (bucket) => {
    bucket.ObjectLockConfiguration.Rule.DefaultRetention.Mode = 'GOVERNANCE';
  }, about('TrailBucket'))],
  ...denials(account.everyCallIsRecorded, type.BUCKET_POLICY, about('TrailBucket'), 1),

  [entrance.firewall, 'no log', remove(FIREWALL_LOG)],
  [entrance.firewall, 'the log of another web ACL', set(FIREWALL_LOG, { ResourceArn: 'arn' })],
  [entrance.firewall, 'another log', set(FIREWALL_LOG, { LogDestinationConfigs: ['arn:aws:s3:::aws-waf-logs-x'] })],
  [entrance.firewall, 'tokens in the log', set(FIREWALL_LOG, { RedactedFields: [] })],
  [entrance.firewall, 'a log that ends early', set(type.LOG_GROUP, { RetentionInDays: 30 }, named('EntranceFirewall'))],

  [service.auditTrail, 'no log of PostgreSQL', set(type.DATABASE, { EnableCloudwatchLogsExports: [] })],
  [service.auditTrail, 'no log of the reports', edit(type.BUCKET, (bucket) => delete bucket.LoggingConfiguration,
    named('ReportsBucket'))],
  [service.auditTrail, 'a log that S3 cannot write', edit(type.BUCKET_POLICY, ({ PolicyDocument }) => {
    PolicyDocument.Statement.pop();
  }, named('ReportsAccessLogs'))],
  [whole.encryptedAtRest, 'a plain log bucket', edit(type.BUCKET, (bucket) => delete bucket.BucketEncryption,
    named('EntranceAccessLogs'))],
  [whole.encryptedAtRest, 'log files of a month', edit(type.BUCKET, ({ LifecycleConfiguration }) => {
    LifecycleConfiguration.Rules[0].ExpirationInDays = 30;
  }, named('ReportsAccessLogs'))],
  [whole.leastPrivilege, 'the login of the migrations', edit(type.TASK, ({ ContainerDefinitions: [{ Secrets }] }) => {
    Secrets.find(({ Name }: Properties) => Name === 'PGPASSWORD').ValueFrom = 'DatabaseUsersMigrationsSecret';
  }, named('ApiTask'))],
  [whole.leastPrivilege, 'a user of another server', set('Custom::DatabaseUser', { Host: 'other' })],
  [network.tasksReachTheDatabase, 'another name', set(type.DATABASE, { DBName: 'other' })],
  [whole.url, 'another issuer', edit(type.TASK, ({ ContainerDefinitions: [{ Environment }] }) => {
    Environment.find(({ Name }: Properties) => Name === 'JWT_ISSUER').Value = 'https://login.example.com';
  }, named('ApiTask'))],
  [service.imageOfTheRegistry, 'no way back', edit(type.SERVICE, ({ DeploymentConfiguration }) => {
    DeploymentConfiguration.DeploymentCircuitBreaker.Rollback = false;
  })],
  [service.onFargateWithScaling, 'a shell in the container', set(type.SERVICE, { EnableExecuteCommand: true })],
  [service.scales, 'scaling that never stops tasks', edit(type.SCALING, (policy) => {
    policy.TargetTrackingScalingPolicyConfiguration.DisableScaleIn = true;
  }, about('Cpu'))],
  [service.scales, 'another service', set(type.SCALABLE, { ResourceId: 'service/other/other' })],
  [service.health, 'a check every five minutes', set(type.TARGET_GROUP, { HealthCheckIntervalSeconds: 300 })],
  [service.containerHealth, 'a check each hour', edit(type.TASK, ({ ContainerDefinitions: [{ HealthCheck }] }) => {
    HealthCheck.Interval = 3600;
  }, named('ApiTask'))],
  [entrance.firewall, 'samples of requests', edit(type.FIREWALL, ({ VisibilityConfig }) => {
    VisibilityConfig.SampledRequestsEnabled = true;
  })],

  [database.dailySnapshots, 'backups of one day', planned((rule) => { rule.Lifecycle.DeleteAfterDays = 1; })],
  [database.dailySnapshots, 'weekly backups', planned((rule) => { rule.ScheduleExpression = 'cron(0 6 ? * SUN *)'; })],
  [database.dailySnapshots, 'another vault', planned((rule) => { rule.TargetBackupVault = 'Default'; })],
  [database.dailySnapshots, 'a vault that allows deletion', edit(VAULT, ({ AccessPolicy: { Statement: [denial] } }) => {
    denial.Effect = 'Allow';
  })],
  [database.dailySnapshots, 'another database', edit('AWS::Backup::BackupSelection', ({ BackupSelection }) => {
    BackupSelection.Resources = ['arn:aws:rds:us-east-1:111122223333:db:other'];
  })],
  [whole.encryptedInTransit, 'TLS 1.0 to the database', edit('AWS::RDS::DBParameterGroup', ({ Parameters }) => {
    Parameters.ssl_min_protocol_version = 'TLSv1';
  })],
  [whole.encryptedInTransit, 'values in the log', edit('AWS::RDS::DBParameterGroup', ({ Parameters }) => {
    Parameters.log_statement = 'all';
  })],
];
