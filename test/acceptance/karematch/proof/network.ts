import { Template } from 'aws-cdk-lib/assertions';
import {
  container,
  database,
  databaseGroup,
  expectSame,
  FUNCTION,
  LOAD_BALANCER,
  loadBalancer,
  loadBalancerGroup,
  MIGRATION,
  migration,
  migrationGroup,
  NAT_GATEWAY,
  POSTGRES_PORT,
  CONTAINER_PORT,
  SERVICE,
  service,
  serviceGroup,
  SUBNET,
  SUBNET_GROUP,
  tcp,
  VPC,
} from './parts';
import { usersFunction, usersGroup } from './users';
import {
  EVERYWHERE,
  internetGatewayServes,
  isSubnet,
  natGateways,
  natGatewayServes,
  subnetAt,
  vpcOf,
  zone,
} from '../../../support/template/network';
import { inhabitants, only, openings, propertiesOf, ref, routesOf } from '../../../support/template/reading';

export { flowLogsOfEverything } from '../../../support/template/network';

/** The subnets of each tier, by zone. */
const TIERS = {
  public: ['10.0.1.0/24', '10.0.2.0/24'],
  private: ['10.0.11.0/24', '10.0.12.0/24'],
  database: ['10.0.21.0/24', '10.0.22.0/24'],
};
type Tier = keyof typeof TIERS;
const POLICY = 'AWS::IAM::ManagedPolicy';

const subnets = (template: Template, tier: Tier) => TIERS[tier].map((cidr) => subnetAt(template, cidr));

export function range(template: Template) {
  expect(propertiesOf(template, VPC, vpcOf(template)).CidrBlock).toBe('10.0.0.0/16');
}

/** One subnet of a tier, in its zone. */
export const hasSubnet = (tier: Tier, index: number) => (template: Template) =>
  isSubnet(template, TIERS[tier][index], index);

/** A tier has exactly two subnets, in two zones. */
export const inTwoZones = (tier: Tier) => (template: Template) => {
  const zones = subnets(template, tier).map((id) => propertiesOf(template, SUBNET, id).AvailabilityZone);
  expect(zones).toEqual([zone(0), zone(1)]);
  template.resourceCountIs(SUBNET, 6);
};

export function everyTierInTwoZones(template: Template) {
  for (const tier of Object.keys(TIERS) as Tier[]) inTwoZones(tier)(template);
}

/** The public subnets contain the load balancer and the NAT gateways, and nothing else. */
export function publicSubnetsAreForTheEntrance(template: Template) {
  const [first, second] = subnets(template, 'public');
  expect(loadBalancer(template).Subnets).toEqual([ref(first), ref(second)]);
  for (const id of [first, second]) {
    expect(inhabitants(template, id).filter((type) => type !== NAT_GATEWAY)).toEqual([LOAD_BALANCER]);
  }
}

/**
 * The tasks of the service and of the migrations, and the function that manages the database users. The policy of the
 * function names the subnets.
 */
export function privateSubnetsAreForTasks(template: Template) {
  const ids = subnets(template, 'private');
  expect(service(template).NetworkConfiguration.AwsvpcConfiguration.Subnets).toEqual(ids.map(ref));
  expect(migration(template).Subnets).toEqual(ids.map(ref));
  expect(propertiesOf(template, FUNCTION, usersFunction(template)).VpcConfig.SubnetIds).toEqual(ids.map(ref));
  for (const id of ids) expect(inhabitants(template, id)).toEqual([SERVICE, POLICY, FUNCTION, MIGRATION]);
}

export function databaseSubnetsAreForTheDatabase(template: Template) {
  const ids = subnets(template, 'database');
  const group = database(template).DBSubnetGroupName.Ref;
  expect(propertiesOf(template, SUBNET_GROUP, group).SubnetIds).toEqual(ids.map(ref));
  for (const id of ids) expect(inhabitants(template, id)).toEqual([SUBNET_GROUP]);
  expect(inhabitants(template, group)).toEqual(['AWS::RDS::DBInstance']);
}

/** Both public subnets have a route to the internet gateway, and no other subnet has. */
export const internetGateway = (template: Template) => internetGatewayServes(template, subnets(template, 'public'));

