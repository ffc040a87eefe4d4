import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { someListener, someService } from './fargate-fixtures';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { LogMetric } from '../../src/service/log-metric';
import { SecureFargateService } from '../../src/service/secure-fargate-service';
import { SecureFargateServiceProps } from '../../src/service/secure-fargate-service-props';
import { ServiceIngress } from '../../src/service/service-ingress';
import { newStack, propertiesOf, templateOf } from '../support/app';

let stack: Stack;
beforeEach(() => stack = newStack());

const withIngress = (props: Partial<SecureFargateServiceProps> = {}) =>
  someService(stack, { containerPort: 8080, ingress: ServiceIngress.listener(someListener(stack)), ...props });
const idsOf = (service: SecureFargateService) => service.monitoringPlan().alarms.map(({ id }) => id);
const titlesOf = (service: SecureFargateService) =>
  service
    .monitoringPlan()
    .widgets.flatMap((widget) => widget.toJson())
    .map(({ properties }: { properties: { title: string } }) => properties.title);

/** The alarms of a stack. An alarm on a metric with a label contains the metric one level deeper. */
function alarmsIn(watching: Stack) {
  return Object.values(propertiesOf(templateOf(watching), 'AWS::CloudWatch::Alarm')).map((alarm) => {
    const [{ MetricStat }] = alarm.Metrics ?? [{}];
    const stat = MetricStat?.Stat ?? alarm.Statistic ?? alarm.ExtendedStatistic;
    return { ...alarm, ...MetricStat?.Metric, Period: MetricStat?.Period ?? alarm.Period, Statistic: stat };
  });
}

/** The body of the dashboard, with template references as `<id>`. */
function dashboardIn(watching: Stack): string {
  const [{ DashboardBody }] = Object.values(propertiesOf(templateOf(watching), 'AWS::CloudWatch::Dashboard'));
  return DashboardBody['Fn::Join'][1]
    .map((part: unknown) => (typeof part === 'string' ? part : `<${(part as { Ref?: string }).Ref}>`))
    .join('');
}

