import { container, parameter } from './flows';
import {
  about,
  add,
  breaking,
  edit,
  grant,
  Mutation,
  named,
  Properties,
  remove,
  set,
  statements,
} from '../../../support/template/mutations';
import {
  ALARM,
  CLUSTER,
  FIREWALL,
  FLOW_LOG,
  KEY,
  LOAD_BALANCER,
  REPOSITORY,
  SCALABLE,
  SERVICE,
  SUBNET,
  SUBNET_GROUP,
  TASK,
  TOPIC,
  VPC,
} from '../../../support/template/types';
import { AURORA as AURORA_CLUSTER, AURORA_INSTANCE, BASTION, MIGRATION, Service } from '../proof/parts';
import { AURORA, CODE, ECS_CLUSTER } from '../statements/components';

const DETECTOR = 'Custom::GuardDutyFeature';
const PACK = 'AWS::Config::ConformancePack';
const PLAN = 'AWS::Backup::BackupPlan';
const SELECTION = 'AWS::Backup::BackupSelection';
const TRAIL = 'AWS::CloudTrail::Trail';

const its = (name: Service) => named(`Application${name}`);
const sized = (name: Service, change: Properties) => set(TASK, change, its(name));
const capacity = (change: Properties) =>
  set(AURORA_CLUSTER, { ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 1, ...change } });
const alarm = (part: string, change: Properties) => set(ALARM, change, about(part));
const cluster = breaking(ECS_CLUSTER);
const CLUSTERS: Mutation[] = [
  cluster('Cluster: omnirapeutic-production', 'a fixed name', set(CLUSTER, { ClusterName: 'omnirapeutic-production' })),
  cluster('Launch Type: Fargate', 'a capacity provider', add('AWS::ECS::ClusterCapacityProviderAssociations', {})),
  cluster('nginx (test): 2 tasks, 0.25 vCPU, 512 MB', 'a fourth service', add(SERVICE, {})),
  cluster('nginx (test): 2 tasks, 0.25 vCPU, 512 MB', 'a fifth task definition', add(TASK, {})),
  cluster(
    'nginx (test): 2 tasks, 0.25 vCPU, 512 MB',
    'migrations in another cluster',
    set(MIGRATION, { Cluster: 'arn:aws:ecs:us-east-1:111122223333:cluster/other' }),
  ),
  cluster(
    'nginx (test): 2 tasks, 0.25 vCPU, 512 MB',
    'a service that is deployed before the migrations',
    edit(SERVICE, (_properties, resource) => Object.assign(resource, { DependsOn: [] }), its('Worker')),
  ),
  cluster('api (future): 2 tasks', 'a fixed count in the service', set(SERVICE, { DesiredCount: 2 }, its('Api'))),
  cluster('api (future): 2 tasks', 'a minimum of one task', set(SCALABLE, { MinCapacity: 1 }, its('Api'))),
  cluster('api (future): 0.5 vCPU', '0.25 vCPU', sized('Api', { Cpu: '256' })),
  cluster('api (future): 1024 MB', '512 MB', sized('Api', { Memory: '512' })),
  cluster('web (future): 2 tasks', 'no scaling', remove(SCALABLE, its('Web'))),
  cluster('web (future): 0.5 vCPU', '1 vCPU', sized('Web', { Cpu: '1024' })),
  cluster(
    'web (future): 1024 MB',
    'less memory for the container',
    container('Web', (app) => (app.Memory = 512)),
  ),
  cluster('worker (future): 1 task', 'two tasks', set(SERVICE, { DesiredCount: 2 }, its('Worker'))),
  cluster('worker (future): 0.5 vCPU', '0.25 vCPU', sized('Worker', { Cpu: '256' })),
  cluster('worker (future): 1024 MB', '2048 MB', sized('Worker', { Memory: '2048' })),
  cluster(
    'Task Execution Role: Pull images',
    'access to images of another service',
    grant('ApplicationWebExecutionRole', 'ecr:GetDownloadUrlForLayer', '*'),
  ),
  cluster(
    'Task Execution Role: write logs',
    'to every log group',
    grant('ApplicationWorkerExecutionRole', 'logs:PutLogEvents', '*'),
  ),
  cluster(
    'Task Execution Role: read secrets',
    'access for the web service',
    grant('ApplicationWebExecutionRole', 'secretsmanager:GetSecretValue', '*'),
  ),
  cluster(
    'Task Execution Role: read secrets',
    'the login of the master user for the API',
    grant('ApplicationApiExecutionRole', 'secretsmanager:GetSecretValue', 'arn:master'),
  ),
  cluster(
    'Task Execution Role: read secrets',
    'no permission to decrypt',
    statements((all) => all.pop(), named('ApplicationApiExecutionRolePolicy')),
  ),
  cluster(
    'Task Role: Application permissions (S3, SQS, etc.)',
    'a permission for every bucket',
    grant('ApplicationApiTaskRole', 's3:GetObject', '*'),
  ),
];

