import { Template } from 'aws-cdk-lib/assertions';
import { container, DATABASE, database, MYSQL_PORT, waysOut } from './parts';
import { all, attribute, only, propertiesOf, ref, rotatingKeys } from '../../../support/template/reading';

export function mysql(template: Template) {
  const { Engine, EngineVersion, Port, DBSubnetGroupName, PubliclyAccessible } = database(template);
  expect({ Engine, Port, PubliclyAccessible }).toEqual({
    Engine: 'mysql',
    Port: String(MYSQL_PORT),
    PubliclyAccessible: false,
  });
  expect(EngineVersion).toMatch(/^8\.\d+\.\d+$/);
  const { SubnetIds } = propertiesOf(template, 'AWS::RDS::DBSubnetGroup', DBSubnetGroupName.Ref);
  expect(waysOut(template, SubnetIds)).toEqual(['none', 'none']);
}

export function databaseIsEncrypted(template: Template) {
  const { StorageEncrypted, KmsKeyId, EnablePerformanceInsights, PerformanceInsightsKMSKeyId } = database(template);
  expect({ StorageEncrypted, EnablePerformanceInsights }).toEqual({
    StorageEncrypted: true,
    EnablePerformanceInsights: true,
  });
  for (const key of [KmsKeyId, PerformanceInsightsKMSKeyId]) expect(rotatingKeys(template)).toContainEqual(key);
  for (const vault of all(template, 'AWS::Backup::BackupVault')) {
    expect(rotatingKeys(template)).toContainEqual(vault.Properties.EncryptionKeyArn);
  }
}

export function databaseForcesTls(template: Template) {
  const { Parameters } = propertiesOf(
    template,
    'AWS::RDS::DBParameterGroup',
    database(template).DBParameterGroupName.Ref,
  );
  expect(Parameters.require_secure_transport).toBe('1');
  expect(container(template).Environment).toContainEqual({
    Name: 'MYSQL_SSL_CA',
    Value: '/etc/ssl/rds/global-bundle.pem',
  });
}

export function databaseIsEncryptedEverywhere(template: Template) {
  databaseIsEncrypted(template);
  databaseForcesTls(template);
}

export function databaseCanGoBack(template: Template) {
  expect(database(template)).toMatchObject({ BackupRetentionPeriod: 35, DeleteAutomatedBackups: false });
  const plan = only(template, 'AWS::Backup::BackupPlan');
  expect(propertiesOf(template, 'AWS::Backup::BackupPlan', plan).BackupPlan.BackupPlanRule).toMatchObject([
    {
      ScheduleExpression: 'cron(0 6 * * ? *)',
      Lifecycle: { DeleteAfterDays: 35 },
      TargetBackupVault: attribute(only(template, 'AWS::Backup::BackupVault'), 'BackupVaultName'),
    },
  ]);
  const selection = propertiesOf(
    template,
    'AWS::Backup::BackupSelection',
    only(template, 'AWS::Backup::BackupSelection', { BackupPlanId: attribute(plan, 'BackupPlanId') }),
  );
  expect(selection.BackupSelection.Resources).toEqual([
    { 'Fn::Join': ['', expect.arrayContaining([':db:', ref(only(template, DATABASE))])] },
  ]);
}
