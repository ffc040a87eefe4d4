import * as fs from 'fs';
import * as path from 'path';
import { App, Aspects, CfnParameter, Duration, Size, Stack, Stage, Tags } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { IMAGE, onlyOne, someListener, someService } from './fargate-fixtures';
import { rotatedContainerSecret } from '../../src/binding/container-secret';
import { IServiceBindable, ServiceBinding } from '../../src/binding/service-binding';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { ExecAccess } from '../../src/service/exec-access';
import { ScalingPolicy } from '../../src/service/scaling-policy';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';

/** A database that a service can use, with a rotating secret that its own key encrypts. */
class Database extends Construct implements IServiceBindable {
  private readonly instance: rds.DatabaseInstance;
  private readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, vpc: ec2.IVpc) {
    super(scope, id);
    this.secret = new secretsmanager.Secret(this, 'Secret', { encryptionKey: new kms.Key(this, 'Key') });
    this.instance = new rds.DatabaseInstance(this, 'Instance', {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
      credentials: rds.Credentials.fromPassword('app', this.secret.secretValue),
    });
  }

  public bindToService(): ServiceBinding {
    return {
      connectable: this.instance,
      environment: { PGHOST: this.instance.dbInstanceEndpointAddress },
      secrets: { PGPASSWORD: rotatedContainerSecret(this.secret) },
    };
  }
}

function loadBalancerOf(scope: Construct, vpc: ec2.IVpc): SecureLoadBalancer {
  const certificate = acm.Certificate.fromCertificateArn(
    scope,
    'Certificate',
    'arn:aws:acm:us-east-1:111122223333:certificate/1',
  );
  return new SecureLoadBalancer(scope, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate) });
}

/** A service with most options. */
function fullService(scope: Construct, vpc: ec2.IVpc, id = 'Api', requests = '/api/*'): SecureFargateService {
  const own = new Construct(scope, `${id}Things`);
  return new SecureFargateService(scope, id, {
    vpc,
    image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(own, 'Repository', 'api'), '1.2.3'),
    containerPort: 8080,
    ingress: ServiceIngress.listener(someListener(own), { path: requests }),
    secrets: { SESSION: rotatedContainerSecret(new secretsmanager.Secret(own, 'Secret')) },
    environment: { LOG_LEVEL: 'info' },
    writablePaths: ['/tmp'],
    exec: ExecAccess.audited({ reason: 'shapes' }),
  });
}

describe('one stack for each layer', () => {
  const app = newApp();
  const network = new Stack(app, 'Network');
  const vpc = new ec2.Vpc(network, 'Vpc', {
    subnetConfiguration: [
      { name: 'public', subnetType: ec2.SubnetType.PUBLIC },
      { name: 'private', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
    ],
  });
  const data = new Stack(app, 'Data');
  const database = new Database(data, 'Database', vpc);
  const edge = new Stack(app, 'Edge');
  const loadBalancer = loadBalancerOf(edge, vpc);
  const registry = new Stack(app, 'Registry');
  const repository = new ecr.Repository(registry, 'Repository');
  const application = new Stack(app, 'Application');
  new SecureFargateService(application, 'Api', {
    vpc,
    image: ecs.ContainerImage.fromEcrRepository(repository, '1.2.3'),
    containerPort: 8080,
    ingress: ServiceIngress.loadBalancer(loadBalancer, { path: '/api/*' }),
    uses: [database],
    exec: ExecAccess.audited({ reason: 'shapes' }),
  });

  test('causes no cycle, because the other stacks do not reference the service', () => {
    app.synth();
    expect(application.dependencies).toEqual(expect.arrayContaining([network, data, edge, registry]));
    for (const other of [network, data, edge, registry]) expect(other.dependencies).not.toContain(application);
  });

  test('keeps all connecting rules in the stack of the service', () => {
    const template = Template.fromStack(application);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 2);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 1);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 1);
  });
});

describe('environments', () => {
  test.each([
    [undefined],
    [{ account: '111122223333', region: 'eu-west-1' }],
    [{ account: '111122223333', region: 'us-gov-west-1' }],
    [{ account: '111122223333', region: 'cn-north-1' }],
  ])('support %j without a fixed partition in ARNs', (env) => {
    const stack = newStack({ env });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a'],
      privateSubnetIds: ['subnet-1'],
    });
    fullService(stack, vpc);
    const template = templateOf(stack).toJSON();
    const own = Object.entries<{ Type: string }>(template.Resources).filter(([id]) => !id.startsWith('ApiThings'));
    const partition = { 'us-gov-west-1': 'aws-us-gov', 'cn-north-1': 'aws-cn' }[env?.region ?? ''] ?? 'aws';
    const arns = JSON.stringify(own).match(/arn:aws[a-z-]*:/g) ?? [];
    // The imported listener is in the partition aws.
    expect(arns.filter((arn) => arn !== `arn:${partition}:` && arn !== 'arn:aws:')).toEqual([]);
    expect(JSON.stringify(own.filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy'))).not.toMatch(/arn:aws:/);
  });

  test('include a stage', () => {
    const stage = new Stage(newApp(), 'Production');
    const stack = new Stack(stage, 'Clinic');
    fullService(stack, someVpc(stack));
    expect(Object.keys(templateOf(stack).findResources('AWS::ECS::Service'))).toEqual(['ApiServiceD5B4A50A']);
  });

  test('include two services in one stack', () => {
    const stack = newStack();
    const vpc = someVpc(stack);
    fullService(stack, vpc, 'Api');
    fullService(stack, vpc, 'Admin', '/admin/*');
    templateOf(stack).resourceCountIs('AWS::ECS::Service', 2);
  });

  test('include two services on one cluster', () => {
    const stack = newStack();
    const vpc = someVpc(stack);
    const { cluster } = someService(stack, { vpc }, 'Api');
    someService(stack, { vpc, cluster }, 'Worker');
    templateOf(stack).resourceCountIs('AWS::ECS::Cluster', 1);
  });
});

