import {
  add,
  addTo,
  at,
  container,
  development,
  edit,
  inFirstZone,
  inhabit,
  matching,
  Mutation,
  named,
  production,
  remove,
  set,
  statements,
} from './changes';
import * as type from '../proof/parts';
import { NETWORKING } from '../statements/overview';

/** Changes to the network, each with the row that it must fail. */
export const NETWORKING_CHANGES: Mutation[] = [
  production(NETWORKING, 'VPC: 10.0.0.0/16', 'another address range', set(type.VPC, { CidrBlock: '10.1.0.0/16' })),
  production(
    NETWORKING,
    'Public Subnets: 10.0.2.0/24',
    'another address range',
    set(type.SUBNET, { CidrBlock: '10.0.3.0/24' }, at('10.0.2.0/24')),
  ),
  production(
    NETWORKING,
    'Private Subnets: 10.0.11.0/24',
    'public IP addresses',
    set(type.SUBNET, { MapPublicIpOnLaunch: true }, at('10.0.11.0/24')),
  ),
  production(
    NETWORKING,
    'Public Subnets: 10.0.1.0/24',
    'a larger address range',
    set(type.SUBNET, { CidrBlock: '10.0.0.0/23' }, at('10.0.1.0/24')),
  ),
  production(
    NETWORKING,
    'Private Subnets: 10.0.12.0/24',
    'in the first zone',
    inFirstZone('10.0.12.0/24'),
  ),
  production(
    NETWORKING,
    'Database Subnets: 10.0.21.0/24',
    'in another VPC',
    set(type.SUBNET, { VpcId: 'vpc-1' }, at('10.0.21.0/24')),
  ),
  production(
    NETWORKING,
    'Database Subnets: 2 AZs',
    'both subnets in one zone',
    inFirstZone('10.0.22.0/24'),
  ),
  production(NETWORKING, 'Public Subnets: 2 AZs', 'a third subnet', add(type.SUBNET, { CidrBlock: '10.0.3.0/24' })),
  production(
    NETWORKING,
    'Public Subnets: Application Load Balancer',
    'the load balancer in private subnets',
    (template) => {
      const ids = ['10.0.11.0/24', '10.0.12.0/24'].map((range) => ({
        Ref: matching(template, type.SUBNET, at(range))[0][0],
      }));
      set(type.LOAD_BALANCER, { Subnets: ids })(template);
    },
  ),
  production(NETWORKING, 'Private Subnets: Outbound via NAT Gateway', 'a route to another zone', (template) => {
    const [[gateway]] = matching(template, type.NAT_GATEWAY, named('NetworkPublicSubnet1'));
    set('AWS::EC2::Route', { NatGatewayId: { Ref: gateway } }, named('NetworkPrivateSubnet2'))(template);
  }),
  production(
    NETWORKING,
    'Private Subnets: No direct internet access',
    'tasks with public IP addresses',
    edit(
      type.SERVICE,
      ({ NetworkConfiguration }) => (NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = 'ENABLED'),
    ),
  ),
  production(
    NETWORKING,
    'Private Subnets: No direct internet access',
    'a second route for IPv6',
    addTo('AWS::EC2::RouteTable', named('NetworkPrivateSubnet1'), (id) => [
      'AWS::EC2::Route',
      { RouteTableId: { Ref: id }, DestinationIpv6CidrBlock: '::/0', GatewayId: 'igw' },
    ]),
  ),
  production(
    NETWORKING,
    'Database Subnets: Completely isolated (no internet access)',
    'a route to the internet',
    addTo('AWS::EC2::RouteTable', named('NetworkDataSubnet1'), (id) => [
      'AWS::EC2::Route',
      { RouteTableId: { Ref: id }, DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw' },
    ]),
  ),
  production(NETWORKING, 'Database Subnets: RDS PostgreSQL', 'a function beside the database', inhabit('10.0.21.0/24')),
  production(
    NETWORKING,
    'Internet Gateway: Provides internet access to public subnets',
    'no attachment',
    remove('AWS::EC2::VPCGatewayAttachment'),
  ),
  production(
    NETWORKING,
    'NAT Gateways: Deployed in each public subnet (high availability)',
    'one gateway only',
    remove(type.NAT_GATEWAY, named('NetworkPublicSubnet2')),
  ),
  development(
    NETWORKING,
    'NAT Gateways: Deployed in each public subnet (high availability)',
    'another gateway in development',
    add(type.NAT_GATEWAY, { SubnetId: 'subnet-1' }),
  ),
  production(
    NETWORKING,
    'NAT Gateways: Allow private subnets to access internet for package updates',
    'a writable file system',
    container((app) => (app.ReadonlyRootFilesystem = false)),
  ),
  production(
    NETWORKING,
    'NAT Gateways: Allow private subnets to access AWS APIs',
    'no HTTPS for tasks',
    edit('AWS::EC2::SecurityGroup', ({ SecurityGroupEgress: [https] }) => (https.FromPort = 444), named('Api')),
  ),
  production(
    NETWORKING,
    'VPC Flow Logs: All network traffic logged',
    'rejected traffic only',
    set('AWS::EC2::FlowLog', { TrafficType: 'REJECT' }),
  ),
  production(
    NETWORKING,
    'VPC Flow Logs: to CloudWatch (HIPAA requirement)',
    'a role without write permission',
    statements((all) => (all[0].Action = ['logs:DescribeLogStreams']), named('NetworkFlowLogRolePolicy')),
  ),
  production(
    NETWORKING,
    'Public Subnets: NAT Gateways',
    'one gateway only',
    remove(type.NAT_GATEWAY, named('NetworkPublicSubnet1')),
  ),
  production(NETWORKING, 'Private Subnets: 2 AZs', 'both subnets in one zone', inFirstZone('10.0.12.0/24')),
  production(
    NETWORKING,
    'Private Subnets: ECS Fargate tasks',
    'no tasks in the second zone',
    edit(type.SERVICE, ({ NetworkConfiguration }) => NetworkConfiguration.AwsvpcConfiguration.Subnets.pop()),
  ),
  production(
    NETWORKING,
    'Database Subnets: 10.0.22.0/24',
    'another address range',
    set(type.SUBNET, { CidrBlock: '10.0.23.0/24' }, at('10.0.22.0/24')),
  ),
];
