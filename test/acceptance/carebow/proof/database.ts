import { Template } from 'aws-cdk-lib/assertions';
import { container, DATABASE, database, LOG_GROUP, read, variable } from './parts';
import { takesDailySnapshots, vaultOf } from '../../../support/template/backups';
import { POSTGRES_PARAMETERS } from '../../../support/template/postgres';
import { all, attribute, only, propertiesOf, rotatingKeys, text } from '../../../support/template/reading';

const parameters = (template: Template) =>
  propertiesOf(template, 'AWS::RDS::DBParameterGroup', database(template).DBParameterGroupName.Ref).Parameters;

/** A minor version of 16 after 16.3, which RDS updates in the maintenance window. */
export function postgres16(template: Template) {
  const { Engine, EngineVersion, AutoMinorVersionUpgrade } = database(template);
  expect({ Engine, AutoMinorVersionUpgrade }).toEqual({ Engine: 'postgres', AutoMinorVersionUpgrade: true });
  const [, minor] = /^16\.(\d+)$/.exec(EngineVersion)!;
  expect(Number(minor)).toBeGreaterThanOrEqual(3);
}

export function medium(template: Template) {
  expect(database(template).DBInstanceClass).toBe('db.t4g.medium');
}

export function fiftyGigabytes(template: Template) {
  const { AllocatedStorage, StorageType } = database(template);
  expect({ AllocatedStorage, StorageType }).toEqual({ AllocatedStorage: '50', StorageType: 'gp3' });
  encrypted(template);
}

export function standby(template: Template) {
  expect(database(template).MultiAZ).toBe(true);
}

/** A customer managed key of the stack encrypts the data, Performance Insights and the password. */
export function encrypted(template: Template) {
  const { StorageEncrypted, KmsKeyId, PerformanceInsightsKMSKeyId, MasterUserSecret } = database(template);
  expect(StorageEncrypted).toBe(true);
  for (const key of [KmsKeyId, PerformanceInsightsKMSKeyId, MasterUserSecret.KmsKeyId]) {
    expect(rotatingKeys(template)).toContainEqual(key);
  }
}

export function encryptedWithStandby(template: Template) {
  encrypted(template);
  standby(template);
}

/** Seven days, of which any second can be restored, and which outlive the instance. */
export function aWeekOfBackups(template: Template) {
  const { BackupRetentionPeriod, DeleteAutomatedBackups, DeletionProtection } = database(template);
  expect({ BackupRetentionPeriod, DeleteAutomatedBackups, DeletionProtection })
    .toEqual({ BackupRetentionPeriod: 7, DeleteAutomatedBackups: false, DeletionProtection: true });
  expect(template.toJSON().Resources[only(template, DATABASE)].DeletionPolicy).toBe('Snapshot');
}

/** The plan of AWS Backup takes a snapshot of the database each day, into a vault whose policy denies deletion. */
export function dailySnapshots(template: Template) {
  aWeekOfBackups(template);
  takesDailySnapshots(template, only(template, DATABASE), 'db');
}

/** The key of the database encrypts its backups and snapshots, and the snapshots of the vault. */
export function encryptedBackups(template: Template) {
  dailySnapshots(template);
  encrypted(template);
  expect(vaultOf(template).EncryptionKeyArn).toEqual(database(template).KmsKeyId);
}

/** The server requires TLS 1.2 and logs no values, and the program verifies its certificate and its name. */
export function tlsOnly(template: Template) {
  expect(parameters(template)).toEqual(POSTGRES_PARAMETERS);
  expect(container(template).Environment).toEqual(expect.arrayContaining([
    { Name: 'PGSSLMODE', Value: 'verify-full' },
    { Name: 'PGSSLROOTCERT', Value: '/etc/ssl/rds/global-bundle.pem' },
  ]));
  expect(read('api/Dockerfile')).toContain('/etc/ssl/rds/global-bundle.pem');
}

/** The name, the address and the port that the program reads. */
export function namedCareBow(template: Template) {
  const { DBName, Port } = database(template);
  expect({ DBName, Port }).toEqual({ DBName: 'carebow', Port: '5432' });
  expect(['PGDATABASE', 'PGHOST', 'PGPORT'].map((name) => variable(template, name)))
    .toEqual(['carebow', attribute(only(template, DATABASE), 'Endpoint.Address'), '5432']);
}

/** The server logs connections and definitions, without values, and the log is kept for six years. */
export function accessIsLogged(template: Template) {
  expect(database(template).EnableCloudwatchLogsExports).toEqual(['postgresql', 'upgrade']);
  expect(parameters(template)).toEqual(POSTGRES_PARAMETERS);
  const [{ Properties: { LogGroupName, RetentionInDays } }, ...more] = all(template, LOG_GROUP)
    .filter(({ Properties }) => Properties.LogGroupName && text(Properties.LogGroupName).endsWith('/postgresql'));
  expect(more).toEqual([]);
  expect(text(LogGroupName)).toMatch(/^\/aws\/rds\/instance\//);
  expect(RetentionInDays).toBe(2192);
}

/** The API logs in as its own user, which cannot change the schema. The migrations own it. */
export function ownUsers(template: Template) {
  const users = all(template, 'Custom::DatabaseUser').map(({ Properties }) => Properties);
  expect(users.map(({ User, Privileges }) => [User, Privileges]))
    .toEqual([['api', 'readWrite'], ['migrations', 'owner']]);
  for (const { Host, Database } of users) {
    expect({ Host, Database })
      .toEqual({ Host: attribute(only(template, DATABASE), 'Endpoint.Address'), Database: 'carebow' });
  }
  const [api] = users;
  const parts = Object.fromEntries(container(template).Secrets
    .map(({ Name, ValueFrom }: { Name: string; ValueFrom: unknown }) => [Name, ValueFrom]));
  expect([parts.PGUSER, parts.PGPASSWORD]).toEqual(['username', 'password'].map((name) =>
    ({ 'Fn::Join': ['', [api.SecretArn, `:${name}::`]] })));
}
