import { Template } from 'aws-cdk-lib/assertions';
import { all } from '../reading';
import { ALARM } from './proof/parts';
import { karematch } from './proof/synthesis';

const MINUTE = 60;
const FIVE_MINUTES = 300;
const HOUR = 3600;
const DAY = 86_400;

/** What CloudWatch refuses beyond, and what is too short to say what happened and what to do. */
const LONGEST_DESCRIPTION = 1024;
const SHORTEST_DESCRIPTION = 40;

/** A metric as CloudWatch finds it. One wrong word in it, and the alarm watches nothing. */
interface Measured {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly statistic: string;
  readonly period: number;
}

/** An alarm: what is compared, by its id or the expression's, and what that is computed from. */
interface Row {
  readonly metrics: Record<string, Measured | string>;
  readonly threshold: number;
  readonly comparison: string;
  readonly periods: number;
  readonly missing: string;
  /** Whatever else stands in the alarm and has a say in when it fires. */
  readonly more?: Record<string, unknown>;
}
type Rows = Record<string, Row>;

const above = (threshold: number, periods = 1) => ({ threshold, comparison: 'GreaterThanThreshold', periods });
const below = (threshold: number, periods = 1) => ({ threshold, comparison: 'LessThanThreshold', periods });
/** No data: nothing happened; that it happened; nothing is known, which is neither good nor bad. */
const quiet = { missing: 'notBreaching' };
const alarming = { missing: 'breaching' };
const unknown = { missing: 'missing' };

/** A metric of a namespace and of what its dimensions name. */
const of = (namespace: string, dimensions: Record<string, string>) => (name: string, statistic: string, period = FIVE_MINUTES) => ({
  compared: { namespace, name, dimensions, statistic, period },
});

/** A NAT gateway publishes zeros while it works, and nothing divided by nothing while nothing passes: both are quiet. */
function natGateway(label: string, id: string): Rows {
  const metric = of('AWS/NATGateway', { NatGatewayId: `${id}.NatGatewayId` });
  return {
    [`Network${label}PortAllocation`]: { metrics: metric('ErrorPortAllocation', 'Sum'), ...above(0), ...quiet },
    [`Network${label}DroppedPackets`]: {
      metrics: {
        compared: '100 * dropped / (sent + received)',
        dropped: metric('PacketsDropCount', 'Sum').compared,
        sent: metric('PacketsInFromSource', 'Sum').compared,
        received: metric('PacketsInFromDestination', 'Sum').compared,
      },
      ...above(0.01, 3),
      ...quiet,
    },
  };
}

/** Records that stop are the alarm itself: there is no metric of what did not arrive. */
const flowLog: Rows = {
  NetworkFlowLogSilent: { metrics: of('AWS/Logs', { LogGroupName: 'NetworkFlowLogGroup4F8CEEEF' })('IncomingLogEvents', 'Sum', HOUR), ...below(1), ...alarming },
};

/** One of them, that of the CPU, tells when the instance reports nothing: the others need not say it again. */
function database(): Rows {
  const metric = of('AWS/RDS', { DBInstanceIdentifier: 'DatabaseInstanceAA8A5FDE' });
  return {
    DatabaseCpu: { metrics: metric('CPUUtilization', 'Average'), ...above(80, 3), ...alarming },
    DatabaseFreeMemory: { metrics: metric('FreeableMemory', 'Minimum'), ...below(268_435_456, 3), ...unknown },
    DatabaseFreeStorage: { metrics: metric('FreeStorageSpace', 'Minimum'), ...below(2_147_483_648, 6), ...unknown },
    DatabaseReadLatency: { metrics: metric('ReadLatency', 'Average'), ...above(0.1, 3), ...quiet },
    DatabaseWriteLatency: { metrics: metric('WriteLatency', 'Average'), ...above(0.1, 3), ...quiet },
    // PostgreSQL gives 1 GiB / 9,531,392 bytes = 112 connections; 78 are seven tenths of them.
    DatabaseConnections: { metrics: metric('DatabaseConnections', 'Maximum'), ...above(78, 3), ...quiet },
    DatabaseTransactionIds: { metrics: metric('MaximumUsedTransactionIDs', 'Maximum'), ...above(1_000_000_000), ...quiet },
  };
}

const backup: Rows = {
  DatabaseBackupFailed: {
    metrics: of('AWS/Backup', { BackupVaultName: 'DatabaseBackupVault21F39AF5.BackupVaultName' })('NumberOfBackupJobsFailed', 'Sum', HOUR), ...above(0), ...quiet,
  },
};

/** A message is reported as often as it is looked for, so that a sum would count it many times: the most at once is how many there are. */
const waiting = (queue: string): Row => ({ metrics: of('AWS/SQS', { QueueName: `${queue}.QueueName` })('ApproximateNumberOfMessagesVisible', 'Maximum'), ...above(0), ...quiet });

