import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as rds from 'aws-cdk-lib/aws-rds';
import {
  EncryptedAuroraCluster, EncryptedDatabaseInstance, HipaaVpc, SecureFargateService, SecureFargateServiceProps,
  SecureLoadBalancer, ServiceCluster, ServiceIngress, SsmBastion, WebEndpoint,
} from '../../src';
import { requireReachable, requireSameVpc } from '../../src/blocks/same-vpc';
import { newApp, newStack } from '../support/app';

const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
const imported = (scope: Stack, id: string, vpcId: string) => ec2.Vpc.fromVpcAttributes(scope, id, {
  vpcId,
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  publicSubnetIds: [`subnet-${id}1`, `subnet-${id}2`],
  privateSubnetIds: [`subnet-${id}3`, `subnet-${id}4`],
  isolatedSubnetIds: [`subnet-${id}5`, `subnet-${id}6`],
});

describe('requireSameVpc', () => {
  const compare = (one: ec2.IVpc, other: ec2.IVpc) => () =>
    requireSameVpc(one.stack, { prop: 'cluster', what: 'a cluster', vpc: one }, other);

  test('refuses two VPCs of the app, two IDs, and a VPC of the app and an ID in its stack', () => {
    const stack = newStack();
    const [one, two] = [new HipaaVpc(stack, 'One'), new HipaaVpc(stack, 'Two', { cidr: '10.1.0.0/16' })];
    expect(compare(one, two)).toThrow(new Error(
      '[Stack] cluster must be a cluster in the VPC Stack/One/Resource, got a cluster in the VPC Stack/Two/Resource. '
        + 'Create both in the same VPC.'));
    const [first, second] = [imported(stack, 'First', 'vpc-1'), imported(stack, 'Second', 'vpc-2')];
    expect(compare(first, second)).toThrow('a cluster in the VPC vpc-1, got a cluster in the VPC vpc-2.');
    expect(compare(one, first)).toThrow('in the VPC Stack/One/Resource, got a cluster in the VPC vpc-1.');
  });

  test('accepts one VPC in any form: with its wrapper, imported twice', () => {
    const stack = newStack();
    const network = new HipaaVpc(stack, 'One');
    expect(compare(network, network.vpc)).not.toThrow();
    expect(compare(imported(stack, 'First', 'vpc-1'), imported(stack, 'Again', 'vpc-1'))).not.toThrow();
  });

  test('accepts a VPC that may be the same: a token, or an ID in another stack', () => {
    const app = newApp();
    const [stack, other] = [new Stack(app, 'Stack'), new Stack(app, 'Other')];
    const network = new HipaaVpc(stack, 'One');
    const parameter = new CfnParameter(stack, 'VpcId').valueAsString;
    expect(compare(network, imported(stack, 'Parameter', parameter))).not.toThrow();
    expect(compare(imported(stack, 'Known', 'vpc-1'), imported(stack, 'Unknown', parameter))).not.toThrow();
    expect(compare(network, imported(other, 'Literal', 'vpc-1'))).not.toThrow();
  });

  test('accepts a VPC before its lookup, whose ID is a dummy', () => {
    const stack = newStack({ env: { account: '111122223333', region: 'us-east-1' } });
    const pending = ec2.Vpc.fromLookup(stack, 'Pending', { vpcId: 'vpc-1' });
    const known = imported(stack, 'Known', 'vpc-1');
    expect(compare(pending, known)).not.toThrow();
    expect(compare(known, pending)).not.toThrow();
    const securityGroup = new ec2.SecurityGroup(stack, 'Group', { vpc: pending });
    const target = new ec2.Connections({ securityGroups: [securityGroup] });
    expect(() => requireReachable(stack, { prop: 'uses', what: 'a resource', vpc: known }, target)).not.toThrow();
  });
});

