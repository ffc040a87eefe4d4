import { all, section, Statement } from './section';
import * as account from '../proof/account';
import * as alarms from '../proof/alarms';
import * as encryption from '../proof/encryption';
import * as entrance from '../proof/entrance';
import * as firewall from '../proof/firewall';
import * as monitoring from '../proof/monitoring';
import * as network from '../proof/network';
import * as registry from '../proof/registry';
import * as groups from '../proof/security-groups';
import * as services from '../proof/services';

const FIRST_ZONES = 'The stacks use the first three zones of the account, so that they deploy into every account and '
  + 'region. In us-east-1, these are a, b and c, unless the account cannot use one of them.';

/** The statements of the diagram about one zone. */
const zone = (letter: string, index: number): Statement[] => [
  { words: `AZ us-east-1${letter}`, replaced: FIRST_ZONES, shown: network.hasZone(index) },
  { words: `AZ us-east-1${letter}: Public Subnet .${index + 1}.0/24`, shown: network.hasSubnet('public', index) },
  { words: `AZ us-east-1${letter}: Public Subnet: NAT GW`, shown: network.hasGateway(index) },
  { words: `AZ us-east-1${letter}: NAT GW — Private App Subnet`, shown: network.leavesByItsZone('app', index) },
  { words: `AZ us-east-1${letter}: Private App Subnet .${index + 11}.0/24`, shown: network.hasSubnet('app', index) },
  { words: `AZ us-east-1${letter}: Private App Subnet: ECS Tasks`, shown: network.hasTasks(index) },
  { words: `AZ us-east-1${letter}: Private Data Subnet .${index + 21}.0/24`, shown: network.hasSubnet('data', index) },
];

export const DIAGRAM = section('High-Level Architecture', [
  { words: 'AWS us-east-1 Region', shown: network.oneRegion },
  { words: 'VPC (10.0.0.0/16)', shown: network.range },
  ...zone('a', 0),
  { words: 'AZ us-east-1a: Private Data Subnet: Aurora Writer', shown: network.auroraIsSpread },
  ...zone('b', 1),
  {
    words: 'AZ us-east-1b: Private Data Subnet (empty)',
    replaced:
      'The document promises automatic failover, which needs a second instance. The cluster has a reader, ' +
      'which usually takes over within a minute.',
    shown: all(network.auroraIsSpread, network.isForAurora(1)),
  },
  ...zone('c', 2),
  { words: 'AZ us-east-1c: Private Data Subnet (empty)', shown: all(network.auroraIsSpread, network.isForAurora(2)) },
  { words: 'Application Load Balancer (Internet-facing)', shown: all(network.overThreeZones, network.internetGateway) },
  { words: 'Application Load Balancer (Multi-AZ)', shown: network.overThreeZones },
  {
    words: 'omnirapeutic-production-alb-*.elb.amazonaws.com',
    replaced:
      'AWS generates a name for the load balancer, and no certificate can contain it. Users use ' +
      'app.omnirapeutic.com, whose record points to the load balancer.',
    shown: entrance.nameOfTheirOwn,
  },
  { words: 'Security & Monitoring: WAF', shown: firewall.onlyLegitimateTraffic },
  { words: 'Security & Monitoring: KMS', shown: encryption.everyKey },
  {
    words: 'Security & Monitoring: Secrets Manager',
    shown: all(
      encryption.passwordAtRest,
      encryption.apiKeysAtRest,
      encryption.secretsAreDecryptedByStarters,
      services.startersReadSecrets,
    ),
  },
  { words: 'Security & Monitoring: CloudWatch', shown: all(alarms.alarmsTellSomebody, services.logToCloudWatch) },
  { words: 'Security & Monitoring: CloudTrail', shown: account.everyCallIsRecorded },
  { words: 'Security & Monitoring: Config', shown: account.judgedByThePack },
  { words: 'Security & Monitoring: GuardDuty', shown: account.threatsAreFound },
  { words: 'Security & Monitoring: VPC Flow Logs', shown: monitoring.trafficIsRecorded },
  { words: 'Security & Monitoring: ECR', shown: all(registry.scanned, registry.nobodyHereMayPush) },
  { words: 'Internet → End Users', shown: all(groups.onlyTheLoadBalancerIsOpen, entrance.openToUsers) },
]);