const secrets: Rows = {
  SecretsRotationErrors: { metrics: of('AWS/Lambda', { FunctionName: 'SecretsRotationFunction5A417570' })('Errors', 'Sum'), ...above(0), ...quiet },
  SecretsRotationDeadLetters: waiting('SecretsRotationFunctionDeadLetters52C00480'),
};

function entrance(): Rows {
  const metric = of('AWS/ApplicationELB', { LoadBalancer: 'Entrance8B3FB375.LoadBalancerFullName' });
  return {
    EntranceLoadBalancerErrors: { metrics: metric('HTTPCode_ELB_5XX_Count', 'Sum'), ...above(10), ...quiet },
    EntranceSlowResponses: { metrics: metric('TargetResponseTime', 'Average'), ...above(1, 3), ...quiet },
    EntranceRejectedConnections: { metrics: metric('RejectedConnectionCount', 'Sum'), ...above(0), ...quiet },
  };
}

/** ACM reports twice a day, until the certificate has ended. */
const certificate = (id: string): Row => ({ metrics: of('AWS/CertificateManager', { CertificateArn: id })('DaysToExpiry', 'Minimum', DAY), ...below(30), ...unknown });

function tasks(): Rows {
  const metric = of('AWS/ECS', { ClusterName: 'ApiCluster38154836', ServiceName: 'ApiServiceD5B4A50A.Name' });
  return {
    ApiCpuHigh: { metrics: metric('CPUUtilization', 'Average'), ...above(90, 3), ...quiet },
    ApiMemoryHigh: { metrics: metric('MemoryUtilization', 'Average'), ...above(90, 3), ...quiet },
    // Each task reports once a minute: the number of reports is the number of tasks, and no report is no task.
    ApiNoRunningTask: { metrics: metric('CPUUtilization', 'SampleCount', MINUTE), ...below(1, 3), ...alarming },
  };
}

/** The load balancer is named by the ARN of a listener, app/name/number, since the target group knows no more of it. */
function targets(listener: string): Rows {
  const metric = of('AWS/ApplicationELB', {
    LoadBalancer: [1, 2, 3].map((part) => `${listener}[${part}]`).join('/'),
    TargetGroup: 'ApiTargetGroup54BFE075.TargetGroupFullName',
  });
  return {
    ApiUnhealthyTasks: { metrics: metric('UnHealthyHostCount', 'Maximum', MINUTE), ...above(0, 5), ...quiet },
    // Each zone reports for itself. Without a registered task none does, which must not pass for health.
    ApiNoHealthyTask: { metrics: metric('HealthyHostCount', 'Maximum', MINUTE), ...below(1, 3), ...alarming },
    ApiTargetErrors: { metrics: metric('HTTPCode_Target_5XX_Count', 'Sum'), ...above(10), ...quiet },
    ApiSlowP95: { metrics: metric('TargetResponseTime', 'p95'), ...above(0.5, 3), ...quiet, more: { EvaluateLowSampleCountPercentile: 'ignore' } },
  };
}

function log(): Rows {
  const metric = of('AWS::StackName/Api', {});
  return {
    ApiApplicationErrors: { metrics: metric('ApplicationErrors', 'Sum'), ...above(10), ...quiet },
    ApiFailedLogins: { metrics: metric('FailedLogins', 'Sum'), ...above(20), ...quiet },
  };
}

function roller(): Rows {
  const failed = (rule: string) => of('AWS/Events', { RuleName: rule })('FailedInvocations', 'Sum').compared;
  return {
    ApiRollGivenUp: waiting('ApiRollerFailedRequests41EE93DE'),
    ApiRollNotRequested: {
      metrics: {
        compared: 'SUM(METRICS())',
        m0: failed('ApiRollerNewValue3D3C37E2'),
        m1: failed('ApiRollerRotatedF6F4E7AC'),
        m2: failed('ApiRollerClock00522343'),
      },
      ...above(0),
      ...quiet,
    },
  };
}

/** CloudFront reports for the world, and under no other region. */
const site: Rows = {
  SiteServerErrors: { metrics: of('AWS/CloudFront', { DistributionId: 'SiteDistribution390DED28', Region: 'Global' })('5xxErrorRate', 'Average'), ...above(5, 3), ...quiet },
};

/** Firewalls report by the name of their metric, those of CloudFront without a region. */
function firewalls(entranceMetric: string, siteMetric: string): Rows {
  const blocked = (dimensions: Record<string, string>): Row => ({
    metrics: of('AWS/WAFV2', { Rule: 'ALL', ...dimensions })('BlockedRequests', 'Sum'), ...above(1000), ...quiet,
  });
  return {
    EntranceFirewallBlockedSurge: blocked({ Region: 'us-east-1', WebACL: entranceMetric }),
    SiteBlockedSurge: blocked({ WebACL: siteMetric }),
  };
}

