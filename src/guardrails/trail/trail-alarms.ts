import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct, IDependable } from 'constructs';
import { TRAIL_EVENTS } from './trail-events';
import { metricNamespaceOf } from '../../blocks/metric-namespace';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

/**
 * The period in which events are counted, in minutes. CloudTrail delivers an event to the log group within about 5
 * minutes.
 */
const PERIOD_MINUTES = 5;

/**
 * The period without any event after which the alarm fires, in hours. AWS services call one another several times an
 * hour in an account with the guardrails; the period allows an idle account with only a trail.
 */
const SILENT_HOURS = 3;

/**
 * Creates the metric filters for each kind of event, and returns the alarms. The filters have no default value, because
 * a metric without data is free.
 */
export function trailAlarms(scope: Construct, logGroup: logs.ILogGroup): AlarmDefinition[] {
  return TRAIL_EVENTS.map(({ id, patterns, threshold, description }) => {
    const [filter] = Object.entries(typeof patterns === 'string' ? { '': patterns } : patterns).map(([name, pattern]) =>
      new logs.MetricFilter(scope, `${id}${name}`, {
        logGroup,
        filterPattern: logs.FilterPattern.literal(pattern),
        metricNamespace: metricNamespaceOf(scope),
        metricName: id,
        metricValue: '1',
        unit: cloudwatch.Unit.COUNT,
      }));
    return {
      id,
      metric: filter.metric({ period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.SUM }),
      threshold,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: `${description} The events are in the log group ${logGroup.logGroupName}.`,
    };
  });
}

/**
 * The alarm on a log group that receives no events: the trail stopped, or its key, role or log group changed.
 *
 * The alarms on events read the log group and treat missing data as no events, so they never fire without it. FILL
 * gives a period without data the value 0; otherwise the alarm would evaluate more periods.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function silentTrailAlarm(logGroup: logs.ILogGroup, trail: IDependable[]): AlarmDefinition {
  const period = Duration.hours(SILENT_HOURS);
  return {
    id: 'TrailSilent',
    metric: new cloudwatch.MathExpression({
      expression: 'FILL(events, 0)',
      usingMetrics: {
        events: new cloudwatch.Metric({
          namespace: 'AWS/Logs',
          metricName: 'IncomingLogEvents',
          dimensionsMap: { LogGroupName: logGroup.logGroupName },
          statistic: cloudwatch.Stats.SUM,
          period,
        }),
      },
      label: 'Events of the trail',
      period,
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: cloudwatch.TreatMissingData.BREACHING,
    createdAfter: trail,
    description:
      `No event of the trail has reached the log group ${logGroup.logGroupName} for ${SILENT_HOURS} hours, and no `
      + 'alarm on events can fire. First run aws cloudtrail get-trail-status: IsLogging, LatestDeliveryError and '
      + 'LatestCloudWatchLogsDeliveryError name the cause. Then restore the trail, its role, its key and its log '
      + 'group, for example with a drift-aware change set of their stack.',
  };
}
