import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { containerOf, someService } from './fargate-fixtures';
import { rotatedContainerSecret } from '../../src/binding/container-secret';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../src/binding/service-binding';
import { newStack, propertiesOf, someVpc, templateOf } from '../support/app';

let stack: Stack;
beforeEach(() => stack = newStack());

/** A resource that a service can use, with the binding of a test. */
class Thing extends Construct implements IServiceBindable {
  public asked?: ServiceBindingContext;

  constructor(scope: Construct, id: string, private readonly binding: ServiceBinding = {}) {
    super(scope, id);
  }

  public bindToService(context: ServiceBindingContext): ServiceBinding {
    this.asked = context;
    return this.binding;
  }
}

const someSecret = (id = 'Secret') => new secretsmanager.Secret(stack, id);
/** The secrets whose rotations the only service of a stack follows. */
const rolledFor = (of: Stack) =>
  Object.values(propertiesOf(templateOf(of), 'AWS::Events::Rule'))[0].EventPattern.resources;

describe('the environment', () => {
  test('is empty by default', () => {
    someService(stack);
    expect(containerOf(stack)).not.toHaveProperty('Environment');
    expect(containerOf(stack)).not.toHaveProperty('Secrets');
  });

  test('is passed to the container unchanged, sorted by name', () => {
    someService(stack, { environment: { LOG_LEVEL: 'info', DB_PASSWORD_FILE: '/run/x', EMPTY_TOKEN: '' } });
    expect(containerOf(stack).Environment).toEqual([
      { Name: 'DB_PASSWORD_FILE', Value: '/run/x' },
      { Name: 'EMPTY_TOKEN', Value: '' },
      { Name: 'LOG_LEVEL', Value: 'info' },
    ]);
  });

  test('can contain names of members of JavaScript objects', () => {
    const secrets = Object.fromEntries([['toString', ecs.Secret.fromSecretsManager(someSecret())]]);
    someService(stack, { environment: Object.fromEntries([['constructor', 'x'], ['valueOf', 'y']]), secrets });
    const { Environment, Secrets } = containerOf(stack);
    expect([...Environment, ...Secrets].map(({ Name }) => Name)).toEqual(['constructor', 'valueOf', 'toString']);
  });

  test('can contain tokens', () => {
    someService(stack, { environment: { API_TOKEN: new CfnParameter(stack, 'Token').valueAsString } });
    expect(containerOf(stack).Environment).toEqual([{ Name: 'API_TOKEN', Value: { Ref: 'Token' } }]);
  });
});

describe('a variable that turns off TLS', () => {
  const allowed = 'must be a value with which clients require TLS and verify certificates (45 CFR 164.312(e)(1))';

  test.each([
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0', 'Remove the variable; for a private certificate authority, set '
      + 'NODE_EXTRA_CA_CERTS.'],
    ['PYTHONHTTPSVERIFY', '0', 'Remove the variable; for a private certificate authority, set SSL_CERT_FILE.'],
    ['GIT_SSL_NO_VERIFY', 'true', 'Remove the variable; for a private certificate authority, set GIT_SSL_CAINFO.'],
    ['PGSSLMODE', 'disable', 'Use verify-full with PGSSLROOTCERT.'],
    ['PGSSLMODE', 'allow', 'Use verify-full with PGSSLROOTCERT.'],
    ['PGSSLMODE', 'prefer', 'Use verify-full with PGSSLROOTCERT.'],
  ])('%s=%s is refused', (name, value, change) => {
    expect(() => someService(stack, { environment: { [name]: value } })).toThrow(
      new Error(`[Stack/Api] ${name} in environment ${allowed}, got '${value}'. ${change}`));
  });

  test('is refused in a binding', () => {
    const thing = new Thing(stack, 'Thing', { environment: { PGSSLMODE: 'prefer' } });
    expect(() => someService(stack, { uses: [thing] })).toThrow(
      `[Stack/Api] PGSSLMODE in the binding of Stack/Thing ${allowed}, got 'prefer'.`);
  });

  test.each([
    ['NODE_TLS_REJECT_UNAUTHORIZED', '1'], ['PYTHONHTTPSVERIFY', '1'], ['PGSSLMODE', 'require'],
    ['PGSSLMODE', 'verify-full'], ['MY_PGSSLMODE', 'disable'],
  ])('%s=%s is accepted', (name, value) => {
    expect(() => someService(stack, { environment: { [name]: value } })).not.toThrow();
  });

  test('is accepted as a token', () => {
    const value = new CfnParameter(stack, 'Mode').valueAsString;
    expect(() => someService(stack, { environment: { PGSSLMODE: value } })).not.toThrow();
  });
});