describe('SecureFargateService accepts', () => {
  test('an imported key', () => {
    const stack = newStack();
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Existing', 'arn:aws:kms:us-east-1:111122223333:key/1');
    someService(stack, { encryptionKey });
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 0);
    expect(onlyOne(stack, 'AWS::Logs::LogGroup').KmsKeyId).toBe('arn:aws:kms:us-east-1:111122223333:key/1');
  });

  test('an imported secret', () => {
    const stack = newStack();
    const secret = secretsmanager.Secret.fromSecretCompleteArn(
      stack,
      'Existing',
      'arn:aws:secretsmanager:us-east-1:111122223333:secret:session-AbCdEf',
    );
    someService(stack, { secrets: { SESSION: ecs.Secret.fromSecretsManager(secret, 'key') } });
    templateOf(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        { Secrets: [{ ValueFrom: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:session-AbCdEf:key::' }] },
      ],
    });
  });
});

test('SecureFargateService accepts tokens for numbers', () => {
  const stack = newStack();
  const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
  someService(stack, {
    cpu: number('Cpu'),
    memory: Size.mebibytes(number('Memory')),
    containerPort: number('Port'),
    writablePaths: ['/tmp', new CfnParameter(stack, 'Path').valueAsString],
    writablePathSize: Size.mebibytes(number('Writable')),
    user: new CfnParameter(stack, 'User').valueAsString,
    scaling: ScalingPolicy.constant(number('Count')),
    ingress: ServiceIngress.listener(someListener(stack), {
      priority: number('Priority'),
      stickiness: Duration.seconds(number('Stickiness')),
    }),
  });
  expect(onlyOne(stack, 'AWS::ECS::TaskDefinition')).toMatchObject({
    Cpu: { Ref: 'Cpu' },
    Memory: { Ref: 'Memory' },
    ContainerDefinitions: [{
      User: { Ref: 'User' },
      PortMappings: [{ ContainerPort: { Ref: 'Port' } }],
      LinuxParameters: { Tmpfs: [{ Size: { Ref: 'Writable' } }, { ContainerPath: { Ref: 'Path' } }] },
    }],
  });
  expect(onlyOne(stack, 'AWS::ElasticLoadBalancingV2::ListenerRule').Priority).toEqual({ Ref: 'Priority' });
  expect(onlyOne(stack, 'AWS::ECS::Service').LoadBalancers[0].ContainerPort).toEqual({ Ref: 'Port' });
});

test('a permissions boundary applies to every role, and tags apply to every resource', () => {
  const stack = newStack();
  fullService(stack, someVpc(stack));
  iam.PermissionsBoundary.of(stack).apply(
    iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', 'arn:aws:iam::111122223333:policy/boundary'),
  );
  Tags.of(stack).add('team', 'clinic');
  Aspects.of(stack).add({ visit: () => undefined });
  templateOf(stack).allResourcesProperties('AWS::IAM::Role', {
    PermissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
  });
  templateOf(stack).hasResourceProperties('AWS::ECS::Service', {
    Tags: [{ Key: 'team', Value: 'clinic' }],
    PropagateTags: 'SERVICE',
  });
});

describe('feature flags', () => {
  const flags = JSON.parse(
    fs.readFileSync(
      path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'recommended-feature-flags.json'),
      'utf8',
    ),
  );
  const resources = (context: Record<string, unknown>) => {
    const stack = new Stack(
      newApp({
        ...context,
        '@aws-cdk/core:validateAgainstDefaultRules': false,
        '@aws-cdk/core:annotationsInValidationReport': false,
      }),
      'Stack',
    );
    new SecureFargateService(stack, 'Api', {
      vpc: someVpc(stack),
      image: ecs.ContainerImage.fromRegistry(IMAGE),
      containerPort: 8080,
      ingress: ServiceIngress.listener(someListener(stack), { path: '/api/*' }),
      exec: ExecAccess.audited({ reason: 'shapes' }),
    });
    return (stack.node.root as App).synth().getStackByName('Stack').template.Resources;
  };

  test('change nothing, whether all recommended flags are set or none', () => {
    expect(resources(flags)).toEqual(resources({}));
  });
});

test('no security group allows all outbound traffic', () => {
  const stack = newStack();
  fullService(stack, someVpc(stack));
  const groups = Object.values(propertiesOf(templateOf(stack), 'AWS::EC2::SecurityGroup'));
  expect(
    groups.flatMap(({ SecurityGroupEgress }) => SecurityGroupEgress).filter(({ IpProtocol }) => IpProtocol === '-1'),
  ).toEqual([]);
});
