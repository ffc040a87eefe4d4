import { Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmDefinition } from '../../src/monitoring/alarm-definition';
import { MonitoringPlan } from '../../src/monitoring/monitored';
import { Notification } from '../../src/monitoring/notification';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, templateOf } from '../support/app';
import { someRule, WatchedThing } from '../support/watched-thing';

const metric = (props: Partial<cloudwatch.MetricProps> = {}) =>
  new cloudwatch.Metric({ namespace: 'Test', metricName: 'Some', period: Duration.minutes(5), ...props });

const restores = () => Notification.event({
  id: 'Restores', description: 'Restores', eventPattern: { source: ['aws.backup'] }, message: 'A restore',
});

function watch(plan: Partial<MonitoringPlan>): Stack {
  const stack = newStack();
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(
    new WatchedThing(stack, 'Thing', plan),
  );
  return stack;
}

const graph = (metrics: number) =>
  new cloudwatch.GraphWidget({ left: Array.from({ length: metrics }, (_, i) => metric({ metricName: `M${i}` })) });
const graphs = (count: number, metrics: number) => Array.from({ length: count }, () => graph(metrics));

describe('refused plans', () => {
  test.each<[string, Partial<MonitoringPlan>, string]>([
    ['a blank title', { title: ' ' },
      "monitoringPlan().title must be a non-blank string, got ' '. Return a heading for the dashboard."],
    ['a blank id', { alarms: [someRule({ id: '' })] },
      'monitoringPlan().alarms[].id must be a letter followed by up to 127 letters, digits, hyphens and underscores, '
        + "got ''. Write a name such as 'FreeStorage'."],
    ['a duplicate id', { alarms: [someRule({ id: 'Same' }), someRule({ id: 'Same' })] },
      "monitoringPlan().alarms[].id must be unique in the plan, got 'Same'. Rename one of the two alarms."],
    ['a notification with the id of an alarm',
      { alarms: [someRule({ id: 'Same' })], notifications: [Notification.costs({ id: 'Same', monthlyLimit: 1 })] },
      "monitoringPlan().notifications[].id must be unique among the notifications and alarms of the plan, got 'Same'. "
        + 'Rename one of the two.'],
    ['an alarm with the id of the alarm of a notification',
      { alarms: [someRule({ id: 'RestoresUndelivered' })], notifications: [restores()] },
      'monitoringPlan().notifications[].id must be unique among the notifications and alarms of the plan, '
        + "got 'RestoresUndelivered'. Rename one of the two."],
    ['two notifications with one id', { notifications: [restores(), restores()] },
      'monitoringPlan().notifications[].id must be unique among the notifications and alarms of the plan, '
        + "got 'Restores'. Rename one of the two."],
    ['a widget with too many metrics', { widgets: [graph(501)] },
      'monitoringPlan().widgets must be at most 500 metrics on a widget, got 501. Split the widget.'],
    ['too many widgets', { widgets: graphs(500, 1) },
      'monitoringPlan().widgets must be at most 500 widgets on the dashboard, got 501. '
        + 'Watch some of the constructs with a second WorkloadMonitoring.'],
    ['too many metrics', { widgets: [...graphs(5, 500), graph(1)] },
      'monitoringPlan().widgets must be at most 2500 metrics on the dashboard, got 2501. '
        + 'Watch some of the constructs with a second WorkloadMonitoring.'],
  ])('%s', (_, plan, text) => {
    expect(() => watch(plan)).toThrow(new Error(`[Stack/Thing] ${text}`));
  });
});

