import { Annotations as Warnings, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { HipaaVpc } from '../../src';
import { ComplianceChecks } from '../../src/compliance/compliance-checks';
import { newApp, templateOf } from '../support/app';

const PAGE = 'https://github.com/cdk-hipaa/cdk-hipaa/blob/main/docs/imported-vpcs.md';
const COMPLETE: ec2.VpcAttributes = {
  vpcId: 'vpc-12345678',
  vpcCidrBlock: '10.0.0.0/16',
  availabilityZones: ['a', 'b'],
  publicSubnetIds: ['subnet-pub1', 'subnet-pub2'],
  privateSubnetIds: ['subnet-priv1', 'subnet-priv2'],
  isolatedSubnetIds: ['subnet-iso1', 'subnet-iso2'],
};
const IN_THE_ACCOUNT = [
  'imported-vpc-flow-logs', 'imported-vpc-default-security-group', 'imported-vpc-endpoints',
];

function checkedStack(): Stack {
  const app = newApp();
  ComplianceChecks.of(app).report();
  return new Stack(app, 'Stack');
}

function imported(stack: Stack, attributes: Partial<ec2.VpcAttributes> = {}): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { ...COMPLETE, ...attributes });
}

/** The IDs of the warnings of a construct. */
function warningsOf(stack: Stack, path = '/Stack/Vpc'): string[] {
  templateOf(stack);
  return Annotations.fromStack(stack).findWarning(path, Match.stringLikeRegexp('imported-vpc'))
    .map(({ entry }) => /\[ack: cdk-hipaa:([\w-]+)\]/.exec(String(entry.data))![1]);
}

test('a complete import has only the warnings that need the account', () => {
  const stack = checkedStack();
  imported(stack);
  expect(warningsOf(stack)).toEqual(IN_THE_ACCOUNT);
});

test('the warnings contain the remedy', () => {
  const stack = checkedStack();
  imported(stack, { isolatedSubnetIds: ['subnet-iso1', 'subnet-iso2'], privateSubnetIds: undefined });
  templateOf(stack);
  const texts = Annotations.fromStack(stack).findWarning('/Stack/Vpc', Match.anyValue()).map(({ entry }) => entry.data);
  expect(texts).toEqual([
    'the imported VPC vpc-12345678 has 0 private subnets, and services and functions need 2 in different zones (45 CFR '
      + '164.308(a)(7)(ii)(C)): add the privateSubnetIds and availabilityZones of the other zones to the import, or '
      + `create these subnets (${PAGE}) [ack: cdk-hipaa:imported-vpc-private-subnets]`,
    'nothing in the app shows that the imported VPC vpc-12345678 has flow logs (45 CFR 164.312(b)): run aws ec2 '
      + 'describe-flow-logs, add a flow log with vpc.addFlowLog if there is none, and then acknowledge this warning '
      + `(${PAGE}) [ack: cdk-hipaa:imported-vpc-flow-logs]`,
    'nothing in the app shows that the default security group of the imported VPC vpc-12345678 has no rules: run aws '
      + 'ec2 describe-security-groups, remove the rules of the group, and then acknowledge this warning '
      + `(${PAGE}) [ack: cdk-hipaa:imported-vpc-default-security-group]`,
    'nothing in the app shows that the imported VPC vpc-12345678 has VPC endpoints, without which tasks in isolated '
      + 'subnets do not start: run aws ec2 describe-vpc-endpoints, add the missing ones with vpc.addGatewayEndpoint '
      + `and vpc.addInterfaceEndpoint, and then acknowledge this warning (${PAGE}) `
      + '[ack: cdk-hipaa:imported-vpc-endpoints]',
  ]);
});

test.each<[string, Partial<ec2.VpcAttributes>, string]>([
  ['no private subnets', { privateSubnetIds: undefined }, 'imported-vpc-private-subnets'],
  ['no isolated subnets', { isolatedSubnetIds: undefined }, 'imported-vpc-isolated-subnets'],
  ['private subnets in one zone', {
    availabilityZones: ['a'], isolatedSubnetIds: undefined, publicSubnetIds: undefined,
  }, 'imported-vpc-private-subnets, imported-vpc-isolated-subnets'],
])('an import with %s has a warning', (_, attributes, id) => {
  const stack = checkedStack();
  imported(stack, attributes);
  expect(warningsOf(stack)).toEqual([...id.split(', '), ...IN_THE_ACCOUNT]);
});

/** A VPC that a lookup found, with one subnet of each tier in each of the given zones. */
function lookedUp(zones: Record<'Public' | 'Private' | 'Isolated', string[]>): Stack {
  const app = newApp();
  ComplianceChecks.of(app).report();
  const stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  const subnetGroups = Object.entries(zones).map(([type, names]) => ({
    name: type,
    type,
    subnets: names.map((availabilityZone, index) => ({
      subnetId: `subnet-${type}${index}`, availabilityZone, routeTableId: 'rtb-1', cidr: `10.0.${index}.0/24`,
    })),
  })).filter(({ subnets }) => subnets.length > 0);
  const found = { vpcId: 'vpc-1', vpcCidrBlock: '10.0.0.0/16', availabilityZones: [], subnetGroups };
  stack.node.setContext('vpc-provider:account=111111111111:filter.vpc-id=vpc-1:region=eu-west-1:'
    + 'returnAsymmetricSubnets=true', found);
  ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-1' });
  return stack;
}