describe('secrets', () => {
  test('are set in the container, and the execution role can read only these', () => {
    const used = someSecret('Used');
    someSecret('Other');
    const service = someService(stack, { secrets: { SESSION_SECRET: ecs.Secret.fromSecretsManager(used) } });
    expect(containerOf(stack).Secrets).toEqual([{ Name: 'SESSION_SECRET', ValueFrom: stack.resolve(used.secretArn) }]);
    const policies = Object.values(templateOf(stack).findResources('AWS::IAM::ManagedPolicy')).filter(
      (policy) =>
        JSON.stringify(policy.Properties.Roles) === JSON.stringify([stack.resolve(service.executionRole.roleName)]),
    );
    const reads = policies
      .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
      .filter((statement) => JSON.stringify(statement.Action).includes('GetSecretValue'));
    expect(reads).toEqual([
      {
        Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
        Effect: 'Allow',
        Resource: stack.resolve(used.secretArn),
      },
    ]);
  });

  test('do not create a roller if they do not rotate', () => {
    someService(stack, { secrets: { SESSION_SECRET: ecs.Secret.fromSecretsManager(someSecret()) } });
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('restart the service if they rotate', () => {
    const secret = someSecret();
    const service = someService(stack, {
      secrets: { A: rotatedContainerSecret(secret), B: rotatedContainerSecret(secret, 'field') },
    });
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 1);
    expect(service.node.tryFindChild('Roller')).toBeDefined();
    expect(service.monitoringPlan().alarms.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['RollFailed', 'RollGivenUp', 'RollOverdue', 'RollNotRequested']),
    );
  });

  test('that the app rotates are listed in restartOnRotation', () => {
    const secret = someSecret();
    someService(stack, { secrets: { A: ecs.Secret.fromSecretsManager(secret) }, restartOnRotation: [secret] });
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('are handled by a roller that is encrypted with the key of the service', () => {
    const service = someService(stack, { restartOnRotation: [someSecret()] });
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
    expect(service.node.tryFindChild('Key')).toBeDefined();
  });
});

describe('a resource in uses', () => {
  test('is bound once, with the service and the path of the certificate bundle', () => {
    const thing = new Thing(stack, 'Thing');
    const service = someService(stack, { uses: [thing], certificateBundlePath: '/certs/rds.pem' });
    expect(thing.asked).toEqual({ service, certificateBundlePath: '/certs/rds.pem' });
  });

  test('provides variables and secrets', () => {
    const secret = someSecret();
    someService(stack, {
      uses: [
        new Thing(stack, 'Thing', {
          environment: { PGHOST: 'db' },
          secrets: { PGPASSWORD: ecs.Secret.fromSecretsManager(secret, 'password') },
        }),
      ],
    });
    expect(containerOf(stack).Environment).toEqual([{ Name: 'PGHOST', Value: 'db' }]);
    expect(containerOf(stack).Secrets).toHaveLength(1);
  });

  test('is reachable on its default port, with an ingress and an egress rule', () => {
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc: someVpc(stack), allowAllOutbound: false });
    const connectable = {
      connections: new ec2.Connections({ securityGroups: [group], defaultPort: ec2.Port.tcp(5432) }),
    };
    const service = someService(stack, {
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'V', {
        vpcId: 'vpc-12345678',
        availabilityZones: ['a'],
        privateSubnetIds: ['subnet-1'],
      }),
      uses: [new Thing(stack, 'Thing', { connectable })],
    });
    const own = stack.resolve(service.connections.securityGroups[0].securityGroupId);
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 5432,
      GroupId: stack.resolve(group.securityGroupId),
      SourceSecurityGroupId: own,
    });
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      FromPort: 5432,
      GroupId: own,
      DestinationSecurityGroupId: stack.resolve(group.securityGroupId),
    });
  });

  test('restarts the service when its secrets rotate, once for duplicate secrets', () => {
    const secret = someSecret();
    someService(stack, {
      uses: [
        new Thing(stack, 'One', { rotatedSecrets: [secret] }),
        new Thing(stack, 'Two', { rotatedSecrets: [secret] }),
      ],
    });
    expect(rolledFor(stack)).toEqual([stack.resolve(secret.secretArn)]);
  });

  test('restarts the service also for secrets whose previous value remains valid', () => {
    const [rotated, overlapping] = [someSecret('Rotated'), someSecret('Overlapping')];
    someService(stack, {
      uses: [new Thing(stack, 'One', { rotatedSecrets: [rotated], overlappingSecrets: [overlapping, rotated] })],
    });
    expect(rolledFor(stack)).toEqual([rotated, overlapping].map(({ secretArn }) => stack.resolve(secretArn)));
    const request = JSON.stringify(Object.values(propertiesOf(templateOf(stack), 'AWS::Events::Rule'))[0].Targets);
    expect(request).toMatch(/breaking.*Rotated.*overlapping.*Overlapping/);
  });
});

