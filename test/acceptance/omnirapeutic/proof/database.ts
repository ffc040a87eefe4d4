import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { apiReportsTheAudit } from './api';
import { migrationsCreateTheTable } from './migrate';
import {
  aurora,
  AURORA,
  AURORA_INSTANCE,
  Client,
  CLIENTS,
  DATABASE_USER,
  EXAMPLE_FOLDER,
  POSTGRES_PORT,
  read,
  single,
  SIX_YEARS,
  userId,
  userSecret,
  usersFunctionId,
} from './parts';
import { arrow, opens } from './security-groups';
import { clientsVerifyTheDatabase, secretsAreLinked, theThree } from './services';
import { usersSwitchTheAuditOn } from './users';
import { POSTGRES_PARAMETERS } from '../../../support/template/postgres';
import { alarms, attribute, expectSame, only, propertiesOf, ref, text } from '../../../support/template/reading';
import { LOG_GROUP, SUBNET, SUBNET_GROUP } from '../../../support/template/types';

const PARAMETERS = 'AWS::RDS::DBClusterParameterGroup';
const GIB_PER_ACU = 2;
/**
 * With 1 ACU: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
 */
const CONNECTIONS = 189;

const parameters = (whole: Template) => propertiesOf(whole, PARAMETERS, aurora(whole).DBClusterParameterGroupName.Ref);
const instances = (whole: Template) =>
  Object.values(whole.findResources(AURORA_INSTANCE)).map(({ Properties }) => Properties);
const alarmOn = (whole: Template, name: string) => single(alarms(whole).filter(({ metric }) => metric === name));
const documentation = () =>
  fs
    .readFileSync(path.join(EXAMPLE_FOLDER, '..', '..', 'docs', 'encrypted-aurora-cluster.md'), 'utf8')
    .replace(/\s+/g, ' ');

export function postgresServerless(whole: Template) {
  expect(aurora(whole).Engine).toBe('aurora-postgresql');
  expect(aurora(whole).EngineMode ?? 'provisioned').toBe('provisioned');
  expect(aurora(whole)).toHaveProperty('ServerlessV2ScalingConfiguration');
  expect(instances(whole).map(({ Engine, DBInstanceClass }) => ({ Engine, DBInstanceClass })))
    .toEqual(Array(2).fill({ Engine: 'aurora-postgresql', DBInstanceClass: 'db.serverless' }));
}

export function version1510(whole: Template) {
  expect(aurora(whole).EngineVersion).toBe('15.10');
  expect(parameters(whole).Family).toBe('aurora-postgresql15');
}

/** The cluster and each instance install minor versions in the maintenance window. */
export function staysPatched(whole: Template) {
  for (const { AutoMinorVersionUpgrade, PreferredMaintenanceWindow } of [aurora(whole), ...instances(whole)]) {
    expect({ AutoMinorVersionUpgrade, PreferredMaintenanceWindow }).toEqual({
      AutoMinorVersionUpgrade: true,
      PreferredMaintenanceWindow: 'sun:05:00-sun:06:00',
    });
  }
  const body = text(
    propertiesOf(whole, 'AWS::Config::ConformancePack', only(whole, 'AWS::Config::ConformancePack')).TemplateBody,
  );
  expect(body).toContain('ConfigRuleName: rds-automatic-minor-version-upgrade-enabled');
}

export const capacity = (bound: 'MinCapacity' | 'MaxCapacity', units: number) => (whole: Template) => {
  expect(aurora(whole).ServerlessV2ScalingConfiguration[bound]).toBe(units);
  postgresServerless(whole);
};

/**
 * About 2 GiB for each ACU:
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html
 */
export const memory = (bound: 'MinCapacity' | 'MaxCapacity', gibibytes: number) => (whole: Template) => {
  expect(aurora(whole).ServerlessV2ScalingConfiguration[bound] * GIB_PER_ACU).toBe(gibibytes);
  // The alarm fires when less than a twentieth of the maximum memory is free.
  const { MaxCapacity } = aurora(whole).ServerlessV2ScalingConfiguration;
  expect(alarmOn(whole, 'FreeableMemory')).toMatchObject({
    dimensions: { DBClusterIdentifier: ref(only(whole, AURORA)) },
    threshold: Math.floor(MaxCapacity * GIB_PER_ACU * 1024 ** 3 * 0.05),
  });
};