test.each<[string, Parameters<typeof lookedUp>[0], string[]]>([
  ['tiers in the same zones', { Public: ['a', 'b'], Private: ['a', 'b'], Isolated: ['b', 'a'] }, []],
  ['several subnets in one zone', { Public: ['a', 'b'], Private: ['a', 'a', 'a'], Isolated: ['a', 'b'] },
    ['imported-vpc-private-subnets']],
  ['no public tier', { Public: [], Private: ['a', 'b'], Isolated: ['a', 'b'] }, []],
  ['one public subnet', { Public: ['a'], Private: ['a', 'b'], Isolated: ['a', 'b'] },
    ['imported-vpc-public-subnets', 'imported-vpc-public-zones']],
  ['tasks in a zone without a public subnet', { Public: ['a', 'b'], Private: ['a', 'b', 'c'], Isolated: ['a', 'b'] },
    ['imported-vpc-public-zones']],
  ['tasks in isolated subnets of another zone', { Public: ['a', 'b'], Private: [], Isolated: ['b', 'c'] },
    ['imported-vpc-private-subnets', 'imported-vpc-public-zones']],
])('a lookup that found %s', (_, zones, ids) => {
  const stack = lookedUp(zones);
  expect(warningsOf(stack)).toEqual([...ids, ...IN_THE_ACCOUNT]);
});

test('the warnings on zones name them', () => {
  const stack = lookedUp({ Public: ['a', 'a'], Private: ['c', 'b'], Isolated: ['a', 'b'] });
  templateOf(stack);
  const texts = Annotations.fromStack(stack).findWarning('/Stack/Vpc', Match.stringLikeRegexp('public'))
    .map(({ entry }) => entry.data);
  expect(texts).toEqual([
    'the imported VPC vpc-1 has 2 public subnets, all in a, and a load balancer needs 2 in different zones (45 CFR '
      + '164.308(a)(7)(ii)(C)): add the publicSubnetIds and availabilityZones of the other zones to the import, or '
      + `create these subnets (${PAGE}) [ack: cdk-hipaa:imported-vpc-public-subnets]`,
    'the imported VPC vpc-1 has no public subnet in b and c, so an internet-facing load balancer sends no requests to '
      + 'tasks in this zone: add the public subnet of each zone to the import, or create it, or let services use '
      + `vpcSubnets with the zones of the public subnets (${PAGE}) `
      + '[ack: cdk-hipaa:imported-vpc-public-zones]',
  ]);
});

test('zones that are known only at deployment have no warning', () => {
  const stack = checkedStack();
  imported(stack, { availabilityZones: [Fn.importValue('ZoneA'), Fn.importValue('ZoneB')] });
  expect(warningsOf(stack)).toEqual(IN_THE_ACCOUNT);
});

test('a list of subnets that is a token has an unknown length, and no warning', () => {
  const stack = checkedStack();
  const ids = Fn.split(',', Fn.importValue('Subnets'));
  const availabilityZones = Fn.split(',', Fn.importValue('Zones'));
  imported(stack, { availabilityZones, privateSubnetIds: ids, isolatedSubnetIds: ids, publicSubnetIds: ids });
  expect(warningsOf(stack)).toEqual(IN_THE_ACCOUNT);
});

test('a flow log and an endpoint of the app are found', () => {
  const stack = checkedStack();
  const vpc = imported(stack);
  vpc.addFlowLog('FlowLog');
  vpc.addInterfaceEndpoint('Logs', { service: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS });
  expect(warningsOf(stack)).toEqual(['imported-vpc-default-security-group']);
});

test('a flow log of another VPC is not', () => {
  const stack = checkedStack();
  imported(stack);
  ec2.Vpc.fromVpcAttributes(stack, 'Other', { ...COMPLETE, vpcId: 'vpc-87654321' }).addFlowLog('FlowLog');
  expect(warningsOf(stack)).toEqual(IN_THE_ACCOUNT);
  expect(warningsOf(stack, '/Stack/Other')).toEqual(IN_THE_ACCOUNT.slice(1));
});

test('a warning can be acknowledged after the check', () => {
  const stack = checkedStack();
  const vpc = imported(stack);
  Warnings.of(vpc).acknowledgeWarning('cdk-hipaa:imported-vpc-flow-logs', 'checked on 2026-06-01');
  expect(warningsOf(stack)).toEqual(IN_THE_ACCOUNT.slice(1));
});

test('a VPC of the app has no warning, and neither has a pending lookup', () => {
  const app = newApp();
  ComplianceChecks.of(app).report();
  const stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'us-east-1' } });
  new HipaaVpc(stack, 'Network', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
  new ec2.Vpc(stack, 'Plain', { availabilityZones: ['us-east-1a'] });
  ec2.Vpc.fromLookup(stack, 'Looked', { vpcId: 'vpc-1' });
  expect(['Network', 'Plain', 'Looked'].flatMap((id) => warningsOf(stack, `/Stack/${id}`))).toEqual([]);
});

test('an app without the checks has no warning', () => {
  const stack = new Stack(newApp(), 'Stack');
  imported(stack);
  expect(warningsOf(stack)).toEqual([]);
});