describe('SecureFargateService refuses', () => {
  const remedy =
    'Store the value in Secrets Manager and pass it in secrets; if the value only points to a secret, end the name '
      + 'with a suffix such as _ARN or _FILE.';
  test.each([
    ['DB_PASSWORD', 'hunter2', 'its name is the name of a secret'],
    ['apiKey', 'abc', 'its name is the name of a secret'],
    ['GOOGLE_CREDENTIALS', '{}', 'its name is the name of a secret'],
    ['SETTING', 'AKIAIOSFODNN7EXAMPLE', 'its value is an AWS access key'],
    ['SETTING', '-----BEGIN RSA PRIVATE KEY-----', 'its value is a private key'],
    ['DATABASE_URL', 'postgres://app:hunter2@db/clinic', 'its value is a URL that contains a password'],
  ])('a value that looks like a secret: %s', (name, value, why) => {
    expect(() => someService(stack, { environment: { [name]: value } })).toThrow(
      new Error(
        `[Stack/Api] ${name} in environment is readable by anyone with access to the task definition, and ${why}. `
          + `${remedy}`,
      ),
    );
  });

  test('a value that looks like a secret from a resource in uses, and names the resource', () => {
    expect(() =>
      someService(stack, { uses: [new Thing(stack, 'Thing', { environment: { PGPASSWORD_TOKEN: 'x' } })] }),
    ).toThrow(
      new Error(
        '[Stack/Api] PGPASSWORD_TOKEN in the binding of Stack/Thing is readable by anyone with access to the task '
          + 'definition, ' +
          `and its name is the name of a secret. ${remedy}`,
      ),
    );
  });

  test('such a value without repeating it in the message', () => {
    expect(() => someService(stack, { environment: { DB_PASSWORD: 'hunter2' } })).not.toThrow(/hunter2/);
  });

  test.each(['', ' ', '1ST', 'A B', 'A=B', '__proto__'])("an invalid variable name: '%s'", (name) => {
    const secrets = { [name]: ecs.Secret.fromSecretsManager(someSecret()) };
    expect(() => someService(stack, { secrets })).toThrow(
      new Error(
        '[Stack/Api] names in secrets must be letters, digits, _, . and -, with a letter or _ first, and not '
          + `__proto__, got '${name}'. Rename the variable.`,
      ),
    );
  });

  test('a name in both environment and secrets', () => {
    expect(() =>
      someService(stack, { environment: { A: 'b' }, secrets: { A: ecs.Secret.fromSecretsManager(someSecret()) } }),
    ).toThrow(new Error('[Stack/Api] A is set both in environment and in secrets. Remove or rename one of the two.'));
  });

  test('a name that two resources in uses provide', () => {
    const uses = [
      new Thing(stack, 'One', { environment: { PGHOST: 'a' } }),
      new Thing(stack, 'Two', { environment: { PGHOST: 'b' } }),
    ];
    expect(() => someService(stack, { uses })).toThrow(
      new Error(
        '[Stack/Api] PGHOST is set both in the binding of Stack/One and in the binding of Stack/Two. Remove or rename '
          + 'one of the two.',
      ),
    );
  });
});

