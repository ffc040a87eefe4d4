import { Lazy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import { rotatedSecretBehind } from '../../../src/binding/container-secret';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { someService } from '../../service/fargate-fixtures';
import { newApp, newStack, propertiesOf, templateOf } from '../../support/app';
import { cycles, createdAfterTasks } from '../../support/task-start';
import { someCluster } from '../aurora/some-cluster';
import { MYSQL, someDatabase } from '../instance/some-database';

const readWrite = DatabaseAccess.readWrite();
const { iamToken, owner, readOnly } = DatabaseAccess;
const BUNDLE = '/etc/ssl/rds/global-bundle.pem';

describe('the name of a user', () => {
  test.each([
    ['Api', 'api'], ['NightlyReports', 'nightly_reports'], ['reports2', 'reports2'], ['HL7Import', 'hl7_import'],
    ['A'.repeat(30), 'a'.repeat(30)], ['Function', 'function'], ['SecurityGroup', 'security_group'],
  ])('%s becomes %s', (id, name) => expect(someDatabase().access(id, readWrite).userName).toBe(name));

  test.each([
    '', '1st', 'nightly-reports', 'nightly_reports', 'Réports', 'A'.repeat(31), 'ApiOwner', 'ApiReadonly', 'Postgres',
    'Root', 'Dbowner', 'RdsReports', 'Admin', 'MysqlReports', 'Public', 'None', 'constructor', 'toString', 'valueOf',
  ])('%j is refused', (id) => {
    expect(() => someDatabase().access(id, readWrite)).toThrow(new Error(
      '[Stack/Database] id must be letters and digits, starting with a letter, that form a user name of at most 30 '
        + `characters that the database, this library and JavaScript objects do not use themselves, got '${id}'. `
        + 'Choose another ID, such as \'NightlyReports\'.',
    ));
  });

  test('is used once', () => {
    const database = someDatabase();
    database.access('NightlyReports', readWrite);
    expect(() => database.access('nightlyReports', readOnly())).toThrow(new Error(
      '[Stack/Database] the database has a user nightly_reports already, of the construct '
        + 'Stack/Database/Users/NightlyReports. Choose another ID, or use that user.',
    ));
  });

  test('is used once, also if a service has it', () => {
    const stack = newStack();
    const database = someDatabase(stack);
    const { node } = someService(stack, { vpc: database.instance.vpc, uses: [database] });
    expect(() => database.access(node.id, readOnly())).toThrow(
      `already, of the construct ${node.path}. Choose another ID, or use that user.`);
  });
});

describe('a user of PostgreSQL 14', () => {
  const POSTGRES_14 = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_14 });
  const refusal = new Error('[Stack/Database] database users must be on PostgreSQL 15 or newer, because a user of '
    + 'PostgreSQL 14 can grant its own role to others, which can lock out the master user. Choose a newer engine, or '
    + 'call asMasterUser with a reason.');

  test('is refused', () => {
    expect(() => someDatabase(newStack(), { engine: POSTGRES_14 }).access('Api', readWrite)).toThrow(refusal);
    const stack = newStack();
    const database = someDatabase(stack, { engine: POSTGRES_14 });
    expect(() => someService(stack, { vpc: database.instance.vpc, uses: [database] })).toThrow(refusal);
  });

  test('is refused on Aurora', () => {
    const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_14_12 });
    expect(() => someCluster(newStack(), { engine }).access('Api', readWrite)).toThrow(
      'database users must be on PostgreSQL 15 or newer');
  });

  test('does not exist for a service that logs in as the master user', () => {
    const stack = newStack();
    const database = someDatabase(stack, { engine: POSTGRES_14 });
    const uses = [database.asMasterUser({ reason: 'the engine is upgraded next month' })];
    expect(() => someService(stack, { vpc: database.instance.vpc, uses })).not.toThrow();
  });
});

