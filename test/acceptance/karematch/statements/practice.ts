import { ALSO_USERS, OWN_KEYS, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as database from '../proof/database';
import * as entrance from '../proof/entrance';
import * as monitoring from '../proof/monitoring';
import * as network from '../proof/network';
import * as recovery from '../proof/recovery';
import * as registry from '../proof/registry';
import * as roles from '../proof/roles';
import * as secrets from '../proof/secrets';
import * as service from '../proof/service';
import * as site from '../proof/site';
import { either, everywhere, inProduction, System } from '../proof/system';
import * as whole from '../proof/whole';

const TRAIL = 'One trail covers an account or an organization. This app can share its account, so it creates none. '
  + 'ComplianceGuardrails creates the trail, in a stack of the account that outlives every app.';
const PRICE = 'AWS sets the price, and no template shows it.';
const NO_TERRAFORM = 'An AWS CDK app has no state file: CloudFormation keeps the deployed state.';
const DEVELOPMENT_IN_THE_CLEAR = 'Production does this. In development, the load balancer forwards HTTP, as section '
  + '4 of the document states.';
const ONE_PROP = 'There are no Terraform variables. One prop in karematch-stack.ts sets it.';

export const SECURITY: Fact<System>[] = section('Security Architecture', [
  {
    words: 'Security Groups: ALB SG: Allow 80, 443 from internet',
    shown: either(network.entranceGroup(80, 443), network.entranceGroup(80)),
  },
  { words: 'Security Groups: ECS SG: Allow 5000 from ALB only', shown: everywhere(network.tasksGroup) },
  {
    words: 'Security Groups: RDS SG: Allow 5432 from ECS only',
    replaced: ALSO_USERS,
    shown: everywhere(network.databaseGroupRules),
  },
  { words: 'Network ACLs: Default (allow all)', shown: everywhere(network.defaultNetworkAcls) },
  { words: 'Private Subnets: ECS has no direct internet access', shown: everywhere(network.noDirectInternet) },
  { words: 'Private Subnets: RDS has no direct internet access', shown: everywhere(network.databaseIsIsolated) },
  {
    words: 'VPC Flow Logs: All network traffic logged for audit',
    shown: everywhere(network.flowLogsOfEverything, monitoring.flowLogForSixYears),
  },
  { words: 'Encryption at Rest: RDS: AES-256 encryption', replaced: OWN_KEYS, shown: everywhere(database.encrypted) },
  {
    words: 'Encryption at Rest: S3: AES-256 server-side encryption',
    replaced: `${OWN_KEYS} Access logs use the AES-256 keys of S3, because load balancers, CloudFront and S3 can `
      + 'deliver them only to such buckets.',
    shown: everywhere(whole.bucketsAreEncrypted),
  },
  { words: 'Encryption at Rest: ECR: AES-256 encryption', replaced: OWN_KEYS, shown: everywhere(registry.encrypted) },
  { words: 'Encryption at Rest: Secrets Manager: AWS KMS encryption', shown: everywhere(secrets.encrypted) },
  {
    words: 'Encryption in Transit: ALB → Internet: HTTPS (TLS 1.2+)',
    replaced: DEVELOPMENT_IN_THE_CLEAR,
    shown: inProduction(entrance.internetComesInOverHttps),
  },
  { words: 'Encryption in Transit: ECS → RDS: SSL/TLS (enforced)', shown: everywhere(database.tlsOnly) },
  { words: 'Encryption in Transit: CloudFront → Browser: HTTPS', shown: everywhere(site.httpsRequired) },
  { words: 'Secrets Management: No secrets in code', shown: everywhere(secrets.noSecretInTheCode) },
  { words: 'Secrets Management: No secrets in environment variables', shown: everywhere(secrets.noSecretInVariables) },
  { words: 'Secrets Management: All secrets in AWS Secrets Manager', shown: everywhere(secrets.handsInSecrets) },
  {
    words: 'Secrets Management: Rotation supported',
    shown: everywhere(secrets.rotatedByAFunction, secrets.serviceFollowsRotations),
  },
  { words: 'IAM Roles: Least privilege access', shown: everywhere(roles.leastPrivilege) },
  {
    words: 'No Public Access: RDS and ECS in private subnets',
    replaced: ALSO_USERS,
    shown: everywhere(
      network.privateSubnetsAreForTasks,
      network.databaseSubnetsAreForTheDatabase,
      database.onlyFromPrivateSubnets,
    ),
  },
  {
    words: 'MFA: Recommended for AWS console access',
    notInfrastructure: 'A setting of the identity provider or of ' + 'IAM Identity Center. The app creates no users.',
  },
  { words: 'CloudTrail: (Optional) API call audit logging', notInfrastructure: TRAIL },
]);

export const AVAILABILITY: Fact<System>[] = section('High Availability & Disaster Recovery', [
  { words: 'Multi-AZ Deployment: Public subnets: 2 AZs', shown: everywhere(network.inTwoZones('public')) },
  { words: 'Multi-AZ Deployment: Private subnets: 2 AZs', shown: everywhere(network.inTwoZones('private')) },
  { words: 'Multi-AZ Deployment: Database subnets: 2 AZs', shown: everywhere(network.inTwoZones('database')) },
  {
    words: 'Multi-AZ Deployment: RDS: Multi-AZ with automatic failover',
    shown: either(database.standby, database.noStandby),
  },
  { words: 'Multi-AZ Deployment: ALB: Distributed across 2 AZs', shown: everywhere(entrance.overTwoZones) },
  { words: 'Auto Scaling: ECS tasks scale based on CPU/memory', shown: everywhere(service.scalesByLoad) },
  { words: 'Auto Scaling: Min: 1, Max: 4 tasks', shown: everywhere(service.scales(1, 4)) },
  {
    words: 'Load Balancing: ALB distributes traffic across healthy tasks',
    shown: everywhere(entrance.balancesOverHealthyTasks),
  },
  {
    words: 'Load Balancing: Health checks remove unhealthy tasks',
    shown: everywhere(entrance.unhealthyTasksAreReplaced),
  },
  {
    words: 'RDS Backups: Automated daily backups (7-day retention)',
    shown: everywhere(database.backedUpForAWeek, database.backupWindow),
  },
  {
    words: 'RDS Backups: Manual snapshots on demand',
    notInfrastructure:
      'A person creates them: `aws rds create-db-snapshot`, or an on-demand backup into the vault. ' +
      'They have the encryption of the database.',
  },
  { words: 'RDS Backups: Point-in-time recovery', shown: inProduction(recovery.anySecondOfAWeek) },
  { words: 'S3 Versioning: Previous versions retained for 90 days', shown: everywhere(site.oldVersionsGoAfter90Days) },
  { words: 'S3 Versioning: Accidental deletions can be recovered', shown: everywhere(site.deletionsCanBeTakenBack) },
  {
    words: 'Infrastructure as Code: Terraform state backed up',
    replaced: NO_TERRAFORM,
    shown: everywhere(secrets.nothingIsHandedIn),
  },
  {
    words: 'Infrastructure as Code: Entire infrastructure can be recreated',
    shown: everywhere(recovery.canBeMadeAgain),
  },
  {
    words: 'RTO (Recovery Time Objective): < 1 hour',
    replaced:
      'A template shows the settings for the restore and that a restore finds what it needs. A rehearsal ' +
      'shows that it takes less than an hour: docs/recovery-objectives.md.',
    shown: inProduction(recovery.backWithinTheHour, recovery.keepsTheData),
  },
  {
    words: 'RPO (Recovery Point Objective): < 24 hours (daily backups)',
    shown: inProduction(recovery.losesLessThanADay),
  },
]);

export const COST: Fact<System>[] = section('Cost Breakdown', [
  {
    words: 'See AWS-DEPLOYMENT.md for detailed cost estimates',
    notInfrastructure:
      'Another document. README.md and ' +
      'OPERATIONS.md have cost tables of both environments. A test compares them with the templates.',
  },
  {
    words: 'NAT Gateway (~$35/month)',
    replaced: `${PRICE} The template shows the quantity: two in production, one in development.`,
    shown: either(network.gatewayInEachZone, network.oneGateway),
  },
  {
    words: 'NAT Gateway - Consider VPC endpoints',
    notInfrastructure:
      'Considered: interface endpoints for all services that tasks call, in two zones, cost more ' +
      'than the gateways. docs/hipaa-vpc.md states the prices. NatStrategy.none() uses no gateways.',
  },
  {
    words: 'ECS Fargate (~$25-50/month)',
    replaced: `${PRICE} The template shows the quantity: the size of a task.`,
    shown: everywhere(service.halfAProcessor, service.oneGigabyte),
  },
  { words: 'ECS Fargate - Scales with usage', shown: everywhere(service.scalesByLoad) },
  {
    words: 'RDS (~$15-60/month)',
    replaced: `${PRICE} The template shows the quantity: production has two instances.`,
    shown: either(database.standby, database.noStandby),
  },
  { words: 'RDS - Depends on instance size', shown: everywhere(database.micro, database.storage) },
  {
    words: 'ALB (~$20/month) - Fixed cost',
    replaced: `${PRICE} The template shows the quantity: one load balancer.`,
    shown: everywhere(entrance.applicationLoadBalancer),
  },
]);

export const COMPLIANCE: Fact<System>[] = section('Compliance', [
  {
    words: 'KareMatch architecture is designed to be HIPAA-compliant',
    notInfrastructure: 'A goal. The statements below are its parts; the parts that people must do are marked.',
  },
  {
    words: '✅ Encryption at Rest: All data stores encrypted (RDS, S3, ECR)',
    shown: everywhere(whole.encryptedAtRest),
  },
  {
    words: '✅ Encryption in Transit: TLS 1.2+ for all connections',
    replaced: DEVELOPMENT_IN_THE_CLEAR,
    shown: inProduction(whole.encryptedInTransit),
  },
  { words: '✅ Access Logging: VPC Flow Logs', shown: everywhere(network.flowLogsOfEverything) },
  { words: '✅ Access Logging: CloudTrail (optional)', notInfrastructure: TRAIL },
  { words: '✅ Audit Logging: Database connection logs', shown: everywhere(database.connectionsAreLogged) },
  { words: '✅ Access Control: Least privilege IAM roles', shown: everywhere(roles.leastPrivilege) },
  {
    words: '✅ Network Isolation: Private subnets for sensitive resources',
    shown: everywhere(database.onlyFromPrivateSubnets, network.privateSubnetsAreForTasks),
  },
  { words: '✅ Automated Backups: 7-day retention', shown: everywhere(database.backedUpForAWeek) },
  { words: '✅ Secrets Management: No hardcoded credentials', shown: everywhere(secrets.noSecretInTheCode) },
  {
    words: 'Required Additional Steps: Sign AWS Business Associate Agreement (BAA)',
    notInfrastructure:
      'A contract. Accept it once for an account or an organization in AWS Artifact, before the ' +
      'first PHI arrives.',
  },
  { words: 'Required Additional Steps: Enable AWS CloudTrail for API audit logging', notInfrastructure: TRAIL },
  {
    words: 'Required Additional Steps: Implement log retention for 6 years',
    replaced:
      'Audit logs are kept for six years: network, database, firewalls, requests, and the log of the API, which ' +
      'contains the failed logins. The output of the migrations and of functions is kept for a year.',
    shown: everywhere(monitoring.logsAreKept),
  },
  {
    words: 'Required Additional Steps: Set up monitoring and alerting for security events',
    shown: everywhere(monitoring.securityEventsAreTold),
  },
  {
    words: 'Required Additional Steps: Regular security assessments and penetration testing',
    notInfrastructure:
      'People do this regularly. AWS allows tests of most of these services without permission. The ' +
      'checks of `npx projen examples` do not replace them.',
  },
]);

export const SCALABILITY: Fact<System>[] = [
  ...section('Scalability', [
    { words: 'ECS Tasks: Auto-scale from 1 to 4 tasks', shown: everywhere(service.scalesByLoad) },
    {
      words: 'RDS: Can be scaled vertically (larger instance)',
      shown: everywhere(service.saidOnce('ec2.InstanceSize.MICRO', database.micro)),
    },
    {
      words: 'CloudFront: Global CDN, unlimited scale',
      replaced:
        'AWS raises its quotas on request, which no template shows. The template shows that CloudFront ' +
        'delivers pages and files.',
      shown: everywhere(site.originIsTheBucket, site.assetsForAYear),
    },
    {
      words: 'ecs_task_cpu: From 512 to 1024 (1 vCPU)',
      replaced: ONE_PROP,
      shown: everywhere(service.saidOnce('cpu: 512', service.halfAProcessor)),
    },
    {
      words: 'ecs_task_memory: From 1024 to 2048 (2 GB)',
      replaced: ONE_PROP,
      shown: everywhere(service.saidOnce('memory: Size.mebibytes(1024)', service.oneGigabyte)),
    },
    {
      words: 'db_instance_class: db.t4g.small, from db.t4g.micro',
      replaced: ONE_PROP,
      shown: everywhere(service.saidOnce('ec2.InstanceSize.MICRO', database.micro)),
    },
  ]),
  ...section('Performance Targets', [
    {
      words: 'API Response Time: < 500ms (p95)',
      replaced:
        'The latency depends on the program. The stack measures it: an alarm fires when it is too high for 15 ' +
        'minutes.',
      shown: everywhere(monitoring.slowP95),
    },
    {
      words: 'Page Load Time: < 2s (first contentful paint)',
      replaced:
        'Only a browser can measure it. The template shows how the delivery helps: compression, caching for ' +
        'a year, HTTP/3.',
      shown: everywhere(site.servedFromNearby),
    },
    {
      words: 'Database Query Time: < 100ms (p95)',
      replaced:
        'RDS publishes no percentile of query times, so no alarm can use it. Database Insights shows the ' +
        'load and the average time of each statement, and the database logs statements of more than ten seconds.',
      shown: everywhere(database.insights, database.logsSlowStatements),
    },
    {
      words: 'Health Check: < 100ms',
      replaced:
        'The load balancer publishes no times of its health checks, and they time out after seconds. The ' +
        'template shows that the check reaches only the program and waits for nothing else.',
      shown: everywhere(service.healthIsShallow),
    },
  ]),
];

export const MAINTENANCE: Fact<System>[] = [
  ...section('Maintenance Windows', [
    { words: 'RDS Maintenance: Sunday 04:00-05:00 UTC', shown: everywhere(database.maintenanceWindow) },
    { words: 'RDS Backups: Daily 03:00-04:00 UTC', shown: everywhere(database.backupWindow) },
    {
      words: 'ECS Deployments: Zero-downtime rolling updates',
      shown: everywhere(service.rollsWithoutGap, service.circuitBreaker, entrance.deregistersIn30Seconds),
    },
  ]),
  ...section('References', [
    {
      words: 'four links',
      notInfrastructure:
        'Links to documentation: the Well-Architected Framework, HIPAA on AWS, ' +
        'the Terraform provider, best practices of ECS.',
    },
  ]),
];
