import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import {
  API_FOLDER,
  BUCKET,
  CLUSTER,
  containerLog,
  DATABASE,
  KEY,
  LOAD_BALANCER,
  LOG_GROUP,
  migrationContainer,
  SERVICE,
  TARGET_GROUP,
} from './parts';
import { logsToCloudWatch } from './service';
import {
  alarms,
  all,
  attribute,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
  WatchedMetric,
} from '../../../support/template/reading';

const FILTER = 'AWS::Logs::MetricFilter';
const YEAR = 365;
/** Six years, with the two leap days that they may have: 45 CFR 164.316(b)(2)(i). */
const SIX_YEARS = 2192;
const FIVE_MINUTES = 300;

const dimensions = {
  database: (template: Template) => ({ DBInstanceIdentifier: ref(only(template, DATABASE)) }),
  service: (template: Template) => ({
    ClusterName: ref(only(template, CLUSTER)),
    ServiceName: attribute(only(template, SERVICE), 'Name'),
  }),
  loadBalancer: (template: Template) => ({
    LoadBalancer: attribute(only(template, LOAD_BALANCER), 'LoadBalancerFullName'),
  }),
  targets: (template: Template) => ({
    LoadBalancer: expect.anything(),
    TargetGroup: attribute(only(template, TARGET_GROUP), 'TargetGroupFullName'),
  }),
  none: () => ({}),
};
type Of = keyof typeof dimensions;

/**
 * The recipient: one address, subscribed to a topic that accepts the alarms of the account and whose key CloudWatch
 * may use.
 */
function whoIsTold(template: Template): object {
  const topic = ref(only(template, 'AWS::SNS::Topic'));
  const subscription = propertiesOf(template, 'AWS::SNS::Subscription', only(template, 'AWS::SNS::Subscription'));
  expect(subscription).toEqual({
    TopicArn: topic,
    Protocol: 'email',
    Endpoint: expect.stringMatching(/^[a-z]+@karematch\.com$/),
  });
  const { KmsMasterKeyId } = propertiesOf(template, 'AWS::SNS::Topic', topic.Ref);
  expect(rotatingKeys(template)).toContainEqual(KmsMasterKeyId);
  expect(propertiesOf(template, KEY, KmsMasterKeyId['Fn::GetAtt'][0]).KeyPolicy.Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    }),
  );
  const mayPublish = all(template, 'AWS::SNS::TopicPolicy').flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
  expect(mayPublish).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: topic,
    }),
  );
  return topic;
}

type Rule = Pick<
  WatchedMetric,
  'namespace' | 'metric' | 'statistic' | 'comparison' | 'threshold' | 'periods' | 'missing'
> & { readonly of: Of; readonly seconds?: number };

/** Exactly this alarm exists on this metric, and it notifies the recipient. */
export const alarm = ({ of, seconds = FIVE_MINUTES, ...rule }: Rule) => (template: Template) => {
  const found = alarms(template).filter(
    ({ metric, namespace, statistic, dimensions: { LoadBalancer: _, ...rest } }) =>
      metric === rule.metric &&
      text(namespace) === text(rule.namespace) &&
      statistic === rule.statistic &&
      JSON.stringify(Object.keys(rest)) ===
        JSON.stringify(Object.keys(dimensions[of](template)).filter((name) => name !== 'LoadBalancer')),
  );
  expect(found).toEqual([{ ...rule, seconds, dimensions: dimensions[of](template), actions: [whoIsTold(template)] }]);
};

const above = { comparison: 'GreaterThanThreshold' };
const below = { comparison: 'LessThanThreshold' };
const quiet = { missing: 'notBreaching' };

