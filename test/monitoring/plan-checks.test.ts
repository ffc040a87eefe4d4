import { Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmDefinition, MonitoringPlan } from '../../src/monitoring/monitored';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { newApp, newStack, templateOf } from '../support/app';
import { someRule, WatchedThing } from '../support/watched-thing';

const metric = (props: Partial<cloudwatch.MetricProps> = {}) =>
  new cloudwatch.Metric({ namespace: 'Test', metricName: 'Some', period: Duration.minutes(5), ...props });

function watch(plan: Partial<MonitoringPlan>): Stack {
  const stack = newStack();
  new WorkloadMonitoring(stack, 'Monitoring', { email: 'oncall@example.com' }).watch(new WatchedThing(stack, 'Thing', plan));
  return stack;
}

const graph = (metrics: number) => new cloudwatch.GraphWidget({ left: Array.from({ length: metrics }, (_, i) => metric({ metricName: `M${i}` })) });
const graphs = (count: number, metrics: number) => Array.from({ length: count }, () => graph(metrics));

describe('refused plans', () => {
  test.each<[string, Partial<MonitoringPlan>, string]>([
    ['a blank title', { title: ' ' },
      'monitoringPlan().title must be a non-blank string, got \' \'. Give the dashboard a heading for this construct.'],
    ['a blank id', { alarms: [someRule({ id: '' })] },
      'monitoringPlan().alarms[].id must be a non-blank string, got \'\'. Give each alarm an id in PascalCase.'],
    ['an id twice', { alarms: [someRule({ id: 'Same' }), someRule({ id: 'Same' })] },
      'monitoringPlan().alarms[].id must be an id that no other alarm of the plan has, got \'Same\'. Rename one of the two.'],
    ['a widget with too many metrics', { widgets: [graph(501)] },
      'monitoringPlan().widgets must be at most 500 metrics on one widget, got now 501 metrics on one widget. Split the widget.'],
    ['too many widgets', { widgets: graphs(500, 1) },
      'monitoringPlan().widgets must be at most 500 widgets on the dashboard, got now 501 widgets on the dashboard. Watch some of the constructs with a second Monitoring.'],
    ['too many metrics', { widgets: [...graphs(5, 500), graph(1)] },
      'monitoringPlan().widgets must be at most 2500 metrics on the dashboard, got now 2501 metrics on the dashboard. Watch some of the constructs with a second Monitoring.'],
  ])('%s', (_, plan, text) => {
    expect(() => watch(plan)).toThrow(`Stack/Thing: ${text}`);
  });
});

describe('refused alarms', () => {
  test.each<[string, Partial<AlarmDefinition>, string]>([
    ['a blank description', { description: '' },
      'description must be a non-blank string, got \'\'. Say what the person on call does first.'],
    ['a description that CloudWatch cannot keep', { description: 'x'.repeat(1025) },
      'description must be at most 1024 characters, got 1025 characters long. Keep the first step and move the rest to a runbook.'],
    ['no number', { threshold: NaN }, 'threshold must be a finite number, got NaN. Pass a number in the unit of the metric.'],
    ['no end', { threshold: Infinity }, 'threshold must be a finite number, got Infinity. Pass a number in the unit of the metric.'],
    ['no period at all', { evaluationPeriods: 0 },
      'evaluationPeriods must be an integer from 1 to 8640, got 0. Use an integer in this range.'],
    ['few samples of an average', { ignoreFewSamples: true, metric: metric() },
      'ignoreFewSamples must be a percentile of one metric without a label, got set for the statistic Average. Leave it out, or measure a percentile, as cloudwatch.Stats.p(95).'],
    ['few samples of a metric with a label', { ignoreFewSamples: true, metric: metric({ statistic: 'p95', label: 'p95' }) },
      'ignoreFewSamples must be a percentile of one metric without a label, got set for the statistic p95 with a label. Leave it out, or measure a percentile, as cloudwatch.Stats.p(95).'],
    ['few samples of an expression', { ignoreFewSamples: true, metric: new cloudwatch.MathExpression({ expression: 'a*2', usingMetrics: { a: metric() } }) },
      'ignoreFewSamples must be a percentile of one metric without a label, got set for an expression. Leave it out, or measure a percentile, as cloudwatch.Stats.p(95).'],
    ['half a period', { evaluationPeriods: 1.5 },
      'evaluationPeriods must be an integer from 1 to 8640, got 1.5. Use an integer in this range.'],
    ['more than a day', { evaluationPeriods: 289 },
      'evaluationPeriods must be at most 1 day together, got 289 periods of 5 minutes. Use fewer periods, or a metric with another period.'],
    ['more than a week', { metric: metric({ period: Duration.hours(1) }), evaluationPeriods: 169 },
      'evaluationPeriods must be at most 7 days together, got 169 periods of 1 hour. Use fewer periods, or a metric with another period.'],
    ['more than a day of an expression', {
      metric: new cloudwatch.MathExpression({ expression: 'a*2', usingMetrics: { a: metric() }, period: Duration.minutes(1) }),
      evaluationPeriods: 1441,
    }, 'evaluationPeriods must be at most 1 day together, got 1441 periods of 1 minute. Use fewer periods, or a metric with another period.'],
  ])('%s', (_, fields, text) => {
    expect(() => watch({ alarms: [someRule({ id: 'Bad', ...fields })] })).toThrow(`Stack/Thing: alarm 'Bad' ${text}`);
  });
});