/** Aurora derives the connection limit from the maximum capacity. No parameter sets it. */
export function connectionsByMaximum(whole: Template) {
  expect(parameters(whole).Parameters).not.toHaveProperty('max_connections');
  expect(aurora(whole).ServerlessV2ScalingConfiguration).toEqual({ MinCapacity: 0.5, MaxCapacity: 1 });
  expect(documentation()).toContain(`1 ACU allows ${CONNECTIONS} connections on PostgreSQL and 90 on MySQL.`);
}

/** An alarm fires before the limit. */
export function connectionsAreWatched(whole: Template) {
  connectionsByMaximum(whole);
  const { dimensions, threshold } = alarmOn(whole, 'DatabaseConnections');
  expect(dimensions).toEqual({ DBClusterIdentifier: ref(only(whole, AURORA)) });
  expect(threshold).toBeLessThan(CONNECTIONS);
}

const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });

/** Two instances in different zones. */
export function inTwoZones(whole: Template) {
  expectSame(instances(whole).map(({ AvailabilityZone }) => AvailabilityZone), [zone(0), zone(1)]);
  for (const { DBClusterIdentifier, PubliclyAccessible } of instances(whole)) {
    expect({ DBClusterIdentifier, PubliclyAccessible }).toEqual({
      DBClusterIdentifier: ref(only(whole, AURORA)),
      PubliclyAccessible: false,
    });
  }
}

/**
 * The reader is the first failover target and always has the capacity of the writer, as Aurora does for tiers 0 and 1.
 */
export function readerTakesOver(whole: Template) {
  inTwoZones(whole);
  expect(instances(whole).map(({ PromotionTier }) => PromotionTier).sort()).toEqual([0, 1]);
}

/** The storage of Aurora, across the three zones of the subnets. */
export function storageOverThreeZones(whole: Template) {
  expect(aurora(whole).Engine).toMatch(/^aurora-/);
  const { SubnetIds } = propertiesOf(whole, SUBNET_GROUP, aurora(whole).DBSubnetGroupName.Ref);
  expect(SubnetIds.map((subnet: { Ref: string }) => propertiesOf(whole, SUBNET, subnet.Ref).AvailabilityZone)).toEqual([
    zone(0),
    zone(1),
    zone(2),
  ]);
}

export function backedUpDaily(whole: Template) {
  const { BackupRetentionPeriod, PreferredBackupWindow, DeleteAutomatedBackups } = aurora(whole);
  expect({ BackupRetentionPeriod, PreferredBackupWindow, DeleteAutomatedBackups })
    .toEqual({ BackupRetentionPeriod: 7, PreferredBackupWindow: '03:00-04:00', DeleteAutomatedBackups: false });
}

/**
 * Aurora backs up continuously: any second of the retention, up to five minutes ago. AWS Backup adds a daily snapshot
 * for 35 days.
 */
export function anySecondOfAWeek(whole: Template) {
  expect(aurora(whole).Engine).toMatch(/^aurora-/);
  backedUpDaily(whole);
  const {
    BackupPlan: { BackupPlanRule: rules },
  } = propertiesOf(whole, 'AWS::Backup::BackupPlan', only(whole, 'AWS::Backup::BackupPlan'));
  expect(rules).toMatchObject([
    {
      ScheduleExpression: 'cron(0 6 * * ? *)',
      Lifecycle: { DeleteAfterDays: 35 },
      TargetBackupVault: attribute(only(whole, 'AWS::Backup::BackupVault'), 'BackupVaultName'),
    },
  ]);
  const { BackupSelection } = propertiesOf(
    whole,
    'AWS::Backup::BackupSelection',
    only(whole, 'AWS::Backup::BackupSelection'),
  );
  expect(BackupSelection.Resources).toEqual([
    { 'Fn::Join': ['', expect.arrayContaining([':cluster:', ref(only(whole, AURORA))])] },
  ]);
}

/**
 * Only the programs that use it, the function that manages its users and the bastion reach it, and it reaches nothing.
 * The Data API, which bypasses the network, is off.
 */