export const cpuAbove80 = alarm({
  of: 'database',
  namespace: 'AWS/RDS',
  metric: 'CPUUtilization',
  statistic: 'Average',
  ...above,
  threshold: 80,
  periods: 3,
  missing: 'breaching',
});
/** 5 % of the 1 GiB of a db.t4g.micro. */
export const littleMemory = alarm({
  of: 'database',
  namespace: 'AWS/RDS',
  metric: 'FreeableMemory',
  statistic: 'Minimum',
  ...below,
  threshold: Math.floor(0.05 * 1024 ** 3),
  periods: 3,
  missing: 'missing',
});
export const storageBelow2 = alarm({
  of: 'database',
  namespace: 'AWS/RDS',
  metric: 'FreeStorageSpace',
  statistic: 'Minimum',
  ...below,
  threshold: 2 * 1024 ** 3,
  periods: 6,
  missing: 'missing',
});
export const slowerThanASecond = alarm({
  of: 'loadBalancer',
  namespace: 'AWS/ApplicationELB',
  metric: 'TargetResponseTime',
  statistic: 'Average',
  ...above,
  threshold: 1,
  periods: 3,
  ...quiet,
});
/** No zone reports a healthy task for three minutes. */
export const noHealthyTask = alarm({
  of: 'targets',
  namespace: 'AWS/ApplicationELB',
  metric: 'HealthyHostCount',
  statistic: 'Maximum',
  ...below,
  threshold: 1,
  seconds: 60,
  periods: 3,
  missing: 'breaching',
});
/** Each running task reports its CPU once a minute. Without a report, no task is running. */
export const noRunningTask = alarm({
  of: 'service',
  namespace: 'AWS/ECS',
  metric: 'CPUUtilization',
  statistic: 'SampleCount',
  ...below,
  threshold: 1,
  seconds: 60,
  periods: 3,
  missing: 'breaching',
});
const balancerErrors = alarm({
  of: 'loadBalancer',
  namespace: 'AWS/ApplicationELB',
  metric: 'HTTPCode_ELB_5XX_Count',
  statistic: 'Sum',
  ...above,
  threshold: 10,
  periods: 1,
  ...quiet,
});
const targetErrors = alarm({
  of: 'targets',
  namespace: 'AWS/ApplicationELB',
  metric: 'HTTPCode_Target_5XX_Count',
  statistic: 'Sum',
  ...above,
  threshold: 10,
  periods: 1,
  ...quiet,
});
export const slowP95 = alarm({
  of: 'targets',
  namespace: 'AWS/ApplicationELB',
  metric: 'TargetResponseTime',
  statistic: 'p95',
  ...above,
  threshold: 0.5,
  periods: 3,
  ...quiet,
});

/** The errors of the load balancer and of the tasks. */
export function serverErrors(template: Template) {
  balancerErrors(template);
  targetErrors(template);
}

