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
  BUCKET,
  CLUSTER,
  FIREWALL,
  FLOW_LOG,
  KEY,
  LOAD_BALANCER,
  LOG_GROUP,
  REPOSITORY,
  SCALABLE,
  SERVICE,
  SUBNET,
  SUBNET_GROUP,
  TASK,
  TOPIC,
  VPC,
} from '../../../support/template/types';
import { AURORA as AURORA_CLUSTER, AURORA_INSTANCE, BASTION, Service } from '../proof/parts';
import { AURORA, CODE, ECS_CLUSTER, MONITORING } from '../statements/components';

const BUCKET_POLICY = 'AWS::S3::BucketPolicy';
const DETECTOR = 'Custom::GuardDutyFeature';
const FILTER = 'AWS::Logs::MetricFilter';
const PACK = 'AWS::Config::ConformancePack';
const PLAN = 'AWS::Backup::BackupPlan';
const RECORDER = 'Custom::ConfigRecorder';
const RULE = 'AWS::Events::Rule';
const SELECTION = 'AWS::Backup::BackupSelection';
const TRAIL = 'AWS::CloudTrail::Trail';

const its = (name: Service) => named(`Application${name}`);
const sized = (name: Service, change: Properties) => set(TASK, change, its(name));
const capacity = (change: Properties) =>
  set(AURORA_CLUSTER, { ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 1, ...change } });
const alarm = (part: string, change: Properties) => set(ALARM, change, about(part));
const logged = (part: string, change: Properties) => set(LOG_GROUP, change, about(part));
const selected = (change: Properties) =>
  edit(TRAIL, ({ EventSelectors: [selector] }) => Object.assign(selector, change));
/** The first metric of a computed alarm that has a dimension. */
const measured = (part: string, change: (metric: Properties) => void) => edit(ALARM, ({ Metrics }) =>
  change(Metrics.find(({ MetricStat }: Properties) => MetricStat).MetricStat.Metric), about(part));

const cluster = breaking(ECS_CLUSTER);
const CLUSTERS: Mutation[] = [
  cluster('Cluster: omnirapeutic-production', 'that name', set(CLUSTER, { ClusterName: 'omnirapeutic-production' })),
  cluster('Launch Type: Fargate', 'a capacity provider', add('AWS::ECS::ClusterCapacityProviderAssociations', {})),
  cluster('nginx (test): 2 tasks, 0.25 vCPU, 512 MB', 'a fourth service', add(SERVICE, {})),
  cluster('api (future): 2 tasks', 'a number in the service', set(SERVICE, { DesiredCount: 2 }, its('Api'))),
  cluster('api (future): 2 tasks', 'one at night', set(SCALABLE, { MinCapacity: 1 }, its('Api'))),
  cluster('api (future): 0.5 vCPU', 'half of it', sized('Api', { Cpu: '256' })),
  cluster('api (future): 1024 MB', 'half of it', sized('Api', { Memory: '512' })),
  cluster('web (future): 2 tasks', 'not scaled', remove(SCALABLE, its('Web'))),
  cluster('web (future): 0.5 vCPU', 'twice as much', sized('Web', { Cpu: '1024' })),
  cluster(
    'web (future): 1024 MB',
    'less for the container',
    container('Web', (app) => (app.Memory = 512)),
  ),
  cluster('worker (future): 1 task', 'two', set(SERVICE, { DesiredCount: 2 }, its('Worker'))),
  cluster('worker (future): 0.5 vCPU', 'half of it', sized('Worker', { Cpu: '256' })),
  cluster('worker (future): 1024 MB', 'twice as much', sized('Worker', { Memory: '2048' })),
  cluster(
    'Task Execution Role: Pull images',
    'of another service',
    grant('ApplicationWebExecutionRole', 'ecr:GetDownloadUrlForLayer', '*'),
  ),
  cluster(
    'Task Execution Role: write logs',
    'into any group',
    grant('ApplicationWorkerExecutionRole', 'logs:PutLogEvents', '*'),
  ),
  cluster(
    'Task Execution Role: read secrets',
    "the site's too",
    grant('ApplicationWebExecutionRole', 'secretsmanager:GetSecretValue', '*'),
  ),
  cluster(
    'Task Execution Role: read secrets',
    'which it cannot decrypt',
    statements((all) => all.pop(), named('ApplicationApiExecutionRolePolicy')),
  ),
  cluster(
    'Task Role: Application permissions (S3, SQS, etc.)',
    'a bucket',
    grant('ApplicationApiTaskRole', 's3:GetObject', '*'),
  ),
];