export const LAYOUT = section('Network Architecture: VPC Layout', [
  { words: 'VPC: 10.0.0.0/16', shown: network.range },
  { words: 'Public Subnets (Internet Gateway attached)', shown: network.internetGateway },
  { words: '10.0.1.0/24 (us-east-1a) - NAT Gateway 1', shown: network.hasGateway(0) },
  { words: '10.0.2.0/24 (us-east-1b) - NAT Gateway 2', shown: network.hasGateway(1) },
  { words: '10.0.3.0/24 (us-east-1c) - NAT Gateway 3', shown: network.hasGateway(2) },
  { words: 'Private App Subnets (NAT Gateway for outbound)', shown: network.leavesByNat('app') },
  { words: '10.0.11.0/24 (us-east-1a) - ECS Tasks', shown: all(network.hasSubnet('app', 0), network.hasTasks(0)) },
  { words: '10.0.12.0/24 (us-east-1b) - ECS Tasks', shown: all(network.hasSubnet('app', 1), network.hasTasks(1)) },
  { words: '10.0.13.0/24 (us-east-1c) - ECS Tasks', shown: all(network.hasSubnet('app', 2), network.hasTasks(2)) },
  { words: 'Private Data Subnets (NAT Gateway for outbound)', shown: network.leavesByNat('data') },
  {
    words: '10.0.21.0/24 (us-east-1a) - Aurora Writer',
    shown: all(network.hasSubnet('data', 0), network.auroraIsSpread),
  },
  {
    words: '10.0.21.0/24 (us-east-1a) - Bastion',
    shown: all(network.hasSubnet('data', 0), network.bastionIsBesideAurora),
  },
  {
    words: '10.0.22.0/24 (us-east-1b) - Aurora Replica (future)',
    replaced:
      'From the first deployment: `EncryptedAuroraCluster` has one reader by default, because a cluster with ' +
      'one instance is unavailable for minutes when the instance fails.',
    shown: all(network.hasSubnet('data', 1), network.auroraIsSpread),
  },
  {
    words: '10.0.23.0/24 (us-east-1c) - Aurora Replica (future)',
    shown: all(network.hasSubnet('data', 2), network.isForAurora(2)),
  },
]);

export const ROUTES = section('Network Architecture: Route Tables', [
  {
    words: 'Public Subnet Route Table',
    replaced:
      'One route table for each subnet, with the same two routes: a change for one zone does not affect the ' +
      'others.',
    shown: all(network.oneTableEach, network.internetGateway),
  },
  { words: 'Public Subnet Route Table: 10.0.0.0/16 → local', shown: network.isLocal('public') },
  { words: 'Public Subnet Route Table: 0.0.0.0/0 → igw-xxxxx (Internet Gateway)', shown: network.internetGateway },
  { words: 'Private App Subnet Route Tables (one per AZ)', shown: network.oneTableEach },
  { words: 'Private App Subnet Route Tables: 10.0.0.0/16 → local', shown: network.isLocal('app') },
  {
    words: 'Private App Subnet Route Tables: 0.0.0.0/0 → nat-xxxxx (NAT Gateway in same AZ)',
    shown: network.leavesByNat('app'),
  },
  { words: 'Private Data Subnet Route Tables (one per AZ)', shown: network.oneTableEach },
  { words: 'Private Data Subnet Route Tables: 10.0.0.0/16 → local', shown: network.isLocal('data') },
  {
    words: 'Private Data Subnet Route Tables: 0.0.0.0/0 → nat-xxxxx (NAT Gateway in same AZ)',
    shown: network.leavesByNat('data'),
  },
]);

/** The parts "High-Level Architecture" and "Network Architecture". */
export const NETWORK = [...DIAGRAM, ...LAYOUT, ...ROUTES];
