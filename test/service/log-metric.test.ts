import { CfnParameter, NestedStack, Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { onlyOne, someService } from './fargate-fixtures';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { LogMetric } from '../../src/service/log-metric';
import { newStack, propertiesOf, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

const FILTER = 'AWS::Logs::MetricFilter';

let stack: Stack;
beforeEach(() => stack = newStack());

const filterOf = (...logMetrics: LogMetric[]) => {
  someService(stack, { logMetrics });
  return onlyOne(stack, FILTER);
};
const alarmOf = (logMetric: LogMetric) =>
  someService(stack, { logMetrics: [logMetric] })
    .monitoringPlan()
    .alarms.at(-1)!;
const matching = (name: string, options: Partial<Parameters<typeof LogMetric.matching>[1]> = {}) =>
  LogMetric.matching(name, {
    pattern: logs.FilterPattern.stringValue('$.event', '=', 'fax_rejected'),
    threshold: 5,
    description: 'First call the clinic.',
    ...options,
  });

describe('defaults', () => {
  test('count nothing', () => {
    someService(stack);
    templateOf(stack).resourceCountIs(FILTER, 0);
  });

  test('count a line of JSON as an application error by its level, as a word or a number', () => {
    expect(filterOf(LogMetric.applicationErrors()).FilterPattern).toBe(
      '{ ($.level = "error") || ($.level = "ERROR") || ($.level = "fatal") || ($.level = "FATAL") || ($.level = '
        + '"critical") || ($.level = "CRITICAL") ' +
        '|| ($.level = "panic") || ($.level >= 50) }',
    );
  });

  test('count a line of JSON with the event login_failed as a failed login', () => {
    expect(filterOf(LogMetric.failedLogins()).FilterPattern).toBe('{ $.event = "login_failed" }');
  });

  test('count 1 for each match and 0 for other lines', () => {
    expect(filterOf(LogMetric.failedLogins()).MetricTransformations).toEqual([{
      MetricName: 'FailedLogins',
      MetricNamespace: { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Api']] },
      MetricValue: '1',
      DefaultValue: 0,
      Unit: 'Count',
    }]);
  });

  test('read the log of the service', () => {
    const { logGroup } = someService(stack, { logMetrics: [LogMetric.applicationErrors()] });
    expect(onlyOne(stack, FILTER).LogGroupName).toEqual(stack.resolve(logGroup.logGroupName));
  });

  test.each([
    ['ApplicationErrors', 10, () => LogMetric.applicationErrors()],
    ['FailedLogins', 20, () => LogMetric.failedLogins()],
  ])('alarm for %s on more than %d lines in five minutes', (id, threshold, metric) => {
    expect(alarmOf(metric())).toMatchObject({
      id,
      threshold,
      missingData: 'notBreaching',
      metric: { statistic: 'Sum' },
    });
  });

  test('have no rule-pack findings', () => {
    filterOf(LogMetric.applicationErrors());
    expect(nagFindings(stack)).toEqual([]);
  });

  test('have stable logical IDs', () => {
    someService(stack, { logMetrics: [LogMetric.applicationErrors(), LogMetric.failedLogins()] });
    expect(Object.keys(templateOf(stack).findResources(FILTER))).toEqual([
      expect.stringMatching(/^ApiLogMetricsApplicationErrors/),
      expect.stringMatching(/^ApiLogMetricsFailedLogins/),
    ]);
  });
});

describe('options', () => {
  const pattern = logs.FilterPattern.literal('"login failed"');

  test.each([
    ['ApplicationErrors', () => LogMetric.applicationErrors({ pattern, threshold: 0 })],
    ['FailedLogins', () => LogMetric.failedLogins({ pattern, threshold: 0 })],
  ])('set the pattern and threshold of %s', (_name, metric) => {
    expect(alarmOf(metric()).threshold).toBe(0);
    expect(onlyOne(stack, FILTER).FilterPattern).toBe('"login failed"');
  });

  test('set the threshold in the description, which also contains the log group', () => {
    const { description } = alarmOf(LogMetric.failedLogins({ threshold: 7 }));
    expect(description).toMatch(
      /^More than 7 logins failed in five minutes\. First check in the log group \S+ whether/,
    );
  });

  test('add the firewall that receives requests first to the description', () => {
    expect(alarmOf(LogMetric.failedLogins()).description).toContain(
      "block the address in the web firewall that receives the requests first (the site's firewall if a site forwards "
        + 'to the API).',
    );
  });

  test('can contain a token as the threshold, which the alarm and the description contain', () => {
    const threshold = new CfnParameter(stack, 'Errors', { type: 'Number' }).valueAsNumber;
    new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' }).watch(
      someService(stack, { logMetrics: [LogMetric.applicationErrors({ threshold })] }),
    );
    const alarm = Object.values(propertiesOf(templateOf(stack), 'AWS::CloudWatch::Alarm')).find((candidate) =>
      JSON.stringify(candidate).includes('"ApplicationErrors"'),
    )!;
    expect(alarm.Threshold).toEqual({ Ref: 'Errors' });
    expect(alarm.AlarmDescription['Fn::Join'][1].slice(0, 2)).toEqual([
      'The program logged more than ',
      { Ref: 'Errors' },
    ]);
  });

  test('define a custom metric', () => {
    expect(alarmOf(matching('RejectedFaxes'))).toMatchObject({
      id: 'RejectedFaxes',
      threshold: 5,
      description: 'First call the clinic.',
    });
    expect(onlyOne(stack, FILTER)).toMatchObject({
      FilterPattern: '{ $.event = "fax_rejected" }',
      MetricTransformations: [{ MetricName: 'RejectedFaxes' }],
    });
  });

  test('can contain a token as the pattern', () => {
    const text = new CfnParameter(stack, 'Pattern').valueAsString;
    expect(filterOf(matching('RejectedFaxes', { pattern: logs.FilterPattern.literal(text) })).FilterPattern).toEqual({
      Ref: 'Pattern',
    });
  });
});

describe('the namespace', () => {
  const namespaces = () =>
    Object.values(propertiesOf(templateOf(stack), FILTER)).map(
      ({ MetricTransformations }) => MetricTransformations[0].MetricNamespace['Fn::Join'][1][1],
    );
  const count = (scope: Construct, id: string) =>
    someService(scope, { vpc: vpc(), logMetrics: [LogMetric.applicationErrors()] }, id);
  const vpc = () => stack.node.tryFindChild('SomeVpc') as ReturnType<typeof someVpc> | undefined ?? someVpc(stack);

  test('is different for each service, by the path in the stack', () => {
    count(stack, 'Api');
    count(new Construct(stack, 'Back'), 'Api');
    expect(namespaces().sort()).toEqual(['/Api', '/Back/Api']);
  });

  test('contains only characters that CloudWatch accepts, and stays unique', () => {
    count(stack, 'Api:1');
    count(stack, 'Api$1');
    const [one, other] = namespaces();
    expect([one, other]).toEqual([
      expect.stringMatching(/^\/Api-1-[0-9a-f]{8}$/),
      expect.stringMatching(/^\/Api-1-[0-9a-f]{8}$/),
    ]);
    expect(one).not.toBe(other);
  });

  test('leaves enough characters for the longest stack name', () => {
    count(stack, 'x'.repeat(200));
    expect(namespaces()[0]).toMatch(/^\/x{117}-[0-9a-f]{8}$/);
    expect(namespaces()[0].length).toBe(255 - 128);
  });

  test('of a service in a nested stack contains the name of the nested stack', () => {
    const nested = new NestedStack(stack, 'Nested');
    count(nested, 'Api');
    expect(onlyOne(nested, FILTER).MetricTransformations[0].MetricNamespace).toEqual({
      'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Api']],
    });
  });
});