describe('defaults', () => {
  test('monitor CPU, memory and running tasks', () => {
    const service = someService(stack);
    expect(idsOf(service)).toEqual(['CpuHigh', 'MemoryHigh', 'NoRunningTask']);
    expect(titlesOf(service)).toEqual(['CPU and memory (%)', 'Tasks', 'Recent log lines']);
    expect(service.monitoringPlan().title).toMatch(/^Service Stack\//);
  });

  test('monitor unhealthy tasks, missing healthy tasks and errors if ingress is set', () => {
    const service = withIngress();
    expect(idsOf(service)).toEqual([
      'CpuHigh',
      'MemoryHigh',
      'NoRunningTask',
      'UnhealthyTasks',
      'NoHealthyTask',
      'TargetErrors',
    ]);
    expect(titlesOf(service)).toEqual(['CPU and memory (%)', 'Tasks', 'Requests and errors', 'Recent log lines']);
  });

  test('start every alarm with the first step of the response', () => {
    const service = withIngress({
      responseTimeTarget: Duration.millis(500),
      logMetrics: [LogMetric.applicationErrors(), LogMetric.failedLogins()],
    });
    const { alarms } = service.monitoringPlan();
    expect(alarms).toHaveLength(9);
    for (const { description } of alarms) expect(description).toMatch(/First /);
  });
});

describe('the alarms in the template', () => {
  const inService = { ClusterName: 'Cluster', ServiceName: 'Service' };
  const inTargets = { LoadBalancer: 'app/main/1', TargetGroup: 'TargetGroup' };
  const inLog = {};
  let alarms: Map<string, Record<string, unknown>>;
  beforeAll(() => {
    const watched = newStack();
    const service = someService(watched, {
      containerPort: 8080,
      ingress: ServiceIngress.listener(someListener(watched)),
      responseTimeTarget: Duration.millis(500),
      logMetrics: [LogMetric.applicationErrors(), LogMetric.failedLogins()],
    });
    new WorkloadMonitoring(watched, 'Watch', { email: 'oncall@example.com' }).watch(service);
    const names = new Map<unknown, string>(Object.entries({
      Cluster: service.cluster.clusterName,
      Service: service.service.serviceName,
      TargetGroup: service.targetGroup!.targetGroupFullName,
    }).map(([name, value]) => [JSON.stringify(watched.resolve(value)), name]));
    alarms = new Map(alarmsIn(watched).map((alarm) => {
      const dimensions = (alarm.Dimensions ?? [])
        .map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, names.get(JSON.stringify(Value)) ?? Value]);
      return [`${alarm.MetricName} ${alarm.Statistic}`, { ...alarm, Dimensions: Object.fromEntries(dimensions) }];
    }));
  });

  const logNamespace = { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Api']] };
  const [above, below] = ['GreaterThanThreshold', 'LessThanThreshold'];

  test.each([
    ['CPUUtilization', 'Average', 'AWS/ECS', inService, 300, above, 90, 3, 'notBreaching'],
    ['MemoryUtilization', 'Average', 'AWS/ECS', inService, 300, above, 90, 3, 'notBreaching'],
    ['CPUUtilization', 'SampleCount', 'AWS/ECS', inService, 60, below, 1, 3, 'breaching'],
    ['UnHealthyHostCount', 'Maximum', 'AWS/ApplicationELB', inTargets, 60, above, 0, 5, 'notBreaching'],
    ['HealthyHostCount', 'Maximum', 'AWS/ApplicationELB', inTargets, 60, below, 1, 3, 'breaching'],
    ['HTTPCode_Target_5XX_Count', 'Sum', 'AWS/ApplicationELB', inTargets, 300, above, 10, 1, 'notBreaching'],
    ['TargetResponseTime', 'p95', 'AWS/ApplicationELB', inTargets, 300, above, 0.5, 3, 'notBreaching'],
    ['ApplicationErrors', 'Sum', logNamespace, inLog, 300, above, 10, 1, 'notBreaching'],
    ['FailedLogins', 'Sum', logNamespace, inLog, 300, above, 20, 1, 'notBreaching'],
  ] as const)(
    '%s %s',
    (metric, statistic, namespace, dimensions, period, comparison, threshold, periods, missing) => {
      expect(alarms.get(`${metric} ${statistic}`)).toMatchObject({
        Namespace: namespace,
        Dimensions: dimensions,
        Period: period,
        ComparisonOperator: comparison,
        Threshold: threshold,
        EvaluationPeriods: periods,
        TreatMissingData: missing,
        ActionsEnabled: true,
      });
    },
  );

  test('include no others', () => {
    expect(alarms.size).toBe(10);
    expect(alarms.has('FailedInvocations Sum')).toBe(true);
  });
});

describe('a failed deployment', () => {
  const watch = (props: Partial<SecureFargateServiceProps> = {}) => {
    const service = withIngress(props);
    new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' }).watch(service);
    return { service, template: templateOf(stack) };
  };

  test('of the service is published to the topic, also without a rotating secret', () => {
    const { service, template } = watch();
    const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
    const rules = Object.values(propertiesOf(template, 'AWS::Events::Rule'));
    expect(rules).toHaveLength(1);
    expect(rules[0]).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        'source': ['aws.ecs'],
        'detail-type': ['ECS Deployment State Change'],
        'resources': [stack.resolve(service.service.serviceArn)],
        'detail': { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
      Targets: [{
        Arn: { Ref: topic },
        InputTransformer: {
          InputPathsMap: {
            'detail-deploymentId': '$.detail.deploymentId',
            'resources-0-': '$.resources[0]',
            'detail-reason': '$.detail.reason',
          },
        },
      }],
    });
  });

  test('of a worker is published too, and each service has its own rule', () => {
    const monitoring = new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' });
    monitoring.watch(someService(stack), someService(new Stack(App.of(stack), 'Other')));
    templateOf(stack).resourceCountIs('AWS::Events::Rule', 2);
  });

  test('that could not be published raises an alarm', () => {
    expect(alarmsIn(watch().service.node.scope as Stack)).toContainEqual(expect.objectContaining({
      Namespace: 'AWS/Events', MetricName: 'FailedInvocations', Threshold: 0,
    }));
  });
});

test('the alarm on missing healthy tasks is created after the service, not after its target group', () => {
  new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' }).watch(withIngress());
  const template = templateOf(stack);
  const [service] = Object.keys(template.findResources('AWS::ECS::Service'));
  const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
  const dependent = alarms.filter(([, { DependsOn = [] }]) => DependsOn.includes(service)).map(([id]) => id);
  expect(dependent).toEqual([expect.stringContaining('NoHealthyTask')]);
});

