import { all, NO_NAME, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as account from '../proof/account';
import * as bastion from '../proof/bastion';
import * as code from '../proof/code';
import * as database from '../proof/database';
import * as encryption from '../proof/encryption';
import * as monitoring from '../proof/monitoring';
import * as registry from '../proof/registry';
import * as services from '../proof/services';

export const ECS_CLUSTER: Fact[] = section('Component Details: ECS Cluster Configuration', [
  {
    words: 'Cluster: omnirapeutic-production',
    replaced: 'It has a name, because the log group of Container Insights has to be there before it, but one with the stack\'s id in it: the document\'s could be in use already.',
    shown: services.clusterNamedByTheStack,
  },
  { words: 'Launch Type: Fargate', shown: services.onFargate },
  {
    words: 'nginx (test): 2 tasks, 0.25 vCPU, 512 MB',
    replaced: 'It stood in until there was something to run. The three services that it stood in for are here, so that there is nothing left for it to test.',
    shown: services.theThree,
  },
  {
    words: 'api (future): 2 tasks',
    replaced: 'Two at least, and up to four under load. A number in the service would set back, at each deployment, what scaling has reached.',
    shown: services.scales('Api', 2, 4),
  },
  { words: 'api (future): 0.5 vCPU', shown: services.processor('Api', '512') },
  { words: 'api (future): 1024 MB', shown: services.memory('Api', 1024) },
  {
    words: 'web (future): 2 tasks',
    replaced: 'As for the API: never fewer than two, and two more when CPU or memory of those there are is short.',
    shown: services.scales('Web', 2, 4),
  },
  { words: 'web (future): 0.5 vCPU', shown: services.processor('Web', '512') },
  { words: 'web (future): 1024 MB', shown: services.memory('Web', 1024) },
  { words: 'worker (future): 1 task', shown: services.oneWorker },
  { words: 'worker (future): 0.5 vCPU', shown: services.processor('Worker', '512') },
  { words: 'worker (future): 1024 MB', shown: services.memory('Worker', 1024) },
  { words: 'Task Execution Role: Pull images', shown: registry.startersLogInAndPull },
  { words: 'Task Execution Role: write logs', shown: services.startersWriteLogs },
  { words: 'Task Execution Role: read secrets', shown: services.startersReadSecrets },
  {
    words: 'Task Role: Application permissions (S3, SQS, etc.)',
    replaced: 'The programs call no service of AWS: login and keys are handed in before they start, and jobs wait in a table. So each has a role of its own without any right, to which a grant adds what is needed.',
    shown: services.programsMayDoNothing,
  },
]);

export const AURORA: Fact[] = section('Component Details: Aurora Configuration', [
  { words: 'Engine: Aurora PostgreSQL Serverless v2', shown: database.postgresServerless },
  { words: 'Version: 15.10', shown: database.version1510 },
  {
    words: 'Version: 15.10 (LTS)',
    replaced: 'Long-term support is for whoever stays on a version. Here minor versions are taken on Sundays, as the conformance pack asks by rds-automatic-minor-version-upgrade-enabled, and 15.10 is where it starts.',
    shown: database.staysPatched,
  },
  { words: 'Minimum: 0.5 ACU', shown: database.capacity('MinCapacity', 0.5) },
  { words: 'Minimum: ~1 GB RAM', shown: database.memory('MinCapacity', 1) },
  {
    words: 'Minimum: ~45 connections',
    replaced: 'That is a figure of Aurora MySQL. On PostgreSQL the limit follows from the most capacity and not from the present one, so that an idle cluster refuses nobody: it is about 189 here (docs/encrypted-aurora-cluster.md).',
    shown: database.connectionsByMaximum,
  },
  { words: 'Maximum: 1.0 ACU', shown: database.capacity('MaxCapacity', 1) },
  { words: 'Maximum: ~2 GB RAM', shown: database.memory('MaxCapacity', 2) },
  {
    words: 'Maximum: ~90 connections',
    replaced: 'With 1 ACU Aurora MySQL allows 90 and PostgreSQL about 189, at any load (docs/encrypted-aurora-cluster.md). An alarm tells before they are used up.',
    shown: database.connectionsAreWatched,
  },
  { words: 'High Availability: Multi-AZ deployment', shown: database.inTwoZones },
  { words: 'High Availability: Automatic failover', shown: database.readerTakesOver },
  { words: 'High Availability: 6 copies of data across 3 AZs', shown: database.storageOverThreeZones },
  { words: 'Backup: Automated daily backups (7-day retention)', shown: database.backedUpDaily },
  { words: 'Backup: 5-minute point-in-time recovery', shown: database.anySecondOfAWeek },
  { words: 'Backup: Encrypted with KMS', shown: encryption.auroraBackups },
]);

export const MONITORING: Fact[] = section('Component Details: WorkloadMonitoring Stack', [
  {
    words: 'CloudWatch Alarms (21 total)',
    replaced: `These twenty-one, where the three of ECS are counted once, and further ones. ${monitoring.FURTHER_ALARMS}`,
    shown: monitoring.twentyOneAndFurther,
  },
  { words: 'Aurora: 5 alarms', shown: monitoring.alarmsAbout('aurora') },
  { words: 'VPC: 3 alarms', shown: monitoring.alarmsAbout('vpc') },
  { words: 'Cost: 1 alarm', shown: monitoring.alarmsAbout('cost') },
  { words: 'ALB: 3 alarms', shown: monitoring.alarmsAbout('loadBalancer') },
  {
    words: 'ECS: 3 alarms',
    replaced: 'The document runs one service, nginx. Here there are three services, and each has these three: an alarm over all of them would hide the one that is unwell.',
    shown: monitoring.alarmsOfServices,
  },
  { words: 'WAF: 1 alarm', shown: monitoring.alarmsAbout('firewall') },
  { words: 'NAT Gateway: 3 alarms', shown: monitoring.alarmsOfGateways },
  { words: 'VPC Flow Logs: 2 alarms', shown: monitoring.alarmsAbout('flowLogs') },
  { words: 'ECS: /ecs/omnirapeutic-production/{api,web,worker}', replaced: NO_NAME, shown: services.serviceLogs },
  { words: 'VPC: /aws/vpc/omnirapeutic-production-flow-logs', replaced: NO_NAME, shown: monitoring.trafficIsRecorded },
  { words: 'CloudTrail: /aws/cloudtrail/omnirapeutic-production', replaced: NO_NAME, shown: account.trailIsSearchable },
  { words: 'SSM: /aws/ssm/omnirapeutic-production-bastion-sessions', replaced: NO_NAME, shown: bastion.sessionsAreKept },
  {
    words: 'Aurora: /aws/rds/cluster/omnirapeutic-production/postgresql',
    replaced: 'RDS writes to this name with the cluster\'s own in it, which has the stack\'s id. The group is made before the cluster, so that it is encrypted and kept for six years from the first line on.',
    shown: database.auditLog,
  },
  {
    words: 'CloudTrail: All API calls logged',
    replaced: 'All that change or read the account in any region, and each object of S3 that is read or written. CloudTrail bills the other data events one by one: invocations of functions, which hold no PHI here, are left out.',
    shown: account.recordsAreKept,
  },
  { words: 'AWS Config: HIPAA conformance pack', shown: account.judgedByThePack },
  { words: 'GuardDuty: Threat detection', shown: account.threatsAreFound },
  { words: 'VPC Flow Logs: Network traffic analysis', shown: monitoring.trafficIsAnalysed },
]);

export const CODE: Fact[] = section('Infrastructure as Code', [
  { words: 'terraform/', replaced: 'AWS CDK in TypeScript, since the library is made of constructs: a compiler reads the code, and these tests read what it comes to.', shown: code.isCdk },
  {
    words: 'environments/production/main.tf: Root configuration',
    replaced: 'app.ts and stacks.ts: five stacks in place of one state, so that an application can be deployed without touching the database, and the account\'s guardrails without either.',
    shown: code.rootIsStacks,
  },
  { words: 'environments/production/variables.tf: Input variables', replaced: 'The props of each stack: an interface, whose fields have types and a sentence each.', shown: code.inputsAreProps },
  { words: 'environments/production/outputs.tf: Exported values', replaced: 'Two outputs, for people: how to open a shell, and the policy that it takes. What a stack takes from another is passed on as an object, and CDK exports and imports it.', shown: code.outputsAreTold },
  { words: 'environments/production/terraform.tfvars: Variable values', replaced: 'stacks.ts, where all that is peculiar to production is passed to the stacks.', shown: code.valuesAreInOneFile },
  { words: 'environments/production/ecs-nginx-service.tf: Test service', replaced: 'No test service: application-stack.ts has the three that it held the place for.', shown: services.theThree },
  {
    words: 'modules/vpc/: Network infrastructure',
    replaced: '`HipaaVpc` in network-stack.ts.',
    shown: code.madeIn('Network', 'HipaaVpc', ['AWS::EC2::VPC', 'AWS::EC2::Subnet', 'AWS::EC2::RouteTable', 'AWS::EC2::InternetGateway', 'AWS::EC2::NatGateway', 'AWS::EC2::FlowLog']),
  },
  {
    words: 'modules/security/: KMS keys, Secrets Manager',
    replaced: 'No module: each construct makes the key of what it encrypts, so that a policy lets in what has to use it and nothing else. `RotatingSecrets` in application-stack.ts has the one secret that people enter.',
    shown: code.keysAndSecrets,
  },
  {
    words: 'modules/aurora/: Database cluster',
    replaced: '`EncryptedAuroraCluster` in data-stack.ts.',
    shown: code.madeIn('Data', 'EncryptedAuroraCluster', ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::RDS::DBClusterParameterGroup', 'AWS::RDS::DBSubnetGroup', 'AWS::Backup::BackupPlan']),
  },
  {
    words: 'modules/bastion/: Bastion host',
    replaced: '`SsmBastion` in data-stack.ts.',
    shown: code.madeIn('Data', 'SsmBastion', ['AWS::EC2::Instance', 'AWS::SSM::Document', 'AWS::SSM::Association']),
  },
  { words: 'modules/ecr/: Container registry', replaced: '`HardenedRepository`, three times in images-stack.ts.', shown: all(registry.oneForEach, code.madeIn('Images', 'HardenedRepository', ['AWS::ECR::Repository'])) },
  {
    words: 'modules/ecs/: Container orchestration',
    replaced: '`ServiceCluster`, with three services that `services.addService` creates, in application-stack.ts.',
    shown: all(code.madeIn('Application', 'ServiceCluster', ['AWS::ECS::Cluster']), code.madeIn('Application', 'services.addService', ['AWS::ECS::Service', 'AWS::ECS::TaskDefinition'])),
  },
  {
    words: 'modules/alb/: Load balancer',
    replaced: '`SecureLoadBalancer` in application-stack.ts; each service brings its own rule and target group.',
    shown: code.madeIn('Application', 'SecureLoadBalancer', ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancingV2::Listener', 'AWS::ElasticLoadBalancingV2::TargetGroup', 'AWS::ElasticLoadBalancingV2::ListenerRule']),
  },
  { words: 'modules/waf/: Web application firewall', replaced: '`SecureLoadBalancer` makes its `WebFirewall` itself: to go without takes a reason.', shown: code.firewallComesAlong },
  {
    words: 'modules/cloudtrail/: API audit logging',
    replaced: '`ComplianceGuardrails` in guardrails-stack.ts: the trail, its bucket, its log group and what is counted in it.',
    shown: code.madeIn('Guardrails', 'ComplianceGuardrails', ['AWS::CloudTrail::Trail']),
  },
  {
    words: 'modules/config/: Compliance monitoring',
    replaced: 'The same `ComplianceGuardrails`, which are told of the conformance pack by `ConfigGuardrail.create`.',
    shown: code.madeIn('Guardrails', 'ComplianceGuardrails', ['Custom::ConfigRecorder', 'AWS::Config::ConformancePack']),
  },
  {
    words: 'modules/guardduty/: Threat detection',
    replaced: 'By default among the `ComplianceGuardrails`, beside Inspector, Security Hub and Access Analyzer, which the document does not name.',
    shown: code.madeIn('Guardrails', 'ComplianceGuardrails', ['Custom::GuardDutyFeature', 'Custom::InspectorScan', 'Custom::SecurityHubStandard', 'Custom::AccessAnalyzer']),
  },
  {
    words: 'modules/alarms/: CloudWatch alarms',
    replaced: '`Monitoring` in each stack that runs something: what a construct wants watched it says itself. The one topic is the network\'s, which every stack is deployed after.',
    shown: code.eachStackIsWatched,
  },
]);

export const HISTORY: Fact[] = section('Document History', [
  { words: '1.0, 2025-11-24: Initial architecture documentation', notInfrastructure: 'It tells of the document, not of what the document describes.' },
]);

export const COMPONENTS: Fact[] = [...ECS_CLUSTER, ...AURORA, ...MONITORING, ...CODE, ...HISTORY];
