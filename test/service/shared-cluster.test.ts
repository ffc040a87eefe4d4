import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IMAGE, onlyOne, someService } from './fargate-fixtures';
import { ExecAccess } from '../../src/service/exec-access';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { ServiceCluster } from '../../src/service/service-cluster';
import * as mark from '../../src/service/service-cluster-mark';
import { newApp, newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

let stack: Stack;
beforeEach(() => stack = newStack());

const CLUSTER = 'AWS::ECS::Cluster';
const KEY = 'AWS::KMS::Key';
const KEY_ARN = { 'Fn::GetAtt': ['ServicesKeyD7B3FE60', 'Arn'] };
const audited = ExecAccess.audited({ reason: 'first weeks in production' });
const image = ecs.ContainerImage.fromRegistry(IMAGE);
const someCluster = (scope: Stack = stack) => new ServiceCluster(scope, 'Services', { vpc: someVpc(scope) });

describe('a ServiceCluster as an ecs.ICluster', () => {
  test.each<keyof ecs.ICluster>([
    'stack',
    'env',
    'clusterName',
    'clusterArn',
    'clusterRef',
    'vpc',
    'connections',
    'hasEc2Capacity',
    'defaultCloudMapNamespace',
    'autoscalingGroup',
    'executeCommandConfiguration',
  ])('has the %s of the wrapped cluster', (member) => {
    const services = someCluster();
    const asCluster: ecs.ICluster = services;
    expect(asCluster[member]).toEqual(services.cluster[member]);
  });

  test('has no EC2 capacity and no namespace until the app adds them to the wrapped cluster', () => {
    const services = someCluster();
    expect([services.hasEc2Capacity, services.defaultCloudMapNamespace, services.autoscalingGroup]).toEqual([
      false,
      undefined,
      undefined,
    ]);
    services.cluster.addDefaultCloudMapNamespace({ name: 'clinic.internal' });
    expect(services.defaultCloudMapNamespace).toBe(services.cluster.defaultCloudMapNamespace);
    services.cluster.addCapacity('Capacity', {
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.MICRO),
    });
    expect(services.hasEc2Capacity).toBe(true);
  });

  test('applies a removal policy to the wrapped cluster', () => {
    someCluster().applyRemovalPolicy(RemovalPolicy.RETAIN);
    templateOf(stack).hasResource(CLUSTER, { DeletionPolicy: 'Retain' });
  });

  test('runs a service of aws-cdk-lib', () => {
    const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
    taskDefinition.addContainer('App', { image });
    new ecs.FargateService(stack, 'Plain', { cluster: someCluster(), taskDefinition });
    expect(onlyOne(stack, 'AWS::ECS::Service').Cluster).toEqual({ Ref: 'ServicesClusterFAAA2B60' });
  });
});