describe('responseTimeTarget', () => {
  test('adds an alarm and a widget for the response time', () => {
    const service = withIngress({ responseTimeTarget: Duration.seconds(2) });
    expect(idsOf(service)).toContain('SlowP95');
    expect(titlesOf(service)).toContain('Response time, 95th percentile (s)');
  });

  test('can be a token, in seconds', () => {
    const service = withIngress({
      responseTimeTarget: Duration.seconds(new CfnParameter(stack, 'Target', { type: 'Number' }).valueAsNumber),
    });
    new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' }).watch(service);
    expect(alarmsIn(stack)).toContainEqual(
      expect.objectContaining({ MetricName: 'TargetResponseTime', Threshold: { Ref: 'Target' } }),
    );
  });

  test.each([[Duration.millis(1)], [Duration.seconds(4_000)]])('can be %s', (responseTimeTarget) => {
    expect(() => withIngress({ responseTimeTarget })).not.toThrow();
  });

  test.each([
    [Duration.millis(0), '0 milliseconds'],
    [Duration.seconds(4_001), '1 hour 6 minutes'],
  ])('cannot be %s', (responseTimeTarget) => {
    expect(() => withIngress({ responseTimeTarget })).toThrow(
      new Error(
        '[Stack/Api] responseTimeTarget must be from 1 millisecond to 4,000 seconds, got '
          + `${responseTimeTarget.toHumanString()}. Use a duration in this range.`,
      ),
    );
  });

  test('ignores percentiles with few samples, and the other alarms evaluate all samples', () => {
    new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' }).watch(
      withIngress({ responseTimeTarget: Duration.seconds(2) }),
    );
    const judged = alarmsIn(stack).map(({ MetricName, EvaluateLowSampleCountPercentile }) => [
      MetricName,
      EvaluateLowSampleCountPercentile,
    ]);
    expect(judged.filter(([, few]) => few !== undefined)).toEqual([['TargetResponseTime', 'ignore']]);
    templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ExtendedStatistic: 'p95',
      Metrics: Match.absent(),
    });
  });

  test('is refused without ingress', () => {
    expect(() => someService(stack, { responseTimeTarget: Duration.millis(500) })).toThrow(new Error(
      '[Stack/Api] responseTimeTarget must be left out without ingress, because the load balancer measures the '
      + 'response time, got 500 millis. Pass ingress, or leave responseTimeTarget out.',
    ));
  });
});

describe('the dashboard', () => {
  test('shows the latest log lines, newest first', () => {
    const service = someService(stack);
    new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' }).watch(service);
    const logGroup = stack.resolve(service.logGroup.logGroupName).Ref;
    expect(dashboardIn(stack)).toContain(
      `"title":"Recent log lines","region":"<AWS::Region>","query":"SOURCE '<${logGroup}>' | fields @timestamp, `
        + '@message\\n| sort @timestamp desc\\n| limit 50"',
    );
  });

  test('shows log metrics', () => {
    const service = someService(stack, { logMetrics: [LogMetric.applicationErrors(), LogMetric.failedLogins()] });
    expect(titlesOf(service)).toEqual(['CPU and memory (%)', 'Tasks', 'Log metrics', 'Recent log lines']);
    new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' }).watch(service);
    expect(dashboardIn(stack)).toContain(
      '["<AWS::StackName>/Api","ApplicationErrors",{"label":"ApplicationErrors","stat":"Sum"}]',
    );
  });

  test('includes the log lines as one widget without metrics', () => {
    const widgets = someService(stack).monitoringPlan().widgets.flatMap((widget) => widget.toJson());
    expect(widgets.map(({ type, properties }) => [type, properties.metrics?.length])).toEqual([
      ['metric', 2],
      ['metric', 1],
      ['log', undefined],
    ]);
  });

  test('in another stack reads the log and the metrics from the stack of the service', () => {
    const watching = new Stack(stack.node.root as App, 'Watching');
    const service = someService(stack, { logMetrics: [LogMetric.applicationErrors()] });
    new WorkloadMonitoring(watching, 'Watch', { email: 'oncall@example.com' }).watch(service);
    expect(alarmsIn(watching)).toContainEqual(
      expect.objectContaining({ MetricName: 'ApplicationErrors', Namespace: 'Stack/Api' }),
    );
    expect(watching.dependencies).toEqual([stack]);
    expect(stack.dependencies).toEqual([]);
  });
});
