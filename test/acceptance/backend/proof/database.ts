import { Template } from 'aws-cdk-lib/assertions';
import {
  container, database, databaseId, DB_CLUSTER, DB_INSTANCE, DB_PROXY, idOf, instances, isCluster, proxy,
  read, SCHEDULE, SECRET, taskRole, USER, variable,
} from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import { takesDailySnapshots, vaultOf } from '../../../support/template/backups';
import { zone } from '../../../support/template/network';
import { POSTGRES_PARAMETERS } from '../../../support/template/postgres';
import {
  all, allowing, attribute, granted, only, propertiesOf, ref, rotatingKeys, whoMay,
} from '../../../support/template/reading';
import { isProtected, rotatesMonthly } from '../../../support/template/secrets';

const TARGETS = 'AWS::RDS::DBProxyTargetGroup';
const TASKS = ['Api', 'Worker', 'Migrations', 'Cleanup'];

/** The capacity range of the parameter, in a writer and a reader. */
export function serverless(template: Template) {
  const { Engine, EngineVersion, ServerlessV2ScalingConfiguration } = database(template);
  expect({ Engine, ServerlessV2ScalingConfiguration }).toEqual({
    Engine: 'aurora-postgresql', ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
  });
  expect(EngineVersion).toMatch(/^16\./);
  const settings = instances(template)
    .map(({ DBInstanceClass, DBClusterIdentifier, AvailabilityZone, PromotionTier }) =>
      ({ DBInstanceClass, DBClusterIdentifier, AvailabilityZone, PromotionTier }));
  expect(settings).toEqual([0, 1].map((index) => ({
    DBInstanceClass: 'db.serverless',
    DBClusterIdentifier: ref(only(template, DB_CLUSTER)),
    AvailabilityZone: zone(index),
    PromotionTier: index,
  })));
}

/** The instance type of the parameter, with a standby in a second zone. */
export function rdsInstance(template: Template) {
  template.resourceCountIs(DB_CLUSTER, 0);
  const { Engine, DBInstanceClass, MultiAZ, DBClusterIdentifier } =
    propertiesOf(template, DB_INSTANCE, only(template, DB_INSTANCE));
  expect({ Engine, DBInstanceClass, MultiAZ, DBClusterIdentifier }).toEqual({
    Engine: 'postgres', DBInstanceClass: 'db.t4g.medium', MultiAZ: true, DBClusterIdentifier: undefined,
  });
}

/** The value that the app passes decides the database, and the stack has no other difference. */
export function chosenCapacity(template: Template) {
  if (isCluster(template)) serverless(template);
  else rdsInstance(template);
  const app = read(isCluster(template) ? 'app.ts' : 'app.instance.ts');
  const capacity = isCluster(template) ? 'AuroraCapacity.serverless({ minAcu: 0.5, maxAcu: 4 })' : 'medium';
  expect(app).toContain(`defineBackend(app, { region: 'us-east-1' }, PARAMETERS, ${capacity});`);
}

export function databaseName(template: Template) {
  expect(database(template).DatabaseName ?? database(template).DBName).toBe(PARAMETERS.databaseName);
  for (const name of TASKS) expect(variable(template, name, 'PGDATABASE')).toBe(PARAMETERS.databaseName);
}

/** The secret with the password of the administrator, which RDS generates. */
const administrator = (template: Template) => attribute(databaseId(template), 'MasterUserSecret.SecretArn');

/** The programs connect to the proxy with TLS and their own login, and the proxy to the database. */
export function pooled(template: Template) {
  const { EngineFamily, RequireTLS, DebugLogging, IdleClientTimeout, Auth, RoleArn } = proxy(template);
  expect({ EngineFamily, RequireTLS, DebugLogging, IdleClientTimeout })
    .toEqual({ EngineFamily: 'POSTGRESQL', RequireTLS: true, DebugLogging: false, IdleClientTimeout: 1800 });
  const readers = whoMay(template, 'secretsmanager:GetSecretValue').map(({ role }) => attribute(role, 'Arn'));
  expect(readers).toContainEqual(RoleArn);
  const logins = TASKS.flatMap((name) => [1, 2].map((login) =>
    ref(idOf(template, SECRET, `DatabaseUsers${name}ProxyLogin${login}`))));
  expect(Auth).toEqual([administrator(template), ...logins].map((SecretArn) => ({
    AuthScheme: 'SECRETS', ClientPasswordAuthType: 'POSTGRES_SCRAM_SHA_256', IAMAuth: 'DISABLED', SecretArn,
  })));
  const { DBClusterIdentifiers, DBInstanceIdentifiers, DBProxyName, ConnectionPoolConfigurationInfo } =
    propertiesOf(template, TARGETS, only(template, TARGETS));
  expect(DBProxyName).toEqual(ref(only(template, DB_PROXY)));
  expect(DBClusterIdentifiers ?? DBInstanceIdentifiers).toEqual([ref(databaseId(template))]);
  expect(ConnectionPoolConfigurationInfo).toEqual({ MaxConnectionsPercent: 90 });
  const endpoint = attribute(only(template, DB_PROXY), 'Endpoint');
  expect(TASKS.map((name) => variable(template, name, 'PGHOST'))).toEqual(TASKS.map(() => endpoint));
}

