import { Template } from 'aws-cdk-lib/assertions';
import {
  bastion, bastionGroup, CONTAINER_PORT, database, databaseGroup, DB_INSTANCE, expectSame, FUNCTION, idOf,
  instanceGroup, instances, ISOLATED, loadBalancer, loadBalancerGroup, partOf, POSTGRES_PORT, PRIVATE, proxy,
  proxyGroup, PUBLIC, SECURITY_GROUP, service, serviceGroup, SUBNET, SUBNET_GROUP, tcp, VPC,
} from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import {
  defaultGroupIsClosed, EVERYWHERE, flowLogsOfEverything, internetGatewayServes,
  isSubnet, natGateways, natGatewayServes, subnetAt, vpcOf,
} from '../../../support/template/network';
import { openings, propertiesOf, ref, routesOf, theGroup } from '../../../support/template/reading';

const subnets = (template: Template, ranges: string[]) => ranges.map((each) => subnetAt(template, each));

/** Public and private subnets in two zones, and isolated ones for the database. */
export function subnetsInTwoZones(template: Template) {
  expect(propertiesOf(template, VPC, vpcOf(template)).CidrBlock).toBe('10.0.0.0/16');
  for (const tier of [PUBLIC, PRIVATE, ISOLATED]) tier.forEach((range, index) => isSubnet(template, range, index));
  template.resourceCountIs(SUBNET, 6);
  flowLogsOfEverything(template);
}

/** The public subnets have a route to the internet gateway, the private ones to the NAT gateway of their zone. */
export function routes(template: Template) {
  internetGatewayServes(template, subnets(template, PUBLIC));
  const gateways = natGateways(template);
  expect(gateways).toHaveLength(2);
  subnets(template, PRIVATE).forEach((subnet, index) => natGatewayServes(template, gateways[index], subnet));
  for (const subnet of subnets(template, ISOLATED)) expect(routesOf(template, subnet)).toEqual([]);
}

/** The subnets of the database and of its proxy have no route, and the instances no public address. */
export function databaseIsIsolated(template: Template) {
  const isolated = subnets(template, ISOLATED).map(ref);
  const groupName = database(template).DBSubnetGroupName.Ref;
  expect(propertiesOf(template, SUBNET_GROUP, groupName).SubnetIds).toEqual(isolated);
  expect(proxy(template).VpcSubnetIds).toEqual(isolated);
  for (const subnet of subnets(template, ISOLATED)) expect(routesOf(template, subnet)).toEqual([]);
  for (const { PubliclyAccessible } of instances(template)) expect(PubliclyAccessible).toBe(false);
  template.resourcePropertiesCountIs(DB_INSTANCE, { PubliclyAccessible: true }, 0);
}

/** Tasks, instances and database are private. Load balancer, NAT gateways and bastion are in public subnets. */
export function sensitiveResourcesArePrivate(template: Template) {
  databaseIsIsolated(template);
  const privates = subnets(template, PRIVATE).map(ref);
  for (const name of ['Api', 'Worker'] as const) {
    const { Subnets, AssignPublicIp } = service(template, name).NetworkConfiguration.AwsvpcConfiguration;
    expect({ Subnets, AssignPublicIp }).toEqual({ Subnets: privates, AssignPublicIp: 'DISABLED' });
  }
  expect(instanceGroup(template).VPCZoneIdentifier).toEqual(privates);
  const publics = subnets(template, PUBLIC).map(ref);
  expect(loadBalancer(template).Subnets).toEqual(publics);
  expect(bastion(template).NetworkInterfaces.map(({ SubnetId }: { SubnetId: object }) => SubnetId))
    .toEqual([publics[0]]);
}

/** The groups of the clients of the proxy: the tasks, and the function that creates the database users. */
function clients(template: Template): string[] {
  const users = theGroup(partOf(template, FUNCTION, 'DatabaseUsersFunction').VpcConfig.SecurityGroupIds);
  const tasks = ['Migrations', 'Cleanup'].map((name) => idOf(template, SECURITY_GROUP, `${name}SecurityGroup`));
  return [serviceGroup(template, 'Api'), serviceGroup(template, 'Worker'), ...tasks, users];
}

/** Only the proxy, the bastion, and the function of the database users connect to the database. */
export function databaseClients(template: Template) {
  const [store, between] = [databaseGroup(template), proxyGroup(template)];
  const users = clients(template).at(-1)!;
  expectSame(openings(template, 'Ingress', store),
    [between, bastionGroup(template), users].map((group) => tcp(group, POSTGRES_PORT)));
  expectSame(openings(template, 'Ingress', between), clients(template).map((group) => tcp(group, POSTGRES_PORT)));
  expect(openings(template, 'Egress', store)).toEqual([]);
  expect(openings(template, 'Egress', between)).toEqual([tcp(store, POSTGRES_PORT)]);
}

/** One address reaches the bastion, and the bastion reaches HTTPS and the database. */
export function bastionAccess(template: Template) {
  expect(openings(template, 'Ingress', bastionGroup(template))).toEqual([tcp(PARAMETERS.myIpAddress, 22)]);
  expectSame(openings(template, 'Egress', bastionGroup(template)),
    [tcp(EVERYWHERE, 443), tcp(databaseGroup(template), POSTGRES_PORT)]);
}

/** The internet reaches the load balancer, which reaches the API. Nothing reaches the worker and the instances. */
export function groups(template: Template) {
  const [entrance, api] = [loadBalancerGroup(template), serviceGroup(template, 'Api')];
  expectSame(openings(template, 'Ingress', entrance), [tcp(EVERYWHERE, 80), tcp(EVERYWHERE, 443)]);
  expect(openings(template, 'Egress', entrance)).toEqual([tcp(api, CONTAINER_PORT)]);
  expect(openings(template, 'Ingress', api)).toEqual([tcp(entrance, CONTAINER_PORT)]);
  const users = clients(template).at(-1)!;
  for (const client of clients(template)) {
    if (client !== api) expect(openings(template, 'Ingress', client)).toEqual([]);
    const stores = [proxyGroup(template), ...(client === users ? [databaseGroup(template)] : [])];
    expectSame(openings(template, 'Egress', client),
      [tcp(EVERYWHERE, 443), ...stores.map((group) => tcp(group, POSTGRES_PORT))]);
  }
  const instances_ = idOf(template, SECURITY_GROUP, 'InstancesSecurityGroup');
  expect(openings(template, 'Ingress', instances_)).toEqual([]);
  expect(openings(template, 'Egress', instances_)).toEqual([tcp(EVERYWHERE, 443)]);
  databaseClients(template);
  bastionAccess(template);
  defaultGroupIsClosed(template);
}