export function reachedByClients(whole: Template) {
  opens('aurora', 'Ingress')(whole);
  opens('aurora', 'Egress')(whole);
  for (const group of ['api', 'worker', 'migrations', 'users', 'bastion'] as const) {
    arrow(group, 'aurora', POSTGRES_PORT)(whole);
  }
  expect(aurora(whole).Port).toBe(POSTGRES_PORT);
  expect(aurora(whole)).not.toHaveProperty('EnableHttpEndpoint');
}

/** The privileges of the database user of each program. */
const PRIVILEGES: Record<Client, string> = { Api: 'readWrite', Worker: 'readWrite', Migrations: 'owner' };

/** Each program that uses the database has its own user. Only that of the migrations can change the schema. */
export function usersHaveTheirPrivileges(whole: Template) {
  expectSame(Object.keys(whole.findResources(DATABASE_USER)), CLIENTS.map((name) => userId(whole, name)));
  for (const name of CLIENTS) {
    expect(propertiesOf(whole, DATABASE_USER, userId(whole, name))).toMatchObject({
      ServiceToken: attribute(usersFunctionId(whole), 'Arn'),
      Privileges: PRIVILEGES[name],
      Login: 'password',
      SecretArn: ref(userSecret(whole, name)),
    });
  }
}

/**
 * Two services and the migrations receive its address and a login of their own, and the site does not. The migrations
 * create the table before the services that use it are deployed.
 */
export function usedWhereNeeded(whole: Template) {
  usersHaveTheirPrivileges(whole);
  secretsAreLinked(whole);
  clientsVerifyTheDatabase(whole);
  theThree(whole);
  migrationsCreateTheTable(read('api', 'migrate.js'));
}

/** The server requires TLS 1.2, and the clients verify the server. */
export function tlsOnly(whole: Template) {
  expect(parameters(whole).Parameters).toMatchObject({ 'rds.force_ssl': '1', 'ssl_min_protocol_version': 'TLSv1.2' });
  clientsVerifyTheDatabase(whole);
}

/**
 * The first half: the server loads pgAudit and its settings, without parameter values. No other setting can undo it.
 */
export function auditIsLoaded(whole: Template) {
  expect(parameters(whole).Parameters).toEqual(POSTGRES_PARAMETERS);
}

/**
 * The second half: the function that manages the users creates the extension as the master user, before a program has a
 * login. `/api/status` reports it.
 */
export function auditIsSwitchedOn(whole: Template) {
  expect(aurora(whole)).toMatchObject({
    MasterUsername: 'dbowner',
    ManageMasterUserPassword: true,
    DatabaseName: 'omnirapeutic',
  });
  arrow('users', 'aurora', POSTGRES_PORT)(whole);
  usersHaveTheirPrivileges(whole);
  secretsAreLinked(whole);
  for (const name of CLIENTS) usersSwitchTheAuditOn(whole, name);
  apiReportsTheAudit(read('api', 'server.js'));
}

/** Both halves of the audit. CloudWatch receives its log. */
export function audited(whole: Template) {
  auditIsLoaded(whole);
  auditIsSwitchedOn(whole);
  auditLog(whole);
}

/** The log group has the name that RDS writes to and exists before the cluster, encrypted and for six years. */
export function auditLog(whole: Template) {
  const { DBClusterIdentifier, EnableCloudwatchLogsExports, KmsKeyId } = aurora(whole);
  expect(EnableCloudwatchLogsExports).toEqual(['postgresql']);
  expect(text(DBClusterIdentifier)).toMatch(/^aurora-.*AWS::StackId/);
  const name = `/aws/rds/cluster/${text(DBClusterIdentifier)}/postgresql`;
  const groups = Object.entries(whole.findResources(LOG_GROUP)).filter(
    ([, { Properties }]) => text(Properties.LogGroupName ?? '') === name,
  );
  expect(groups).toMatchObject([[expect.any(String), { Properties: { RetentionInDays: SIX_YEARS, KmsKeyId } }]]);
  expect(whole.toJSON().Resources[only(whole, AURORA)].DependsOn).toContain(groups[0][0]);
}

/** The user and database of psql. */
export function ownerIsDbowner(whole: Template) {
  const { MasterUsername, DatabaseName } = aurora(whole);
  expect({ MasterUsername, DatabaseName }).toEqual({ MasterUsername: 'dbowner', DatabaseName: 'omnirapeutic' });
}
