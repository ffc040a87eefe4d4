import { all, NO_NAME, section } from './section';
import { Fact } from '../../../support/template/facts';
import * as account from '../proof/account';
import * as alarms from '../proof/alarms';
import * as bastion from '../proof/bastion';
import * as code from '../proof/code';
import * as database from '../proof/database';
import * as encryption from '../proof/encryption';
import * as monitoring from '../proof/monitoring';
import * as notification from '../proof/notification';
import * as registry from '../proof/registry';
import * as services from '../proof/services';

export const ECS_CLUSTER: Fact[] = section('Component Details: ECS Cluster Configuration', [
  {
    words: 'Cluster: omnirapeutic-production',
    replaced: 'The cluster has a name, because the log group of Container Insights must exist before it. The name '
      + 'contains the stack ID, because the name of the document could already be in use.',
    shown: services.clusterNamedByTheStack,
  },
  { words: 'Launch Type: Fargate', shown: services.onFargate },
  {
    words: 'nginx (test): 2 tasks, 0.25 vCPU, 512 MB',
    replaced: 'It was a placeholder for the three services, which exist here.',
    shown: services.theThree,
  },
  {
    words: 'api (future): 2 tasks',
    replaced: 'At least two tasks, and up to four under load. A fixed count in the service would reset the scaling '
      + 'at each deployment.',
    shown: services.scales('Api', 2, 4),
  },
  { words: 'api (future): 0.5 vCPU', shown: services.processor('Api', '512') },
  { words: 'api (future): 1024 MB', shown: services.memory('Api', 1024) },
  {
    words: 'web (future): 2 tasks',
    replaced: 'As for the API: at least two tasks, and up to two more when CPU or memory is high.',
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
    replaced: 'The programs call no AWS service: ECS passes the login and the keys before they start, and jobs wait '
      + 'in a table. Each program has its own role without permissions. A grant adds what it needs.',
    shown: services.programsMayDoNothing,
  },
]);

export const AURORA: Fact[] = section('Component Details: Aurora Configuration', [
  { words: 'Engine: Aurora PostgreSQL Serverless v2', shown: database.postgresServerless },
  { words: 'Version: 15.10', shown: database.version1510 },
  {
    words: 'Version: 15.10 (LTS)',
    replaced: 'Long-term support is for staying on a version. RDS installs minor versions on Sundays, as the rule '
      + 'rds-automatic-minor-version-upgrade-enabled of the conformance pack requires, starting from 15.10.',
    shown: database.staysPatched,
  },
  { words: 'Minimum: 0.5 ACU', shown: database.capacity('MinCapacity', 0.5) },
  { words: 'Minimum: ~1 GB RAM', shown: database.memory('MinCapacity', 1) },
  {
    words: 'Minimum: ~45 connections',
    replaced: 'This is a number of Aurora MySQL. On PostgreSQL, the limit follows from the maximum capacity and not '
      + 'from the current one: about 189 here (docs/encrypted-aurora-cluster.md).',
    shown: database.connectionsByMaximum,
  },
  { words: 'Maximum: 1.0 ACU', shown: database.capacity('MaxCapacity', 1) },
  { words: 'Maximum: ~2 GB RAM', shown: database.memory('MaxCapacity', 2) },
  {
    words: 'Maximum: ~90 connections',
    replaced: 'With 1 ACU, Aurora MySQL allows 90 connections and PostgreSQL about 189, at any load '
      + '(docs/encrypted-aurora-cluster.md). An alarm fires before the limit.',
    shown: database.connectionsAreWatched,
  },
  { words: 'High Availability: Multi-AZ deployment', shown: database.inTwoZones },
  { words: 'High Availability: Automatic failover', shown: database.readerTakesOver },
  { words: 'High Availability: 6 copies of data across 3 AZs', shown: database.storageOverThreeZones },
  { words: 'Backup: Automated daily backups (7-day retention)', shown: database.backedUpDaily },
  { words: 'Backup: 5-minute point-in-time recovery', shown: database.anySecondOfAWeek },
  { words: 'Backup: Encrypted with KMS', shown: encryption.auroraBackups },
]);