const aurora = breaking(AURORA);
const DATABASES: Mutation[] = [
  aurora('Engine: Aurora PostgreSQL Serverless v2', 'another engine', set(AURORA_CLUSTER, { Engine: 'aurora-mysql' })),
  aurora(
    'Engine: Aurora PostgreSQL Serverless v2',
    'a fixed class',
    set(AURORA_INSTANCE, { DBInstanceClass: 'db.r7g.large' }, about('Instance2')),
  ),
  aurora('Version: 15.10', 'an older one', set(AURORA_CLUSTER, { EngineVersion: '15.4' })),
  aurora(
    'Version: 15.10 (LTS)',
    'an instance is held back',
    set(AURORA_INSTANCE, { AutoMinorVersionUpgrade: false }, about('Instance1')),
  ),
  aurora('Minimum: 0.5 ACU', 'more', capacity({ MinCapacity: 1 })),
  aurora('Minimum: ~1 GB RAM', 'more', capacity({ MinCapacity: 2 })),
  aurora('Minimum: ~45 connections', 'a number of ours', parameter('max_connections', '45')),
  aurora('Maximum: 1.0 ACU', 'more', capacity({ MaxCapacity: 4 })),
  aurora('Maximum: ~2 GB RAM', 'more', capacity({ MaxCapacity: 4 })),
  aurora('Maximum: ~2 GB RAM', 'an alarm on too much', alarm('DatabaseFreeMemory', { Threshold: 256 * 1024 ** 2 })),
  aurora('Maximum: ~90 connections', 'nobody is told', remove(ALARM, about('DatabaseConnections'))),
  aurora('Maximum: ~90 connections', 'told too late', alarm('DatabaseConnections', { Threshold: 200 })),
  aurora(
    'High Availability: Multi-AZ deployment',
    'both in one zone',
    set(AURORA_INSTANCE, { AvailabilityZone: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] } }),
  ),
  aurora(
    'High Availability: Automatic failover',
    'a reader that stays small',
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
    'for a day',
    set(AURORA_CLUSTER, { BackupRetentionPeriod: 1 }),
  ),
  aurora(
    'Backup: 5-minute point-in-time recovery',
    'no second copy',
    edit(PLAN, ({ BackupPlan }) => (BackupPlan.BackupPlanRule = [])),
  ),
  aurora(
    'Backup: 5-minute point-in-time recovery',
    'a copy of something else',
    edit(SELECTION, ({ BackupSelection }) => (BackupSelection.Resources = ['arn:aws:rds:*:*:cluster:other'])),
  ),
  aurora('Backup: Encrypted with KMS', 'not at all', set(AURORA_CLUSTER, { StorageEncrypted: false })),
  aurora(
    'Backup: Encrypted with KMS',
    "the vault under AWS's key",
    edit('AWS::Backup::BackupVault', (vault) => delete vault.EncryptionKeyArn),
  ),
];