describe('LogMetric refuses', () => {
  const named = (name: string) =>
    `names in logMetrics must be PascalCase of at most 64 letters and digits, got '${name}'. Rename the metric.`;
  test.each<[string, () => LogMetric[], string]>([
    ...['', 'rejected', '1Fax', 'Rejected Faxes', 'X'.repeat(65)].map<[string, () => LogMetric[], string]>((name) => [
      name,
      () => [matching(name)],
      named(name),
    ]),
    [
      'a duplicate name',
      () => [LogMetric.failedLogins(), matching('FailedLogins')],
      "logMetrics must be metrics with different names, got 'FailedLogins' twice. Rename one of the two.",
    ],
    [
      'a blank pattern',
      () => [matching('All', { pattern: logs.FilterPattern.allEvents() })],
      "pattern of logMetrics 'All' must be a non-blank string, got ''. Pass the pattern of the lines to count.",
    ],
    [
      'a pattern that is too long',
      () => [matching('Long', { pattern: logs.FilterPattern.literal('x'.repeat(1025)) })],
      "pattern of logMetrics 'Long' must be at most 1024 characters, got 1025 characters. " +
        'Write a field to the log that identifies the lines, and match that field.',
    ],
    [
      'a blank description',
      () => [matching('Fax', { description: ' ' })],
      "description of logMetrics 'Fax' must be a non-blank string, got ' '. "
        + 'Describe what the person on call does first.',
    ],
    [
      'a threshold below zero',
      () => [matching('Fax', { threshold: -1 })],
      "threshold of logMetrics 'Fax' must be an integer of at least 0, got -1. Pass the number of matching lines in "
        + 'five minutes above which the alarm fires.',
    ],
    [
      'a negative threshold that is not an integer',
      () => [LogMetric.applicationErrors({ threshold: -0.5 })],
      "threshold of logMetrics 'ApplicationErrors' must be an integer of at least 0, got -0.5. " +
        'Pass the number of matching lines in five minutes above which the alarm fires.',
    ],
    [
      'too many metrics',
      () => Array.from({ length: 101 }, (_, index) => matching(`Fax${index}`)),
      'logMetrics must be a list of at most 100 metrics, the limit of a log group, got 101 metrics. Count several '
        + 'kinds of lines with one pattern.',
    ],
  ])('%s', (_what, logMetrics, sentence) => {
    expect(() => someService(stack, { logMetrics: logMetrics() })).toThrow(new Error(`[Stack/Api] ${sentence}`));
  });

  test('a token as a name', () => {
    expect(() => someService(stack, { logMetrics: [matching(new CfnParameter(stack, 'Name').valueAsString)] })).toThrow(
      new Error(
        '[Stack/Api] names in logMetrics must be PascalCase of at most 64 letters and digits, got a token. '
          + 'Rename the metric.',
      ),
    );
  });
});