describe('allowed', () => {
  test.each<[string, Partial<AlarmDefinition>]>([
    ['a description of the full length', { description: 'x'.repeat(1024) }],
    ['a threshold of zero', { threshold: 0 }],
    ['a whole day', { evaluationPeriods: 288 }],
    ['a whole week', { metric: metric({ period: Duration.hours(1) }), evaluationPeriods: 168 }],
  ])('%s', (_, fields) => {
    templateOf(watch({ alarms: [someRule(fields)] })).resourceCountIs('AWS::CloudWatch::Alarm', 1);
  });

  test('a full dashboard', () => {
    expect(() => watch({ widgets: graphs(499, 1) })).not.toThrow();
    expect(() => watch({ widgets: graphs(5, 500) })).not.toThrow();
  });

  test('values that are known only at deployment', () => {
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
    const thing = new WatchedThing(new Stack(app, 'App', { env: { region: of.watched } }), 'Thing', alarms && { alarms });
    new WorkloadMonitoring(new Stack(app, 'Watch', { env: { region: of.monitoring } }), 'Monitoring', { email: 'oncall@example.com' }).watch(thing);
  };
  const refusal = (id: string, foreign: string, home: string) =>
    `App/Thing: alarm '${id}' metric must be a metric of ${home}, where Watch/Monitoring makes its alarms, got a metric of ${foreign}. Watch it with a Monitoring in a stack of ${foreign}.`;

  test('a metric of a construct of another region is refused', () => {
    expect(across({ watched: 'us-east-1', monitoring: 'eu-west-1' })).toThrow(refusal('OldestMessage', 'us-east-1', 'eu-west-1'));
  });

  test('so is one that names no region, since it lives where the construct lives', () => {
    expect(across({ watched: 'us-east-1', monitoring: 'eu-west-1' }, [someRule()])).toThrow(refusal('Some', 'us-east-1', 'eu-west-1'));
  });

  test('so is one that names another region', () => {
    const rule = someRule({ metric: metric({ region: 'us-east-1' }) });
    expect(across({ watched: 'eu-west-1', monitoring: 'eu-west-1' }, [rule])).toThrow(refusal('Some', 'us-east-1', 'eu-west-1'));
  });

  test('so is an expression over one', () => {
    const expression = new cloudwatch.MathExpression({ expression: 'a+b', usingMetrics: { a: metric(), b: metric({ region: 'us-east-1' }) } });
    expect(across({ watched: 'eu-west-1', monitoring: 'eu-west-1' }, [someRule({ metric: expression })]))
      .toThrow(refusal('Some', 'us-east-1', 'eu-west-1'));
  });

  test('an expression over nothing passes', () => {
    const expression = new cloudwatch.MathExpression({ expression: 'TIME_SERIES(1)', usingMetrics: {} });
    expect(across({ watched: 'eu-west-1', monitoring: 'eu-west-1' }, [someRule({ metric: expression })])).not.toThrow();
  });

  test.each([
    [{ watched: 'eu-west-1', monitoring: 'eu-west-1' }],
    [{ monitoring: 'eu-west-1' }],
    [{ watched: 'eu-west-1' }],
    [{}],
  ])('%p passes', (of) => {
    expect(across(of)).not.toThrow();
  });
});