describe('constructs', () => {
  let stack: Stack;
  let one: HipaaVpc;
  let two: HipaaVpc;
  beforeEach(() => {
    stack = newStack();
    one = new HipaaVpc(stack, 'One');
    two = new HipaaVpc(stack, 'Two', { cidr: '10.1.0.0/16' });
  });

  const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
  const database = (vpc: ec2.IVpc, id = 'Database') => new EncryptedDatabaseInstance(stack, id, { vpc, engine });
  const certificate = () => acm.Certificate.fromCertificateArn(
    stack, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1');
  const entrance = (vpc: ec2.IVpc) =>
    new SecureLoadBalancer(stack, 'Entrance', { vpc, endpoint: WebEndpoint.certificate(certificate()) });
  const service = (props: Partial<SecureFargateServiceProps>) =>
    () => new SecureFargateService(stack, 'Api', { vpc: one, image, containerPort: 8080, ...props });
  const inTwo = (prop: string, what: string) =>
    `${prop} must be ${what} in the VPC Stack/One/Resource, got ${what} in the VPC Stack/Two/Resource. `
      + 'Create both in the same VPC.';

  test('a service refuses a cluster of another VPC', () => {
    const cluster = new ServiceCluster(stack, 'Cluster', { vpc: two });
    expect(service({ cluster })).toThrow(new Error(`[Stack/Api] ${inTwo('cluster', 'a cluster')}`));
    expect(() => cluster.addService(stack, 'Added', { vpc: one, image })).toThrow(
      `[Stack/Added] ${inTwo('cluster', 'a cluster')}`);
  });

  test('a service refuses a database, a proxy and any other resource of another VPC', () => {
    const expected = new Error(`[Stack/Api] ${inTwo('uses', 'a resource')}`);
    expect(service({ uses: [database(two)] })).toThrow(expected);
    stack.node.tryRemoveChild('Api');
    const aurora = new EncryptedAuroraCluster(stack, 'Aurora', {
      vpc: two,
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_8 }),
    });
    expect(service({ uses: [aurora] })).toThrow(expected);
  });

  test('a service refuses a load balancer and a listener of another VPC', () => {
    const loadBalancer = entrance(two);
    const expected = new Error(`[Stack/Api] ${inTwo('ingress', 'a load balancer')}`);
    expect(service({ ingress: ServiceIngress.loadBalancer(loadBalancer) })).toThrow(expected);
    stack.node.tryRemoveChild('Api');
    expect(service({ ingress: ServiceIngress.listener(loadBalancer.listener) })).toThrow(expected);
  });

  test('a service refuses an imported load balancer of another VPC, and a listener of another region', () => {
    const existing = elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Existing', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/1',
      securityGroupId: 'sg-1',
      vpc: two,
    });
    expect(service({ ingress: ServiceIngress.newListener(existing, [certificate()]) })).toThrow(
      inTwo('ingress', 'a load balancer'));
    const home = newStack({ env: { region: 'us-east-1' } });
    const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(home, 'Listener', {
      listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/main/1/2',
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(home, 'Group', 'sg-1'),
    });
    expect(() => new SecureFargateService(home, 'Api', {
      vpc: imported(home, 'Vpc', 'vpc-1'), image, containerPort: 8080, ingress: ServiceIngress.listener(listener),
    })).toThrow('[Stack/Api] ingress must be a load balancer in us-east-1, the region of the stack, '
      + 'got a load balancer in eu-west-1. Pass a load balancer in us-east-1.');
  });

  test('a new listener refuses a certificate of another region', () => {
    const home = newStack({ env: { region: 'us-east-1' } });
    const existing = elbv2.ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(home, 'Existing', {
      loadBalancerArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/main/1',
      securityGroupId: 'sg-1',
    });
    const theirs = acm.Certificate.fromCertificateArn(
      home, 'Certificate', 'arn:aws:acm:eu-west-1:111122223333:certificate/1');
    expect(() => new SecureFargateService(home, 'Api', {
      vpc: imported(home, 'Vpc', 'vpc-1'),
      image,
      containerPort: 8080,
      ingress: ServiceIngress.newListener(existing, [theirs]),
    })).toThrow('[Stack/Api] ingress.certificates must be a certificate in us-east-1, the region of the stack, '
      + 'got a certificate in eu-west-1. Pass a certificate in us-east-1.');
  });

  test('a bastion refuses a target in another VPC', () => {
    const bastion = new SsmBastion(stack, 'Bastion', { vpc: one });
    const target = database(two);
    expect(() => bastion.allowTo(target)).toThrow(new Error(`[Stack/Bastion] ${inTwo('target', 'a target')}`));
    expect(() => bastion.allowTo(database(one, 'Near'))).not.toThrow();
  });

  test('one VPC is accepted everywhere, also as the wrapped VPC', () => {
    const cluster = new ServiceCluster(stack, 'Cluster', { vpc: one.vpc });
    expect(service({ cluster, uses: [database(one)], ingress: ServiceIngress.loadBalancer(entrance(one.vpc)) }))
      .not.toThrow();
  });

  test('subnets of another VPC are refused, those of an imported VPC too', () => {
    const vpcSubnets = { subnets: two.isolatedSubnets };
    const text = inTwo('vpcSubnets', 'subnets');
    expect(service({ vpcSubnets })).toThrow(`[Stack/Api] ${text}`);
    expect(() => new EncryptedDatabaseInstance(stack, 'Database', { vpc: one, engine, vpcSubnets }))
      .toThrow(`[Stack/Database] ${text}`);
    expect(() => new SsmBastion(stack, 'Bastion', { vpc: one, vpcSubnets })).toThrow(`[Stack/Bastion] ${text}`);
    const endpoint = WebEndpoint.certificate(certificate());
    expect(() => new SecureLoadBalancer(stack, 'Inside', { vpc: one, endpoint, internetFacing: false, vpcSubnets }))
      .toThrow(`[Stack/Inside] ${text}`);
    const [first, second] = [imported(stack, 'First', 'vpc-1'), imported(stack, 'Second', 'vpc-2')];
    expect(() => new SsmBastion(stack, 'Other', { vpc: first, vpcSubnets: { subnets: second.privateSubnets } }))
      .toThrow('vpcSubnets must be subnets in the VPC vpc-1, got subnets in the VPC vpc-2.');
  });

  test('own subnets, and a subnet that is imported alone, are accepted', () => {
    const subnets = [...one.privateSubnets, ec2.Subnet.fromSubnetId(stack, 'Alone', 'subnet-1')];
    expect(service({ vpcSubnets: { subnets } })).not.toThrow();
  });
});

