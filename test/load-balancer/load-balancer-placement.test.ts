import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { SecureLoadBalancerProps } from '../../src/load-balancer/secure-load-balancer-props';
import { newStack, someVpc } from '../support/app';

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack({ env: { account: '111122223333', region: 'us-east-1' } });
  vpc = someVpc(stack);
});

const create = (props: Partial<SecureLoadBalancerProps>) => () => new SecureLoadBalancer(stack, 'Entrance', {
  vpc,
  endpoint: WebEndpoint.certificate(acm.Certificate.fromCertificateArn(
    stack, `Certificate${stack.node.children.length}`, 'arn:aws:acm:us-east-1:111122223333:certificate/1')),
  ...props,
});
const HIDDEN = '[Stack/Entrance] vpcSubnets must be public subnets for an internet-facing load balancer, got a '
  + 'selection with private or isolated subnets. Leave vpcSubnets out, or set internetFacing: false.';

test('an internet-facing load balancer in isolated or private subnets is refused', () => {
  expect(create({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } })).toThrow(new Error(HIDDEN));
  stack.node.tryRemoveChild('Entrance');
  expect(create({ vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } })).toThrow(new Error(HIDDEN));
  stack.node.tryRemoveChild('Entrance');
  expect(create({ vpcSubnets: { subnets: [vpc.publicSubnets[0], vpc.privateSubnets[1]] } }))
    .toThrow(new Error(HIDDEN));
});

test('an internal load balancer in isolated subnets, and subnets that the VPC does not list, are accepted', () => {
  expect(create({ internetFacing: false, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } })).not.toThrow();
  stack.node.tryRemoveChild('Entrance');
  const subnets = ['subnet-x1', 'subnet-x2'].map((id) => ec2.Subnet.fromSubnetId(stack, id, id));
  expect(create({ vpcSubnets: { subnets } })).not.toThrow();
  stack.node.tryRemoveChild('Entrance');
  const list = ec2.Vpc.fromVpcAttributes(stack, 'List', {
    vpcId: 'vpc-2',
    availabilityZones: Fn.getAzs(),
    publicSubnetIds: new CfnParameter(stack, 'Ids', { type: 'List<AWS::EC2::Subnet::Id>' }).valueAsList,
  });
  expect(create({ vpc: list })).not.toThrow();
});

test('two subnets of one zone are refused', () => {
  const many = ec2.Vpc.fromVpcAttributes(stack, 'Many', {
    vpcId: 'vpc-2',
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    publicSubnetIds: ['subnet-1', 'subnet-2', 'subnet-3', 'subnet-4'],
    publicSubnetNames: ['One', 'Two'],
  });
  expect(create({ vpc: many })).toThrow(new Error(
    '[Stack/Entrance] vpcSubnets must be a selection with one subnet in each Availability Zone, got 4 subnets in 2 '
      + 'zones. Add onePerAz: true to the selection.'));
  stack.node.tryRemoveChild('Entrance');
  expect(create({ vpc: many, vpcSubnets: { subnetType: ec2.SubnetType.PUBLIC, onePerAz: true } })).not.toThrow();
});

test('a log bucket of another region is refused', () => {
  const bucketIn = (region: string) =>
    s3.Bucket.fromBucketAttributes(stack, `Logs${region}`, { bucketName: 'clinic-logs', region });
  expect(create({ accessLogBucket: bucketIn('eu-west-1') })).toThrow(new Error(
    '[Stack/Entrance] accessLogBucket must be a bucket in us-east-1, the region of the stack, got a bucket in '
      + 'eu-west-1. Pass a bucket in us-east-1.'));
  stack.node.tryRemoveChild('Entrance');
  expect(create({ accessLogBucket: bucketIn('us-east-1') })).not.toThrow();
});
