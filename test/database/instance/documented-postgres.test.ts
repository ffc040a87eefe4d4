import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { only, someDatabase } from './some-database';
import { DataProtection } from '../../../src/core/data-protection';
import { EncryptedDatabaseInstance } from '../../../src/database/instance/encrypted-database-instance';
import { newApp } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';

const INSTANCE = 'AWS::RDS::DBInstance';

/** The documented database of a small product. Development differs in disposable data and the standby only. */
function documented(app: App, { production = true, size = ec2.InstanceSize.MICRO } = {}): EncryptedDatabaseInstance {
  const stack = new Stack(app, 'Stack');
  if (!production) DataProtection.of(stack).disposable({ reason: 'development holds synthetic records only' });
  return someDatabase(stack, {
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_15_17 }),
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, size),
    allocatedStorage: Size.gibibytes(20),
    maxAllocatedStorage: Size.gibibytes(100),
    multiAz: production,
    backup: { retention: Duration.days(7), window: '03:00-04:00' },
    maintenanceWindow: 'sun:04:00-sun:05:00',
    databaseName: 'karematch',
  });
}

describe.each([['production', true], ['development', false]])('in %s', (_, production) => {
  const database = documented(newApp(), { production });
  const template = Template.fromStack(Stack.of(database));
  const instance = only(template, INSTANCE);

  test.each<[string, string, unknown]>([
    ['PostgreSQL 15, newest minor version', 'EngineVersion', '15.17'],
    ['db.t4g.micro', 'DBInstanceClass', 'db.t4g.micro'],
    ['20 GB', 'AllocatedStorage', '20'],
    ['gp3', 'StorageType', 'gp3'],
    ['growing up to 100 GB', 'MaxAllocatedStorage', 100],
    ['encryption at rest', 'StorageEncrypted', true],
    ['7 days of automated backups', 'BackupRetentionPeriod', 7],
    ['backups from 03:00 to 04:00', 'PreferredBackupWindow', '03:00-04:00'],
    ['maintenance on Sunday from 04:00 to 05:00', 'PreferredMaintenanceWindow', 'sun:04:00-sun:05:00'],
    ['Performance Insights', 'EnablePerformanceInsights', true],
    ['Performance Insights for 7 days', 'PerformanceInsightsRetentionPeriod', 7],
    ['port 5432', 'Port', '5432'],
    ['the database', 'DBName', 'karematch'],
    ['no public address', 'PubliclyAccessible', false],
  ])('%s: %s is %j', (_statement, property, value) => {
    expect(instance[property]).toEqual(value);
  });

  test.each([
    ['rds.force_ssl', '1'],
    ['log_connections', '1'],
    ['log_disconnections', '1'],
    ['log_min_duration_statement', '10000'],
  ])('the parameter group sets %s = %s', (name, value) => {
    expect(only(template, 'AWS::RDS::DBParameterGroup')).toMatchObject({
      Family: 'postgres15',
      Parameters: { [name]: value },
    });
  });

  test('the packs report nothing', () => {
    expect(nagFindings(database)).toEqual([]);
  });
});

test('production has a standby, a final snapshot, deletion protection, and a vault copy outside both windows', () => {
  const template = Template.fromStack(Stack.of(documented(newApp())));
  template.hasResource(INSTANCE, {
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
    Properties: { MultiAZ: true, DeletionProtection: true, DeleteAutomatedBackups: false },
  });
  template.hasResourceProperties('AWS::Backup::BackupPlan', {
    BackupPlan: {
      BackupPlanRule: [
        Match.objectLike({ ScheduleExpression: 'cron(0 5 * * ? *)', Lifecycle: { DeleteAfterDays: 35 } }),
      ],
    },
  });
});

test('development has none of these', () => {
  const template = Template.fromStack(Stack.of(documented(newApp(), { production: false })));
  template.hasResource(INSTANCE, {
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: { MultiAZ: false, DeletionProtection: false, DeleteAutomatedBackups: true },
  });
  template.resourceCountIs('AWS::Backup::BackupPlan', 0);
});

test('the larger class changes only the class of the instance', () => {
  const upgraded = Template.fromStack(Stack.of(documented(newApp(), { size: ec2.InstanceSize.SMALL })));
  const before = Template.fromStack(Stack.of(documented(newApp())));
  expect(only(upgraded, INSTANCE)).toEqual({ ...only(before, INSTANCE), DBInstanceClass: 'db.t4g.small' });
  expect(Object.keys(upgraded.toJSON().Resources)).toEqual(Object.keys(before.toJSON().Resources));
});

test.each([
  ['production', true, ec2.InstanceSize.MICRO],
  ['development', false, ec2.InstanceSize.MICRO],
  ['production, upgraded', true, ec2.InstanceSize.SMALL],
])('the template of %s is valid, including version and class', (_, production, size) => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  documented(app, { production, size });
  expect(templateFindings(app)).toEqual([]);
});

test('CloudFormation Validate reports a version that is not offered with the class', () => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  someDatabase(new Stack(app, 'Stack'), { instanceType: new ec2.InstanceType('t4g.micro') });
  expect(templateFindings(app)).toEqual([
    "E3062 at Stack/Database/Instance/Resource: DBInstanceClass: DBInstanceClass 'db.t4g.micro' is not valid for "
      + "Engine 'postgres' EngineVersion '16.8'",
  ]);
});