export const MONITORING: Fact[] = section('Component Details: Monitoring Stack', [
  {
    words: 'CloudWatch Alarms (21 total)',
    replaced:
      'These, with those of ECS counted once, except that a budget replaces the alarm on costs; and further ones. ' +
      alarms.FURTHER_ALARMS,
    shown: alarms.twentyAndFurther,
  },
  { words: 'Aurora: 5 alarms', shown: alarms.alarmsAbout('aurora') },
  { words: 'VPC: 3 alarms', shown: alarms.alarmsAbout('vpc') },
  {
    words: 'Cost: 1 alarm',
    replaced:
      'A budget notifies the topic of actual and forecast costs. The billing metric has no data in most member ' +
      'accounts of an organization, and an alarm on it would never fire there.',
    shown: notification.costsReachTheTopic,
  },
  { words: 'ALB: 3 alarms', shown: alarms.alarmsAbout('loadBalancer') },
  {
    words: 'ECS: 3 alarms',
    replaced:
      'The document has one service, nginx. The stacks have three services, and each has these three alarms, ' +
      'because one alarm over all of them would hide a single failing service.',
    shown: alarms.alarmsOfServices,
  },
  { words: 'WAF: 1 alarm', shown: alarms.alarmsAbout('firewall') },
  { words: 'NAT Gateway: 3 alarms', shown: alarms.alarmsOfGateways },
  { words: 'VPC Flow Logs: 2 alarms', shown: alarms.alarmsAbout('flowLogs') },
  { words: 'ECS: /ecs/omnirapeutic-production/{api,web,worker}', replaced: NO_NAME, shown: services.serviceLogs },
  { words: 'VPC: /aws/vpc/omnirapeutic-production-flow-logs', replaced: NO_NAME, shown: monitoring.trafficIsRecorded },
  { words: 'CloudTrail: /aws/cloudtrail/omnirapeutic-production', replaced: NO_NAME, shown: account.trailIsSearchable },
  {
    words: 'SSM: /aws/ssm/omnirapeutic-production-bastion-sessions',
    replaced: NO_NAME,
    shown: bastion.sessionsAreKept,
  },
  {
    words: 'Aurora: /aws/rds/cluster/omnirapeutic-production/postgresql',
    replaced:
      'RDS writes to this name with the name of the cluster in it, which contains the stack ID. The log ' +
      'group exists before the cluster, so it is encrypted and kept for six years from the first line.',
    shown: database.auditLog,
  },
  {
    words: 'CloudTrail: All API calls logged',
    replaced:
      'All calls that change or read the account in any region, and each read and write of an S3 object. ' +
      'CloudTrail charges for other data events, such as function invocations, which contain no PHI here. The ' +
      'trail excludes them.',
    shown: account.recordsAreKept,
  },
  { words: 'AWS Config: HIPAA conformance pack', shown: account.judgedByThePack },
  { words: 'GuardDuty: Threat detection', shown: account.threatsAreFound },
  { words: 'VPC Flow Logs: Network traffic analysis', shown: monitoring.trafficIsAnalysed },
]);

