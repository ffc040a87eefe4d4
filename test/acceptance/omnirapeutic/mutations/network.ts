import {
  about,
  add,
  addTo,
  at,
  breaking,
  edit,
  grant,
  inhabit,
  matching,
  Mutation,
  named,
  open,
  Properties,
  remove,
  set,
} from '../../../support/template/mutations';
import {
  ALARM,
  FLOW_LOG,
  INTERNET_GATEWAY,
  KEY,
  LOAD_BALANCER,
  NAT_GATEWAY,
  REPOSITORY,
  ROUTE,
  SERVICE,
  SUBNET,
  SUBNET_GROUP,
  TASK,
  VPC,
} from '../../../support/template/types';
import { AURORA, AURORA_INSTANCE, BASTION } from '../proof/parts';
import { DIAGRAM, LAYOUT, ROUTES } from '../statements/network';

const ASSOCIATION = 'AWS::EC2::SubnetRouteTableAssociation';
const ROUTE_TABLE = 'AWS::EC2::RouteTable';
const ATTACHMENT = 'AWS::EC2::VPCGatewayAttachment';

const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
/** Selects the network resources of a subnet. */
const of = (tier: 'Public' | 'Private' | 'Data', index: number) => named(`NetworkNetwork${tier}Subnet${index + 1}`);
const tasks = (change: (place: Properties) => void) =>
  edit(
    SERVICE,
    ({ NetworkConfiguration }) => change(NetworkConfiguration.AwsvpcConfiguration),
    named('ApplicationWeb'),
  );
/** Adds a route to the route table of a subnet. */
const route = (tier: 'Public' | 'Private' | 'Data', index: number, target: Properties) =>
  addTo(ROUTE_TABLE, of(tier, index), (id) => [ROUTE, { RouteTableId: { Ref: id }, ...target }]);
/** Routes a subnet to the NAT gateway of another zone. */
const acrossZones = (tier: 'Private' | 'Data', index: number): Mutation['change'] => (template) => {
  const [[gateway]] = matching(template, NAT_GATEWAY, of('Public', (index + 1) % 3));
  set(ROUTE, { NatGatewayId: { Ref: gateway } }, of(tier, index))(template);
};
/** Gives a subnet the route table of the next zone. */
const sharedTable = (tier: 'Public' | 'Private' | 'Data'): Mutation['change'] => (template) => {
  const [[table]] = matching(template, ROUTE_TABLE, of(tier, 1));
  set(ASSOCIATION, { RouteTableId: { Ref: table } }, of(tier, 0))(template);
};
const movedReader = (index: number) => set(AURORA_INSTANCE, { AvailabilityZone: zone(index) }, about('Instance2'));

const diagram = breaking(DIAGRAM);
const zoneMutations = ['a', 'b', 'c'].flatMap((letter, index): Mutation[] => {
  const within = (words: string) => `AZ us-east-1${letter}${words}`;
  return [
    diagram(
      within(''),
      'an additional subnet',
      add(SUBNET, { CidrBlock: `10.0.${index + 31}.0/24`, AvailabilityZone: zone(index) }),
    ),
    diagram(
      within(''),
      'the zone of the next subnet',
      set(SUBNET, { AvailabilityZone: zone((index + 1) % 3) }, of('Private', index)),
    ),
    diagram(
      within(`: Public Subnet .${index + 1}.0/24`),
      'public IP addresses',
      set(SUBNET, { MapPublicIpOnLaunch: true }, of('Public', index)),
    ),
    diagram(within(': Public Subnet: NAT GW'), 'no gateway', remove(NAT_GATEWAY, of('Public', index))),
    diagram(within(': Public Subnet: NAT GW'), 'another resource in the subnet', inhabit(`10.0.${index + 1}.0/24`)),
    diagram(within(': NAT GW — Private App Subnet'), 'the gateway of another zone', acrossZones('Private', index)),
    diagram(
      within(`: Private App Subnet .${index + 11}.0/24`),
      'another address range',
      set(SUBNET, { CidrBlock: '10.0.99.0/24' }, of('Private', index)),
    ),
    diagram(
      within(': Private App Subnet: ECS Tasks'),
      'no tasks in the zone',
      tasks((place) => place.Subnets.splice(index, 1)),
    ),
    diagram(
      within(': Private App Subnet: ECS Tasks'),
      'another resource in the subnet',
      inhabit(`10.0.${index + 11}.0/24`),
    ),
    diagram(
      within(`: Private Data Subnet .${index + 21}.0/24`),
      'in another VPC',
      set(SUBNET, { VpcId: 'vpc-1' }, of('Data', index)),
    ),
  ];
});

