import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { TRAIL_EVENTS } from './trail-events';
import { metricNamespaceOf } from '../../blocks/metric-namespace';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

/**
 * The period in which events are counted, in minutes. CloudTrail delivers an event to the log group within about 5
 * minutes.
 */
const PERIOD_MINUTES = 5;

/**
 * Creates a metric filter for each kind of event, and returns the alarms. The filters have no default value, because a
 * metric without data is free.
 */
export function trailAlarms(scope: Construct, logGroup: logs.ILogGroup): AlarmDefinition[] {
  return TRAIL_EVENTS.map(({ id, pattern, threshold, description }) => {
    const filter = new logs.MetricFilter(scope, id, {
      logGroup,
      filterPattern: logs.FilterPattern.literal(pattern),
      metricNamespace: metricNamespaceOf(scope),
      metricName: id,
      metricValue: '1',
      unit: cloudwatch.Unit.COUNT,
    });
    return {
      id,
      metric: filter.metric({ period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.SUM }),
      threshold,
      missingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      description: `${description} The events are in the log group ${logGroup.logGroupName}.`,
    };
  });
}
