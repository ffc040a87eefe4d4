import { runInNewContext } from 'vm';
import { Template } from 'aws-cdk-lib/assertions';
import { dailySnapshots } from './database';
import {
  ALARM, CLUSTER, database, DATABASE, GIBIBYTE, LISTENER, LOAD_BALANCER, ROLE, SERVICE, TARGET_GROUP, TOPIC,
} from './parts';
import {
  above, alarming, below, fires, FIVE_MINUTES, HOUR, MINUTE, of, quiet, unknown,
} from '../../../support/template/alarms';
import { backupsAreWatched } from '../../../support/template/backups';
import { all, only, propertiesOf, ref, rotatingKeys, theOne } from '../../../support/template/reading';

const ofDatabase = (template: Template) => of('AWS/RDS', { DBInstanceIdentifier: only(template, DATABASE) });
const ofService = (template: Template) =>
  of('AWS/ECS', { ClusterName: only(template, CLUSTER), ServiceName: `${only(template, SERVICE)}.Name` });
const ofLoadBalancer = (template: Template) =>
  of('AWS/ApplicationELB', { LoadBalancer: `${only(template, LOAD_BALANCER)}.LoadBalancerFullName` });

export function cpuOfTasks(template: Template) {
  fires(template, 'ApiCpuHigh', {
    metrics: ofService(template)('CPUUtilization', 'Average'), ...above(90, 3), ...quiet,
  });
}

export function memoryOfTasks(template: Template) {
  fires(template, 'ApiMemoryHigh', {
    metrics: ofService(template)('MemoryUtilization', 'Average'), ...above(90, 3), ...quiet,
  });
}

/** Above 60 % of the connections that PostgreSQL accepts on 4 GiB. */
export function connections(template: Template) {
  fires(template, 'DatabaseConnections', {
    metrics: ofDatabase(template)('DatabaseConnections', 'Maximum'), ...above(278, 3), ...quiet,
  });
}

/** Metrics of the instance, of its operating system and of its backups, and the load of each statement. */
export function databaseIsWatched(template: Template) {
  connections(template);
  const metric = ofDatabase(template);
  fires(template, 'DatabaseCpu', { metrics: metric('CPUUtilization', 'Average'), ...above(80, 3), ...alarming });
  fires(template, 'DatabaseFreeMemory', {
    metrics: metric('FreeableMemory', 'Minimum'), ...below(Math.floor(0.05 * 4 * GIBIBYTE), 3), ...unknown,
  });
  fires(template, 'DatabaseFreeStorage', {
    metrics: metric('FreeStorageSpace', 'Minimum'), ...below(0.1 * 50 * GIBIBYTE, 6), ...unknown,
  });
  dailySnapshots(template);
  backupsAreWatched(template, only(template, DATABASE), 'db');
  const { MonitoringInterval, MonitoringRoleArn, EnablePerformanceInsights } = database(template);
  expect({ MonitoringInterval, EnablePerformanceInsights })
    .toEqual({ MonitoringInterval: 60, EnablePerformanceInsights: true });
  propertiesOf(template, ROLE, MonitoringRoleArn['Fn::GetAtt'][0]);
}

/** Each request: `RequestCount` contains only those with a target. */
const ALL = '(FILL(requests, 0) + FILL(elb, 0))';
/** The percentage of requests with a 5XX response of the load balancer or of a task. */
const FAILED = `IF(${ALL} >= 100, 100 * (FILL(elb, 0) + FILL(target, 0)) / ${ALL}, 0)`;
/** The inputs of the expression. */
const requests = (template: Template, period: number) => {
  const sum = (metric: string) => ofLoadBalancer(template)(metric, 'Sum', period).compared;
  return {
    requests: sum('RequestCount'), elb: sum('HTTPCode_ELB_5XX_Count'), target: sum('HTTPCode_Target_5XX_Count'),
  };
};

