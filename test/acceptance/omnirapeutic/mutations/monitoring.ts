import {
  about,
  add,
  breaking,
  copy,
  edit,
  Mutation,
  Properties,
  remove,
  set,
} from '../../../support/template/mutations';
import { ALARM, BUCKET, BUCKET_POLICY, FLOW_LOG, LOG_GROUP } from '../../../support/template/types';
import { AURORA } from '../proof/parts';
import { MONITORING } from '../statements/components';

const DETECTOR = 'Custom::GuardDutyFeature';
const FILTER = 'AWS::Logs::MetricFilter';
const PACK = 'AWS::Config::ConformancePack';
const RECORDER = 'Custom::ConfigRecorder';
const RULE = 'AWS::Events::Rule';
const TRAIL = 'AWS::CloudTrail::Trail';

const alarm = (part: string, change: Properties) => set(ALARM, change, about(part));
const logged = (part: string, change: Properties) => set(LOG_GROUP, change, about(part));
const selected = (change: Properties) =>
  edit(TRAIL, ({ EventSelectors: [selector] }) => Object.assign(selector, change));
/** The first metric of a computed alarm that has a dimension. */
const measured = (part: string, change: (metric: Properties) => void) => edit(ALARM, ({ Metrics }) =>
  change(Metrics.find(({ MetricStat }: Properties) => MetricStat).MetricStat.Metric), about(part));
const monitoring = breaking(MONITORING);
/** Changes to alarms, logs and guardrails, each with the row that it must fail. */
export const WATCHING: Mutation[] = [
  monitoring('CloudWatch Alarms (21 total)', 'an unknown alarm', add(ALARM, {})),
  ...['ApiCpuHigh', 'DatabaseCpu', 'EntranceSlowResponses', 'GuardrailsRootUse'].map((name) =>
    monitoring(
      'CloudWatch Alarms (21 total)',
      `an alarm that no document names, beside ${name}`,
      copy(ALARM, name, `${name}Again`),
    ),
  ),
  monitoring(
    'CloudWatch Alarms (21 total)',
    'an alarm of a service that has no such alarm',
    copy(ALARM, 'ApiUnhealthyTasks', 'WorkerUnhealthyTasks'),
  ),
  monitoring(
    'CloudWatch Alarms (21 total)',
    'a service without an alarm of its page',
    remove(ALARM, about('WorkerRollNotRequested')),
  ),
  monitoring(
    'CloudWatch Alarms (21 total)',
    'one of the further alarms is missing',
    remove(ALARM, about('DatabaseBackupFailed')),
  ),
  ...['DatabaseUsersErrors', 'DatabaseUsersRotationOverdue', 'MigrationsRunErrors'].map((name) =>
    monitoring('CloudWatch Alarms (21 total)', `no alarm ${name}`, remove(ALARM, about(name))),
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
  monitoring('Cost: 1 alarm', 'no budget', remove('AWS::Budgets::Budget')),
  monitoring('ALB: 3 alarms', 'two alarms', remove(ALARM, about('RejectedConnections'))),
  monitoring('ECS: 3 alarms', 'two alarms on the worker', remove(ALARM, about('WorkerMemoryHigh'))),
  monitoring(
    'ECS: 3 alarms',
    'one alarm on another service',
    measured('WebCpuHigh', ({ Dimensions }) => (Dimensions[1].Value = 'other')),
  ),
  monitoring('ECS: 3 alarms', 'a fourth alarm on the API', copy(ALARM, 'ApiCpuHigh', 'ApiCpuVeryHigh')),
  monitoring(
    'ECS: 3 alarms',
    'an alarm of the load balancer on a service',
    edit(
      ALARM,
      (slow) => Object.assign(slow, { Namespace: 'AWS/ECS', MetricName: 'CPUUtilization' }),
      about('EntranceSlowResponses'),
    ),
  ),
  monitoring(
    'ECS: 3 alarms',
    'an alarm that also reads a metric of another service',
    edit(
      ALARM,
      ({ Metrics }) => {
        const other = JSON.parse(JSON.stringify(Metrics.find(({ MetricStat }: Properties) => MetricStat)));
        other.MetricStat.Metric.Dimensions[1].Value = 'other';
        Metrics.push({ ...other, Id: 'other', ReturnData: false });
      },
      about('ApiMemoryHigh'),
    ),
  ),
  monitoring(
    'ECS: 3 alarms',
    'an alarm of another cluster',
    measured('ApiNoRunningTask', ({ Dimensions }) => (Dimensions[0].Value = 'other')),
  ),
  monitoring(
    'ECS: 3 alarms',
    'an alarm on all services of the cluster',
    measured('WorkerCpuHigh', ({ Dimensions }) => Dimensions.pop()),
  ),
  monitoring(
    'ECS: 3 alarms',
    'an alarm in another namespace',
    measured('WebMemoryHigh', (metric) => (metric.Namespace = 'ECS/ContainerInsights')),
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
    measured('FlowLogSilent', ({ Dimensions: [group] }) => (group.Value = 'other')),
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
    set(AURORA, { DBClusterIdentifier: 'omnirapeutic-production' }),
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