/** Metrics of the operating system every minute. */
export function enhancedMonitoring(template: Template) {
  for (const { MonitoringInterval, MonitoringRoleArn } of instances(template)) {
    expect(MonitoringInterval).toBe(60);
    expect(propertiesOf(template, 'AWS::IAM::Role', MonitoringRoleArn['Fn::GetAtt'][0]).AssumeRolePolicyDocument
      .Statement).toMatchObject([{ Effect: 'Allow', Principal: { Service: 'monitoring.rds.amazonaws.com' } }]);
    expect(allowing(granted(template, MonitoringRoleArn['Fn::GetAtt'][0]), 'logs:PutLogEvents')).toHaveLength(1);
  }
}

/** The load of each statement, encrypted with a key of the stack. */
export function performanceInsights(template: Template) {
  for (const {
    EnablePerformanceInsights, PerformanceInsightsRetentionPeriod, PerformanceInsightsKMSKeyId,
  } of instances(template)) {
    expect({ EnablePerformanceInsights, PerformanceInsightsRetentionPeriod })
      .toEqual({ EnablePerformanceInsights: true, PerformanceInsightsRetentionPeriod: 7 });
    expect(rotatingKeys(template)).toContainEqual(PerformanceInsightsKMSKeyId);
  }
}

export function monitored(template: Template) {
  enhancedMonitoring(template);
  performanceInsights(template);
}

/** Any second of 35 days, and a daily snapshot in a vault whose policy denies deletion. */
export function backups(template: Template) {
  const { BackupRetentionPeriod, DeleteAutomatedBackups, DeletionProtection } = database(template);
  expect({ BackupRetentionPeriod, DeleteAutomatedBackups, DeletionProtection })
    .toEqual({ BackupRetentionPeriod: 35, DeleteAutomatedBackups: false, DeletionProtection: true });
  takesDailySnapshots(template, databaseId(template), isCluster(template) ? 'cluster' : 'db');
}

/** A customer managed key encrypts the data, the password and the vault. */
export function encrypted(template: Template) {
  const { StorageEncrypted, KmsKeyId, MasterUserSecret } = database(template);
  expect(StorageEncrypted).toBe(true);
  for (const key of [KmsKeyId, MasterUserSecret.KmsKeyId, vaultOf(template).EncryptionKeyArn]) {
    expect(rotatingKeys(template)).toContainEqual(key);
  }
}

export function backedUpAndEncrypted(template: Template) {
  backups(template);
  encrypted(template);
}

/** The server and the proxy require TLS, and the programs verify the server. */
export function tlsOnly(template: Template) {
  const { DBClusterParameterGroupName, DBParameterGroupName } = database(template);
  const [type, { Ref }] = isCluster(template)
    ? ['AWS::RDS::DBClusterParameterGroup', DBClusterParameterGroupName]
    : ['AWS::RDS::DBParameterGroup', DBParameterGroupName];
  expect(only(template, type)).toBe(Ref);
  expect(propertiesOf(template, type, Ref).Parameters).toEqual(POSTGRES_PARAMETERS);
  expect(proxy(template).RequireTLS).toBe(true);
  for (const name of TASKS) {
    expect(variable(template, name, 'PGSSLMODE')).toBe('verify-full');
    expect(variable(template, name, 'PGSSLROOTCERT')).toBe('/etc/ssl/rds/global-bundle.pem');
  }
  expect(read('programs/Dockerfile')).toContain('AmazonRootCA1.pem >> /etc/ssl/rds/global-bundle.pem');
}

/** Each program has a user of its own. Only the migrations can change the schema. */
export function ownUsers(template: Template) {
  const users = Object.values(template.findResources(USER)).map(({ Properties }) =>
    [Properties.User, Properties.Privileges]);
  expect(Object.fromEntries(users)).toEqual({
    api: 'readWrite', worker: 'readWrite', cleanup: 'readWrite', migrations: 'owner',
  });
  for (const name of TASKS) {
    const secret = idOf(template, SECRET, `DatabaseUsers${name}Secret`);
    isProtected(template, secret);
    rotatesMonthly(template, ref(secret), 'DatabaseUsersFunction');
    expect(container(template, name).Secrets.map(({ Name }: { Name: string }) => Name))
      .toEqual(expect.arrayContaining(['PGPASSWORD', 'PGUSER']));
  }
}

/** RDS and Secrets Manager generate each password and rotate it monthly. No password is in the template. */
export function generatedCredentials(template: Template) {
  ownUsers(template);
  const { ManageMasterUserPassword, MasterUsername, MasterUserPassword } = database(template);
  expect({ ManageMasterUserPassword, MasterUsername, MasterUserPassword })
    .toEqual({ ManageMasterUserPassword: true, MasterUsername: 'dbowner', MasterUserPassword: undefined });
  rotatesMonthly(template, administrator(template));
  rotatesMonthly(template, ref(idOf(template, SECRET, 'SecretsGeneratedapiKeys')), 'SecretsRotationFunction');
  template.resourceCountIs(SCHEDULE, 6);
  for (const { Properties } of all(template, SECRET)) expect(Properties.SecretString).toBeUndefined();
  expect(Object.keys(template.toJSON().Parameters)).toEqual(['BootstrapVersion']);
}

/** The programs get their logins at the start of a task, and cannot read the password of the administrator. */
export function leastSecrets(template: Template) {
  generatedCredentials(template);
  for (const name of TASKS) {
    expect(allowing(granted(template, taskRole(template, name)), 'secretsmanager:GetSecretValue')).toEqual([]);
  }
}
