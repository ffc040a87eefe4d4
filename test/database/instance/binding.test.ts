import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { MYSQL, POSTGRES, someDatabase } from './some-database';
import { rotatedSecretBehind } from '../../../src/binding/container-secret';
import { ServiceBinding } from '../../../src/binding/service-binding';
import { DataProtection } from '../../../src/core/data-protection';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { EncryptedDatabaseInstance } from '../../../src/database/instance/encrypted-database-instance';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newApp, newStack, propertiesOf, templateOf, someVpc } from '../../support/app';
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
    + '(https://github.com/cdk-hipaa/cdk-hipaa/blob/main/docs/encrypted-database-instance.md) '
    + '[ack: cdk-hipaa:unverified-database-server]';

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
  test('is that of a user of the service, whose previous login stays valid', () => {
    const stack = newStack();
    const database = someDatabase(stack);
    const binding = database.bindToService({ service: new Construct(stack, 'Api') });
    const secrets = Object.values(binding.secrets!).map(rotatedSecretBehind);
    expect(secrets).toEqual([binding.overlappingSecrets![0], binding.overlappingSecrets![0]]);
    expect(binding.overlappingSecrets![0].node.path).toBe('Stack/Database/Users/Api/Secret');
    expect(binding.rotatedSecrets).toBeUndefined();
  });

  test('is bound with the database as the connection target', () => {
    const stack = newStack();
    const database = someDatabase(stack);
    expect(database.bindToService({ service: stack }).connectable).toBe(database);
  });
});

describe('a task in another stack', () => {
  const SECRET = Match.stringLikeRegexp('DatabaseUsersServiceSecret');
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
                'Fn::Join': ['', [{ 'Fn::ImportValue': SECRET }, ':username::']],
              },
            },
            {
              Name: 'PGPASSWORD',
              ValueFrom: {
                'Fn::Join': ['', [{ 'Fn::ImportValue': SECRET }, ':password::']],
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
            Resource: { 'Fn::ImportValue': SECRET },
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

describe('the user of a service', () => {
  function userOf(path: string, databasePath = 'Clinic/Database'): string {
    const app = newApp();
    const scopeOf = (full: string): [Construct, string] => {
      const ids = full.split('/');
      const id = ids.pop()!;
      let scope: Construct = app;
      ids.forEach((each, index) => {
        scope = scope.node.tryFindChild(each) as Construct
          ?? (index === 0 ? new Stack(app, each) : new Construct(scope, each));
      });
      return [scope, id];
    };
    const [scope, id] = scopeOf(databasePath);
    const database = new EncryptedDatabaseInstance(scope, id, { vpc: someVpc(Stack.of(scope)), engine: POSTGRES });
    database.bindToService({ service: new Construct(...scopeOf(path)) });
    const [{ User }] = Object.values(propertiesOf(templateOf(Stack.of(database)), 'Custom::DatabaseUser'));
    return User;
  }

  test.each([
    ['Clinic/Api', 'api'],
    ['Clinic/Web/Api', 'web_api'],
    ['Web/Api', 'web_api'],
    ['Web-Stack/api-service', 'web_stack_apiservice'],
    ['Clinic/1st', 'service_1st'],
    ['Clinic/Function', 'function'],
    ['Clinic/Admin', 'service_admin'],
    ['Clinic/PgPool', 'service_pg_pool'],
    ['Clinic/ApiOwner', 'api_owner_service'],
    [`Clinic/${'A'.repeat(40)}`, `${'a'.repeat(21)}_e33cdf9c`],
  ])('%s is %s', (path, name) => expect(userOf(path)).toBe(name));

  test('is named from the closest scope that also contains the database', () => {
    expect(userOf('Clinic/Records/Api', 'Clinic/Records/Database')).toBe('api');
    expect(userOf('Clinic/Records/Api', 'Clinic/Data/Database')).toBe('records_api');
  });

  test('is one, however often the service uses the database', () => {
    const stack = newStack();
    const database = someDatabase(stack);
    const service = new Construct(stack, 'Api');
    const [first, second] = [1, 2].map(() => database.bindToService({ service }));
    expect(second.overlappingSecrets).toEqual(first.overlappingSecrets);
  });

  test('is not that of another service of the same name', () => {
    const app = newApp();
    const data = new Stack(app, 'Data');
    const database = someDatabase(data);
    database.access('WebApi', DatabaseAccess.readOnly());
    expect(() => database.bindToService({ service: new Construct(new Stack(app, 'Web'), 'Api') })).toThrow(new Error(
      '[Data/Database] the database has a user web_api already, of the construct Data/Database/Users/WebApi. Choose '
        + 'another ID, or use that user.',
    ));
  });

  test('reads and changes the data, and is a resource of the stack of the database', () => {
    const app = newApp();
    const [data, service] = ['Data', 'Service'].map((id) => new Stack(app, id));
    const before = service.node.findAll().length;
    someDatabase(data).bindToService({ service: new Construct(service, 'Api') });
    expect(service.node.findAll()).toHaveLength(before + 1);
    expect(Object.values(propertiesOf(templateOf(data), 'Custom::DatabaseUser')))
      .toEqual([expect.objectContaining({ User: 'service_api', Privileges: 'readWrite', Login: 'password' })]);
  });
});

describe.each([
  { what: 'an instance', make: someDatabase },
  { what: 'a cluster', make: someCluster },
  {
    what: 'a cluster with a proxy',
    make: (stack: Stack) => someCluster(stack, { proxy: DatabaseProxy.withPassword() }),
  },
])('the master user of $what', ({ make }) => {
  test('is bound only on request, connects to the server, and restarts the service when it rotates', () => {
    const stack = newStack();
    const database = make(stack);
    const binding = database.asMasterUser({ reason: 'it installs extensions' }).bindToService({ service: stack });
    expect(binding.rotatedSecrets).toEqual([database.secret]);
    expect(Object.values(binding.secrets!).map(rotatedSecretBehind)).toEqual([database.secret, database.secret]);
    expect(binding.connectable).toBe(database);
    expect(propertiesOf(templateOf(stack), 'Custom::DatabaseUser')).toEqual({});
  });

  test('is a warning with the reason', () => {
    const stack = newStack();
    make(stack).asMasterUser({ reason: 'it installs extensions' });
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('master-user'));
    expect(warnings.map(({ entry }) => entry.data))
      .toEqual(['a service logs in to the database as the master user, which can change every role and the audit, and '
        + 'whose password stops working at each rotation (reason given: it installs extensions) '
        + '[ack: cdk-hipaa:master-user]']);
  });

  test.each([' ', null, undefined])('without a reason (%j) is refused', (reason) => {
    expect(() => make(newStack()).asMasterUser({ reason } as never)).toThrow(/^\[.*reason.* must be /);
  });
});