describe('refused alarms', () => {
  const expression = (period?: Duration) =>
    new cloudwatch.MathExpression({ expression: 'a*2', usingMetrics: { a: metric() }, period });
  const omit = 'Omit it, or use a percentile such as cloudwatch.Stats.p(95).';
  const fewer = 'Use fewer periods, or a metric with a shorter period.';

  test.each<[string, Partial<AlarmDefinition>, string, string]>([
    ['a blank description', { description: '' }, 'description',
      "a non-blank string, got ''. Describe what the person on call does first."],
    ['a description that CloudWatch cannot keep', { description: 'x'.repeat(1025) }, 'description',
      'at most 1024 characters, got 1025 characters. Keep the first step and move the rest to a runbook.'],
    ['zero periods', { evaluationPeriods: 0 }, 'evaluationPeriods',
      'an integer from 1 to 8640, got 0. Use an integer in this range.'],
    ['ignoreFewSamples for an average', { ignoreFewSamples: true, metric: metric() }, 'ignoreFewSamples',
      `false, or true for a percentile of one metric without a label, got true for the statistic Average. ${omit}`],
    ['ignoreFewSamples for a metric with a label',
      { ignoreFewSamples: true, metric: metric({ statistic: 'p95', label: 'p95' }) }, 'ignoreFewSamples',
      'false, or true for a percentile of one metric without a label, '
        + `got true for the statistic p95 with a label. ${omit}`],
    ['ignoreFewSamples for an expression', { ignoreFewSamples: true, metric: expression() }, 'ignoreFewSamples',
      `false, or true for a percentile of one metric without a label, got true for an expression. ${omit}`],
    ['half a period', { evaluationPeriods: 1.5 }, 'evaluationPeriods',
      'an integer from 1 to 8640, got 1.5. Use an integer in this range.'],
    ['more than a day', { evaluationPeriods: 289 }, 'evaluationPeriods',
      `at most 1 day in total, got 289 periods of 5 minutes. ${fewer}`],
    ['more than a week', { metric: metric({ period: Duration.hours(1) }), evaluationPeriods: 169 }, 'evaluationPeriods',
      `at most 7 days in total, got 169 periods of 1 hour. ${fewer}`],
    ['more than a day for an expression', { metric: expression(Duration.minutes(1)), evaluationPeriods: 1441 },
      'evaluationPeriods', `at most 1 day in total, got 1441 periods of 1 minute. ${fewer}`],
  ])('%s', (_, fields, prop, text) => {
    expect(() => watch({ alarms: [someRule({ id: 'Bad', ...fields })] }))
      .toThrow(new Error(`[Stack/Thing] ${prop} of alarm 'Bad' must be ${text}`));
  });
});

describe('values of a wrong type, as a construct in JavaScript can return them', () => {
  test.each<[string, unknown, string]>([
    ['no plan', null, 'monitoringPlan() must be a MonitoringPlan object, got null. '
      + 'Return an object with title and alarms and widgets.'],
    ['a promise', Promise.resolve({}), 'monitoringPlan() must be a MonitoringPlan object, got a Promise. '
      + 'Return an object with title and alarms and widgets.'],
    ['no alarms', { title: 'A', widgets: [] },
      'monitoringPlan().alarms must be an array of AlarmDefinition, got undefined. Return an array.'],
    ['a misspelt field', { title: 'A', alarms: [], widgets: [], notification: [] },
      'monitoringPlan().notification is not a prop of MonitoringPlan. Use monitoringPlan().notifications.'],
    ['an alarm without missingData', { title: 'A', alarms: [someRule({ missingData: undefined })], widgets: [] },
      'monitoringPlan().alarms[0].missingData must be a member of cloudwatch.TreatMissingData '
        + '(BREACHING, NOT_BREACHING, IGNORE, MISSING), got undefined. Use a member of cloudwatch.TreatMissingData.'],
    ['a threshold that is not a number', { title: 'A', alarms: [someRule({ threshold: NaN })], widgets: [] },
      'monitoringPlan().alarms[0].threshold must be a finite number, got NaN. Return a finite number.'],
    ['something that nothing can wait for', {
      title: 'A', alarms: [someRule({ createdAfter: [{}] })], widgets: [],
    }, 'monitoringPlan().alarms[0].createdAfter[0] must be an IDependable, got an empty object. '
      + 'Return an IDependable.'],
  ])('%s', (_, plan, text) => {
    const thing = new WatchedThing(newStack(), 'Thing');
    thing.monitoringPlan = () => plan as MonitoringPlan;
    const monitoring = new WorkloadMonitoring(Stack.of(thing), 'Monitoring');
    expect(() => monitoring.watch(thing)).toThrow(new Error(`[Stack/Thing] ${text}`));
  });
});

