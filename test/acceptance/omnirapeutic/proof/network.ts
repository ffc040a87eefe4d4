import { Template } from 'aws-cdk-lib/assertions';
import {
  AURORA_INSTANCE,
  aurora,
  AURORA,
  BASTION,
  bastion,
  loadBalancer,
  MIGRATION,
  migration,
  placeOf,
  PROGRAMS,
  read,
  REGION,
  SERVICES,
  usersFunction,
} from './parts';
import {
  internetGatewayServes,
  isSubnet,
  natGateways,
  natGatewayServes,
  subnetAt,
  vpcOf,
  zone,
} from '../../../support/template/network';
import { all, expectSame, inhabitants, only, propertiesOf, ref } from '../../../support/template/reading';
import {
  FUNCTION,
  LOAD_BALANCER,
  NAT_GATEWAY,
  ROUTE,
  SERVICE,
  SUBNET,
  SUBNET_GROUP,
  TASK,
  VPC,
} from '../../../support/template/types';

/** The subnets of each tier, by zone. */
export const TIERS = {
  public: ['10.0.1.0/24', '10.0.2.0/24', '10.0.3.0/24'],
  app: ['10.0.11.0/24', '10.0.12.0/24', '10.0.13.0/24'],
  data: ['10.0.21.0/24', '10.0.22.0/24', '10.0.23.0/24'],
};
type Tier = keyof typeof TIERS;
const RANGE = '10.0.0.0/16';
const ROUTE_TABLE = 'AWS::EC2::RouteTable';
const ASSOCIATION = 'AWS::EC2::SubnetRouteTableAssociation';

const subnet = (whole: Template, tier: Tier, index: number) => subnetAt(whole, TIERS[tier][index]);
const subnets = (whole: Template, tier: Tier) => TIERS[tier].map((cidr) => subnetAt(whole, cidr));
const everySubnet = (whole: Template) => (Object.keys(TIERS) as Tier[]).flatMap((tier) => subnets(whole, tier));

/** One VPC with this CIDR only, which is private. */
export function range(whole: Template) {
  expect(propertiesOf(whole, VPC, vpcOf(whole)).CidrBlock).toBe(RANGE);
  const types = Object.values<{ Type: string }>(whole.toJSON().Resources).map(({ Type }) => Type);
  // All EC2 types of the template: no endpoint, peering, VPN, transit gateway or second CIDR exists.
  expect([...new Set(types.filter((type) => type.startsWith('AWS::EC2::')))].sort()).toEqual([
    'AWS::EC2::EIP',
    'AWS::EC2::FlowLog',
    'AWS::EC2::Instance',
    'AWS::EC2::InternetGateway',
    'AWS::EC2::LaunchTemplate',
    'AWS::EC2::NatGateway',
    'AWS::EC2::Route',
    'AWS::EC2::RouteTable',
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupEgress',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::Subnet',
    'AWS::EC2::SubnetRouteTableAssociation',
    'AWS::EC2::VPC',
    'AWS::EC2::VPCGatewayAttachment',
  ]);
  expect(
    types.filter((type) => /^AWS::(NetworkManager|NetworkFirewall|VpcLattice|DirectConnect)::/.test(type)),
  ).toEqual([]);
}

