import { Template } from 'aws-cdk-lib/assertions';
import { namedCareBow } from './database';
import {
  CONTAINER_PORT,
  database,
  databaseGroup,
  expectSame,
  FUNCTION,
  ISOLATED,
  LOAD_BALANCER,
  loadBalancer,
  loadBalancerGroup,
  MIGRATION,
  migration,
  migrationGroup,
  NAT_GATEWAY,
  POSTGRES_PORT,
  PRIVATE,
  PUBLIC,
  SERVICE,
  service,
  serviceGroup,
  SUBNET,
  SUBNET_GROUP,
  tcp,
  VPC,
} from './parts';
import {
  defaultGroupIsClosed,
  EVERYWHERE,
  flowLogsOfEverything,
  internetGatewayServes,
  isSubnet,
  natGateways,
  natGatewayServes,
  subnetAt,
  vpcOf,
} from '../../../support/template/network';
import { inhabitants, only, openings, propertiesOf, ref, routesOf, theGroup } from '../../../support/template/reading';

const subnets = (template: Template, ranges: string[]) => ranges.map((each) => subnetAt(template, each));

/** The function that manages the database users. */
const usersGroup = (template: Template): string => {
  const [{ Properties }] = Object.values(template.findResources('Custom::DatabaseUser'));
  const manager = propertiesOf(template, FUNCTION, Properties.ServiceToken['Fn::GetAtt'][0]);
  return theGroup(manager.VpcConfig.SecurityGroupIds);
};

export function range(template: Template) {
  expect(propertiesOf(template, VPC, vpcOf(template)).CidrBlock).toBe('10.0.0.0/16');
}

export function names(template: Template) {
  const { EnableDnsHostnames, EnableDnsSupport } = propertiesOf(template, VPC, vpcOf(template));
  expect({ EnableDnsHostnames, EnableDnsSupport }).toEqual({ EnableDnsHostnames: true, EnableDnsSupport: true });
}

/** One subnet for each zone. There are nine subnets in three tiers. */
function tier(template: Template, ranges: string[]) {
  ranges.forEach((each, index) => isSubnet(template, each, index));
  template.resourceCountIs(SUBNET, 9);
}

/** The public subnets have the route to the internet, and contain the load balancer and the NAT gateway alone. */
export function publicSubnets(template: Template) {
  tier(template, PUBLIC);
  const ids = subnets(template, PUBLIC);
  internetGatewayServes(template, ids);
  expect(loadBalancer(template).Subnets).toEqual(ids.map(ref));
  for (const id of ids) {
    expect(inhabitants(template, id).filter((type) => type !== NAT_GATEWAY)).toEqual([LOAD_BALANCER]);
  }
}

/** The private subnets contain the tasks, which have no public address. */
export function privateSubnets(template: Template) {
  tier(template, PRIVATE);
  const ids = subnets(template, PRIVATE).map(ref);
  const { Subnets, AssignPublicIp } = service(template).NetworkConfiguration.AwsvpcConfiguration;
  expect({ Subnets, AssignPublicIp }).toEqual({ Subnets: ids, AssignPublicIp: 'DISABLED' });
  expect(migration(template).Subnets).toEqual(ids);
}

/** The database has no public address, and its subnets have no route to the internet, in either direction. */
export function isolatedDatabase(template: Template) {
  tier(template, ISOLATED);
  const ids = subnets(template, ISOLATED);
  const { SubnetIds } = propertiesOf(template, SUBNET_GROUP, database(template).DBSubnetGroupName.Ref);
  expect(SubnetIds).toEqual(ids.map(ref));
  for (const id of ids) expect(routesOf(template, id)).toEqual([]);
  expect(database(template).PubliclyAccessible).toBe(false);
}

export function databaseAndTasksArePrivate(template: Template) {
  privateSubnets(template);
  isolatedDatabase(template);
}

/** One NAT gateway, in the first public subnet, is the outbound route of all private subnets. */
export function oneNatGateway(template: Template) {
  const id = only(template, NAT_GATEWAY, { SubnetId: ref(subnets(template, PUBLIC)[0]) });
  expect(natGateways(template)).toEqual([id]);
  for (const subnet of subnets(template, PRIVATE)) natGatewayServes(template, id, subnet);
}

export function everySubnet(template: Template) {
  range(template);
  publicSubnets(template);
  databaseAndTasksArePrivate(template);
}

/**
 * The internet reaches the load balancer, which reaches the tasks, which reach the database and HTTPS. The migrations
 * and the function of the database users reach the database too. Everything else is closed.
 */
export function groups(template: Template) {
  const [entrance, tasks, store] = [loadBalancerGroup, serviceGroup, databaseGroup].map((group) => group(template));
  expectSame(openings(template, 'Ingress', entrance), [tcp(EVERYWHERE, 80), tcp(EVERYWHERE, 443)]);
  expect(openings(template, 'Egress', entrance)).toEqual([tcp(tasks, CONTAINER_PORT)]);
  expect(openings(template, 'Ingress', tasks)).toEqual([tcp(entrance, CONTAINER_PORT)]);
  const clients = [tasks, migrationGroup(template), usersGroup(template)];
  expectSame(openings(template, 'Ingress', store), clients.map((client) => tcp(client, POSTGRES_PORT)));
  expect(openings(template, 'Egress', store)).toEqual([]);
  for (const client of clients) {
    expectSame(openings(template, 'Egress', client), [tcp(EVERYWHERE, 443), tcp(store, POSTGRES_PORT)]);
  }
  for (const client of clients.slice(1)) expect(openings(template, 'Ingress', client)).toEqual([]);
  defaultGroupIsClosed(template);
  expect([inhabitants(template, tasks), inhabitants(template, migrationGroup(template))])
    .toEqual([[SERVICE], [MIGRATION]]);
}

/** Only these ways exist. The flow log records all traffic, also the rejected one. */
export function isolation(template: Template) {
  everySubnet(template);
  groups(template);
  flowLogsOfEverything(template);
}

/** The tasks connect to the database, and are the only program of the workload that does. */
export function tasksReachTheDatabase(template: Template) {
  namedCareBow(template);
  groups(template);
  isolatedDatabase(template);
}
