import { Template } from 'aws-cdk-lib/assertions';
import { container, DATABASE, database, read } from './parts';
import { attribute, only, propertiesOf, rotatingKeys, text } from '../../../support/template/reading';

const SELECTION = 'AWS::Backup::BackupSelection';
const VAULT = 'AWS::Backup::BackupVault';
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
  expect(database(template).AllocatedStorage).toBe('50');
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
  const plan = only(template, 'AWS::Backup::BackupPlan');
  const [rule, ...more] = propertiesOf(template, 'AWS::Backup::BackupPlan', plan).BackupPlan.BackupPlanRule;
  expect(more).toEqual([]);
  expect(rule.ScheduleExpression).toMatch(/^cron\(0 \d+ \* \* \? \*\)$/);
  expect(rule.TargetBackupVault).toEqual(attribute(only(template, VAULT), 'BackupVaultName'));
  const { BackupSelection } = propertiesOf(template, SELECTION, only(template, SELECTION));
  expect(BackupSelection.Resources.map(text)).toEqual([
    expect.stringMatching(new RegExp(`:db:\\$\\{\\{'Ref':'${only(template, DATABASE)}'\\}\\}$`)),
  ]);
  expect(JSON.stringify(propertiesOf(template, VAULT, only(template, VAULT)).AccessPolicy))
    .toContain('"backup:DeleteRecoveryPoint"');
}

/** The key of the database encrypts its backups and snapshots, and the snapshots of the vault. */
export function encryptedBackups(template: Template) {
  dailySnapshots(template);
  encrypted(template);
  expect(propertiesOf(template, VAULT, only(template, VAULT)).EncryptionKeyArn).toEqual(database(template).KmsKeyId);
}

/** The server requires TLS 1.2, and the program verifies its certificate and its name. */
export function tlsOnly(template: Template) {
  expect(parameters(template)).toMatchObject({ 'rds.force_ssl': '1', 'ssl_min_protocol_version': 'TLSv1.2' });
  expect(container(template).Environment).toEqual(expect.arrayContaining([
    { Name: 'PGSSLMODE', Value: 'verify-full' },
    { Name: 'PGSSLROOTCERT', Value: '/etc/ssl/rds/global-bundle.pem' },
  ]));
  expect(read('api/Dockerfile')).toContain('/etc/ssl/rds/global-bundle.pem');
}

export function namedCareBow(template: Template) {
  expect(database(template).DBName).toBe('carebow');
  const [host, ...more] = container(template).Environment.filter(({ Name }: { Name: string }) => Name === 'PGHOST');
  expect(more).toEqual([]);
  expect(host.Value).toEqual(attribute(only(template, DATABASE), 'Endpoint.Address'));
}

/** The API logs in as its own user, which cannot change the schema. The migrations own it. */
export function ownUsers(template: Template) {
  const users = Object.values(template.findResources('Custom::DatabaseUser'))
    .map(({ Properties: { User, Privileges } }) => [User, Privileges]);
  expect(Object.fromEntries(users)).toEqual({ api: 'readWrite', migrations: 'owner' });
}