const DIAGRAMS: Mutation[] = [
  diagram(
    'AWS us-east-1 Region',
    'logs in another region',
    edit(
      TASK,
      ({ ContainerDefinitions: [{ LogConfiguration }] }) => (LogConfiguration.Options['awslogs-region'] = 'eu-west-1'),
    ),
  ),
  diagram('VPC (10.0.0.0/16)', 'another address range', set(VPC, { CidrBlock: '10.1.0.0/16' })),
  diagram('VPC (10.0.0.0/16)', 'a second address range', add('AWS::EC2::VPCCidrBlock', {})),
  ...zoneMutations,
  diagram(
    'AZ us-east-1a: Private Data Subnet: Aurora Writer',
    'in the second zone',
    set(AURORA_INSTANCE, { AvailabilityZone: zone(1) }, about('Instance1')),
  ),
  diagram('AZ us-east-1a: Private Data Subnet: Aurora Writer', 'created after the reader', (template) => {
    const [[[first, writer]], [[second, reader]]] = ['Instance1', 'Instance2'].map((part) =>
      matching(template, AURORA_INSTANCE, about(part)),
    );
    Object.assign(writer, { DependsOn: [second] });
    Object.assign(reader, { DependsOn: ['Something'] });
    expect(first).not.toBe(second);
  }),
  diagram(
    'AZ us-east-1a: Private Data Subnet: Aurora Writer',
    'a public IP address',
    set(AURORA_INSTANCE, { PubliclyAccessible: true }, about('Instance1')),
  ),
  diagram('AZ us-east-1b: Private Data Subnet (empty)', 'no reader', remove(AURORA_INSTANCE, about('Instance2'))),
  diagram('AZ us-east-1b: Private Data Subnet (empty)', 'another resource in the subnet', inhabit('10.0.22.0/24')),
  diagram('AZ us-east-1c: Private Data Subnet (empty)', 'the reader in this zone', movedReader(2)),
  diagram(
    'AZ us-east-1c: Private Data Subnet (empty)',
    'a third instance',
    addTo(
      AURORA,
      () => true,
      (id) => [AURORA_INSTANCE, { DBClusterIdentifier: { Ref: id } }],
    ),
  ),
  diagram(
    'Application Load Balancer (Internet-facing)',
    'an internal load balancer',
    set(LOAD_BALANCER, { Scheme: 'internal' }),
  ),
  diagram('Application Load Balancer (Internet-facing)', 'no internet gateway', remove(ATTACHMENT)),
  diagram(
    'Application Load Balancer (Multi-AZ)',
    'in two zones',
    edit(LOAD_BALANCER, ({ Subnets }) => Subnets.pop()),
  ),
  diagram(
    'omnirapeutic-production-alb-*.elb.amazonaws.com',
    'a fixed name',
    set(LOAD_BALANCER, { Name: 'omnirapeutic-production-alb' }),
  ),
  diagram(
    'omnirapeutic-production-alb-*.elb.amazonaws.com',
    'a certificate for another domain',
    set('AWS::CertificateManager::Certificate', { DomainName: 'example.com' }),
  ),
  diagram('Security & Monitoring: WAF', 'no association', remove('AWS::WAFv2::WebACLAssociation')),
  diagram('Security & Monitoring: KMS', 'an additional key', add(KEY, { EnableKeyRotation: true })),
  diagram(
    'Security & Monitoring: KMS',
    'a log without a key',
    edit('AWS::Logs::LogGroup', (group) => delete group.KmsKeyId, named('NetworkNetworkFlowLog')),
  ),
  diagram(
    'Security & Monitoring: Secrets Manager',
    'an additional reader',
    grant('ApplicationWebExecutionRole', 'secretsmanager:GetSecretValue', '*'),
  ),
  diagram(
    'Security & Monitoring: Secrets Manager',
    'a password in the template',
    set(AURORA, { ManageMasterUserPassword: false, MasterUserPassword: 'x' }),
  ),
  diagram(
    'Security & Monitoring: CloudWatch',
    'no notification',
    set(ALARM, { ActionsEnabled: false }, about('EntranceBlockedSurge')),
  ),
  diagram(
    'Security & Monitoring: CloudTrail',
    'one region only',
    set('AWS::CloudTrail::Trail', { IsMultiRegionTrail: false }),
  ),
  diagram(
    'Security & Monitoring: Config',
    'recorded once a day',
    set('Custom::ConfigRecorder', { Frequency: 'DAILY' }),
  ),
  diagram(
    'Security & Monitoring: GuardDuty',
    'no detection for S3 data events',
    remove('Custom::GuardDutyFeature', about('S3DATAEVENTS')),
  ),
  diagram('Security & Monitoring: VPC Flow Logs', 'rejected traffic only', set(FLOW_LOG, { TrafficType: 'REJECT' })),
  diagram(
    'Security & Monitoring: ECR',
    'no scan on push',
    set(REPOSITORY, { ImageScanningConfiguration: { ScanOnPush: false } }, named('ImagesWeb')),
  ),
  diagram(
    'Security & Monitoring: ECR',
    'a permission to push for a task',
    grant('ApplicationApiTaskRole', 'ecr:PutImage', '*'),
  ),
  diagram('Internet → End Users', 'access to the worker', open('ApplicationWorkerSecurityGroup', 443, '0.0.0.0/0')),
];