/** Each public subnet has a NAT gateway for the private subnet of its zone. */
export function gatewayInEachZone(template: Template) {
  const ids = subnets(template, 'public').map((SubnetId) => only(template, NAT_GATEWAY, { SubnetId: ref(SubnetId) }));
  expectSame(natGateways(template), ids);
  leadsOut(template, ids);
}

/** The first public subnet has a NAT gateway for both private subnets. */
export function oneGateway(template: Template) {
  const id = only(template, NAT_GATEWAY, { SubnetId: ref(subnets(template, 'public')[0]) });
  expect(natGateways(template)).toEqual([id]);
  leadsOut(template, [id, id]);
}

function leadsOut(template: Template, ids: string[]) {
  subnets(template, 'private').forEach((id, index) => natGatewayServes(template, ids[index], id));
}

/** Resources in a private subnet have no public address, and a NAT gateway is their only outbound route. */
export function noDirectInternet(template: Template) {
  for (const id of subnets(template, 'private')) {
    expect(routesOf(template, id)).toEqual([
      { DestinationCidrBlock: EVERYWHERE, NatGatewayId: { Ref: expect.stringMatching(/./) } },
    ]);
    expect(propertiesOf(template, SUBNET, id).MapPublicIpOnLaunch).toBe(false);
  }
  expect(service(template).NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
}

/** No routes and no public addresses. */
export function databaseIsIsolated(template: Template) {
  for (const id of subnets(template, 'database')) expect(routesOf(template, id)).toEqual([]);
  expect(database(template).PubliclyAccessible).toBe(false);
}

/** Tasks reach AWS and other HTTPS endpoints through the NAT gateway. */
export function tasksReachHttps(template: Template) {
  noDirectInternet(template);
  expect(openings(template, 'Egress', serviceGroup(template))).toContainEqual(tcp(EVERYWHERE, 443));
}

/** A task runs the image that was built, because it cannot change itself. */
export function tasksCannotUpdateThemselves(template: Template) {
  tasksReachHttps(template);
  expect(container(template)).toMatchObject({ ReadonlyRootFilesystem: true, Privileged: false, User: '1000:1000' });
}

export function defaultNetworkAcls(template: Template) {
  const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
  expect(types.filter((type) => type.includes('NetworkAcl'))).toEqual([]);
}

/** The internet reaches only these ports, and the load balancer reaches only the tasks. */
export const entranceGroup = (...ports: number[]) => (template: Template) => {
  const group = loadBalancerGroup(template);
  expectSame(openings(template, 'Ingress', group), ports.map((port) => tcp(EVERYWHERE, port)));
  expect(openings(template, 'Egress', group)).toEqual([tcp(serviceGroup(template), CONTAINER_PORT)]);
  expect(inhabitants(template, group)).toEqual([LOAD_BALANCER]);
};

/** Only the load balancer reaches the tasks, and the tasks reach the database and HTTPS. */
export function tasksGroup(template: Template) {
  const group = serviceGroup(template);
  expect(openings(template, 'Ingress', group)).toEqual([tcp(loadBalancerGroup(template), CONTAINER_PORT)]);
  expectSame(openings(template, 'Egress', group), [tcp(EVERYWHERE, 443), tcp(databaseGroup(template), POSTGRES_PORT)]);
  expect(inhabitants(template, group)).toEqual([SERVICE]);
}

/**
 * The tasks of the service and of the migrations reach the database, and the function that manages its users. Nothing
 * else has their groups. The database reaches nothing.
 */
export function databaseGroupRules(template: Template) {
  const group = databaseGroup(template);
  const clients = [serviceGroup(template), migrationGroup(template), usersGroup(template)];
  expectSame(openings(template, 'Ingress', group), clients.map((client) => tcp(client, POSTGRES_PORT)));
  expect(clients.map((client) => inhabitants(template, client))).toEqual([[SERVICE], [MIGRATION], [POLICY, FUNCTION]]);
  for (const client of [migrationGroup(template), usersGroup(template)]) {
    expect(openings(template, 'Ingress', client)).toEqual([]);
    expectSame(openings(template, 'Egress', client), [tcp(EVERYWHERE, 443), tcp(group, POSTGRES_PORT)]);
  }
  expect(openings(template, 'Egress', group)).toEqual([]);
  expect(inhabitants(template, group)).toEqual(['AWS::RDS::DBInstance']);
}
