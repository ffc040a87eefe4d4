import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { MYSQL, someDatabase } from './some-database';
import { rotatedSecretBehind } from '../../../src/binding/container-secret';
import { ServiceBinding } from '../../../src/binding/service-binding';
import { DataProtection } from '../../../src/core/data-protection';
import { newApp, newStack } from '../../support/app';
import { someCluster } from '../aurora/some-cluster';

const HOST = { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'Endpoint.Address'] };
const BUNDLE = '/etc/ssl/rds/global-bundle.pem';

interface Bound {
  readonly binding: ServiceBinding;
  readonly environment: Record<string, unknown>;
}

function bindingOf(props: Parameters<typeof someDatabase>[1] = {}, certificateBundlePath?: string): Bound {
  const stack = newStack();
  const binding = someDatabase(stack, props).bindToService({ service: stack, certificateBundlePath });
  return { binding, environment: stack.resolve(binding.environment) };
}

describe('a client without a certificate bundle', () => {
  /** The warnings about a service in a stack of its own. */
  function warnings(options: {
    make?: typeof someDatabase | typeof someCluster; bundle?: string; disposable?: boolean;
  } = {}): string[] {
    const app = newApp();
    const [data, service] = ['Data', 'Service'].map((id) => new Stack(app, id));
    if (options.disposable) DataProtection.of(data).disposable({ reason: 'a test' });
    (options.make ?? someDatabase)(data).bindToService({ service, certificateBundlePath: options.bundle });
    return Annotations.fromStack(service).findWarning('*', Match.stringLikeRegexp('unverified-database-server'))
      .map(({ id, entry }) => `${id}: ${entry.data}`);
  }
  const WARNING = '/Service: the client of Data/Database uses TLS without verifying the server: add the RDS '
    + 'certificate bundle to the image, set certificateBundlePath, and pass the bundle to the driver '
    + '(docs/encrypted-database-instance.md) [ack: cdk-hipaa:unverified-database-server]';

  test('is a warning on the service, for instances and clusters', () => {
    expect(warnings()).toEqual([WARNING]);
    expect(warnings({ make: someCluster })).toEqual([WARNING]);
  });

  test('is no warning with a bundle, and for disposable data', () => {
    expect(warnings({ bundle: BUNDLE })).toEqual([]);
    expect(warnings({ make: someCluster, bundle: BUNDLE })).toEqual([]);
    expect(warnings({ disposable: true })).toEqual([]);
  });
});

describe('PostgreSQL', () => {
  test('without a certificate bundle, TLS is required', () => {
    expect(bindingOf({ databaseName: 'clinic' }).environment).toEqual({
      PGHOST: HOST,
      PGPORT: '5432',
      PGDATABASE: 'clinic',
      PGSSLMODE: 'require',
    });
  });

  test('with a certificate bundle, the client verifies the server', () => {
    expect(bindingOf({}, BUNDLE).environment).toMatchObject({ PGSSLMODE: 'verify-full', PGSSLROOTCERT: BUNDLE });
  });

  test('the user and the password are secrets', () => {
    expect(Object.keys(bindingOf().binding.secrets!)).toEqual(['PGUSER', 'PGPASSWORD']);
  });
});

describe('MySQL', () => {
  test('without a certificate bundle, the environment has no TLS setting', () => {
    expect(bindingOf({ engine: MYSQL }).environment).toEqual({
      MYSQL_HOST: HOST,
      MYSQL_TCP_PORT: '3306',
      MYSQL_DATABASE: 'app',
    });
  });

  test('with a certificate bundle, the environment has its path', () => {
    expect(bindingOf({ engine: MYSQL }, BUNDLE).environment).toMatchObject({ MYSQL_SSL_CA: BUNDLE });
  });

  test('the user and the password are secrets', () => {
    expect(Object.keys(bindingOf({ engine: MYSQL }).binding.secrets!)).toEqual(['MYSQL_USER', 'MYSQL_PWD']);
  });
});

describe('the secret', () => {
  test('restarts the service when it rotates', () => {
    const stack = newStack();
    const database = someDatabase(stack);
    const binding = database.bindToService({ service: stack });
    expect(binding.rotatedSecrets).toEqual([database.secret]);
    for (const secret of Object.values(binding.secrets!)) expect(rotatedSecretBehind(secret)).toBe(database.secret);
  });

  test('is bound with the database as the connection target', () => {
    const stack = newStack();
    const database = someDatabase(stack);
    expect(database.bindToService({ service: stack }).connectable).toBe(database);
  });
});

describe('a task in another stack', () => {
  const app = newApp();
  const data = new Stack(app, 'Data');
  const service = new Stack(app, 'Service');
  const database = someDatabase(data);
  const binding = database.bindToService({ service });

  const task = new ecs.FargateTaskDefinition(service, 'Task');
  task.addContainer('App', {
    image: ecs.ContainerImage.fromRegistry('app'),
    environment: binding.environment,
    secrets: binding.secrets,
  });
  const template = Template.fromStack(service);

  test('reads the fields of the secret', () => {
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Secrets: [
            {
              Name: 'PGUSER',
              ValueFrom: {
                'Fn::Join': ['', [{ 'Fn::ImportValue': Match.stringLikeRegexp('MasterUserSecret') }, ':username::']],
              },
            },
            {
              Name: 'PGPASSWORD',
              ValueFrom: {
                'Fn::Join': ['', [{ 'Fn::ImportValue': Match.stringLikeRegexp('MasterUserSecret') }, ':password::']],
              },
            },
          ],
        }),
      ],
    });
  });

  test('can read exactly that secret, and decrypt it with its key', () => {
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
            Resource: { 'Fn::ImportValue': Match.stringLikeRegexp('MasterUserSecret') },
          },
          Match.objectLike({
            Effect: 'Allow',
            Action: 'kms:Decrypt',
            Resource: { 'Fn::ImportValue': Match.stringLikeRegexp('DatabaseKey') },
          }),
        ],
      },
    });
  });

  test('depends on the stack of the database, which does not depend on the task', () => {
    expect(service.dependencies).toContain(data);
    expect(data.dependencies).toEqual([]);
  });
});

test('a service can be bound after the template of the database is synthesized', () => {
  const app = newApp();
  const data = new Stack(app, 'Data');
  const database = someDatabase(data);
  const before = data.node.findAll().length;
  const service = new Stack(app, 'Service');
  const binding = database.bindToService({ service });
  new ec2.Connections({
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(service, 'Tasks', 'sg-1')],
  }).allowToDefaultPort(binding.connectable!);
  expect(data.node.findAll()).toHaveLength(before);
});
