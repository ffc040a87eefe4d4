import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { AlarmDefinition, IMonitored, MonitoringPlan } from './monitored';
import { refuse, requireInteger, requireText, Situation } from '../core/refusal';

/** How long an alarm's description may be. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const MAX_DESCRIPTION_LENGTH = 1024;
/** From this period on, an alarm may look back a week instead of a day. Source: the same page, `EvaluationPeriods` and `Period`. */
const LONG_PERIOD_SECONDS = 3600;
const LONGEST_LOOK_BACK = { shortPeriods: 86_400, longPeriods: 604_800 };
/** How a percentile is written: p95, p99.9. */
const PERCENTILE = /^p\d/;
/** The shortest period of a metric, in seconds, and so the most periods that fit in a day. */
const SHORTEST_PERIOD_SECONDS = 10;
const MAX_EVALUATION_PERIODS = LONGEST_LOOK_BACK.shortPeriods / SHORTEST_PERIOD_SECONDS;

/** Refuses a plan that CloudWatch would refuse at deployment, or whose alarms nobody could act on. */
export function checkPlan(monitoring: Construct, watched: IMonitored, plan: MonitoringPlan): void {
  requireText(watched, 'monitoringPlan().title', plan.title, 'give the dashboard a heading for this construct');
  const ids = new Set<string>();
  for (const rule of plan.alarms) {
    requireText(watched, 'monitoringPlan().alarms[].id', rule.id, 'give each alarm an id in PascalCase');
    if (ids.has(rule.id)) {
      refuse(watched, { prop: 'monitoringPlan().alarms[].id', given: rule.id, allowed: 'an id that no other alarm of the plan has', change: 'rename one of the two' });
    }
    ids.add(rule.id);
    checkRule(watched, rule);
    checkRegion(monitoring, watched, rule);
  }
}

function checkRule(watched: IMonitored, rule: AlarmDefinition): void {
  const prop = (name: string) => `alarm '${rule.id}' ${name}`;
  requireText(watched, prop('description'), rule.description, 'say what the person on call does first');
  if (!Token.isUnresolved(rule.description) && rule.description.length > MAX_DESCRIPTION_LENGTH) {
    refuse(watched, {
      prop: prop('description'),
      given: new Situation(`${rule.description.length} characters long`),
      allowed: `at most ${MAX_DESCRIPTION_LENGTH} characters`,
      change: 'keep the first step and move the rest to a runbook',
    });
  }
  if (!Token.isUnresolved(rule.threshold) && !Number.isFinite(rule.threshold)) {
    refuse(watched, { prop: prop('threshold'), given: rule.threshold, allowed: 'a finite number', change: 'pass a number in the unit of the metric' });
  }
  requireInteger(watched, prop('evaluationPeriods'), rule.evaluationPeriods, 1, MAX_EVALUATION_PERIODS);
  checkLookBack(watched, rule, prop('evaluationPeriods'));
  if (rule.ignoreFewSamples) checkPercentile(watched, rule.metric, prop('ignoreFewSamples'));
}

/** A metric with a label is written as a query into the alarm, where what CloudWatch says of percentiles has no place. */
function checkPercentile(watched: IMonitored, metric: cloudwatch.IMetric, prop: string): void {
  const { metricStat, renderingProperties } = metric.toMetricConfig();
  if (metricStat && PERCENTILE.test(metricStat.statistic) && renderingProperties?.label === undefined) return;
  refuse(watched, {
    prop,
    given: new Situation(metricStat ? `set for the statistic ${metricStat.statistic}${renderingProperties?.label ? ' with a label' : ''}` : 'set for an expression'),
    allowed: 'a percentile of one metric without a label',
    change: 'leave it out, or measure a percentile, as cloudwatch.Stats.p(95)',
  });
}

function checkLookBack(watched: IMonitored, rule: AlarmDefinition, prop: string): void {
  const period = periodOf(rule.metric);
  const periods = rule.evaluationPeriods ?? 1;
  if (Token.isUnresolved(periods)) return;
  const longest = period < LONG_PERIOD_SECONDS ? LONGEST_LOOK_BACK.shortPeriods : LONGEST_LOOK_BACK.longPeriods;
  if (period * periods <= longest) return;
  refuse(watched, {
    prop,
    given: new Situation(`${periods} periods of ${Duration.seconds(period).toHumanString()}`),
    allowed: `at most ${Duration.seconds(longest).toHumanString()} together`,
    change: 'use fewer periods, or a metric with another period',
  });
}

function periodOf(metric: cloudwatch.IMetric): number {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  return metricStat ? metricStat.period.toSeconds() : mathExpression!.period;
}

function checkRegion(monitoring: Construct, watched: IMonitored, rule: AlarmDefinition): void {
  const region = Stack.of(monitoring).region;
  const foreign = regionsOf(rule.metric, Stack.of(watched).region)
    .find((other) => !Token.isUnresolved(region) && !Token.isUnresolved(other) && other !== region);
  if (foreign === undefined) return;
  refuse(watched, {
    prop: `alarm '${rule.id}' metric`,
    given: new Situation(`a metric of ${foreign}`),
    allowed: `a metric of ${region}, where ${monitoring.node.path} makes its alarms`,
    change: `watch it with a Monitoring in a stack of ${foreign}`,
  });
}

/** The regions that a metric reads from. One that names none lives where the watched construct lives. */
function regionsOf(metric: cloudwatch.IMetric, home: string): string[] {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  if (metricStat) return [metricStat.region ?? home];
  return Object.values(mathExpression!.usingMetrics).flatMap((part) => regionsOf(part, home));
}