export const CODE: Fact[] = section('Infrastructure as Code', [
  {
    words: 'terraform/',
    replaced:
      'AWS CDK in TypeScript, because the library consists of constructs. A compiler ' +
      'checks the code, and these tests check its templates.',
    shown: code.isCdk,
  },
  {
    words: 'environments/production/main.tf: Root configuration',
    replaced:
      'app.ts and stacks.ts: five stacks instead of one state. The application is deployed without a change ' +
      'of the database, and the guardrails without a change of either.',
    shown: code.rootIsStacks,
  },
  {
    words: 'environments/production/variables.tf: Input variables',
    replaced: 'The props of each stack: an interface ' + 'with typed and documented fields.',
    shown: code.inputsAreProps,
  },
  {
    words: 'environments/production/outputs.tf: Exported values',
    replaced:
      'Three outputs for people: the command that opens a shell, the policy for it, and the command that ' +
      'runs the migrations. A stack passes values to another stack as objects, and CDK exports ' +
      'and imports them.',
    shown: code.outputsAreTold,
  },
  {
    words: 'environments/production/terraform.tfvars: Variable values',
    replaced: 'stacks.ts, which passes the ' + 'values of production to the stacks.',
    shown: code.valuesAreInOneFile,
  },
  {
    words: 'environments/production/ecs-nginx-service.tf: Test service',
    replaced: 'No test service: ' + 'application-stack.ts has the three services that it stood for.',
    shown: services.theThree,
  },
  {
    words: 'modules/vpc/: Network infrastructure',
    replaced: '`HipaaVpc` in network-stack.ts.',
    shown: code.madeIn('Network', 'HipaaVpc', [
      'AWS::EC2::VPC',
      'AWS::EC2::Subnet',
      'AWS::EC2::RouteTable',
      'AWS::EC2::InternetGateway',
      'AWS::EC2::NatGateway',
      'AWS::EC2::FlowLog',
    ]),
  },
  {
    words: 'modules/security/: KMS keys, Secrets Manager',
    replaced:
      'No module: each construct creates the key of its data, whose policy allows only its users. ' +
      '`RotatingSecrets` in application-stack.ts has the one secret that people enter. `uses` creates the login of ' +
      'each program, with the database.',
    shown: code.keysAndSecrets,
  },
  {
    words: 'modules/aurora/: Database cluster',
    replaced: '`EncryptedAuroraCluster` in data-stack.ts.',
    shown: code.madeIn('Data', 'EncryptedAuroraCluster', [
      'AWS::RDS::DBCluster',
      'AWS::RDS::DBInstance',
      'AWS::RDS::DBClusterParameterGroup',
      'AWS::RDS::DBSubnetGroup',
      'AWS::Backup::BackupPlan',
    ]),
  },
  {
    words: 'modules/bastion/: Bastion host',
    replaced: '`SsmBastion` in data-stack.ts.',
    shown: code.madeIn('Data', 'SsmBastion', ['AWS::EC2::Instance', 'AWS::SSM::Document', 'AWS::SSM::Association']),
  },
  {
    words: 'modules/ecr/: Container registry',
    replaced: '`HardenedRepository`, three times in images-stack.ts.',
    shown: all(registry.oneForEach, code.madeIn('Images', 'HardenedRepository', ['AWS::ECR::Repository'])),
  },
  {
    words: 'modules/ecs/: Container orchestration',
    replaced: '`ServiceCluster`, with three services that `services.addService` creates, in application-stack.ts.',
    shown: all(
      code.madeIn('Application', 'ServiceCluster', ['AWS::ECS::Cluster']),
      code.madeIn('Application', 'services.addService', ['AWS::ECS::Service', 'AWS::ECS::TaskDefinition']),
    ),
  },
  {
    words: 'modules/alb/: Load balancer',
    replaced: '`SecureLoadBalancer` in application-stack.ts. Each service creates its rule and target group.',
    shown: code.madeIn('Application', 'SecureLoadBalancer', [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'AWS::ElasticLoadBalancingV2::Listener',
      'AWS::ElasticLoadBalancingV2::TargetGroup',
      'AWS::ElasticLoadBalancingV2::ListenerRule',
    ]),
  },
  {
    words: 'modules/waf/: Web application firewall',
    replaced: '`SecureLoadBalancer` creates its `WebFirewall`. To ' + 'omit it, an app must state a reason.',
    shown: code.firewallComesAlong,
  },
  {
    words: 'modules/cloudtrail/: API audit logging',
    replaced:
      '`ComplianceGuardrails` in guardrails-stack.ts: the trail, its bucket, its log group and its metric ' +
      'filters.',
    shown: code.madeIn('Guardrails', 'ComplianceGuardrails', ['AWS::CloudTrail::Trail']),
  },
  {
    words: 'modules/config/: Compliance monitoring',
    replaced: 'The same `ComplianceGuardrails`: the AWS Config recorder and the conformance pack.',
    shown: code.madeIn('Guardrails', 'ComplianceGuardrails', [
      'Custom::ConfigRecorder',
      'AWS::Config::ConformancePack',
    ]),
  },
  {
    words: 'modules/guardduty/: Threat detection',
    replaced:
      'A default of `ComplianceGuardrails`, as are Inspector, Security Hub and Access Analyzer, which the ' +
      'document does not name.',
    shown: code.madeIn('Guardrails', 'ComplianceGuardrails', [
      'Custom::GuardDutyFeature',
      'Custom::InspectorScan',
      'Custom::SecurityHubStandard',
      'Custom::AccessAnalyzer',
    ]),
  },
  {
    words: 'modules/alarms/: CloudWatch alarms',
    replaced:
      '`WorkloadMonitoring` in each stack that runs something. Each construct states its alarms. The network ' +
      'stack has the one topic, and every other stack is deployed after it.',
    shown: code.eachStackIsWatched,
  },
]);

export const HISTORY: Fact[] = section('Document History', [
  {
    words: '1.0, 2025-11-24: Initial architecture documentation',
    notInfrastructure: 'This is about the document and '
    + 'not about the system.',
  },
]);

export const COMPONENTS: Fact[] = [...ECS_CLUSTER, ...AURORA, ...MONITORING, ...CODE, ...HISTORY];