const layout = breaking(LAYOUT);
const LAYOUTS: Mutation[] = [
  layout('VPC: 10.0.0.0/16', 'a peering connection to another VPC', add('AWS::EC2::VPCPeeringConnection', {})),
  layout('VPC: 10.0.0.0/16', 'an additional endpoint', add('AWS::EC2::VPCEndpoint', {})),
  layout('VPC: 10.0.0.0/16', 'a second VPC', add(VPC, { CidrBlock: '10.0.0.0/16' })),
  layout('Public Subnets (Internet Gateway attached)', 'a second gateway', add(INTERNET_GATEWAY, {})),
  layout('Public Subnets (Internet Gateway attached)', 'a route for a data subnet', (template) => {
    const [[gateway]] = matching(template, INTERNET_GATEWAY);
    route('Data', 0, { DestinationCidrBlock: '1.2.3.0/24', GatewayId: { Ref: gateway } })(template);
  }),
  ...['a', 'b', 'c'].map((letter, index) =>
    layout(
      `10.0.${index + 1}.0/24 (us-east-1${letter}) - NAT Gateway ${index + 1}`,
      'a gateway more',
      add(NAT_GATEWAY, {}),
    ),
  ),
  layout(
    'Private App Subnets (NAT Gateway for outbound)',
    'a private NAT gateway',
    set(NAT_GATEWAY, { ConnectivityType: 'private' }, of('Public', 2)),
  ),
  layout(
    'Private App Subnets (NAT Gateway for outbound)',
    'an additional route for IPv6',
    route('Private', 1, { DestinationIpv6CidrBlock: '::/0', GatewayId: 'igw-1' }),
  ),
  ...['a', 'b', 'c'].map((letter, index) =>
    layout(
      `10.0.${index + 11}.0/24 (us-east-1${letter}) - ECS Tasks`,
      'with public addresses',
      tasks((place) => (place.AssignPublicIp = 'ENABLED')),
    ),
  ),
  layout('Private Data Subnets (NAT Gateway for outbound)', 'no route', remove(ROUTE, of('Data', 2))),
  layout(
    '10.0.21.0/24 (us-east-1a) - Aurora Writer',
    'a subnet that is not in the subnet group',
    edit(SUBNET_GROUP, ({ SubnetIds }) => SubnetIds.shift()),
  ),
  layout('10.0.21.0/24 (us-east-1a) - Bastion', 'in another subnet', (template) => {
    const [[id]] = matching(template, SUBNET, at('10.0.1.0/24'));
    edit(BASTION, ({ NetworkInterfaces: [card] }) => (card.SubnetId = { Ref: id }))(template);
  }),
  layout(
    '10.0.21.0/24 (us-east-1a) - Bastion',
    'a public IP address',
    edit(BASTION, ({ NetworkInterfaces: [card] }) => (card.AssociatePublicIpAddress = true)),
  ),
  layout('10.0.21.0/24 (us-east-1a) - Bastion', 'a second instance', add(BASTION, {})),
  layout('10.0.22.0/24 (us-east-1b) - Aurora Replica (future)', 'the reader in the zone of the writer', movedReader(0)),
  layout(
    '10.0.23.0/24 (us-east-1c) - Aurora Replica (future)',
    'a subnet that is not in the subnet group',
    edit(SUBNET_GROUP, ({ SubnetIds }) => SubnetIds.pop()),
  ),
];

