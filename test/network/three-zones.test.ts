import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { NetworkAlarms } from '../../src/network/network-alarms';
import { newStack, propertiesOf, templateOf } from '../support/app';

const WITH_EGRESS = { dataSubnetEgress: { reason: 'the bastion is in the data tier' } };

function networkTemplate(props: HipaaVpcProps) {
  const stack = newStack();
  const network = new HipaaVpc(stack, 'Network', props);
  return { network, stack, template: templateOf(stack) };
}

describe('three zones with a NAT gateway each, and data subnets with egress', () => {
  const { network, stack, template } = networkTemplate({ maxAzs: 3, ...WITH_EGRESS });
  const routes = Object.values(propertiesOf(template, 'AWS::EC2::Route'));
  const tableOf = (subnet: ec2.ISubnet) => stack.resolve(subnet.routeTable.routeTableId);
  const routesOf = (subnet: ec2.ISubnet) =>
    routes.filter(({ RouteTableId }) => JSON.stringify(RouteTableId) === JSON.stringify(tableOf(subnet)));
  const zones = [0, 1, 2];
  const { publicSubnets, privateSubnets, isolatedSubnets } = network.vpc;

  test('the zones are those of the region, in the same order in every tier', () => {
    for (const subnets of [publicSubnets, privateSubnets, isolatedSubnets]) {
      expect(subnets.map(({ availabilityZone }) => stack.resolve(availabilityZone))).toEqual(
        zones.map((zone) => ({ 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] })),
      );
    }
  });

  test('each tier counts its addresses from its base', () => {
    expect(
      [publicSubnets, privateSubnets, isolatedSubnets].map((subnets) =>
        subnets.map(({ ipv4CidrBlock }) => ipv4CidrBlock),
      ),
    ).toEqual([
      ['10.0.1.0/24', '10.0.2.0/24', '10.0.3.0/24'],
      ['10.0.11.0/24', '10.0.12.0/24', '10.0.13.0/24'],
      ['10.0.21.0/24', '10.0.22.0/24', '10.0.23.0/24'],
    ]);
  });

  test('each subnet has a separate route table', () => {
    const tables = [...publicSubnets, ...privateSubnets, ...isolatedSubnets].map((subnet) =>
      JSON.stringify(tableOf(subnet)),
    );
    expect(new Set(tables).size).toBe(9);
    const associated = Object.values(propertiesOf(template, 'AWS::EC2::SubnetRouteTableAssociation')).map(
      ({ RouteTableId, SubnetId }) => [SubnetId, RouteTableId],
    );
    for (const subnet of [...publicSubnets, ...privateSubnets, ...isolatedSubnets]) {
      expect(associated).toContainEqual([stack.resolve(subnet.subnetId), tableOf(subnet)]);
    }
    expect(associated).toHaveLength(9);
  });

  test.each(zones)('zone %d: the public subnet routes to the internet gateway only', (zone) => {
    expect(routesOf(publicSubnets[zone])).toEqual([
      {
        RouteTableId: tableOf(publicSubnets[zone]),
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: { Ref: expect.stringMatching(/^NetworkIGW/) },
      },
    ]);
  });

  test.each(zones)('zone %d: the private and data subnets route to the NAT gateway of the same zone only', (zone) => {
    const gateway = { Ref: stack.resolve(network.natGateways[zone].ref).Ref };
    expect(template.findResources('AWS::EC2::NatGateway')[gateway.Ref].Properties.SubnetId).toEqual(
      stack.resolve(publicSubnets[zone].subnetId),
    );
    for (const subnet of [privateSubnets[zone], isolatedSubnets[zone]]) {
      expect(routesOf(subnet)).toEqual([
        { RouteTableId: tableOf(subnet), DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: gateway },
      ]);
    }
  });

  test('there are no other routes and no other gateways', () => {
    expect(routes).toHaveLength(9);
    template.resourceCountIs('AWS::EC2::NatGateway', 3);
    template.resourceCountIs('AWS::EC2::InternetGateway', 1);
  });
});

describe('changes of a network replace nothing', () => {
  const impacts = (before: HipaaVpcProps, after: HipaaVpcProps) => {
    const changes: Array<[string, ResourceImpact]> = [];
    fullDiff(networkTemplate(before).template.toJSON(), networkTemplate(after).template.toJSON())
      .resources.forEachDifference((id, change) => changes.push([`${change.resourceType} ${id}`, change.changeImpact]));
    return changes;
  };

  test.each<[string, HipaaVpcProps, HipaaVpcProps]>([
    ['a third zone', { maxAzs: 2, ...WITH_EGRESS }, { maxAzs: 3, ...WITH_EGRESS }],
    ['egress of the data subnets', {}, WITH_EGRESS],
    ['all alarms', {}, { alarms: NetworkAlarms.complete() }],
  ])('%s', (_, before, after) => {
    const changes = impacts(before, after);
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter(([, impact]) => impact !== ResourceImpact.WILL_CREATE)).toEqual([]);
  });
});
