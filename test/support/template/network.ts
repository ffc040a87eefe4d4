import { Template } from 'aws-cdk-lib/assertions';
import { attribute, granted, inhabitants, only, propertiesOf, ref, routesOf, theOne } from './reading';
import { FLOW_LOG, INTERNET_GATEWAY, LOG_GROUP, NAT_GATEWAY, SUBNET, VPC } from './types';

export const EVERYWHERE = '0.0.0.0/0';
const ATTACHMENT = 'AWS::EC2::VPCGatewayAttachment';

export const vpcOf = (template: Template) => only(template, VPC);
/** An availability zone of the account, counted from 0. */
export const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
export const subnetAt = (template: Template, CidrBlock: string) =>
  only(template, SUBNET, { CidrBlock, VpcId: ref(vpcOf(template)) });
export const natGateways = (template: Template) => Object.keys(template.findResources(NAT_GATEWAY));

/** A subnet of this range in this zone, which assigns no public addresses. */
export function isSubnet(template: Template, range: string, index: number) {
  const { AvailabilityZone, MapPublicIpOnLaunch } = propertiesOf(template, SUBNET, subnetAt(template, range));
  expect({ AvailabilityZone, MapPublicIpOnLaunch }).toEqual({
    AvailabilityZone: zone(index),
    MapPublicIpOnLaunch: false,
  });
}

/** The internet gateway is the only outbound route of these subnets, and no other subnet has a route to it. */
export function internetGatewayServes(template: Template, subnets: string[]) {
  const gateway = only(template, INTERNET_GATEWAY);
  expect(propertiesOf(template, ATTACHMENT, only(template, ATTACHMENT))).toEqual({
    VpcId: ref(vpcOf(template)),
    InternetGatewayId: ref(gateway),
  });
  const way = { DestinationCidrBlock: EVERYWHERE, GatewayId: ref(gateway) };
  for (const id of subnets) expect(routesOf(template, id)).toEqual([way]);
  template.resourcePropertiesCountIs('AWS::EC2::Route', { GatewayId: ref(gateway) }, subnets.length);
  expect(inhabitants(template, gateway)).toEqual([ATTACHMENT]);
}

/** A NAT gateway with a public address is the only outbound route of a subnet. */
export function natGatewayServes(template: Template, gateway: string, subnet: string) {
  expect(routesOf(template, subnet)).toEqual([{ DestinationCidrBlock: EVERYWHERE, NatGatewayId: ref(gateway) }]);
  const { ConnectivityType, AllocationId } = propertiesOf(template, NAT_GATEWAY, gateway);
  expect(ConnectivityType).toBe('public');
  propertiesOf(template, 'AWS::EC2::EIP', AllocationId['Fn::GetAtt'][0]);
}

export function flowLogsOfEverything(template: Template) {
  const { ResourceId, ResourceType, TrafficType, LogDestinationType, LogGroupName, DeliverLogsPermissionArn } =
    propertiesOf(template, FLOW_LOG, only(template, FLOW_LOG));
  expect({ ResourceId, ResourceType, TrafficType, LogDestinationType }).toEqual({
    ResourceId: ref(vpcOf(template)),
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogDestinationType: 'cloud-watch-logs',
  });
  expect(propertiesOf(template, LOG_GROUP, LogGroupName.Ref).RetentionInDays).toBe(2192);
  expect(granted(template, DeliverLogsPermissionArn['Fn::GetAtt'][0])).toEqual([{
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
    Resource: attribute(LogGroupName.Ref, 'Arn'),
  }]);
}

/** A custom resource removes the rules of the default security group of the VPC. */
export function defaultGroupIsClosed(template: Template) {
  expect(theOne('Custom::VpcRestrictDefaultSG')(template).DefaultSecurityGroupId)
    .toEqual(attribute(vpcOf(template), 'DefaultSecurityGroup'));
}
