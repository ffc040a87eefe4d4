import {
  DescribeRouteTablesCommand, DescribeSecurityGroupsCommand, DescribeSubnetsCommand, DescribeVpcAttributeCommand,
  DescribeVpcsCommand, EC2Client, IpPermission, Route,
} from '@aws-sdk/client-ec2';
import { SdkSettings } from './account';
import { LiveResource } from './endpoint';

/** Returns what differs between a property of the template and what the service has. */
export function differences(wanted: Record<string, unknown>, read: Record<string, unknown>): string[] {
  return Object.keys(wanted).filter((each) => canonical(wanted[each]) !== canonical(read[each]))
    .map((each) => `${each} is ${canonical(read[each])} instead of ${canonical(wanted[each])}`);
}

/** A value as JSON, with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each) => (each && typeof each === 'object' && !Array.isArray(each)
    ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1))) : each)) ?? 'absent';
}

/** A VPC has the addresses of the template and resolves names, and its default security group has no rule. */
export async function vpc(settings: SdkSettings, { physicalId, properties }: LiveResource): Promise<string[]> {
  const ec2 = new EC2Client(settings);
  const { Vpcs: [found] = [] } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [physicalId] }));
  const problems = differences({ CidrBlock: properties.CidrBlock }, { CidrBlock: found?.CidrBlock });
  for (const Attribute of ['enableDnsSupport', 'enableDnsHostnames'] as const) {
    const answer = await ec2.send(new DescribeVpcAttributeCommand({ VpcId: physicalId, Attribute }));
    const { Value } = (Attribute === 'enableDnsSupport' ? answer.EnableDnsSupport : answer.EnableDnsHostnames) ?? {};
    if (!Value) problems.push(`${Attribute} is ${Value}`);
  }
  const Filters = [{ Name: 'vpc-id', Values: [physicalId] }];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const group = SecurityGroups.find(({ GroupName }) => GroupName === 'default');
  const rules = [...group?.IpPermissions ?? [], ...group?.IpPermissionsEgress ?? []];
  if (!group || rules.length > 0) problems.push(`the default security group has ${rules.length} rules`);
  return problems;
}

/**
 * A subnet assigns no public addresses, and has the zone, the addresses and the routes of the template. Only subnets of
 * the public tier have a route to the internet gateway, and those of the private tier one to a NAT gateway.
 */
export async function subnet(
  settings: SdkSettings, { physicalId, properties }: LiveResource, all: LiveResource[],
): Promise<string[]> {
  const ec2 = new EC2Client(settings);
  const { Subnets: [found] = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [physicalId] }));
  const Filters = [{ Name: 'association.subnet-id', Values: [physicalId] }];
  const { RouteTables: [table] = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
  const routes = (table?.Routes ?? []).filter(({ GatewayId }) => GatewayId !== 'local').filter(hasAddresses);
  const { VpcId, CidrBlock, AvailabilityZone } = properties;
  const association = all.find((each) =>
    each.type === 'AWS::EC2::SubnetRouteTableAssociation' && each.properties.SubnetId === physicalId);
  const routesOfTemplate = all.filter((each) =>
    each.type === 'AWS::EC2::Route' && each.properties.RouteTableId === association?.properties.RouteTableId);
  const tags = properties.Tags as Array<{ Key: string; Value: string }> | undefined;
  const tier = tags?.find(({ Key }) => Key === 'aws-cdk:subnet-type')?.Value;
  const isPublic = routes.some(({ GatewayId }) => GatewayId?.startsWith('igw-'));
  return [
    ...differences(
      {
        VpcId,
        CidrBlock,
        AvailabilityZone,
        MapPublicIpOnLaunch: false,
        RouteTableId: association?.properties.RouteTableId,
        routes: routesOfTemplate.map((each) => textOf(each.properties)).sort(),
      },
      { ...found, RouteTableId: table?.RouteTableId, routes: routes.map(textOf).sort() },
    ),
    ...(isPublic === (tier === 'Public') ? [] : [`the tier is ${tier}, and a route to the internet gateway `
      + `${isPublic ? 'exists' : 'is missing'}`]),
    ...(tier !== 'Private' || routes.some(({ NatGatewayId }) => NatGatewayId) ? [] : ['has no route to a NAT gateway']),
  ];
}