const aurora = breaking(AURORA);
const DATABASES: Mutation[] = [
  aurora('Engine: Aurora PostgreSQL Serverless v2', 'another engine', set(AURORA_CLUSTER, { Engine: 'aurora-mysql' })),
  aurora(
    'Engine: Aurora PostgreSQL Serverless v2',
    'a provisioned class',
    set(AURORA_INSTANCE, { DBInstanceClass: 'db.r7g.large' }, about('Instance2')),
  ),
  aurora('Version: 15.10', 'an older version', set(AURORA_CLUSTER, { EngineVersion: '15.4' })),
  aurora(
    'Version: 15.10 (LTS)',
    'an instance without minor version upgrades',
    set(AURORA_INSTANCE, { AutoMinorVersionUpgrade: false }, about('Instance1')),
  ),
  aurora('Minimum: 0.5 ACU', '1 ACU', capacity({ MinCapacity: 1 })),
  aurora('Minimum: ~1 GB RAM', '2 ACU', capacity({ MinCapacity: 2 })),
  aurora('Minimum: ~45 connections', 'a fixed number', parameter('max_connections', '45')),
  aurora('Maximum: 1.0 ACU', '4 ACU', capacity({ MaxCapacity: 4 })),
  aurora('Maximum: ~2 GB RAM', '4 ACU', capacity({ MaxCapacity: 4 })),
  aurora(
    'Maximum: ~2 GB RAM',
    'an alarm with a higher threshold',
    alarm('DatabaseFreeMemory', { Threshold: 256 * 1024 ** 2 }),
  ),
  aurora('Maximum: ~90 connections', 'no alarm', remove(ALARM, about('DatabaseConnections'))),
  aurora(
    'Maximum: ~90 connections',
    'an alarm with a higher threshold',
    alarm('DatabaseConnections', { Threshold: 200 }),
  ),
  aurora(
    'High Availability: Multi-AZ deployment',
    'both instances in one zone',
    set(AURORA_INSTANCE, { AvailabilityZone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } }),
  ),
  aurora(
    'High Availability: Automatic failover',
    'a reader with another promotion tier',
    set(AURORA_INSTANCE, { PromotionTier: 15 }, about('Instance2')),
  ),
  aurora('High Availability: Automatic failover', 'no reader', remove(AURORA_INSTANCE, about('Instance2'))),
  aurora(
    'High Availability: 6 copies of data across 3 AZs',
    'two zones',
    edit(SUBNET_GROUP, ({ SubnetIds }) => SubnetIds.pop()),
  ),
  aurora(
    'High Availability: 6 copies of data across 3 AZs',
    'two subnets in one zone',
    set(SUBNET, { AvailabilityZone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } }, about('DataSubnet3')),
  ),
  aurora(
    'Backup: Automated daily backups (7-day retention)',
    'one day',
    set(AURORA_CLUSTER, { BackupRetentionPeriod: 1 }),
  ),
  aurora(
    'Backup: 5-minute point-in-time recovery',
    'no second copy',
    edit(PLAN, ({ BackupPlan }) => (BackupPlan.BackupPlanRule = [])),
  ),
  aurora(
    'Backup: 5-minute point-in-time recovery',
    'a copy of another cluster',
    edit(SELECTION, ({ BackupSelection }) => (BackupSelection.Resources = ['arn:aws:rds:*:*:cluster:other'])),
  ),
  aurora('Backup: Encrypted with KMS', 'no encryption', set(AURORA_CLUSTER, { StorageEncrypted: false })),
  aurora(
    'Backup: Encrypted with KMS',
    'the vault without a customer managed key',
    edit('AWS::Backup::BackupVault', (vault) => delete vault.EncryptionKeyArn),
  ),
];

const code = breaking(CODE);
/** A resource of a module that no stack creates. */
const elsewhere = (words: string, type: string) => code(words, 'a resource that no stack creates', add(type, {}));
const MODULES: Mutation[] = [
  elsewhere('terraform/', VPC),
  elsewhere('environments/production/main.tf: Root configuration', VPC),
  code(
    'environments/production/variables.tf: Input variables',
    'a parameter of a stack',
    (template) => Object.assign((template as unknown as Properties).Parameters, { Email: { Type: 'String' } }),
  ),
  code('environments/production/outputs.tf: Exported values', 'no outputs', (template) =>
    Object.assign(template, { Outputs: {} }),
  ),
  code(
    'environments/production/terraform.tfvars: Variable values',
    'another email address',
    set('AWS::SNS::Subscription', { Endpoint: 'somebody@example.com' }),
  ),
  elsewhere('environments/production/ecs-nginx-service.tf: Test service', SERVICE),
  elsewhere('modules/vpc/: Network infrastructure', SUBNET),
  code('modules/vpc/: Network infrastructure', 'no flow log', remove(FLOW_LOG)),
  code(
    'modules/security/: KMS keys, Secrets Manager',
    'image repositories without a key',
    remove(KEY, named('Images')),
  ),
  code('modules/aurora/: Database cluster', 'no backup plan', remove(PLAN)),
  elsewhere('modules/bastion/: Bastion host', BASTION),
  code('modules/ecr/: Container registry', 'two repositories', remove(REPOSITORY, named('ImagesWeb'))),
  elsewhere('modules/ecs/: Container orchestration', CLUSTER),
  elsewhere('modules/alb/: Load balancer', LOAD_BALANCER),
  elsewhere('modules/waf/: Web application firewall', FIREWALL),
  code('modules/cloudtrail/: API audit logging', 'no trail', remove(TRAIL)),
  code('modules/config/: Compliance monitoring', 'no pack', remove(PACK)),
  code('modules/guardduty/: Threat detection', 'no detector', remove(DETECTOR)),
  code('modules/alarms/: CloudWatch alarms', 'no alarms in the data stack', remove(ALARM, named('Data'))),
  elsewhere('modules/alarms/: CloudWatch alarms', TOPIC),
];

/** Changes to cluster, database and modules, each with the row that it must fail. */
export const COMPONENTS: Mutation[] = [...CLUSTERS, ...DATABASES, ...MODULES];