const both: Rows = {
  ...natGateway('NatGateway1', 'NetworkPublicSubnet1NATGateway0ECE21B7'),
  ...flowLog,
  ...database(),
  ...secrets,
  ...entrance(),
  ...tasks(),
  ...log(),
  ...roller(),
  ...site,
};

/** A row for each alarm, by its id without `Monitoring`, stack and hash. Every number is written out: it is what the constants of the source have to come to. */
const EXPECTED: Record<string, Rows> = {
  KareMatch: {
    ...both,
    ...natGateway('NatGateway2', 'NetworkPublicSubnet2NATGateway29E02316'),
    ...backup,
    ...targets('EntranceHttps86B3BC1F'),
    ...firewalls('KareMatchEntranceFirewallDF687B26', 'KareMatchSiteFirewall7B263E17'),
    EntranceCertificateExpiry: certificate('EntranceCertificate2EAE713C'),
    SiteCertificateExpiry: certificate('SiteCertificate74188813'),
  },
  KareMatchDevelopment: {
    ...both,
    ...targets('EntranceHttp2DA9FD87'),
    ...firewalls('KareMatchDevelopmentEntranceFirewallF6A7AF47', 'KareMatchDevelopmentSiteFirewall2CE2E965'),
  },
};

/** A value as one text: references by their logical ids, `[1]` for a part of what is split at slashes. What is none of these fails. */
function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, given], ...more] = Object.entries(value as Record<string, never>);
  expect(more).toEqual([]);
  if (kind === 'Ref') return given;
  if (kind === 'Fn::GetAtt') return (given as string[]).join('.');
  if (kind === 'Fn::Join') return (given[1] as unknown[]).map(readable).join(given[0]);
  expect({ kind, given }).toEqual({ kind: 'Fn::Select', given: [expect.any(Number), { 'Fn::Split': ['/', expect.anything()] }] });
  return `${readable(given[1]['Fn::Split'][1])}[${given[0]}]`;
}

/** Properties of a resource: of any shape, as CloudFormation's are. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Properties = Record<string, any>;

function measured({ Metric: { Namespace, MetricName, Dimensions = [] }, Stat: statistic, Period: period, ...more }: Properties): Measured {
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }: Properties) => [Name, readable(Value)]));
  expect(Object.keys(dimensions)).toHaveLength(Dimensions.length);
  return { namespace: readable(Namespace), name: MetricName, dimensions, statistic, period, ...more };
}

/** Both forms of an alarm as one. What is known of neither stands in `more`. */
function rowOf(alarm: Properties): Row {
  const { AlarmDescription, AlarmActions, OKActions, ActionsEnabled, ...rule } = alarm;
  expect(ActionsEnabled).toBe(true);
  const { Threshold, ComparisonOperator, EvaluationPeriods, TreatMissingData, ...metric } = rule;
  const { Metrics, Namespace, MetricName, Dimensions, Statistic, ExtendedStatistic, Period, ...more } = metric;
  const flat = { Metric: { Namespace, MetricName, Dimensions }, Stat: Statistic ?? ExtendedStatistic, Period };
  const metrics: Properties[] = Metrics ?? [{ MetricStat: flat }];
  expect(metrics.filter(({ ReturnData }) => ReturnData !== false)).toHaveLength(1);
  return {
    metrics: Object.fromEntries(metrics.map(({ Id, ReturnData, Expression, MetricStat }) =>
      [ReturnData === false ? Id : 'compared', MetricStat ? measured(MetricStat) : Expression])),
    threshold: Threshold,
    comparison: ComparisonOperator,
    periods: EvaluationPeriods,
    missing: TreatMissingData,
    ...(Object.keys(more).length > 0 ? { more } : {}),
  };
}

/** The properties of every alarm, by id. */
function alarmsOf(template: Template, name: string): Record<string, Properties> {
  const found = Object.entries(template.findResources(ALARM));
  const around = new RegExp(`^Monitoring${name}|[0-9A-F]{8}$`, 'g');
  const alarms = Object.fromEntries(found.map(([id, { Properties }]) => [id.replace(around, ''), Properties]));
  expect(Object.keys(alarms)).toHaveLength(all(template, ALARM).length);
  return alarms;
}

const { production, development } = karematch();

describe.each([['KareMatch', production], ['KareMatchDevelopment', development]])('the alarms of %s', (name, template) => {
  const alarms = alarmsOf(template, name);

  test('are these, and each measures what it is meant to', () => {
    expect(Object.fromEntries(Object.entries(alarms).map(([id, alarm]) => [id, rowOf(alarm)]))).toEqual(EXPECTED[name]);
  });

  test('say what to do first', () => {
    const described = Object.entries(alarms).map(([id, { AlarmDescription }]) => ({ id, description: readable(AlarmDescription) }));
    const lacking = described.filter(({ description: { length } }) => length < SHORTEST_DESCRIPTION || length > LONGEST_DESCRIPTION);
    expect(lacking).toEqual([]);
    expect(described.filter(({ description }) => !description.includes('First'))).toEqual([]);
  });
});
