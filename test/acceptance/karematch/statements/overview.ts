import { ALSO_USERS, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as network from '../proof/network';
import * as registry from '../proof/registry';
import * as secrets from '../proof/secrets';
import * as service from '../proof/service';
import * as site from '../proof/site';
import { either, everywhere, inProduction, System } from '../proof/system';
import * as whole from '../proof/whole';

const DEVELOPMENT_HAS_NO_TLS = 'Production does this. Development has no domain name and therefore no certificate, '
  + 'and its load balancer forwards HTTP, as section 4 of the document states.';
const BILLING = 'A template does not show how AWS bills.';

export const OVERVIEW: Fact<System>[] = [
  ...section('Architecture Overview', [
    { words: 'serverless-first architecture', shown: everywhere(service.noInstances) },
    {
      words: 'High Availability: Multi-AZ deployment',
      shown: inProduction(database.standby, network.gatewayInEachZone),
    },
    {
      words: 'High Availability: across 2 availability zones',
      shown: everywhere(network.everyTierInTwoZones, entrance.overTwoZones),
    },
    {
      words: 'Scalability: Auto-scaling ECS Fargate tasks based on load',
      shown: everywhere(service.onFargate, service.scalesByLoad),
    },
    {
      words: 'Security: HIPAA-compliant',
      notInfrastructure:
        'An organization complies, with its policies, training and contracts. A template cannot. ' +
        'The rule packs evaluate what a template shows: `npx projen examples` runs them.',
    },
    { words: 'Security: encryption at rest', shown: everywhere(whole.encryptedAtRest) },
    {
      words: 'Security: encryption in transit',
      replaced: DEVELOPMENT_HAS_NO_TLS,
      shown: inProduction(whole.encryptedInTransit),
    },
    {
      words: 'Cost Efficiency: Pay-per-use pricing with Fargate',
      replaced: `${BILLING} The template shows that the number of tasks follows the load.`,
      shown: everywhere(service.onFargate, service.scalesByLoad),
    },
    {
      words: 'Cost Efficiency: Pay-per-use pricing with CloudFront',
      replaced: `${BILLING} The template shows that the site uses the cheapest price class.`,
      shown: everywhere(site.cheapestEdges),
    },
  ]),

  ...section('Diagram, boxes', [
    { words: 'Internet', notInfrastructure: 'The internet is outside AWS. Its arrows show how requests arrive.' },
    { words: 'CloudFront (CDN)', shown: everywhere(site.originIsTheBucket) },
    {
      words: 'ALB (HTTPS)',
      shown: either((main) => {
        entrance.applicationLoadBalancer(main);
        entrance.listensOnHttps(main);
      }, entrance.httpForwards),
    },
    { words: 'S3 Frontend', shown: everywhere(site.holdsTheFrontEnd) },
    { words: 'VPC 10.0.0.0/16', shown: everywhere(network.range) },
    { words: 'Public Subnets (ALB only)', shown: everywhere(network.publicSubnetsAreForTheEntrance) },
    { words: 'Public Subnets 10.0.1/24', shown: everywhere(network.hasSubnet('public', 0)) },
    { words: 'Public Subnets 10.0.2/24', shown: everywhere(network.hasSubnet('public', 1)) },
    {
      words: 'Private Subnets (ECS Tasks)',
      replaced: ALSO_USERS,
      shown: everywhere(network.privateSubnetsAreForTasks),
    },
    { words: 'Private Subnets 10.0.11/24', shown: everywhere(network.hasSubnet('private', 0)) },
    { words: 'Private Subnets 10.0.12/24', shown: everywhere(network.hasSubnet('private', 1)) },
    { words: 'ECS Fargate', shown: everywhere(service.onFargate) },
    { words: 'Database Subnets (RDS Only)', shown: everywhere(network.databaseSubnetsAreForTheDatabase) },
    { words: 'Database Subnets 10.0.21/24', shown: everywhere(network.hasSubnet('database', 0)) },
    { words: 'Database Subnets 10.0.22/24', shown: everywhere(network.hasSubnet('database', 1)) },
    { words: 'RDS Postgres', shown: everywhere(database.postgres) },
    { words: 'NAT GW', shown: either(network.gatewayInEachZone, network.oneGateway) },
    { words: 'Internet Gateway', shown: everywhere(network.internetGateway) },
    { words: 'AWS Services (ECR)', shown: everywhere(registry.runsTheImageOfTheRepository) },
    { words: 'AWS Services (Secrets)', shown: everywhere(secrets.oneSecretForEachPurpose) },
    { words: 'Secrets Manager (DB Credentials)', shown: everywhere(secrets.databaseOwner) },
  ]),

  ...section('Diagram, arrows', [
    { words: 'Internet → CloudFront', shown: either(site.customDomain, site.originIsTheBucket) },
    {
      words: 'Internet → ALB',
      shown: either(entrance.internetComesInOverHttps, network.entranceGroup(80)),
    },
    { words: 'CloudFront → S3 Frontend', shown: everywhere(site.originIsTheBucket, site.readByCloudFrontAlone) },
    {
      words: 'ALB → VPC',
      shown: everywhere(network.publicSubnetsAreForTheEntrance, network.tasksGroup, entrance.balancesOverHealthyTasks),
    },
    { words: 'Private Subnets → Public Subnets', shown: either(network.gatewayInEachZone, network.oneGateway) },
    { words: 'Public Subnets → NAT GW', shown: either(network.gatewayInEachZone, network.oneGateway) },
    {
      words: 'ECS Fargate → NAT GW, Internet Gateway',
      shown: everywhere(network.tasksReachHttps, network.internetGateway),
    },
    {
      words: 'NAT GW → AWS Services (ECR, Secrets)',
      shown: everywhere(network.tasksReachHttps, registry.tasksMayPull, secrets.readByWhoStartsTheTasks),
    },
    {
      words: 'RDS Postgres → Secrets Manager (DB Credentials)',
      shown: either((main) => {
        secrets.databaseOwner(main);
        secrets.rotatedByRds(main);
      }, secrets.rotatedByRdsWeekly),
    },
  ]),
];

export const NETWORKING: Fact<System>[] = section('1. Networking (VPC)', [
  { words: 'VPC: 10.0.0.0/16', shown: everywhere(network.range) },
  { words: 'Public Subnets: 10.0.1.0/24', shown: everywhere(network.hasSubnet('public', 0)) },
  { words: 'Public Subnets: 10.0.2.0/24', shown: everywhere(network.hasSubnet('public', 1)) },
  { words: 'Public Subnets: 2 AZs', shown: everywhere(network.inTwoZones('public')) },
  { words: 'Public Subnets: Application Load Balancer', shown: everywhere(network.publicSubnetsAreForTheEntrance) },
  { words: 'Public Subnets: NAT Gateways', shown: either(network.gatewayInEachZone, network.oneGateway) },
  { words: 'Private Subnets: 10.0.11.0/24', shown: everywhere(network.hasSubnet('private', 0)) },
  { words: 'Private Subnets: 10.0.12.0/24', shown: everywhere(network.hasSubnet('private', 1)) },
  { words: 'Private Subnets: 2 AZs', shown: everywhere(network.inTwoZones('private')) },
  {
    words: 'Private Subnets: ECS Fargate tasks',
    replaced: ALSO_USERS,
    shown: everywhere(network.privateSubnetsAreForTasks, service.onFargate),
  },
  { words: 'Private Subnets: No direct internet access', shown: everywhere(network.noDirectInternet) },
  { words: 'Private Subnets: Outbound via NAT Gateway', shown: either(network.gatewayInEachZone, network.oneGateway) },
  { words: 'Database Subnets: 10.0.21.0/24', shown: everywhere(network.hasSubnet('database', 0)) },
  { words: 'Database Subnets: 10.0.22.0/24', shown: everywhere(network.hasSubnet('database', 1)) },
  { words: 'Database Subnets: 2 AZs', shown: everywhere(network.inTwoZones('database')) },
  {
    words: 'Database Subnets: RDS PostgreSQL',
    shown: everywhere(network.databaseSubnetsAreForTheDatabase, database.postgres),
  },
  {
    words: 'Database Subnets: Completely isolated (no internet access)',
    shown: everywhere(network.databaseIsIsolated),
  },
  { words: 'Internet Gateway: Provides internet access to public subnets', shown: everywhere(network.internetGateway) },
  {
    words: 'NAT Gateways: Allow private subnets to access internet for package updates',
    replaced:
      'A new image contains the packages: a task has a read-only file system and cannot change it, so the ' +
      'task runs the image that was scanned. Outbound HTTPS is allowed.',
    shown: everywhere(network.tasksCannotUpdateThemselves),
  },
  { words: 'NAT Gateways: Allow private subnets to access AWS APIs', shown: everywhere(network.tasksReachHttps) },
  {
    words: 'NAT Gateways: Deployed in each public subnet (high availability)',
    replaced:
      'Production does this. Development has one NAT gateway, and environments.ts states the reason: it may ' +
      'lose outbound traffic with one zone.',
    shown: either(network.gatewayInEachZone, network.oneGateway),
  },
  { words: 'VPC Flow Logs: All network traffic logged', shown: everywhere(network.flowLogsOfEverything) },
  { words: 'VPC Flow Logs: to CloudWatch (HIPAA requirement)', shown: everywhere(network.flowLogsOfEverything) },
]);
