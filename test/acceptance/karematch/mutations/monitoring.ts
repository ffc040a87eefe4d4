import {
  about,
  alarm,
  edit,
  metric,
  Mutation,
  named,
  production,
  remove,
  set,
  widget,
} from './changes';
import * as type from '../proof/parts';
import { MONITORING } from '../statements/delivery';

const FILTER = 'AWS::Logs::MetricFilter';

/** Changes to logs, dashboard and alarms, each with the row that it must fail. */
export const MONITORING_CHANGES: Mutation[] = [
  production(
    MONITORING,
    'Log Groups: ECS container logs (30-day retention)',
    '30 days',
    set(type.LOG_GROUP, { RetentionInDays: 30 }, named('ApiLog')),
  ),
  production(
    MONITORING,
    'Log Groups: VPC flow logs (30-day retention)',
    '30 days',
    set(type.LOG_GROUP, { RetentionInDays: 30 }, named('NetworkFlowLogGroup')),
  ),
  production(
    MONITORING,
    'Log Groups: /aws/vpc/karematch-flow-log',
    'a fixed name',
    set(type.LOG_GROUP, { LogGroupName: '/aws/vpc/karematch-flow-log' }, named('NetworkFlowLogGroup')),
  ),
  production(MONITORING, 'Metrics: ECS: CPU', 'no graph', widget('AWS/ECS', 'AWS/Nothing')),
  production(MONITORING, 'Metrics: ECS: memory', 'no graph', widget('MemoryUtilization', 'Nothing')),
  production(MONITORING, 'Metrics: ECS: task count', 'no graph', widget('SampleCount', 'Average')),
  production(
    MONITORING,
    'Metrics: RDS: CPU',
    'a graph of another instance',
    widget('DBInstanceIdentifier', 'EngineName'),
  ),
  production(MONITORING, 'Metrics: RDS: memory', 'no graph', widget('FreeableMemory', 'Nothing')),
  production(MONITORING, 'Metrics: RDS: storage', 'no graph', widget('FreeStorageSpace', 'Nothing')),
  production(MONITORING, 'Metrics: RDS: connections', 'no graph', widget('DatabaseConnections', 'Nothing')),
  production(MONITORING, 'Metrics: ALB: Request count', 'no graph', widget('RequestCount', 'Nothing')),
  production(MONITORING, 'Metrics: ALB: response time', 'no graph', widget('TargetResponseTime', 'Nothing')),
  production(MONITORING, 'Metrics: ALB: error rates', 'no graph', widget('HTTPCode_Target_5XX_Count', 'Nothing')),
  production(
    MONITORING,
    'Metrics: Custom: Application errors',
    'another pattern',
    set(FILTER, { FilterPattern: '{ $.level = "error" }' }, named('ApiLogMetricsApplicationErrors')),
  ),
  production(
    MONITORING,
    'Metrics: Custom: failed logins',
    'in another log group',
    set(FILTER, { LogGroupName: { Ref: 'Other' } }, named('ApiLogMetricsFailedLogins')),
  ),
  production(MONITORING, 'Metrics: Custom: failed logins', 'no alarm', remove(type.ALARM, about('FailedLogins'))),
  production(
    MONITORING,
    'Dashboards: karematch-dashboard',
    'a fixed name',
    set('AWS::CloudWatch::Dashboard', { DashboardName: 'karematch-dashboard' }),
  ),
  production(
    MONITORING,
    'Dashboards: RDS performance metrics',
    'no graph of latencies',
    widget('ReadLatency', 'Nothing'),
  ),
  production(
    MONITORING,
    'Dashboards: Recent application logs',
    'oldest first',
    widget('timestamp desc', 'timestamp asc'),
  ),
  production(MONITORING, 'Alarms: RDS CPU > 80%', 'threshold of 90 %', alarm('DatabaseCpu', { Threshold: 90 })),
  production(MONITORING, 'Alarms: RDS CPU > 80%', 'for all instances', alarm('DatabaseCpu', { Dimensions: [] })),
  production(MONITORING, 'Alarms: RDS CPU > 80%', 'no notification', alarm('DatabaseCpu', { ActionsEnabled: false })),
  production(
    MONITORING,
    'Alarms: RDS CPU > 80%',
    'no permission to encrypt the message',
    edit(
      type.KEY,
      ({ KeyPolicy }) => {
        KeyPolicy.Statement = KeyPolicy.Statement.filter(
          ({ Principal }: { Principal: { Service?: string } }) => Principal.Service !== 'cloudwatch.amazonaws.com',
        );
      },
      named('MonitoringKey'),
    ),
  ),
  production(
    MONITORING,
    'Alarms: RDS free memory < 256 MB',
    'a threshold in megabytes',
    alarm('DatabaseFreeMemory', { Threshold: 256 }),
  ),
  production(
    MONITORING,
    'Alarms: RDS free storage < 2 GB',
    'the opposite comparison',
    alarm('DatabaseFreeStorage', { ComparisonOperator: 'GreaterThanThreshold' }),
  ),
  production(
    MONITORING,
    'Alarms: ALB response time > 1 second',
    'a threshold in milliseconds',
    alarm('EntranceSlowResponses', { Threshold: 1000 }),
  ),
  production(
    MONITORING,
    'Alarms: ALB healthy host count < 1',
    'missing data counts as healthy',
    alarm('NoHealthyTask', { TreatMissingData: 'notBreaching' }),
  ),
  production(
    MONITORING,
    'Alarms: ECS running tasks = 0',
    'missing data counts as healthy',
    alarm('NoRunningTask', { TreatMissingData: 'notBreaching' }),
  ),
  production(
    MONITORING,
    'Alarms: ECS running tasks = 0',
    'the average instead of the sample count',
    metric('NoRunningTask', { Stat: 'Average' }),
  ),
  production(
    MONITORING,
    'Alarms: ALB 5XX errors > 10 (5 min window)',
    'in one hour',
    metric('LoadBalancerErrors', { Period: 3600 }),
  ),
  production(
    MONITORING,
    'Alarms: ALB 5XX errors > 10 (5 min window)',
    'no alarm on errors of tasks',
    remove(type.ALARM, about('TargetErrors')),
  ),
  production(
    MONITORING,
    'Log Groups: /aws/ecs/karematch',
    'a fixed name',
    set(type.LOG_GROUP, { LogGroupName: '/aws/ecs/karematch' }, named('ApiLog')),
  ),
  production(
    MONITORING,
    'Dashboards: ECS resource utilization',
    'no graph of the memory',
    widget('MemoryUtilization', 'Nothing'),
  ),
  production(
    MONITORING,
    'Dashboards: ALB performance: response time',
    'no graph',
    widget('TargetResponseTime', 'Nothing'),
  ),
  production(
    MONITORING,
    'Dashboards: ALB performance: errors',
    'no graph of the errors of the load balancer',
    widget('HTTPCode_ELB_5XX_Count', 'Nothing'),
  ),
];
