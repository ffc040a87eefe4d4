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
  cluster('Cluster: omnirapeutic-production', 'a fixed name', set(CLUSTER, { ClusterName: 'omnirapeutic-production' })),
  cluster('Launch Type: Fargate', 'a capacity provider', add('AWS::ECS::ClusterCapacityProviderAssociations', {})),
  cluster('nginx (test): 2 tasks, 0.25 vCPU, 512 MB', 'a fourth service', add(SERVICE, {})),
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
    'also images of another service',
    grant('ApplicationWebExecutionRole', 'ecr:GetDownloadUrlForLayer', '*'),
  ),
  cluster(
    'Task Execution Role: write logs',
    'to every log group',
    grant('ApplicationWorkerExecutionRole', 'logs:PutLogEvents', '*'),
  ),
  cluster(
    'Task Execution Role: read secrets',
    'also the web service',
    grant('ApplicationWebExecutionRole', 'secretsmanager:GetSecretValue', '*'),
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
    'the vault with the key of AWS',
    edit('AWS::Backup::BackupVault', (vault) => delete vault.EncryptionKeyArn),
  ),
];

const monitoring = breaking(MONITORING);
const WATCHING: Mutation[] = [
  monitoring('CloudWatch Alarms (21 total)', 'an unknown alarm', add(ALARM, {})),
  monitoring(
    'CloudWatch Alarms (21 total)',
    'one additional alarm is missing',
    remove(ALARM, about('DatabaseBackupFailed')),
  ),
  monitoring('Aurora: 5 alarms', 'four alarms', remove(ALARM, about('DatabaseReplicaLag'))),
  monitoring(
    'Aurora: 5 alarms',
    'one alarm on another cluster',
    alarm('DatabaseCpu', { Dimensions: [{ Name: 'DBClusterIdentifier', Value: 'other' }] }),
  ),
  monitoring(
    'VPC: 3 alarms',
    'an alarm on an unpublished metric',
    alarm('NetworkRemoteAccess', { MetricName: 'Remote' }),
  ),
  monitoring('Cost: 1 alarm', 'no alarm', remove(ALARM, about('MonthlyCosts'))),
  monitoring('ALB: 3 alarms', 'two alarms', remove(ALARM, about('RejectedConnections'))),
  monitoring('ECS: 3 alarms', 'two alarms on the worker', remove(ALARM, about('WorkerMemoryHigh'))),
  monitoring(
    'ECS: 3 alarms',
    'one alarm on another service',
    measured('WebCpuHigh', ({ Dimensions }) => (Dimensions[1].Value = 'other')),
  ),
  monitoring('WAF: 1 alarm', 'an alarm in another namespace', alarm('BlockedSurge', { Namespace: 'WAF' })),
  monitoring('NAT Gateway: 3 alarms', 'two alarms', remove(ALARM, about('NatPortAllocation'))),
  monitoring(
    'NAT Gateway: 3 alarms',
    'one gateway without an alarm',
    measured('NatPortAllocation', ({ Dimensions: [gateway] }) => (gateway.Value = 'nat-1')),
  ),
  monitoring(
    'VPC Flow Logs: 2 alarms',
    'one alarm on another log group',
    alarm('FlowLogSilent', { Dimensions: [{ Name: 'LogGroupName', Value: 'other' }] }),
  ),
  monitoring(
    'ECS: /ecs/omnirapeutic-production/{api,web,worker}',
    'a fixed name',
    logged('ApplicationWebLog', { LogGroupName: '/ecs/omnirapeutic-production/web' }),
  ),
  monitoring(
    'ECS: /ecs/omnirapeutic-production/{api,web,worker}',
    'no encryption',
    edit(LOG_GROUP, (group) => delete group.KmsKeyId, about('ApplicationWorkerLog')),
  ),
  monitoring(
    'VPC: /aws/vpc/omnirapeutic-production-flow-logs',
    '30 days',
    logged('FlowLogGroup', { RetentionInDays: 30 }),
  ),
  monitoring(
    'CloudTrail: /aws/cloudtrail/omnirapeutic-production',
    'a fixed name',
    logged('GuardrailsTrailLog', { LogGroupName: '/aws/cloudtrail/omnirapeutic-production' }),
  ),
  monitoring(
    'CloudTrail: /aws/cloudtrail/omnirapeutic-production',
    'another log group in the trail',
    edit(TRAIL, (trail) => (trail.CloudWatchLogsLogGroupArn['Fn::GetAtt'][0] = 'NetworkNetworkFlowLogGroup')),
  ),
  monitoring(
    'SSM: /aws/ssm/omnirapeutic-production-bastion-sessions',
    'a fixed name',
    logged('BastionSessionLog', { LogGroupName: '/aws/ssm/omnirapeutic-production-bastion-sessions' }),
  ),
  monitoring(
    'Aurora: /aws/rds/cluster/omnirapeutic-production/postgresql',
    'created by RDS, after the cluster',
    remove(LOG_GROUP, about('DatabasePostgresqlLog')),
  ),
  monitoring(
    'Aurora: /aws/rds/cluster/omnirapeutic-production/postgresql',
    'a fixed name',
    set(AURORA_CLUSTER, { DBClusterIdentifier: 'omnirapeutic-production' }),
  ),
  monitoring('CloudTrail: All API calls logged', 'calls of one region only', set(TRAIL, { IsMultiRegionTrail: false })),
  monitoring('CloudTrail: All API calls logged', 'changes only', selected({ ReadWriteType: 'WriteOnly' })),
  monitoring(
    'CloudTrail: All API calls logged',
    'calls without those of KMS',
    selected({ ExcludeManagementEventSources: ['kms.amazonaws.com'] }),
  ),
  monitoring(
    'CloudTrail: All API calls logged',
    'files that can be deleted',
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
    'another principal can write',
    edit(
      BUCKET_POLICY,
      ({ PolicyDocument }) =>
        PolicyDocument.Statement.push({ Effect: 'Allow', Action: 's3:PutObject', Principal: '*' }),
      about('TrailBucket'),
    ),
  ),
  monitoring(
    'AWS Config: HIPAA conformance pack',
    'one rule less',
    edit(PACK, ({ TemplateBody }) => {
      TemplateBody['Fn::Join'][1] = TemplateBody['Fn::Join'][1].map((part: unknown) =>
        typeof part === 'string' ? part.replace('ConfigRuleName: access-keys-rotated', '') : part,
      );
    }),
  ),
  monitoring(
    'AWS Config: HIPAA conformance pack',
    'unrecorded resource types',
    set(RECORDER, { ExcludedTypes: ['AWS::IAM::Role'] }),
  ),
  monitoring(
    'GuardDuty: Threat detection',
    'no detection of database logins',
    remove(DETECTOR, about('RDSLOGINEVENTS')),
  ),
  monitoring('GuardDuty: Threat detection', 'no notification', set(RULE, { Targets: [] }, about('GuardDutyFindings'))),
  monitoring(
    'VPC Flow Logs: Network traffic analysis',
    'rejected traffic only',
    set(FLOW_LOG, { TrafficType: 'REJECT' }),
  ),
  monitoring(
    'VPC Flow Logs: Network traffic analysis',
    'a filter is missing',
    remove(FILTER, about('BytesLeavingData')),
  ),
];

const code = breaking(CODE);
/** A resource of a module that no stack creates. */
const elsewhere = (words: string, type: string) => code(words, 'a resource that no stack creates', add(type, {}));
const MODULES: Mutation[] = [
  elsewhere('terraform/', VPC),
  elsewhere('environments/production/main.tf: Root configuration', VPC),
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

/** Changes to cluster, database, monitoring and modules, each with the row that it must fail. */
export const COMPONENTS: Mutation[] = [...CLUSTERS, ...DATABASES, ...WATCHING, ...MODULES];