describe('allowed plans', () => {
  test.each<[string, Partial<AlarmDefinition>]>([
    ['a description of the full length', { description: 'x'.repeat(1024) }],
    ['a threshold of zero', { threshold: 0 }],
    ['a whole day', { evaluationPeriods: 288 }],
    ['a whole week', { metric: metric({ period: Duration.hours(1) }), evaluationPeriods: 168 }],
  ])('%s', (_, fields) => {
    templateOf(watch({ alarms: [someRule(fields)] })).resourceCountIs('AWS::CloudWatch::Alarm', 1);
  });

  test('a full dashboard is allowed', () => {
    expect(() => watch({ widgets: graphs(499, 1) })).not.toThrow();
    expect(() => watch({ widgets: graphs(5, 500) })).not.toThrow();
  });

  test('values that are known only at deployment are allowed', () => {
    const rule = someRule({
      threshold: Token.asNumber({ Ref: 'Threshold' }),
      evaluationPeriods: Token.asNumber({ Ref: 'Periods' }),
      description: Lazy.string({ produce: () => 'Look at it later.' }),
    });
    templateOf(watch({ alarms: [rule] })).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: { Ref: 'Threshold' },
      EvaluationPeriods: { Ref: 'Periods' },
      AlarmDescription: 'Look at it later.',
    });
  });
});

describe('regions', () => {
  const across = (of: { watched?: string; monitoring?: string }, alarms?: AlarmDefinition[]) => () => {
    const app = newApp();
    const thing = new WatchedThing(
      new Stack(app, 'App', { env: { region: of.watched } }),
      'Thing',
      alarms && { alarms },
    );
    new WorkloadMonitoring(new Stack(app, 'Watch', { env: { region: of.monitoring } }), 'Monitoring', {
      email: 'oncall@example.com',
    }).watch(thing);
  };
  const refusal = (id: string, foreign: string, home: string) =>
    new Error(`[App/Thing] metric of alarm '${id}' must be a metric of ${home}, the region of Watch/Monitoring, `
      + `got a metric of ${foreign}. Watch this construct with a WorkloadMonitoring in a stack of ${foreign}.`);

  test('a metric of a construct of another region is refused', () => {
    expect(across({ watched: 'us-east-1', monitoring: 'eu-west-1' })).toThrow(
      refusal('OldestMessage', 'us-east-1', 'eu-west-1'),
    );
  });

  test('a metric without a region in a construct of another region is refused', () => {
    expect(across({ watched: 'us-east-1', monitoring: 'eu-west-1' }, [someRule()])).toThrow(
      refusal('Some', 'us-east-1', 'eu-west-1'),
    );
  });

  test('a metric that names another region is refused', () => {
    const rule = someRule({ metric: metric({ region: 'us-east-1' }) });
    expect(across({ watched: 'eu-west-1', monitoring: 'eu-west-1' }, [rule])).toThrow(
      refusal('Some', 'us-east-1', 'eu-west-1'),
    );
  });

  test('an expression with a metric of another region is refused', () => {
    const expression = new cloudwatch.MathExpression({
      expression: 'a+b',
      usingMetrics: { a: metric(), b: metric({ region: 'us-east-1' }) },
    });
    expect(across({ watched: 'eu-west-1', monitoring: 'eu-west-1' }, [someRule({ metric: expression })]))
      .toThrow(refusal('Some', 'us-east-1', 'eu-west-1'));
  });

  test('an expression without metrics is accepted', () => {
    const expression = new cloudwatch.MathExpression({ expression: 'TIME_SERIES(1)', usingMetrics: {} });
    expect(across({ watched: 'eu-west-1', monitoring: 'eu-west-1' }, [someRule({ metric: expression })])).not.toThrow();
  });

  test.each([
    [{ watched: 'eu-west-1', monitoring: 'eu-west-1' }],
    [{ monitoring: 'eu-west-1' }],
    [{ watched: 'eu-west-1' }],
    [{}],
  ])('%p is accepted', (of) => {
    expect(across(of)).not.toThrow();
  });
});