const hasAddresses = ({ DestinationCidrBlock, DestinationIpv6CidrBlock }: Route) =>
  DestinationCidrBlock ?? DestinationIpv6CidrBlock;
const textOf = (route: Route) => `${hasAddresses(route)} ${route.GatewayId ?? route.NatGatewayId}`;

/** A rule of a security group in a template. */
interface GroupRule {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly SourceSecurityGroupId?: string;
  readonly DestinationSecurityGroupId?: string;
  readonly SourcePrefixListId?: string;
  readonly DestinationPrefixListId?: string;
}

/**
 * A security group has the rules of the template: its own ones, and those that are resources. It accepts HTTP and HTTPS
 * from the internet at most, and allows no outbound traffic on all ports.
 */
export async function securityGroup(
  settings: SdkSettings, { physicalId, properties }: LiveResource, all: LiveResource[],
): Promise<string[]> {
  const command = new DescribeSecurityGroupsCommand({ GroupIds: [physicalId] });
  const { SecurityGroups: [group] = [] } = await new EC2Client(settings).send(command);
  if (!group) return ['does not exist'];
  const { IpPermissions = [], IpPermissionsEgress = [] } = group;
  const wanted = (name: string) => [
    ...properties[name] as GroupRule[] | undefined ?? [],
    ...all.filter(({ type, properties: { GroupId } }) => type === `AWS::EC2::${name}` && GroupId === physicalId)
      .map((each) => each.properties as unknown as GroupRule),
  ].map(ruleOfTemplate).sort();
  const everything = IpPermissionsEgress.filter((rule) => isOpen(rule) && rule.IpProtocol === '-1');
  return [
    ...differences(
      { inbound: wanted('SecurityGroupIngress'), outbound: wanted('SecurityGroupEgress') },
      { inbound: rulesOf(IpPermissions), outbound: rulesOf(IpPermissionsEgress) },
    ),
    ...IpPermissions.filter(isOpen)
      .filter(({ FromPort, ToPort }) => FromPort !== ToPort || ![80, 443].includes(FromPort ?? 0))
      .map(({ FromPort, ToPort }) => `accepts ports ${FromPort} to ${ToPort} from everywhere`),
    ...(everything.length > 0 ? ['allows all outbound traffic'] : []),
  ];
}

/** Whether a rule accepts connections from every address. */
const isOpen = ({ IpRanges = [], Ipv6Ranges = [] }: IpPermission) =>
  IpRanges.some(({ CidrIp }) => CidrIp === '0.0.0.0/0') || Ipv6Ranges.some(({ CidrIpv6 }) => CidrIpv6 === '::/0');

const ruleText = (protocol: string | undefined, from: number | undefined, to: number | undefined, peer = '') =>
  `${protocol} ${protocol === '-1' ? '' : `${from}-${to} `}${peer}`;

const ruleOfTemplate = (rule: GroupRule) => ruleText(rule.IpProtocol, rule.FromPort, rule.ToPort, rule.CidrIp
  ?? rule.CidrIpv6 ?? rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId ?? rule.SourcePrefixListId
  ?? rule.DestinationPrefixListId);

/** The rules of a security group, one for each peer. */
const rulesOf = (permissions: IpPermission[]) => permissions.flatMap((each) => [
  ...(each.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
  ...(each.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
  ...(each.UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId),
  ...(each.PrefixListIds ?? []).map(({ PrefixListId }) => PrefixListId),
].map((peer) => ruleText(each.IpProtocol, each.FromPort, each.ToPort, peer))).sort();