const monitoring = breaking(MONITORING);
const WATCHING: Mutation[] = [
  monitoring('CloudWatch Alarms (21 total)', 'one that nobody has accounted for', add(ALARM, {})),
  monitoring(
    'CloudWatch Alarms (21 total)',
    'one of the further ones is gone',
    remove(ALARM, about('DatabaseBackupFailed')),
  ),
  monitoring('Aurora: 5 alarms', 'four', remove(ALARM, about('DatabaseReplicaLag'))),
  monitoring(
    'Aurora: 5 alarms',
    'one is about another cluster',
    alarm('DatabaseCpu', { Dimensions: [{ Name: 'DBClusterIdentifier', Value: 'other' }] }),
  ),
  monitoring(
    'VPC: 3 alarms',
    'one reads a number that nobody makes',
    alarm('NetworkRemoteAccess', { MetricName: 'Remote' }),
  ),
  monitoring('Cost: 1 alarm', 'none', remove(ALARM, about('MonthlyCosts'))),
  monitoring('ALB: 3 alarms', 'two', remove(ALARM, about('RejectedConnections'))),
  monitoring('ECS: 3 alarms', 'the worker has two', remove(ALARM, about('WorkerMemoryHigh'))),
  monitoring(
    'ECS: 3 alarms',
    'one looks at another service',
    measured('WebCpuHigh', ({ Dimensions }) => (Dimensions[1].Value = 'other')),
  ),
  monitoring('WAF: 1 alarm', 'of another kind', alarm('BlockedSurge', { Namespace: 'WAF' })),
  monitoring('NAT Gateway: 3 alarms', 'two', remove(ALARM, about('NatPortAllocation'))),
  monitoring(
    'NAT Gateway: 3 alarms',
    'one does not see a gateway',
    measured('NatPortAllocation', ({ Dimensions: [gateway] }) => (gateway.Value = 'nat-1')),
  ),
  monitoring(
    'VPC Flow Logs: 2 alarms',
    'one is about another group',
    alarm('FlowLogSilent', { Dimensions: [{ Name: 'LogGroupName', Value: 'other' }] }),
  ),
  monitoring(
    'ECS: /ecs/omnirapeutic-production/{api,web,worker}',
    'that name',
    logged('ApplicationWebLog', { LogGroupName: '/ecs/omnirapeutic-production/web' }),
  ),
  monitoring(
    'ECS: /ecs/omnirapeutic-production/{api,web,worker}',
    'unencrypted',
    edit(LOG_GROUP, (group) => delete group.KmsKeyId, about('ApplicationWorkerLog')),
  ),
  monitoring(
    'VPC: /aws/vpc/omnirapeutic-production-flow-logs',
    'for a month',
    logged('FlowLogGroup', { RetentionInDays: 30 }),
  ),
  monitoring(
    'CloudTrail: /aws/cloudtrail/omnirapeutic-production',
    'that name',
    logged('GuardrailsTrailLog', { LogGroupName: '/aws/cloudtrail/omnirapeutic-production' }),
  ),
  monitoring(
    'CloudTrail: /aws/cloudtrail/omnirapeutic-production',
    'nothing arrives',
    edit(TRAIL, (trail) => (trail.CloudWatchLogsLogGroupArn['Fn::GetAtt'][0] = 'NetworkNetworkFlowLogGroup')),
  ),
  monitoring(
    'SSM: /aws/ssm/omnirapeutic-production-bastion-sessions',
    'that name',
    logged('BastionSessionLog', { LogGroupName: '/aws/ssm/omnirapeutic-production-bastion-sessions' }),
  ),
  monitoring(
    'Aurora: /aws/rds/cluster/omnirapeutic-production/postgresql',
    'made after the cluster, by RDS',
    remove(LOG_GROUP, about('DatabasePostgresqlLog')),
  ),
  monitoring(
    'Aurora: /aws/rds/cluster/omnirapeutic-production/postgresql',
    'that name',
    set(AURORA_CLUSTER, { DBClusterIdentifier: 'omnirapeutic-production' }),
  ),
  monitoring('CloudTrail: All API calls logged', 'of one region', set(TRAIL, { IsMultiRegionTrail: false })),
  monitoring('CloudTrail: All API calls logged', 'changes only', selected({ ReadWriteType: 'WriteOnly' })),
  monitoring(
    'CloudTrail: All API calls logged',
    'without those of KMS',
    selected({ ExcludeManagementEventSources: ['kms.amazonaws.com'] }),
  ),
  monitoring(
    'CloudTrail: All API calls logged',
    'in files that can be deleted',
    edit(
      BUCKET,
      ({
        ObjectLockConfiguration: {
          Rule: { DefaultRetention },
        },
      }) => (DefaultRetention.Mode = 'GOVERNANCE'),
      about('TrailBucket'),
    ),
  ),
  monitoring(
    'CloudTrail: All API calls logged',
    'others may write',
    edit(
      BUCKET_POLICY,
      ({ PolicyDocument }) =>
        PolicyDocument.Statement.push({ Effect: 'Allow', Action: 's3:PutObject', Principal: '*' }),
      about('TrailBucket'),
    ),
  ),
  monitoring(
    'AWS Config: HIPAA conformance pack',
    'a rule less',
    edit(PACK, ({ TemplateBody }) => {
      TemplateBody['Fn::Join'][1] = TemplateBody['Fn::Join'][1].map((part: unknown) =>
        typeof part === 'string' ? part.replace('ConfigRuleName: access-keys-rotated', '') : part,
      );
    }),
  ),
  monitoring(
    'AWS Config: HIPAA conformance pack',
    'some things are not recorded',
    set(RECORDER, { ExcludedTypes: ['AWS::IAM::Role'] }),
  ),
  monitoring('GuardDuty: Threat detection', 'not of logins to the database', remove(DETECTOR, about('RDSLOGINEVENTS'))),
  monitoring('GuardDuty: Threat detection', 'nobody is told', set(RULE, { Targets: [] }, about('GuardDutyFindings'))),
  monitoring(
    'VPC Flow Logs: Network traffic analysis',
    'rejected traffic only',
    set(FLOW_LOG, { TrafficType: 'REJECT' }),
  ),
  monitoring(
    'VPC Flow Logs: Network traffic analysis',
    'nothing is counted',
    remove(FILTER, about('BytesLeavingData')),
  ),
];