describe('a user of a minor version in which a login can lose its role', () => {
  const instance = (version: string, major = version.split('.')[0]) => {
    const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of(version, major) });
    return () => someDatabase(newStack(), { engine }).access('Api', readWrite);
  };

  test.each([
    ['15.8', '15.10'], ['15.9', '15.10'], ['16.5', '16.6'], ['17.0', '17.2'], ['17.1', '17.2'],
  ])('%s is refused', (version, since) => {
    expect(instance(version)).toThrow(new Error(`[Stack/Database] database users must be on PostgreSQL ${since} or `
      + `newer, because a login can lose its role in PostgreSQL ${version}. Choose a newer engine, or call `
      + 'asMasterUser with a reason.'));
  });

  test('is refused on Aurora', () => {
    const version = rds.AuroraPostgresEngineVersion.VER_16_4_LIMITLESS;
    const engine = rds.DatabaseClusterEngine.auroraPostgres({ version });
    expect(() => someCluster(newStack(), { engine }).access('Api', readWrite)).toThrow(
      'database users must be on PostgreSQL 16.6 or newer');
  });

  test.each(['15.10', '16.6', '17.2', '18.0', '15', '16', '17', '19'])('%s is accepted', (version) => {
    expect(instance(version)).not.toThrow();
  });

  test('that is a token is accepted', () => {
    expect(instance(Lazy.string({ produce: () => '16.5' }), '16')).not.toThrow();
  });
});

describe('the name of a database with users', () => {
  const access = (databaseName: string, props = {}) => () =>
    someDatabase(newStack(), { databaseName, ...props }).access('Api', readWrite);

  test.each(['d'.repeat(54), 'd'.repeat(63), 'pg_data'])('%s is refused on PostgreSQL', (name) => {
    expect(access(name)).toThrow(new Error('[Stack/Database] databaseName must be at most 53 characters that do not '
      + 'start with \'pg_\', if the database has users, because PostgreSQL limits the names of their roles, such as '
      + `app_readwrite, to 63 bytes and reserves this prefix, got '${name}'. Choose another name, or call asMasterUser `
      + 'with a reason.'));
  });

  test('of 53 characters, or of 64 on MySQL, or a token, is accepted', () => {
    expect(access('d'.repeat(53))).not.toThrow();
    expect(access('d'.repeat(64), { engine: MYSQL })).not.toThrow();
    expect(access(Lazy.string({ produce: () => 'd'.repeat(60) }))).not.toThrow();
  });

  test('does not matter to a service that logs in as the master user', () => {
    const stack = newStack();
    const database = someDatabase(stack, { databaseName: 'd'.repeat(60) });
    const uses = [database.asMasterUser({ reason: 'it has a long name' })];
    expect(() => someService(stack, { vpc: database.instance.vpc, uses })).not.toThrow();
  });
});

test('the environment of the function is limited to 4 KB', () => {
  const database = someDatabase();
  let count = 0;
  expect(() => {
    for (; count < 200; count++) database.access(`User${count}`, readWrite);
  }).toThrow(new RegExp(
    '^\\[Stack/Database/Users\\] environment of the function must be at most 4096 bytes \\(the Lambda quota '
      + '"Environment variables"\\), got about \\d+ bytes\\. Use one user for several services, or give the users '
      + 'shorter IDs\\.$',
  ));
  expect(count).toBe(108);
});