describe('a binding with values of a wrong type, as JavaScript can return it, is refused', () => {
  const noPort = () => new ec2.Connections({
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(newStack(), 'Group', 'sg-1')],
  });

  test.each<[string, () => unknown, string]>([
    ['null', () => null, 'bindToService() must be a ServiceBinding object, got null. Return an object.'],
    ['a text', () => 'text', "bindToService() must be a ServiceBinding object, got 'text'. Return an object."],
    ['a misspelt field', () => ({ enviroment: {} }),
      'bindToService().enviroment is not a prop of ServiceBinding. Use bindToService().environment.'],
    ['null for a field', () => ({ environment: null }),
      'bindToService().environment must be an object whose values are strings, got null. Leave it out.'],
    ['a number', () => ({ environment: { PORT: 1 } }),
      "bindToService().environment['PORT'] must be a string, got 1. Return a string."],
    ['the name of a secret', () => ({ rotatedSecrets: ['name'] }),
      "bindToService().rotatedSecrets[0] must be a secretsmanager.ISecret, got 'name'. "
        + 'Import it with a from… method of secretsmanager.Secret.'],
    ['connections without a port', () => ({ connectable: noPort() }),
      'bindToService().connectable must be connections with a default port, got connections without a default port. '
        + 'Set defaultPort of the ec2.Connections.'],
  ])('%s', (_, binding, text) => {
    const own = Object.assign(new Construct(stack, 'Own'), { bindToService: binding as () => ServiceBinding });
    expect(() => someService(stack, { uses: [own] })).toThrow(new Error(`[Stack/Own] ${text}`));
  });
});

describe('a secret of another region', () => {
  const account = '111122223333';
  let east: Stack;
  let west: Stack;
  beforeEach(() => {
    const app = new App({ analyticsReporting: false });
    east = new Stack(app, 'East', { env: { account, region: 'us-east-1' } });
    west = new Stack(app, 'West', { env: { account, region: 'us-west-2' } });
  });
  const inWest = (props: Parameters<typeof someService>[1]) => () => someService(west, props);
  const imported = () => secretsmanager.Secret.fromSecretCompleteArn(
    west, 'Secret', `arn:aws:secretsmanager:us-east-1:${account}:secret:key-AbCdEf`);
  const refused = (prop: string) => new Error(`[West/Api] ${prop} must be a secret in us-west-2, the region of the `
    + 'stack, got a secret in us-east-1. Pass a secret in us-west-2.');

  test.each([undefined, 'password'])('is refused if the app creates it (field %s)', (field) => {
    const secret = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(east, 'Secret'), field);
    expect(inWest({ secrets: { KEY: secret } })).toThrow(refused('KEY in secrets'));
  });

  test.each<[string, (secret: secretsmanager.ISecret) => Parameters<typeof someService>[1]]>([
    ['KEY in secrets', (secret) => ({ secrets: { KEY: rotatedContainerSecret(secret) } })],
    ['rotatedSecrets of the binding of East/Thing',
      (secret) => ({ uses: [new Thing(east, 'Thing', { rotatedSecrets: [secret] })] })],
    ['overlappingSecrets of the binding of East/Thing',
      (secret) => ({ uses: [new Thing(east, 'Thing', { overlappingSecrets: [secret] })] })],
    ['restartOnRotation[0]', (secret) => ({ restartOnRotation: [secret] })],
  ])('is refused if it rotates, because its events are in its region: %s', (prop, props) => {
    expect(inWest(props(imported()))).toThrow(refused(prop));
  });

  test('is accepted if it is imported by its ARN, which ECS reads in any region', () => {
    expect(inWest({ secrets: { KEY: ecs.Secret.fromSecretsManager(imported()) } })).not.toThrow();
  });
});