const code = breaking(CODE);
/** A resource of a module that no stack creates. */
const elsewhere = (words: string, type: string) => code(words, 'one that no stack has made', add(type, {}));
const MODULES: Mutation[] = [
  elsewhere('terraform/', VPC),
  elsewhere('environments/production/main.tf: Root configuration', VPC),
  code('environments/production/outputs.tf: Exported values', 'none', (template) =>
    Object.assign(template, { Outputs: {} }),
  ),
  code(
    'environments/production/terraform.tfvars: Variable values',
    'another address',
    set('AWS::SNS::Subscription', { Endpoint: 'somebody@example.com' }),
  ),
  elsewhere('environments/production/ecs-nginx-service.tf: Test service', SERVICE),
  elsewhere('modules/vpc/: Network infrastructure', SUBNET),
  code('modules/vpc/: Network infrastructure', 'without a record of the network', remove(FLOW_LOG)),
  code('modules/security/: KMS keys, Secrets Manager', 'images without keys', remove(KEY, named('Images'))),
  code('modules/aurora/: Database cluster', 'without a plan', remove(PLAN)),
  elsewhere('modules/bastion/: Bastion host', BASTION),
  code('modules/ecr/: Container registry', 'two', remove(REPOSITORY, named('ImagesWeb'))),
  elsewhere('modules/ecs/: Container orchestration', CLUSTER),
  elsewhere('modules/alb/: Load balancer', LOAD_BALANCER),
  elsewhere('modules/waf/: Web application firewall', FIREWALL),
  code('modules/cloudtrail/: API audit logging', 'none', remove(TRAIL)),
  code('modules/config/: Compliance monitoring', 'no pack', remove(PACK)),
  code('modules/guardduty/: Threat detection', 'none', remove(DETECTOR)),
  code('modules/alarms/: CloudWatch alarms', 'none in the stack of the data', remove(ALARM, named('Data'))),
  elsewhere('modules/alarms/: CloudWatch alarms', TOPIC),
];

/** Changes to cluster, database, monitoring and what makes them, each with the row that it must fail. */
export const COMPONENTS: Mutation[] = [...CLUSTERS, ...DATABASES, ...WATCHING, ...MODULES];
