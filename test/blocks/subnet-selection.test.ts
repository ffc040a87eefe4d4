import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as rds from 'aws-cdk-lib/aws-rds';
import {
  EncryptedDatabaseInstance, HipaaVpc, SecureFargateService, SecureLoadBalancer, SsmBastion, WebEndpoint,
} from '../../src';
import { newStack } from '../support/app';

type Create = (stack: Stack, vpc: ec2.IVpc, vpcSubnets: ec2.SubnetSelection) => unknown;

const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
const endpoint = WebEndpoint.plainHttp({ reason: 'a test' });

const CONSTRUCTS: Array<[string, Create]> = [
  ['a database', (stack, vpc, vpcSubnets) => new EncryptedDatabaseInstance(stack, 'It', { vpc, engine, vpcSubnets })],
  ['a service', (stack, vpc, vpcSubnets) => new SecureFargateService(stack, 'It', { vpc, image, vpcSubnets })],
  ['a bastion', (stack, vpc, vpcSubnets) => new SsmBastion(stack, 'It', { vpc, vpcSubnets })],
  ['a load balancer', (stack, vpc, vpcSubnets) =>
    new SecureLoadBalancer(stack, 'It', { vpc, endpoint, internetFacing: false, vpcSubnets })],
];

describe.each(CONSTRUCTS)('the subnets of %s', (_name, create) => {
  const refusal = (select: (vpc: ec2.IVpc) => ec2.SubnetSelection) => {
    const stack = newStack();
    const { vpc } = new HipaaVpc(stack, 'Network');
    return expect(() => create(stack, vpc, select(vpc)));
  };

  test('are refused if the VPC has no such group', () => {
    refusal(() => ({ subnetGroupName: 'Nope' })).toThrow(new Error(
      '[Stack/It] vpcSubnets must be a selection of subnets of Stack/Network/Resource, '
        + "got subnetGroupName 'Nope'. There are no subnet groups with name 'Nope' in this VPC. "
        + 'Available names: Public,Private,Data.'));
  });

  test('are refused if two criteria exclude each other', () => {
    refusal(() => ({ subnetGroupName: 'Data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED })).toThrow(new Error(
      "[Stack/It] vpcSubnets must be a selection of subnets of Stack/Network/Resource, got subnetGroupName 'Data' "
        + "and subnetType 'Isolated'. Only one of 'subnetType,subnetGroupName' can be supplied to subnet selection."));
  });

  test('are refused if the list has one twice', () => {
    refusal(({ privateSubnets: [first, second] }) => ({ subnets: [first, second, first] })).toThrow(
      /^\[Stack\/It\] vpcSubnets\.subnets must be a list of different values, got Stack\/Network\S+ twice\. Remove one/);
  });
});