const table = breaking(ROUTES);
const IGW = 'Public Subnet Route Table: 0.0.0.0/0 → igw-xxxxx (Internet Gateway)';
const TABLES: Mutation[] = [
  table('Public Subnet Route Table', 'one table for two subnets', sharedTable('Public')),
  table(
    'Public Subnet Route Table: 10.0.0.0/16 → local',
    'an additional route',
    route('Public', 1, { DestinationCidrBlock: '10.0.21.0/24', NetworkInterfaceId: 'eni-1' }),
  ),
  table(
    'Public Subnet Route Table: 10.0.0.0/16 → local',
    'another address range of the VPC',
    set(VPC, { CidrBlock: '10.0.0.0/17' }),
  ),
  table(IGW, 'another gateway', set(ROUTE, { GatewayId: 'vgw-1' }, of('Public', 0))),
  table(IGW, 'not everything', set(ROUTE, { DestinationCidrBlock: '0.0.0.0/1' }, of('Public', 2))),
  table('Private App Subnet Route Tables (one per AZ)', 'one table for two subnets', sharedTable('Private')),
  table('Private App Subnet Route Tables (one per AZ)', 'an additional table', add(ROUTE_TABLE, {})),
  table(
    'Private App Subnet Route Tables: 10.0.0.0/16 → local',
    'a table without a default route',
    remove(ROUTE, of('Private', 0)),
  ),
  table(
    'Private App Subnet Route Tables: 10.0.0.0/16 → local',
    'a route to another network',
    route('Private', 0, { DestinationCidrBlock: '10.1.0.0/16', TransitGatewayId: 'tgw-1' }),
  ),
  table(
    'Private App Subnet Route Tables: 0.0.0.0/0 → nat-xxxxx (NAT Gateway in same AZ)',
    'the gateway of another zone',
    acrossZones('Private', 2),
  ),
  table('Private Data Subnet Route Tables (one per AZ)', 'one table for two subnets', sharedTable('Data')),
  table(
    'Private Data Subnet Route Tables (one per AZ)',
    'a subnet without a route table',
    remove(ASSOCIATION, of('Data', 1)),
  ),
  table(
    'Private Data Subnet Route Tables: 10.0.0.0/16 → local',
    'through the internet gateway',
    edit(
      ROUTE,
      (given) => {
        delete given.NatGatewayId;
        given.GatewayId = 'igw-1';
      },
      of('Data', 0),
    ),
  ),
  table(
    'Private Data Subnet Route Tables: 0.0.0.0/0 → nat-xxxxx (NAT Gateway in same AZ)',
    'the gateway of another zone',
    acrossZones('Data', 0),
  ),
];

/** Changes to the parts "High-Level Architecture" and "Network Architecture", each with the row that it must fail. */
export const NETWORK: Mutation[] = [...DIAGRAMS, ...LAYOUTS, ...TABLES];
