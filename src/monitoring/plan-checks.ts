import { Duration, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, IConstruct } from 'constructs';
import { AlarmDefinition } from './alarm-definition';
import { IMonitored, MonitoringPlan } from './monitored';
import { checkResult } from '../core/check-props';
import { refuse, requireId, requireInteger, requireText, Situation } from '../core/refusal';

/**
 * The maximum length of an alarm's description.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const MAX_DESCRIPTION_LENGTH = 1024;
/** The shortest period for which CloudWatch evaluates a week rather than a day, in seconds. Source: the same page. */
const LONG_PERIOD_SECONDS = 3600;
const LONGEST_EVALUATION = { shortPeriods: 86_400, longPeriods: 604_800 };
/** The name of a percentile statistic: `p95`, `p99.9`. */
const PERCENTILE = /^p\d/;
/** The shortest period of a metric, in seconds, which decides the maximum number of periods in a day. */
const SHORTEST_PERIOD_SECONDS = 10;
const MAX_EVALUATION_PERIODS = LONGEST_EVALUATION.shortPeriods / SHORTEST_PERIOD_SECONDS;

/**
 * Refuses a plan with values of a wrong type, and one that CloudWatch would refuse at deployment.
 *
 * Refuses alarms without an ID or a description.
 */
export function checkPlan(monitoring: Construct, watched: IMonitored, plan: MonitoringPlan): void {
  checkResult(watched, 'monitoringPlan()', 'MonitoringPlan', plan);
  requireText(watched, 'monitoringPlan().title', plan.title, 'return a heading for the dashboard');
  const ids = new Set<string>();
  for (const alarm of plan.alarms) {
    const prop = 'monitoringPlan().alarms[].id';
    requireId(watched, prop, alarm.id);
    if (ids.has(alarm.id)) {
      refuse(watched, { prop, given: alarm.id, allowed: 'unique in the plan', change: 'rename one of the two alarms' });
    }
    ids.add(alarm.id);
    checkAlarm(watched, alarm);
    checkRegion(monitoring, watched, alarm);
  }
  for (const notification of plan.notifications ?? []) {
    for (const id of notification._ids) {
      if (ids.has(id)) refuseTwice(watched, 'monitoringPlan().notifications[].id', id);
      ids.add(id);
    }
  }
}

function refuseTwice(watched: IMonitored, prop: string, id: string): never {
  return refuse(watched, {
    prop,
    given: id,
    allowed: 'unique among the notifications and alarms of the plan',
    change: 'rename one of the two',
  });
}

function checkAlarm(watched: IMonitored, alarm: AlarmDefinition): void {
  const prop = (name: string) => `${name} of alarm '${alarm.id}'`;
  requireAlarmDescription(watched, prop('description'), alarm.description);
  requireInteger(watched, prop('evaluationPeriods'), alarm.evaluationPeriods, 1, MAX_EVALUATION_PERIODS);
  checkEvaluation(watched, alarm, prop('evaluationPeriods'));
  if (alarm.ignoreFewSamples) checkPercentile(watched, alarm.metric, prop('ignoreFewSamples'));
}

/** Refuses a blank description of an alarm, and one that CloudWatch refuses. Tokens pass. */
export function requireAlarmDescription(scope: IConstruct, prop: string, description: string): void {
  requireText(scope, prop, description, 'describe what the person on call does first');
  if (Token.isUnresolved(description) || description.length <= MAX_DESCRIPTION_LENGTH) return;
  refuse(scope, {
    prop,
    given: new Situation(`${description.length} characters`),
    allowed: `at most ${MAX_DESCRIPTION_LENGTH} characters`,
    change: 'keep the first step and move the rest to a runbook',
  });
}

/** Refuses a metric with a label: aws-cdk-lib renders it as a metric query, which has no low-sample setting. */
function checkPercentile(watched: IMonitored, metric: cloudwatch.IMetric, prop: string): void {
  const { metricStat, renderingProperties } = metric.toMetricConfig();
  const hasLabel = renderingProperties?.label !== undefined;
  if (metricStat && PERCENTILE.test(metricStat.statistic) && !hasLabel) return;
  const of = metricStat ? `the statistic ${metricStat.statistic}${hasLabel ? ' with a label' : ''}` : 'an expression';
  refuse(watched, {
    prop,
    given: new Situation(`true for ${of}`),
    allowed: 'false, or true for a percentile of one metric without a label',
    change: 'omit it, or use a percentile such as cloudwatch.Stats.p(95)',
  });
}

function checkEvaluation(watched: IMonitored, alarm: AlarmDefinition, prop: string): void {
  const period = periodOf(alarm.metric);
  const periods = alarm.evaluationPeriods ?? 1;
  if (Token.isUnresolved(periods)) return;
  const longest = period < LONG_PERIOD_SECONDS ? LONGEST_EVALUATION.shortPeriods : LONGEST_EVALUATION.longPeriods;
  if (period * periods <= longest) return;
  refuse(watched, {
    prop,
    given: new Situation(`${periods} periods of ${Duration.seconds(period).toHumanString()}`),
    allowed: `at most ${Duration.seconds(longest).toHumanString()} in total`,
    change: 'use fewer periods, or a metric with a shorter period',
  });
}

function periodOf(metric: cloudwatch.IMetric): number {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  return metricStat ? metricStat.period.toSeconds() : mathExpression!.period;
}

function checkRegion(monitoring: Construct, watched: IMonitored, alarm: AlarmDefinition): void {
  const region = Stack.of(monitoring).region;
  const otherRegion = regionsOf(alarm.metric, Stack.of(watched).region)
    .find((other) => !Token.isUnresolved(region) && !Token.isUnresolved(other) && other !== region);
  if (otherRegion === undefined) return;
  refuse(watched, {
    prop: `metric of alarm '${alarm.id}'`,
    given: new Situation(`a metric of ${otherRegion}`),
    allowed: `a metric of ${region}, the region of ${monitoring.node.path}`,
    change: `watch this construct with a WorkloadMonitoring in a stack of ${otherRegion}`,
  });
}

/** Returns the regions of a metric. A metric without a region belongs to the region of the watched construct. */
function regionsOf(metric: cloudwatch.IMetric, home: string): string[] {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  if (metricStat) return [metricStat.region ?? home];
  return Object.values(mathExpression!.usingMetrics).flatMap((part) => regionsOf(part, home));
}
