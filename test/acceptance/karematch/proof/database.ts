import { Template } from 'aws-cdk-lib/assertions';
import { databaseGroupRules, databaseIsIsolated, databaseSubnetsAreForTheDatabase, noDirectInternet } from './network';
import { container, DATABASE, database, PARAMETERS, POSTGRES_PORT, siteBucket } from './parts';
import { verifiesTheDatabase } from './service';
import { all, attribute, only, propertiesOf, rotatingKeys, text } from '../../../support/template/reading';

const resource = (template: Template) => template.toJSON().Resources[only(template, DATABASE)];
const parameters = (template: Template) =>
  propertiesOf(template, PARAMETERS, database(template).DBParameterGroupName.Ref);

export function postgres(template: Template) {
  expect(database(template).Engine).toBe('postgres');
  databaseSubnetsAreForTheDatabase(template);
}

/** A minor version of 15 after 15.4, which RDS updates in the maintenance window. */
export function version15(template: Template) {
  const { Engine, EngineVersion, AutoMinorVersionUpgrade, AllowMajorVersionUpgrade } = database(template);
  expect({ Engine, AutoMinorVersionUpgrade, AllowMajorVersionUpgrade }).toEqual({
    Engine: 'postgres',
    AutoMinorVersionUpgrade: true,
    AllowMajorVersionUpgrade: false,
  });
  const [, minor] = /^15\.(\d+)$/.exec(EngineVersion)!;
  expect(Number(minor)).toBeGreaterThan(4);
}

/** The name contains the stack ID, so that another copy of the system has another name. */
export function namedByTheStack(template: Template) {
  expect(text(database(template).DBInstanceIdentifier)).toMatch(/^db-.*AWS::StackId/);
}

export function micro(template: Template) {
  expect(database(template).DBInstanceClass).toBe('db.t4g.micro');
}

export function storage(template: Template) {
  const { AllocatedStorage, StorageType } = database(template);
  expect({ AllocatedStorage, StorageType }).toEqual({ AllocatedStorage: '20', StorageType: 'gp3' });
}

export function growsTo100(template: Template) {
  expect(database(template).MaxAllocatedStorage).toBe(100);
}

export function standby(template: Template) {
  expect(database(template).MultiAZ).toBe(true);
}

export function noStandby(template: Template) {
  expect(database(template).MultiAZ).toBe(false);
}

/** Data, Database Insights and password use a customer managed key of the stack, which is symmetric: AES-256. */
export function encrypted(template: Template) {
  const { StorageEncrypted, KmsKeyId, PerformanceInsightsKMSKeyId, MasterUserSecret } = database(template);
  expect(StorageEncrypted).toBe(true);
  for (const key of [KmsKeyId, PerformanceInsightsKMSKeyId, MasterUserSecret.KmsKeyId]) {
    expect(rotatingKeys(template)).toContainEqual(key);
    expect(propertiesOf(template, 'AWS::KMS::Key', key['Fn::GetAtt'][0]).KeySpec ?? 'SYMMETRIC_DEFAULT').toBe(
      'SYMMETRIC_DEFAULT',
    );
  }
}

/** A parameter of the parameter group of the database. */
export const parameter = (name: string, value: string) => (template: Template) => {
  expect(parameters(template).Parameters[name]).toBe(value);
};

export function ownParameters(template: Template) {
  expect(parameters(template).Family).toBe('postgres15');
  expect(Object.keys(parameters(template).Parameters)).toEqual(
    expect.arrayContaining(['rds.force_ssl', 'log_connections', 'log_disconnections', 'log_min_duration_statement']),
  );
}

/** The server requires TLS 1.2, and the clients verify the server. */
export function tlsOnly(template: Template) {
  parameter('rds.force_ssl', '1')(template);
  parameter('ssl_min_protocol_version', 'TLSv1.2')(template);
  verifiesTheDatabase(template);
}

/** CloudWatch receives the connection log, in a log group that is encrypted and kept for six years. */
export function connectionsAreLogged(template: Template) {
  parameter('log_connections', '1')(template);
  parameter('log_disconnections', '1')(template);
  expect(database(template).EnableCloudwatchLogsExports).toEqual(['postgresql', 'upgrade']);
  const name = `/aws/rds/instance/${text(database(template).DBInstanceIdentifier)}/postgresql`;
  const groups = all(template, 'AWS::Logs::LogGroup').filter(
    ({ Properties }) => text(Properties.LogGroupName ?? '') === name,
  );
  expect(groups).toMatchObject([{ Properties: { RetentionInDays: 2192, KmsKeyId: database(template).KmsKeyId } }]);
}

export function backedUpForAWeek(template: Template) {
  expect(database(template).BackupRetentionPeriod).toBe(7);
}

export function backupWindow(template: Template) {
  expect(database(template).PreferredBackupWindow).toBe('03:00-04:00');
}

export function maintenanceWindow(template: Template) {
  expect(database(template).PreferredMaintenanceWindow).toBe('sun:04:00-sun:05:00');
}

/** A deletion or replacement leaves a snapshot and the backups, and requires that the protection is off. */
export function leavesASnapshot(template: Template) {
  const { DeletionPolicy, UpdateReplacePolicy } = resource(template);
  expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
  });
  expect(database(template)).toMatchObject({ DeletionProtection: true, DeleteAutomatedBackups: false });
}

export function leavesNothing(template: Template) {
  const { DeletionPolicy, UpdateReplacePolicy } = resource(template);
  expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  expect(database(template)).toMatchObject({ DeletionProtection: false, DeleteAutomatedBackups: true });
}

/** The free part: the load of the last seven days, by statement. */
export function insights(template: Template) {
  const { EnablePerformanceInsights, PerformanceInsightsRetentionPeriod, DatabaseInsightsMode } = database(template);
  expect({ EnablePerformanceInsights, PerformanceInsightsRetentionPeriod, DatabaseInsightsMode }).toEqual({
    EnablePerformanceInsights: true,
    PerformanceInsightsRetentionPeriod: 7,
    DatabaseInsightsMode: 'standard',
  });
}

export function logsSlowStatements(template: Template) {
  parameter('log_min_duration_statement', '10000')(template);
  connectionsAreLogged(template);
}

export function endpoint(template: Template) {
  expect(database(template).Port).toBe(String(POSTGRES_PORT));
  expect(container(template).Environment).toEqual(expect.arrayContaining([
    { Name: 'PGHOST', Value: attribute(only(template, DATABASE), 'Endpoint.Address') },
    { Name: 'PGPORT', Value: String(POSTGRES_PORT) },
  ]));
  namedByTheStack(template);
}

export function databaseName(template: Template) {
  expect(database(template).DBName).toBe('karematch');
  expect(container(template).Environment).toContainEqual({ Name: 'PGDATABASE', Value: 'karematch' });
}

/** Only the tasks in the private subnets reach it. */
export function onlyFromPrivateSubnets(template: Template) {
  databaseIsIsolated(template);
  databaseGroupRules(template);
  noDirectInternet(template);
}

/** The database, the bucket of the site, the secrets and the repository contain all data of the system. */
export function noOtherStore(template: Template) {
  const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
  expect(
    types.filter((type) =>
      /^AWS::(DynamoDB|ElastiCache|EFS|FSx|OpenSearchService|Redshift|DocDB|Neptune|MemoryDB|Kinesis|EC2::Volume)/.test(
        type,
      ),
    ),
  ).toEqual([]);
  template.resourceCountIs(DATABASE, 1);
  propertiesOf(template, 'AWS::S3::Bucket', siteBucket(template));
}
