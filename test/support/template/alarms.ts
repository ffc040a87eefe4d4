import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Properties } from './mutations';
import { all, only, ref } from './reading';
import { ALARM, TOPIC } from './types';
import { IMonitored } from '../../../src/monitoring/monitored';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';

export const MINUTE = 60;
export const FIVE_MINUTES = 300;
export const HOUR = 3600;
export const DAY = 86_400;

/** The longest description that CloudWatch accepts. */
const MAX_DESCRIPTION = 1024;
/** A shorter description cannot state what happened and what to do first. */
const MIN_DESCRIPTION = 40;

/** A metric of an alarm. With one wrong word, the alarm has no data. */
export interface Measured {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly statistic: string;
  readonly period: number;
}

/** An alarm. `metrics` has the compared metric or expression as `compared`, and the inputs of an expression by ID. */
export interface Row {
  readonly metrics: Record<string, Measured | string>;
  readonly threshold: number;
  readonly comparison: string;
  readonly periods: number;
  readonly missing: string;
  /** Other properties that decide when the alarm fires. */
  readonly more?: Record<string, unknown>;
}
export type Rows = Record<string, Row>;

export const above = (threshold: number, periods = 1) => ({ threshold, comparison: 'GreaterThanThreshold', periods });
export const below = (threshold: number, periods = 1) => ({ threshold, comparison: 'LessThanThreshold', periods });
/** How the alarm treats missing data. */
export const quiet = { missing: 'notBreaching' };
export const alarming = { missing: 'breaching' };
export const unknown = { missing: 'missing' };
export const unchanged = { missing: 'ignore' };

/** A metric of a namespace with these dimensions. */
export const of = (namespace: string, dimensions: Record<string, string>) =>
  (name: string, statistic: string, period = FIVE_MINUTES) => ({
    compared: { namespace, name, dimensions, statistic, period },
  });

/**
 * A value as one string: references by logical ID, and `[1]` for a part of a value that is split at slashes, `[:1]` at
 * another separator. Throws for any other value.
 */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, given], ...more] = Object.entries(value as Record<string, never>);
  expect(more).toEqual([]);
  if (kind === 'Ref') return given;
  if (kind === 'Fn::GetAtt') return (given as string[]).join('.');
  if (kind === 'Fn::Join') return (given[1] as unknown[]).map(readable).join(given[0]);
  expect({ kind, given }).toEqual({
    kind: 'Fn::Select',
    given: [expect.any(Number), { 'Fn::Split': [expect.stringMatching(/^.$/), expect.anything()] }],
  });
  const [index, { 'Fn::Split': [separator, whole] }] = given as [number, { 'Fn::Split': [string, unknown] }];
  return `${readable(whole)}[${separator === '/' ? '' : separator}${index}]`;
}

function measured({ Metric, Stat: statistic, Period: period, ...more }: Properties): Measured {
  const { Namespace, MetricName, Dimensions = [], ...unread } = Metric;
  expect(unread).toEqual({});
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }: Properties) => [Name, readable(Value)]));
  expect(Object.keys(dimensions)).toHaveLength(Dimensions.length);
  return { namespace: readable(Namespace), name: MetricName, dimensions, statistic, period, ...more };
}

/** The row of a metric alarm or of an expression alarm. Properties other than the columns are in `more`. */
export function rowOf(alarm: Properties): Row {
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

/** A row whose references have no hash: `NetworkFlowLogGroup` for `NetworkFlowLogGroup4F8CEEEF`. */
const withoutHashes = (row: Row): Row =>
  JSON.parse(JSON.stringify(row).replace(/(?<=[a-z0-9])[0-9A-F]{8}(?=["./[])/g, ''));

/** The alarms that a stack has when it monitors these constructs, by ID. */
export function alarmRows(stack: Stack, ...watched: IMonitored[]): Rows {
  const monitoring = new WorkloadMonitoring(stack, 'Watch', { email: 'oncall@example.com' });
  monitoring.watch(...watched);
  const found = Template.fromStack(stack).findResources(ALARM);
  const rows = monitoring.alarms.map((alarm) => {
    const id = stack.getLogicalId(alarm.node.defaultChild as cloudwatch.CfnAlarm);
    return [alarm.node.id, withoutHashes(rowOf(found[id].Properties))];
  });
  expect(rows).toHaveLength(Object.keys(found).length);
  return Object.fromEntries(rows);
}

/** The only alarm with this part in its ID has this row, and notifies the topic of the template. */
export function fires(template: Template, part: string, row: Row): void {
  const found = Object.entries(template.findResources(ALARM)).filter(([id]) => id.includes(part));
  expect(found).toHaveLength(1);
  const [[, { Properties: { Tags: _tags, ...alarm } }]] = found;
  expect(rowOf(alarm)).toEqual(row);
  expect(alarm.AlarmActions).toEqual([ref(only(template, TOPIC))]);
}

/** The properties of every alarm, by its logical ID without this prefix and without the hash at its end. */
export function alarmsOf(template: Template, beginning: string): Record<string, Properties> {
  const found = Object.entries(template.findResources(ALARM));
  const around = new RegExp(`^${beginning}|[0-9A-F]{8}$`, 'g');
  const alarms = Object.fromEntries(
    found.map(([id, { Properties: properties }]) => [id.replace(around, ''), properties]),
  );
  expect(Object.keys(alarms)).toHaveLength(all(template, ALARM).length);
  return alarms;
}

/** Each description states the first step, in a length that CloudWatch accepts. */
export function expectDescribed(template: Template): void {
  const descriptions = all(template, ALARM).map(({ Properties: { AlarmDescription } }) => readable(AlarmDescription));
  const inadequate = descriptions.filter((description) =>
    description.length < MIN_DESCRIPTION || description.length > MAX_DESCRIPTION || !description.includes('First'));
  expect(inadequate).toEqual([]);
}
