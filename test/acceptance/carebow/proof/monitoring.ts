import { runInNewContext } from 'vm';
import { Template } from 'aws-cdk-lib/assertions';
import { dailySnapshots } from './database';
import { ALARM, CLUSTER, database, DATABASE, LOAD_BALANCER, TARGET_GROUP, TOPIC } from './parts';
import { alarms, all, attribute, only, ref } from '../../../support/template/reading';

const OF_LOAD_BALANCER = (template: Template) => ({
  LoadBalancer: attribute(only(template, LOAD_BALANCER), 'LoadBalancerFullName'),
});

/** An alarm of this metric exists, and notifies the topic. */
function watched(template: Template, wanted: object) {
  const topic = ref(only(template, TOPIC));
  expect(alarms(template)).toContainEqual(expect.objectContaining({ ...wanted, actions: [topic] }));
}

/** An alarm of an expression, by the end of its ID. */
function expression(template: Template, id: string) {
  const found = Object.entries(template.findResources(ALARM)).filter(([each]) => each.includes(`Targets${id}`));
  expect(found).toHaveLength(1);
  const [[, { Properties }]] = found;
  expect(Properties.AlarmActions).toEqual([ref(only(template, TOPIC))]);
  expect(Properties.ActionsEnabled).toBe(true);
  const { Metrics, Threshold, ComparisonOperator } = Properties;
  const expressions = Metrics.filter(({ Expression }: { Expression?: string }) => Expression)
    .map(({ Expression }: { Expression: string }) => Expression);
  const names = Metrics.filter(({ MetricStat }: { MetricStat?: object }) => MetricStat)
    .map(({ MetricStat }: { MetricStat: { Metric: { MetricName: string } } }) => MetricStat.Metric.MetricName);
  return { expressions, names, Threshold, ComparisonOperator };
}

export function cpuOfTasks(template: Template) {
  watched(template, { namespace: 'AWS/ECS', metric: 'CPUUtilization', comparison: 'GreaterThanThreshold' });
}

export function memoryOfTasks(template: Template) {
  watched(template, { namespace: 'AWS/ECS', metric: 'MemoryUtilization', comparison: 'GreaterThanThreshold' });
}

export function connections(template: Template) {
  watched(template, {
    namespace: 'AWS/RDS',
    metric: 'DatabaseConnections',
    dimensions: { DBInstanceIdentifier: ref(only(template, DATABASE)) },
  });
}

export function databaseIsWatched(template: Template) {
  connections(template);
  dailySnapshots(template);
  for (const metric of ['CPUUtilization', 'FreeStorageSpace']) watched(template, { namespace: 'AWS/RDS', metric });
  expect(database(template).MonitoringInterval).toBeGreaterThan(0);
}

const FAILED = ['RequestCount', 'HTTPCode_ELB_5XX_Count', 'HTTPCode_Target_5XX_Count'];

/** The value of an expression of CloudWatch. A metric without a value is left out. */
function valueOf(text: string, metrics: { requests?: number; elb?: number; target?: number }): number {
  const numbers = text.replace(/FILL\((\w+), (\d+)\)/g, (_, name: keyof typeof metrics, instead) =>
    String(metrics[name] ?? instead));
  const [, condition, value, otherwise] = /^IF\((.+ >= \d+), (.+), (\d+)\)$/.exec(numbers)!;
  return runInNewContext(`${condition} ? ${value} : ${otherwise}`, metrics);
}

/** The share of failed requests. `RequestCount` counts only requests with a target, and is missing without targets. */
function failedShare(text: string) {
  expect(valueOf(text, { requests: 1000 })).toBe(0);
  expect(valueOf(text, { requests: 1000, target: 1 })).toBe(0.1);
  expect(valueOf(text, { requests: 800, elb: 200 })).toBe(20);
  expect(valueOf(text, { elb: 200 })).toBe(100);
  // Below the minimum of 100 requests, the share has no meaning.
  expect(valueOf(text, { requests: 99, target: 99 })).toBe(0);
  expect(valueOf(text, { elb: 99 })).toBe(0);
}

/** Fails above 0.1 % of the requests of five minutes. */
export function errorRate(template: Template) {
  const { expressions, names, ...rule } = expression(template, 'ErrorRate');
  expect(rule).toEqual({ Threshold: 0.1, ComparisonOperator: 'GreaterThanThreshold' });
  expect(names).toEqual(FAILED);
  expect(expressions).toHaveLength(1);
  failedShare(expressions[0]);
}

export function availability(template: Template) {
  const { expressions, names, ...rule } = expression(template, 'Availability');
  expect(rule).toEqual({ Threshold: 99.9, ComparisonOperator: 'LessThanThreshold' });
  expect(names).toEqual(FAILED);
  expect(expressions[0]).toBe('100 - failed');
  failedShare(expressions[1]);
}

/** More than 1,000 requests in each of five minutes. */
export function throughput(template: Template) {
  watched(template, {
    metric: 'RequestCount',
    threshold: 1000,
    seconds: 60,
    statistic: 'Sum',
    comparison: 'GreaterThanThreshold',
    periods: 5,
    dimensions: OF_LOAD_BALANCER(template),
  });
}

/** The slowest 5 % of the responses take more than 200 ms. */
export function responseTime(template: Template) {
  const TargetGroup = attribute(only(template, TARGET_GROUP), 'TargetGroupFullName');
  watched(template, {
    metric: 'TargetResponseTime',
    threshold: 0.2,
    statistic: 'p95',
    comparison: 'GreaterThanThreshold',
    dimensions: { LoadBalancer: expect.anything(), TargetGroup },
  });
}

/** Every alarm notifies an encrypted topic with a subscriber, and a dashboard shows the metrics. */
export function everythingIsWatched(template: Template) {
  const topic = ref(only(template, TOPIC));
  for (const { Properties } of all(template, ALARM)) {
    expect({ actions: Properties.AlarmActions, enabled: Properties.ActionsEnabled })
      .toEqual({ actions: [topic], enabled: true });
  }
  template.hasResourceProperties('AWS::SNS::Subscription', { TopicArn: topic, Protocol: 'email' });
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  template.hasResourceProperties(CLUSTER, { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] });
  cpuOfTasks(template);
  memoryOfTasks(template);
  connections(template);
  errorRate(template);
}