describe('the binding of a service', () => {
  const bindingOf = (access: DatabaseAccess, props = {}, path?: string) => {
    const stack = newStack();
    const user = someDatabase(stack, props).access('Api', access);
    const binding = user.bindToService({ service: stack, certificateBundlePath: path });
    return { user, binding, environment: stack.resolve(binding.environment) };
  };

  test('has the variables of the database, and the login in use as secrets', () => {
    const { user, binding, environment } = bindingOf(readWrite, {}, BUNDLE);
    expect(environment).toEqual({
      PGHOST: { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'Endpoint.Address'] },
      PGPORT: '5432',
      PGDATABASE: 'app',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: BUNDLE,
    });
    expect(Object.keys(binding.secrets!)).toEqual(['PGUSER', 'PGPASSWORD']);
    expect(Object.values(binding.secrets!).map(rotatedSecretBehind)).toEqual([user.secret, user.secret]);
    expect(binding.overlappingSecrets).toEqual([user.secret]);
    expect(binding.rotatedSecrets).toBeUndefined();
  });

  test('has the variables of MySQL', () => {
    expect(Object.keys(bindingOf(readWrite, { engine: MYSQL }).binding.secrets!)).toEqual(['MYSQL_USER', 'MYSQL_PWD']);
  });

  test('with an IAM token has the user name and no secret', () => {
    const { user, binding, environment } = bindingOf(iamToken());
    expect(environment).toMatchObject({ PGUSER: 'api' });
    expect([user.secret, binding.secrets, binding.rotatedSecrets]).toEqual([undefined, undefined, undefined]);
  });
});

describe('grantLogin', () => {
  function statementsOf(access: DatabaseAccess) {
    const app = newApp();
    const [data, application] = ['Data', 'App'].map((id) => new Stack(app, id));
    const user = someDatabase(data).access('Api', access);
    const role = new iam.Role(application, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    user.grantLogin(role);
    const [policy] = Object.values(propertiesOf(templateOf(application), 'AWS::IAM::ManagedPolicy'));
    return policy.PolicyDocument.Statement;
  }

  test('allows reading the secret, with its key', () => {
    const statements = statementsOf(readOnly());
    expect(statements.map(({ Action }: { Action: unknown }) => Action))
      .toEqual([['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], 'kms:Decrypt']);
    expect(JSON.stringify(statements)).not.toContain('"*"');
  });

  test('allows the IAM token of this user only', () => {
    const [statement, ...more] = statementsOf(iamToken());
    expect([statement.Action, more]).toEqual(['rds-db:connect', []]);
    expect(JSON.stringify(statement.Resource)).toMatch(/\/api"/);
  });
});

describe.each(['in one stack', 'in two stacks'])('a service with a user in uses, %s', (where) => {
  const app = newApp();
  const data = new Stack(app, 'Data');
  const application = where === 'in one stack' ? data : new Stack(app, 'App');
  const vpc = new ec2.Vpc(data, 'Vpc', {
    subnetConfiguration: [
      { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'Private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
  const database = someDatabase(data, { vpc });
  const user = database.access('Api', owner());
  someService(application, { vpc, uses: [user] });
  const template = templateOf(application);

  test('starts after the user exists', () => {
    if (application === data) {
      const [service] = Object.values(template.findResources('AWS::ECS::Service'));
      const [resource] = Object.keys(template.findResources('Custom::DatabaseUser'));
      expect(service.DependsOn).toContain(resource);
    }
    expect(application === data || application.dependencies.includes(data)).toBe(true);
    expect(createdAfterTasks(template.toJSON() as never)).toEqual([]);
  });

  test('has no cycle', () => {
    app.synth();
    for (const stack of [data, application]) expect(cycles(templateOf(stack).toJSON() as never)).toEqual([]);
    expect(data.dependencies).toEqual([]);
  });

  test('is deployed again after a rotation of the secret of the user, and not of the master user', () => {
    const patterns = Object.values(propertiesOf(template, 'AWS::Events::Rule'))
      .filter(({ EventPattern }) => EventPattern?.['detail-type']?.includes('Secret Label Updated'));
    expect(patterns).toHaveLength(1);
    const text = JSON.stringify(patterns[0].EventPattern.resources);
    expect(text).toContain('DatabaseUsersApiSecret');
    expect(text).not.toContain('MasterUserSecret');
  });

  test('receives no secret of the master user', () => {
    const [task] = Object.values(propertiesOf(template, 'AWS::ECS::TaskDefinition'));
    const secrets = task.ContainerDefinitions[0].Secrets;
    expect(secrets.map(({ Name }: { Name: string }) => Name)).toEqual(['PGPASSWORD', 'PGUSER']);
    expect(JSON.stringify(secrets)).not.toContain('MasterUserSecret');
  });
});