describe('a service in a ServiceCluster', () => {
  test('uses its VPC, cluster and key', () => {
    const services = someCluster();
    const api = new SecureFargateService(stack, 'Api', { image, cluster: services });
    expect(api.cluster).toBe(services);
    expect(onlyOne(stack, 'AWS::ECS::Service').Cluster).toEqual({ Ref: 'ServicesClusterFAAA2B60' });
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-12345678' });
    expect(onlyOne(stack, KEY)).toBeDefined();
    for (const { KmsKeyId } of Object.values(propertiesOf(templateOf(stack), 'AWS::Logs::LogGroup'))) {
      expect(KmsKeyId).toEqual(KEY_ARN);
    }
  });

  test('refuses another VPC than that of the cluster', () => {
    const services = someCluster();
    const other = ec2.Vpc.fromVpcAttributes(stack, 'OtherVpc', {
      vpcId: 'vpc-other', availabilityZones: ['a'], privateSubnetIds: ['subnet-other'],
    });
    expect(() => new SecureFargateService(stack, 'Api', { image, cluster: services, vpc: other })).toThrow(new Error(
      '[Stack/Api] cluster must be a cluster in the VPC vpc-other, got a cluster in the VPC vpc-12345678. '
        + 'Create both in the same VPC.'));
  });

  test('prefers its own import of the VPC, and its own key', () => {
    const services = someCluster();
    const own = ec2.Vpc.fromVpcAttributes(stack, 'OwnVpc', {
      vpcId: 'vpc-12345678',
      availabilityZones: ['a'],
      privateSubnetIds: ['subnet-own'],
    });
    new SecureFargateService(stack, 'Api', {
      image,
      cluster: services,
      vpc: own,
      encryptionKey: new kms.Key(stack, 'Own', { enableKeyRotation: true }),
    });
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-12345678' });
    expect(onlyOne(stack, 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual([
      'subnet-own',
    ]);
    templateOf(stack).resourceCountIs(KEY, 2);
  });

  test('creates no cluster and disables ECS Exec', () => {
    someService(stack, { cluster: someCluster() });
    expect(onlyOne(stack, 'AWS::ECS::Service')).toMatchObject({ EnableExecuteCommand: false, LaunchType: 'FARGATE' });
    templateOf(stack).resourceCountIs(CLUSTER, 1);
    Annotations.fromStack(stack).hasNoWarning('*', '*');
  });

  test('can enable audited exec: its tasks write to the log and use the key of the cluster, and nothing more', () => {
    new SecureFargateService(stack, 'Api', { image, cluster: someCluster(), exec: audited });
    expect(onlyOne(stack, 'AWS::ECS::Service').EnableExecuteCommand).toBe(true);
    const [[, policy]] = Object.entries(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy')).filter(([id]) =>
      id.includes('ExecPolicy'),
    );
    const statements: Array<{ Action: string | string[]; Resource: unknown }> = policy.PolicyDocument.Statement;
    expect(statements.filter(({ Resource }) => Resource !== '*')).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': ['ServicesExecLogD3EC9421', 'Arn'] },
      },
      { Effect: 'Allow', Action: 'kms:Decrypt', Resource: KEY_ARN },
    ]);
  });

  test('can be in another stack, which then depends on the stack of the cluster', () => {
    const app = newApp();
    const [shared, own] = ['Shared', 'Own'].map((id) => new Stack(app, id));
    new SecureFargateService(own, 'Api', { image, cluster: someCluster(shared), exec: audited });
    app.synth();
    expect(own.dependencies).toEqual([shared]);
    expect(shared.dependencies).toEqual([]);
    templateOf(own).resourceCountIs(KEY, 0);
  });

  test('has no rule-pack findings', () => {
    new SecureFargateService(stack, 'Api', { image, cluster: someCluster(), exec: audited });
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a service in another ecs.ICluster', () => {
  test('uses the VPC of the cluster and creates a key', () => {
    new SecureFargateService(stack, 'Api', { image, cluster: someCluster().cluster });
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-12345678' });
    templateOf(stack).resourceCountIs(KEY, 2);
  });

  test('uses the VPC with which the cluster was imported', () => {
    const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Existing', {
      clusterName: 'clinic',
      vpc: someVpc(stack),
    });
    new SecureFargateService(stack, 'Api', { image, cluster });
    expect(onlyOne(stack, 'AWS::ECS::Service').Cluster).toBe('clinic');
    templateOf(stack).hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: 'vpc-12345678' });
  });
});

test('SecureFargateService refuses props without vpc and without cluster', () => {
  expect(() => new SecureFargateService(stack, 'Api', { image })).toThrow(new Error(
    '[Stack/Api] vpc must be a VPC when no cluster is given, got undefined. '
    + 'Pass vpc, or pass a cluster, whose VPC the tasks then use.',
  ));
});

test('SecureFargateService recognizes a ServiceCluster of another copy of the package', () => {
  const services = someCluster();
  let copy: typeof mark | undefined;
  jest.isolateModules(() => copy = jest.requireActual('../../src/service/service-cluster-mark'));
  expect(copy!.serviceClusterKey).not.toBe(mark.serviceClusterKey);
  expect(copy!.serviceClusterKey(services)).toBe(services.encryptionKey);
  expect(copy!.serviceClusterKey(services.cluster)).toBeUndefined();
});

describe('addService', () => {
  test('creates the same resources as the constructor, in the given scope', () => {
    const build = (add: (scope: Stack, services: ServiceCluster) => SecureFargateService) => {
      const scope = newStack();
      const service = add(scope, someCluster(scope));
      expect(service.node.path).toBe('Stack/Api');
      return templateOf(scope).toJSON();
    };
    const added = build((scope, services) =>
      services.addService(scope, 'Api', { image, containerPort: 8080, exec: audited }),
    );
    expect(added).toEqual(
      build(
        (scope, services) =>
          new SecureFargateService(scope, 'Api', { cluster: services, image, containerPort: 8080, exec: audited }),
      ),
    );
  });

  test('refuses another cluster', () => {
    const services = someCluster();
    expect(() => services.addService(stack, 'Api', { image, cluster: services.cluster })).toThrow(
      new Error(
        '[Stack/Services] addService must be called without cluster, got Stack/Services/Cluster. Leave cluster out: '
          + 'the service runs on this cluster.',
      ),
    );
  });
});
