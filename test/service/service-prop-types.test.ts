import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { onlyOne, someListener, someService } from './fargate-fixtures';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { HardenedRepository } from '../../src/repository/hardened-repository';
import { SecureFargateServiceProps } from '../../src/service/secure-fargate-service-props';
import { ServiceCluster, ServiceClusterProps } from '../../src/service/service-cluster';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newStack, someVpc } from '../support/app';

let stack: Stack;
beforeEach(() => stack = newStack());

/** A value as an app without a compiler passes it. */
const untyped = (value: unknown) => value as never;
const wrapper = () => new Construct(stack, 'Wrapper');
const secureLoadBalancer = () => new SecureLoadBalancer(stack, 'Entrance', {
  vpc: someVpc(stack), endpoint: WebEndpoint.plainHttp({ reason: 'development' }),
});
const plainLoadBalancer = () => new elbv2.ApplicationLoadBalancer(stack, 'Plain', { vpc: someVpc(stack) });
const behind = (ingress: ServiceIngress): Partial<SecureFargateServiceProps> => ({ vpc: stack.node.tryFindChild('SomeVpc') as never, containerPort: 80, ingress });

test.each<[string, () => Partial<SecureFargateServiceProps>, string]>([
  ['vpc', () => ({ vpc: untyped(wrapper()) }), 'vpc must be an ec2.IVpc, got Stack/Wrapper. Pass a VPC, such as a HipaaVpc.'],
  ['vpc, as an id', () => ({ vpc: untyped('vpc-1') }), 'vpc must be an ec2.IVpc, got \'vpc-1\'. Pass a VPC, such as a HipaaVpc.'],
  ['cluster', () => ({ cluster: untyped(wrapper()) }), 'cluster must be an ecs.ICluster, got Stack/Wrapper. Pass an ECS cluster, such as a ServiceCluster.'],
  ['encryptionKey', () => ({ encryptionKey: untyped('alias/key') }), 'encryptionKey must be a kms.IKey, got \'alias/key\'. Pass a KMS key.'],
  ['image', () => ({ image: untyped(new HardenedRepository(stack, 'Images')) }),
    'image must be an ecs.ContainerImage, got Stack/Images. Pass an image; a HardenedRepository returns one from image(version).'],
  ['image, missing', () => ({ image: untyped(null) }),
    'image must be an ecs.ContainerImage, got null. Pass an image; a HardenedRepository returns one from image(version).'],
  ['uses, the wrapped resource', () => ({ uses: [untyped(new ecr.Repository(stack, 'Inner'))] }),
    'uses must be an IServiceBindable, got Stack/Inner. Pass the construct of this library and not the resource that it wraps, or implement IServiceBindable.'],
  ['secrets', () => ({ secrets: { TOKEN: untyped(new secretsmanager.Secret(stack, 'Token')) } }),
    'secrets.TOKEN must be an ecs.Secret, got Stack/Token. Use ecs.Secret.fromSecretsManager, or forContainer of RotatingSecrets.'],
  ['restartOnRotation', () => ({ restartOnRotation: [untyped(wrapper())] }),
    'restartOnRotation must be a secretsmanager.ISecret, got Stack/Wrapper. Pass the secret that rotates.'],
  ['logMetrics', () => ({ logMetrics: [untyped('errors')] }), 'logMetrics must be a LogMetric, got \'errors\'. Use a factory of LogMetric.'],
  ['exec', () => ({ exec: untyped(true) }), 'exec must be an ExecAccess, got true. Use a factory of ExecAccess.'],
  ['scaling', () => ({ scaling: untyped(2) }), 'scaling must be a ScalingPolicy, got 2. Use a factory of ScalingPolicy.'],
  ['ingress', () => ({ ...behind(untyped(secureLoadBalancer())) }), 'ingress must be a ServiceIngress, got Stack/Entrance. Use a factory of ServiceIngress.'],
  ['ingress.loadBalancer', () => behind(ServiceIngress.loadBalancer(untyped(plainLoadBalancer()))),
    'ingress.loadBalancer must be a SecureLoadBalancer, got Stack/Plain. Use ServiceIngress.newListener for another load balancer.'],
  ['ingress.listener', () => behind(ServiceIngress.listener(untyped(secureLoadBalancer()))),
    'ingress.listener must be an elbv2.IApplicationListener, got Stack/Entrance. Use ServiceIngress.loadBalancer for a SecureLoadBalancer.'],
  ['ingress.loadBalancer of a new listener', () => behind(ServiceIngress.newListener(untyped(secureLoadBalancer()), [untyped({})])),
    'ingress.loadBalancer must be an elbv2.IApplicationLoadBalancer, got Stack/Entrance. Use ServiceIngress.loadBalancer for a SecureLoadBalancer.'],
])('a service refuses another type of %s', (_prop, props, sentence) => {
  const given = props();
  const vpc = given.vpc ?? stack.node.tryFindChild('SomeVpc') as never;
  expect(() => someService(stack, { ...given, vpc })).toThrow(new Error(`[Stack/Api] ${sentence}`));
});

test.each<[string, Partial<ServiceClusterProps>, string]>([
  ['vpc', { vpc: untyped(undefined) }, 'vpc must be an ec2.IVpc, got undefined. Pass a VPC, such as a HipaaVpc.'],
  ['encryptionKey', { encryptionKey: untyped('key') }, 'encryptionKey must be a kms.IKey, got \'key\'. Pass a KMS key.'],
])('a cluster refuses another type of %s', (_prop, props, sentence) => {
  expect(() => new ServiceCluster(stack, 'Services', { vpc: someVpc(stack), ...props })).toThrow(new Error(`[Stack/Services] ${sentence}`));
});

test('a repository refuses another type of encryptionKey', () => {
  const encryptionKey = untyped({ key: new kms.Key(stack, 'Key') });
  expect(() => new HardenedRepository(stack, 'Images', { encryptionKey })).toThrow(
    /^\[Stack\/Images\] encryptionKey must be a kms.IKey, got .*\. Pass a KMS key\.$/,
  );
});

test('null is no value: every safeguard keeps its default', () => {
  const without = newStack();
  someService(without, { containerPort: 80, ingress: ServiceIngress.listener(someListener(without)) });
  const nothing = untyped(null);
  someService(stack, {
    containerPort: 80,
    ingress: ServiceIngress.listener(someListener(stack), {
      stickiness: nothing, containerProtocol: nothing, healthCheckGracePeriod: nothing, deregistrationDelay: nothing,
    }),
    cluster: nothing,
    encryptionKey: nothing,
    environment: nothing,
    exec: nothing,
    logMetrics: nothing,
    logRetention: nothing,
    responseTimeTarget: nothing,
    restartOnRotation: nothing,
    scaling: nothing,
    secrets: nothing,
    uses: nothing,
    vpcSubnets: nothing,
    writablePaths: nothing,
    writablePathSize: nothing,
  });
  for (const type of ['AWS::ECS::Service', 'AWS::ECS::TaskDefinition', 'AWS::ECS::Cluster', 'AWS::Logs::LogGroup', 'AWS::KMS::Key']) {
    expect(onlyOne(stack, type)).toEqual(onlyOne(without, type));
  }
  expect(() => someService(newStack(), { user: nothing })).toThrow(/user must be a non-blank string, got null/);
});

test('an imported ECS cluster and a container secret of the parameter store are accepted', () => {
  const vpc = someVpc(stack);
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'clinic', vpc });
  expect(() => someService(stack, { vpc, cluster })).not.toThrow();
});