describe('selections without a subnet', () => {
  const stack = newStack();
  const vpc = imported(stack, 'Vpc', 'vpc-1');
  const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
  const endpoint = WebEndpoint.certificate(acm.Certificate.fromCertificateArn(
    stack, 'Certificate', 'arn:aws:acm:us-east-1:111122223333:certificate/1'));
  const creators: Array<[string, (id: string, vpcSubnets: ec2.SubnetSelection) => unknown]> = [
    ['SsmBastion', (id, vpcSubnets) => new SsmBastion(stack, id, { vpc, vpcSubnets })],
    ['SecureFargateService', (id, vpcSubnets) => new SecureFargateService(stack, id, { vpc, image, vpcSubnets })],
    [
      'EncryptedDatabaseInstance',
      (id, vpcSubnets) => new EncryptedDatabaseInstance(stack, id, { vpc, engine, vpcSubnets }),
    ],
    ['SecureLoadBalancer', (id, vpcSubnets) => new SecureLoadBalancer(stack, id, { vpc, endpoint, vpcSubnets })],
  ];

  test.each(creators)('%s refuses an empty list and zones without subnets', (name, create) => {
    expect(() => create(`${name}1`, { subnets: [] })).toThrow(new Error(
      `[Stack/${name}1] vpcSubnets.subnets must be a list with at least one subnet, got []. `
        + 'List the subnets, or leave vpcSubnets out.'));
    expect(() => create(`${name}2`, { availabilityZones: ['us-east-1f'] })).toThrow(new Error(
      `[Stack/${name}2] vpcSubnets must be a selection that matches a subnet of Stack/Vpc, got none. `
        + 'Select subnets that the VPC has.'));
  });
});