const OWN_NAMESPACE = { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Api']] };

/** A metric of the service log, with a filter, a graph and an alarm. */
const counted = (metric: string, pattern: string, threshold: number, written: RegExp) => (template: Template) => {
  const id = only(template, FILTER, { MetricTransformations: [{ MetricName: metric }] });
  expect(propertiesOf(template, FILTER, id)).toMatchObject({
    LogGroupName: ref(containerLog(template)),
    FilterPattern: pattern,
    MetricTransformations: [
      { MetricName: metric, MetricNamespace: OWN_NAMESPACE, MetricValue: '1', DefaultValue: 0, Unit: 'Count' },
    ],
  });
  alarm({ of: 'none', namespace: OWN_NAMESPACE, metric, statistic: 'Sum', ...above, threshold, periods: 1, ...quiet })(
    template,
  );
  charts([text(OWN_NAMESPACE), metric])(template);
  expect(fs.readFileSync(path.join(API_FOLDER, 'server.js'), 'utf8')).toMatch(written);
};
const ERRORS = ['error', 'ERROR', 'fatal', 'FATAL', 'critical', 'CRITICAL', 'panic']
  .map((level) => `($.level = "${level}")`)
  .join(' || ');
export const applicationErrors = counted('ApplicationErrors', `{ ${ERRORS} || ($.level >= 50) }`, 10, /log\('error', /);
export const failedLogins = counted(
  'FailedLogins',
  '{ $.event = "login_failed" }',
  20,
  /log\('\w+', \{ event: 'login_failed'/,
);

interface Widget {
  readonly type: string;
  readonly properties: { readonly metrics?: unknown[][]; readonly query?: string; readonly markdown?: string };
}

/** The widgets of the dashboard, with `${…}` for values that are known only at deployment. */
function widgets(template: Template): Widget[] {
  const { DashboardBody } = propertiesOf(
    template,
    'AWS::CloudWatch::Dashboard',
    only(template, 'AWS::CloudWatch::Dashboard'),
  );
  return JSON.parse(text(DashboardBody)).widgets;
}

/** A graph shows a metric: namespace, name and the given dimensions. */
const charts = (wanted: string[], statistic?: string) => (template: Template) => {
  const metrics = widgets(template).flatMap(({ properties }) => properties.metrics ?? []);
  const found = metrics.filter((metric) => JSON.stringify(metric.slice(0, wanted.length)) === JSON.stringify(wanted)
    && (statistic === undefined || (metric.at(-1) as { stat?: string }).stat === statistic));
  expect(found.length).toBeGreaterThan(0);
};

const flat = (found: object): string[] => Object.entries(found).flatMap(([name, value]) => [name, text(value)]);
export const databaseChart = (metric: string) => (template: Template) =>
  charts(['AWS/RDS', metric, ...flat(dimensions.database(template))])(template);
export const serviceChart = (metric: string, statistic?: string) => (template: Template) =>
  charts(['AWS/ECS', metric, ...flat(dimensions.service(template))], statistic)(template);
export const balancerChart = (metric: string) => (template: Template) =>
  charts(['AWS/ApplicationELB', metric, ...flat(dimensions.loadBalancer(template))])(template);

export function dashboardWithoutName(template: Template) {
  expect(
    propertiesOf(template, 'AWS::CloudWatch::Dashboard', only(template, 'AWS::CloudWatch::Dashboard')),
  ).not.toHaveProperty('DashboardName');
}

export function showsRecentLines(template: Template) {
  const queries = widgets(template).filter(({ type }) => type === 'log').map(({ properties }) => properties.query);
  const groups = [containerLog(template), migrationContainer(template).LogConfiguration.Options['awslogs-group'].Ref];
  expect(queries).toHaveLength(groups.length);
  groups.forEach((group, index) => {
    expect(queries[index]).toMatch(/^SOURCE '.*sort @timestamp desc\n\| limit 50$/s);
    expect(queries[index]).toContain(`SOURCE '${text(ref(group))}'`);
  });
}

const keptFor = (template: Template, group: string, days: number) => {
  const { RetentionInDays, KmsKeyId, LogGroupName } = propertiesOf(template, LOG_GROUP, group);
  expect({ RetentionInDays, LogGroupName }).toEqual({ RetentionInDays: days, LogGroupName: undefined });
  expect(rotatingKeys(template)).toContainEqual(KmsKeyId);
};

/** The log of the API contains the failed logins. */
export function containerLogForSixYears(template: Template) {
  failedLogins(template);
  logsToCloudWatch(template);
  keptFor(template, containerLog(template), SIX_YEARS);
}

export function flowLogForSixYears(template: Template) {
  keptFor(
    template,
    propertiesOf(template, 'AWS::EC2::FlowLog', only(template, 'AWS::EC2::FlowLog')).LogGroupName.Ref,
    SIX_YEARS,
  );
}

/** Audit logs and failed logins are kept for six years, and the output of functions for one year. */
export function logsAreKept(template: Template) {
  const days = Object.values(template.findResources(LOG_GROUP)).map(({ Properties }) => Properties.RetentionInDays);
  containerLogForSixYears(template);
  // Network, two logs of the database, two firewalls, the service; the migrations; the functions of the roller, the
  // two rotations, the age of passwords, the migrations, the site deployment and the default security group.
  expect(days.sort((a, b) => a - b)).toEqual([...Array(8).fill(YEAR), ...Array(6).fill(SIX_YEARS)]);
  const rules = Object.values(template.findResources(BUCKET)).flatMap(
    ({ Properties }) => Properties.LifecycleConfiguration.Rules,
  );
  // Requests to the load balancer; requests to the site and to its bucket. The bucket of the site expires nothing.
  expect(rules.map(({ ExpirationInDays }) => ExpirationInDays).filter(Number.isFinite)).toEqual([SIX_YEARS, SIX_YEARS]);
}

/** Alarms fire for failed logins, blocked requests and missing flow logs, and the firewalls log their requests. */
export function securityEventsAreTold(template: Template) {
  failedLogins(template);
  const watched = alarms(template).filter(({ metric }) => ['BlockedRequests', 'IncomingLogEvents'].includes(metric));
  expect(watched.map(({ metric }) => metric).sort()).toEqual([
    'BlockedRequests',
    'BlockedRequests',
    'IncomingLogEvents',
  ]);
  for (const { actions } of watched) expect(actions).toEqual([whoIsTold(template)]);
  const firewalls = Object.keys(template.findResources('AWS::WAFv2::WebACL'));
  expect(firewalls).toHaveLength(2);
  for (const id of firewalls) {
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', { ResourceArn: attribute(id, 'Arn') });
  }
}