/** The region of app.ts is the only region, and the programs receive it. */
export function oneRegion(whole: Template) {
  expect([...read('app.ts').matchAll(/region: '([^']+)'/g)].map(([, region]) => region)).toEqual([REGION]);
  expect(read('stacks.ts')).not.toMatch(/region|[a-z]{2}-[a-z]+-\d/);
  const regions = all(whole, TASK).map(
    ({ Properties }) => Properties.ContainerDefinitions[0].LogConfiguration.Options['awslogs-region'],
  );
  expect(regions).toEqual(PROGRAMS.map(() => REGION));
}

/** The zone has exactly one subnet of each tier. */
export const hasZone = (index: number) => (whole: Template) => {
  const found = whole.findResources(SUBNET, { Properties: { AvailabilityZone: zone(index) } });
  expectSame(Object.keys(found), [
    subnet(whole, 'public', index),
    subnet(whole, 'app', index),
    subnet(whole, 'data', index),
  ]);
  whole.resourceCountIs(SUBNET, 9);
};

export const hasSubnet = (tier: Tier, index: number) => (whole: Template) => isSubnet(whole, TIERS[tier][index], index);

const gateway = (whole: Template, index: number) =>
  only(whole, NAT_GATEWAY, { SubnetId: ref(subnet(whole, 'public', index)) });

/** One NAT gateway in the public subnet of the zone, beside the load balancer and nothing else. */
export const hasGateway = (index: number) => (whole: Template) => {
  expectSame(natGateways(whole), TIERS.public.map((_cidr, each) => gateway(whole, each)));
  hasSubnet('public', index)(whole);
  expect(inhabitants(whole, subnet(whole, 'public', index))).toEqual([NAT_GATEWAY, LOAD_BALANCER]);
};

/** Resources in a private subnet use the NAT gateway of their zone. */
export const leavesByItsZone = (tier: Tier, index: number) => (whole: Template) =>
  natGatewayServes(whole, gateway(whole, index), subnet(whole, tier, index));

export const leavesByNat = (tier: Tier) => (whole: Template) =>
  TIERS[tier].forEach((_cidr, index) => leavesByItsZone(tier, index)(whole));

/**
 * The tasks of all three services and of the migrations can run here. Beside them is only the function that manages the
 * users of the database, and a policy that allows its network interfaces here.
 */
export const hasTasks = (index: number) => (whole: Template) => {
  const apps = subnets(whole, 'app').map(ref);
  for (const name of SERVICES) {
    expect(placeOf(whole, name)).toMatchObject({ AssignPublicIp: 'DISABLED', Subnets: apps });
  }
  expect(migration(whole).Subnets).toEqual(apps);
  expect(usersFunction(whole).VpcConfig.SubnetIds).toEqual(apps);
  expect(inhabitants(whole, subnet(whole, 'app', index)))
    .toEqual([...SERVICES.map(() => SERVICE), 'AWS::IAM::ManagedPolicy', FUNCTION, MIGRATION]);
};

/** The two instances of Aurora. The first is the writer until a failover. */
const instances = (whole: Template): string[] => {
  const ids = Object.keys(
    whole.findResources(AURORA_INSTANCE, { Properties: { DBClusterIdentifier: ref(only(whole, AURORA)) } }),
  );
  whole.resourceCountIs(AURORA_INSTANCE, ids.length);
  expect(ids).toHaveLength(2);
  const [first, second] = ids;
  expect(whole.findResources(AURORA_INSTANCE)[second].DependsOn).toContain(first);
  expect(whole.findResources(AURORA_INSTANCE)[first].DependsOn).not.toContain(second);
  return [first, second];
};

/** The cluster uses the three data subnets: its writer is in the first zone, and its reader in the second. */
export function auroraIsSpread(whole: Template) {
  const group = aurora(whole).DBSubnetGroupName.Ref;
  expect(propertiesOf(whole, SUBNET_GROUP, group).SubnetIds).toEqual(subnets(whole, 'data').map(ref));
  expect(inhabitants(whole, group)).toEqual([AURORA]);
  instances(whole).forEach((id, index) => {
    const { AvailabilityZone, PubliclyAccessible } = propertiesOf(whole, AURORA_INSTANCE, id);
    expect({ AvailabilityZone, PubliclyAccessible }).toEqual({
      AvailabilityZone: zone(index),
      PubliclyAccessible: false,
    });
  });
}

/** The bastion is in the first data subnet, without a public address, beside Aurora. */
export function bastionIsBesideAurora(whole: Template) {
  const [first] = subnets(whole, 'data');
  const { NetworkInterfaces: [card, ...more] } = bastion(whole);
  expect(more).toEqual([]);
  expect(card).toMatchObject({ SubnetId: ref(first), AssociatePublicIpAddress: false });
  whole.resourceCountIs(BASTION, 1);
  expect(inhabitants(whole, first)).toEqual([BASTION, SUBNET_GROUP]);
}

/** Only Aurora uses this subnet. */
export const isForAurora = (index: number) => (whole: Template) => {
  auroraIsSpread(whole);
  expect(inhabitants(whole, subnet(whole, 'data', index))).toEqual([SUBNET_GROUP]);
};

/** One load balancer in the public subnets of all three zones. */
export function overThreeZones(whole: Template) {
  const { Type, Scheme, Subnets } = loadBalancer(whole);
  expect({ Type, Scheme }).toEqual({ Type: 'application', Scheme: 'internet-facing' });
  expect(Subnets).toEqual(subnets(whole, 'public').map(ref));
}

/** The three public subnets have a route to the internet gateway, and no other subnet has. */
export const internetGateway = (whole: Template) => internetGatewayServes(whole, subnets(whole, 'public'));

/** The route table of a subnet. */
function tableOf(whole: Template, id: string): string {
  return propertiesOf(whole, ASSOCIATION, only(whole, ASSOCIATION, { SubnetId: ref(id) })).RouteTableId.Ref;
}

/** Each subnet has its own route table of the VPC, and no other route table exists. */
export function oneTableEach(whole: Template) {
  const tables = everySubnet(whole).map((id) => tableOf(whole, id));
  expect(new Set(tables).size).toBe(9);
  expectSame(Object.keys(whole.findResources(ROUTE_TABLE, { Properties: { VpcId: ref(vpcOf(whole)) } })), tables);
  whole.resourceCountIs(ROUTE_TABLE, tables.length);
  whole.resourceCountIs(ASSOCIATION, tables.length);
}

/**
 * EC2 adds a local route to each route table, with precedence over all others, and nobody can remove it. Therefore, the
 * CIDR of the VPC is the route. The template has nine other routes, one in each table, for all other destinations.
 */
export const isLocal = (tier: Tier) => (whole: Template) => {
  range(whole);
  oneTableEach(whole);
  const routes = all(whole, ROUTE).map(({ Properties }) => Properties);
  expectSame(routes.map(({ RouteTableId }) => RouteTableId.Ref), everySubnet(whole).map((id) => tableOf(whole, id)));
  const ofTier = subnets(whole, tier).map((id) => tableOf(whole, id));
  for (const { RouteTableId, DestinationCidrBlock, ...target } of routes.filter((route) =>
    ofTier.includes(route.RouteTableId.Ref),
  )) {
    expect(DestinationCidrBlock).toBe('0.0.0.0/0');
    expect(Object.keys(target)).toEqual([tier === 'public' ? 'GatewayId' : 'NatGatewayId']);
  }
};
