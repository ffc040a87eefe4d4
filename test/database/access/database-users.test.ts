import { readFileSync } from 'fs';
import { NestedStack, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { DataProtection } from '../../../src/core/data-protection';
import { DatabaseAccess } from '../../../src/database/access/database-access';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { HipaaVpc } from '../../../src/network/hipaa-vpc';
import { NatStrategy } from '../../../src/network/nat-strategy';
import { newStack, propertiesOf, templateOf } from '../../support/app';
import { DependencyTemplate, Dependencies } from '../../support/dependencies';
import { leftovers, losses } from '../../support/leftovers';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';
import { someCluster } from '../aurora/some-cluster';
import { MYSQL, Properties, someDatabase } from '../instance/some-database';

const { iamToken, owner, readOnly, readWrite } = DatabaseAccess;
const USER = 'Custom::DatabaseUser';

/** The resources of a type whose logical ID contains a text. */
const named = (stack: Stack, type: string, part: string): Properties[] =>
  Object.entries(propertiesOf(templateOf(stack), type)).filter(([id]) => id.includes(part)).map(([, each]) => each);

describe.each([
  { what: 'an instance', create: (stack: Stack) => someDatabase(stack), port: 5432, engine: 'postgres' },
  {
    what: 'a MySQL instance',
    create: (stack: Stack) => someDatabase(stack, { engine: MYSQL }),
    port: 3306,
    engine: 'mysql',
  },
  { what: 'a cluster', create: (stack: Stack) => someCluster(stack), port: 5432, engine: 'postgres' },
])('the users of $what', ({ create, port, engine }) => {
  const stack = newStack();
  const database = create(stack);
  const [api] = [database.access('Api', readWrite()), database.access('Signer', iamToken())];
  const template = templateOf(stack);
  const [handler] = named(stack, 'AWS::Lambda::Function', 'UsersFunction');

  test('have one function in the private subnets', () => {
    expect(named(stack, 'AWS::Lambda::Function', 'UsersFunction')).toHaveLength(1);
    expect(handler).toMatchObject({
      Timeout: 300, MemorySize: 512, VpcConfig: { SubnetIds: ['subnet-priv1', 'subnet-priv2'] },
    });
    expect(handler.Environment.Variables).toMatchObject({
      ENGINE: engine,
      PORT: `${port}`,
      DATABASE: 'app',
      SCHEMA: 'public',
      ADMINISTRATOR: stack.resolve(database.secret.secretArn),
    });
    expect(handler.Environment.Variables.USERS)
      .toMatch(/^api:readWrite:password:[0-9a-f]{8},signer:readWrite:iamToken:[0-9a-f]{8}$/);
  });

  test('have a function that a person finds by its description, to repair a user with an IAM token', () => {
    expect(readFileSync('docs/database-users.md', 'utf8')).toContain(`Description=='${handler.Description}'`);
  });

  test('reach HTTPS and the port of the database, and nothing reaches their function', () => {
    const [group] = named(stack, 'AWS::EC2::SecurityGroup', 'Users');
    expect(group.SecurityGroupIngress).toBeUndefined();
    expect(group.SecurityGroupEgress).toEqual([
      { CidrIp: '0.0.0.0/0', Description: 'HTTPS to AWS services', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 },
    ]);
    for (const rule of ['Egress', 'Ingress']) {
      expect(named(stack, `AWS::EC2::SecurityGroup${rule}`, ''))
        .toEqual([expect.objectContaining({ FromPort: port, ToPort: port })]);
    }
  });

  test('are custom resources, which exist after the rules and before the schedule', () => {
    expect(named(stack, USER, '').map(({ ServiceToken, ...properties }) => properties)).toEqual([
      {
        ServiceTimeout: '360',
        User: 'api',
        Privileges: 'readWrite',
        Login: 'password',
        SecretArn: stack.resolve(api.secret!.secretArn),
        Address: expect.stringMatching(/^[0-9a-f]{8}$/),
        Host: handler.Environment.Variables.HOST,
        Database: 'app',
      },
      {
        ServiceTimeout: '360',
        User: 'signer',
        Privileges: 'readWrite',
        Login: 'iamToken',
        Address: expect.stringMatching(/^[0-9a-f]{8}$/),
        Host: handler.Environment.Variables.HOST,
        Database: 'app',
      },
    ]);
    const dependencies = new Dependencies(template.toJSON() as DependencyTemplate);
    const only = (type: string, part = '') => dependencies.ofType(type).filter((id) => id.includes(part))[0];
    const [schedule, user] = [only('AWS::SecretsManager::RotationSchedule', 'UsersApi'), only(USER, 'Api')];
    expect(dependencies.goesBefore(schedule, user)).toBe(true);
    for (const type of ['AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress', 'AWS::RDS::DBInstance']) {
      expect({ type, before: dependencies.goesBefore(user, only(type)) }).toEqual({ type, before: true });
    }
    const permission = Object.keys(template.findResources('AWS::Lambda::Permission', {
      Properties: { Principal: 'secretsmanager.amazonaws.com', SourceAccount: { Ref: 'AWS::AccountId' } },
    }));
    expect(permission.some((id) => dependencies.goesBefore(schedule, id))).toBe(true);
  });

  test('have a secret with a generated password that rotates every month, if they have a password', () => {
    expect(named(stack, 'AWS::SecretsManager::Secret', 'Users')).toEqual([{
      Description: 'Login of the database user api',
      GenerateSecretString: {
        SecretStringTemplate: '{"username":"api_1"}',
        GenerateStringKey: 'password',
        PasswordLength: 32,
        ExcludeCharacters: '!"#$%&\'()*+,-./:;<=>?@[\\]^`{|}~',
        ExcludePunctuation: false,
        IncludeSpace: false,
        RequireEachIncludedType: true,
      },
      KmsKeyId: stack.resolve(database.encryptionKey.keyArn),
    }]);
    expect(named(stack, 'AWS::SecretsManager::RotationSchedule', 'Users')).toEqual([{
      SecretId: stack.resolve(api.secret!.secretArn),
      RotationLambdaARN: expect.anything(),
      RotationRules: { ScheduleExpression: 'cron(0 5 ? * SUN#1 *)', Duration: '1h' },
      RotateImmediatelyOnUpdate: false,
    }]);
    expect(JSON.stringify(named(stack, 'AWS::SecretsManager::ResourcePolicy', 'Users')))
      .toMatch(/EncryptedRequestsOnly.*NoDeletion/);
  });

  test('have a function that rotates their secrets, reads that of the master user, and names each resource', () => {
    const statements = named(stack, 'AWS::IAM::ManagedPolicy', 'UsersFunction')
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const on = (secret: unknown) => statements
      .filter(({ Resource }) => JSON.stringify(Resource).includes(JSON.stringify(secret)))
      .flatMap(({ Action }) => Action);
    expect(on(stack.resolve(api.secret!.secretArn))).toEqual([
      'secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ]);
    expect(on(stack.resolve(database.secret.secretArn)))
      .toEqual(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue']);
    expect(statements.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action))
      .toEqual([['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets']]);
  });

  test('have no findings of the packs, and lose nothing with their stack', () => {
    expect(nagFindings(stack).filter((finding) => finding.includes('Users'))).toEqual([]);
    expect(losses(template.toJSON() as DependencyTemplate).filter((loss) => loss.includes('Users'))).toEqual([]);
  });
});

test.each([
  ['an instance', (stack: Stack, proxy?: DatabaseProxy) => someDatabase(stack, { proxy })],
  ['a cluster', (stack: Stack, proxy?: DatabaseProxy) => someCluster(stack, { proxy })],
])('a proxy that is added to %s later calls the function, which writes the passwords for it', (_, create) => {
  const resourceWith = (proxy?: DatabaseProxy) => {
    const stack = newStack();
    create(stack, proxy).access('Api', readWrite());
    return { resource: named(stack, USER, '')[0], stack };
  };
  const { resource, stack } = resourceWith(DatabaseProxy.withPassword());
  expect(resource.Copies.map(({ Ref }: { Ref: string }) => Ref))
    .toEqual(Object.keys(templateOf(stack).findResources('AWS::SecretsManager::Secret'))
      .filter((id) => id.includes('ProxyLogin')));
  expect(resource.Copies).toHaveLength(2);
  expect(resourceWith().resource).not.toHaveProperty('Copies');
});

test('CloudFormation Validate reports nothing', () => {
  const stack = newStack({ env: { account: '111122223333', region: 'us-east-1' } });
  const { vpc } = new HipaaVpc(stack, 'Network');
  someDatabase(stack, { vpc }).access('Api', owner());
  expect(templateFindings(stack.node.root as never)).toEqual([]);
});

test('a disposable stack leaves nothing', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  const { vpc } = new HipaaVpc(stack, 'Network');
  someDatabase(stack, { vpc }).access('Api', readOnly());
  expect(leftovers(templateOf(stack).toJSON() as DependencyTemplate)).toEqual([]);
});

test('in a VPC without NAT, the function is in the private subnets, and users are created after the endpoints', () => {
  const stack = newStack({ env: { account: '111122223333', region: 'us-east-1' } });
  const network = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
  someDatabase(stack, { vpc: network.vpc }).access('Api', readWrite());
  const template = templateOf(stack).toJSON() as DependencyTemplate;
  const dependencies = new Dependencies(template);
  const [user] = dependencies.ofType(USER);
  const endpoints = dependencies.ofType('AWS::EC2::VPCEndpoint');
  expect(endpoints.length).toBeGreaterThan(3);
  expect(endpoints.filter((id) => !dependencies.goesBefore(user, id))).toEqual([]);
  const [handler] = named(stack, 'AWS::Lambda::Function', 'UsersFunction');
  expect(JSON.stringify(handler.VpcConfig.SubnetIds)).toMatch(/^(.*NetworkPrivateSubnet\d){2}/);
});

test('in a nested stack, users are created after the endpoints of the stack around it', () => {
  const stack = newStack({ env: { account: '111122223333', region: 'us-east-1' } });
  const network = new HipaaVpc(stack, 'Network', { nat: NatStrategy.none() });
  const nested = new NestedStack(stack, 'Data');
  someDatabase(nested, { vpc: network.vpc }).access('Api', readWrite());
  expect(templateOf(nested).findResources(USER)).not.toEqual({});
  const dependencies = new Dependencies(templateOf(stack).toJSON() as DependencyTemplate);
  const [creator] = dependencies.ofType('AWS::CloudFormation::Stack');
  const endpoints = dependencies.ofType('AWS::EC2::VPCEndpoint');
  expect(endpoints.length).toBeGreaterThan(3);
  expect(endpoints.filter((id) => !dependencies.goesBefore(creator, id))).toEqual([]);
});

test('the function has the permissions boundary of the app', () => {
  const stack = newStack();
  someDatabase(stack).access('Api', readWrite());
  iam.PermissionsBoundary.of(stack)
    .apply(iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', 'arn:aws:iam::111122223333:policy/boundary'));
  expect(named(stack, 'AWS::IAM::Role', 'UsersFunction').map(({ PermissionsBoundary }) => PermissionsBoundary))
    .toEqual(['arn:aws:iam::111122223333:policy/boundary']);
});

test('a database without users has no function for them', () => {
  const stack = newStack();
  someDatabase(stack);
  expect(named(stack, 'AWS::Lambda::Function', '')).toEqual([]);
});