/** The value of an expression of CloudWatch. A metric without a value is left out. */
function valueOf(text: string, metrics: { requests?: number; elb?: number; target?: number }): number {
  const numbers = text.replace(/FILL\((\w+), (\d+)\)/g, (_, name: keyof typeof metrics, instead) =>
    String(metrics[name] ?? instead));
  const [, condition, value, otherwise] = /^IF\((.+ >= \d+), (.+), (\d+)\)$/.exec(numbers)!;
  return runInNewContext(`${condition} ? ${value} : ${otherwise}`, metrics);
}

/** The share of failed requests. `RequestCount` counts only requests with a target, and is missing without targets. */
function shareHasMeaning() {
  expect(valueOf(FAILED, { requests: 1000 })).toBe(0);
  expect(valueOf(FAILED, { requests: 1000, target: 1 })).toBe(0.1);
  expect(valueOf(FAILED, { requests: 800, elb: 200 })).toBe(20);
  // From the minimum to 999 requests, a single failure exceeds the target.
  for (const count of [100, 999]) expect(valueOf(FAILED, { requests: count, target: 1 })).toBeGreaterThan(0.1);
  expect(valueOf(FAILED, { elb: 200 })).toBe(100);
  // Below the minimum of 100 requests, the share has no meaning.
  expect(valueOf(FAILED, { requests: 99, target: 99 })).toBe(0);
  expect(valueOf(FAILED, { elb: 99 })).toBe(0);
}

/** Fires above 0.1 % of the requests of five minutes. */
export function errorRate(template: Template) {
  shareHasMeaning();
  fires(template, 'TargetsErrorRate', {
    metrics: { compared: FAILED, ...requests(template, FIVE_MINUTES) }, ...above(0.1), ...quiet,
  });
}

/** Fires below 99.9 % of the requests of an hour. */
export function availability(template: Template) {
  fires(template, 'TargetsAvailability', {
    metrics: { compared: '100 - failed', failed: FAILED, ...requests(template, HOUR) }, ...below(99.9), ...quiet,
  });
}

/** More than 1,000 requests in each of five minutes. */
export function throughput(template: Template) {
  fires(template, 'TargetsThroughput', {
    metrics: ofLoadBalancer(template)('RequestCount', 'Sum', MINUTE), ...above(1000, 5), ...quiet,
  });
}

/** The slowest 5 % of the responses of five minutes take more than 200 ms, three times. */
export function responseTime(template: Template) {
  const listener = only(template, LISTENER, { Port: 443 });
  const ofTasks = of('AWS/ApplicationELB', {
    LoadBalancer: [1, 2, 3].map((index) => `${listener}[${index}]`).join('/'),
    TargetGroup: `${only(template, TARGET_GROUP)}.TargetGroupFullName`,
  });
  fires(template, 'ApiSlowP95', {
    metrics: ofTasks('TargetResponseTime', 'p95'),
    ...above(0.2, 3),
    ...quiet,
    more: { EvaluateLowSampleCountPercentile: 'ignore' },
  });
}

/** Every alarm notifies an encrypted topic with a subscriber, and a dashboard shows the metrics. */
export function everythingIsWatched(template: Template) {
  const topic = ref(only(template, TOPIC));
  for (const { Properties } of all(template, ALARM)) {
    expect({ actions: Properties.AlarmActions, enabled: Properties.ActionsEnabled })
      .toEqual({ actions: [topic], enabled: true });
  }
  expect(rotatingKeys(template)).toContainEqual(theOne(TOPIC)(template).KmsMasterKeyId);
  expect(theOne('AWS::SNS::Subscription')(template))
    .toEqual({ TopicArn: topic, Protocol: 'email', Endpoint: 'oncall@carebow.com' });
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  template.hasResourceProperties(CLUSTER, { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] });
  cpuOfTasks(template);
  memoryOfTasks(template);
  connections(template);
  errorRate(template);
}
