import { Template } from 'aws-cdk-lib/assertions';
import { Properties } from './mutations';
import { all } from './reading';
import { ALARM } from './types';

const FIVE_MINUTES = 300;

/** What CloudWatch refuses beyond, and what is too short to say what happened and what to do. */
const LONGEST_DESCRIPTION = 1024;
const SHORTEST_DESCRIPTION = 40;

/** A metric as CloudWatch finds it. One wrong word in it, and the alarm watches nothing. */
export interface Measured {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
  readonly statistic: string;
  readonly period: number;
}

/** An alarm: what is compared, by its id or the expression's, and what that is computed from. */
export interface Row {
  readonly metrics: Record<string, Measured | string>;
  readonly threshold: number;
  readonly comparison: string;
  readonly periods: number;
  readonly missing: string;
  /** Whatever else stands in the alarm and has a say in when it fires. */
  readonly more?: Record<string, unknown>;
}
export type Rows = Record<string, Row>;

export const above = (threshold: number, periods = 1) => ({ threshold, comparison: 'GreaterThanThreshold', periods });
export const below = (threshold: number, periods = 1) => ({ threshold, comparison: 'LessThanThreshold', periods });
/** No data: nothing happened; that it happened; nothing is known, which is neither good nor bad; the alarm stays as it was. */
export const quiet = { missing: 'notBreaching' };
export const alarming = { missing: 'breaching' };
export const unknown = { missing: 'missing' };
export const unchanged = { missing: 'ignore' };

/** A metric of a namespace and of what its dimensions name. */
export const of = (namespace: string, dimensions: Record<string, string>) => (name: string, statistic: string, period = FIVE_MINUTES) => ({
  compared: { namespace, name, dimensions, statistic, period },
});

/** A value as one text: references by their logical ids, `[1]` for a part of what is split at slashes, `[:1]` at something else. What is none of these fails. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, given], ...more] = Object.entries(value as Record<string, never>);
  expect(more).toEqual([]);
  if (kind === 'Ref') return given;
  if (kind === 'Fn::GetAtt') return (given as string[]).join('.');
  if (kind === 'Fn::Join') return (given[1] as unknown[]).map(readable).join(given[0]);
  expect({ kind, given }).toEqual({ kind: 'Fn::Select', given: [expect.any(Number), { 'Fn::Split': [expect.stringMatching(/^.$/), expect.anything()] }] });
  const [index, { 'Fn::Split': [separator, whole] }] = given as [number, { 'Fn::Split': [string, unknown] }];
  return `${readable(whole)}[${separator === '/' ? '' : separator}${index}]`;
}

function measured({ Metric: { Namespace, MetricName, Dimensions = [], ...unread }, Stat: statistic, Period: period, ...more }: Properties): Measured {
  expect(unread).toEqual({});
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }: Properties) => [Name, readable(Value)]));
  expect(Object.keys(dimensions)).toHaveLength(Dimensions.length);
  return { namespace: readable(Namespace), name: MetricName, dimensions, statistic, period, ...more };
}

/** Both forms of an alarm as one. What is known of neither stands in `more`. */
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

/** The properties of every alarm, by its id without what stands around its name: a beginning, and the hash at its end. */
export function alarmsOf(template: Template, beginning: string): Record<string, Properties> {
  const found = Object.entries(template.findResources(ALARM));
  const around = new RegExp(`^${beginning}|[0-9A-F]{8}$`, 'g');
  const alarms = Object.fromEntries(found.map(([id, { Properties: properties }]) => [id.replace(around, ''), properties]));
  expect(Object.keys(alarms)).toHaveLength(all(template, ALARM).length);
  return alarms;
}

/** Each description says what happened and what to do first, in as much text as CloudWatch keeps. */
export function expectDescribed(alarms: Record<string, Properties>): void {
  const described = Object.entries(alarms).map(([id, { AlarmDescription }]) => ({ id, description: readable(AlarmDescription) }));
  const lacking = described.filter(({ description: { length } }) => length < SHORTEST_DESCRIPTION || length > LONGEST_DESCRIPTION);
  expect(lacking).toEqual([]);
  expect(described.filter(({ description }) => !description.includes('First'))).toEqual([]);
}
