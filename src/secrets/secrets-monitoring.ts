import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AgeWatch } from './age-watch';
import { HandlerFunction } from '../blocks/handler-function';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { MonitoringPlan } from '../monitoring/monitored';

/** The first sentences of the alarm descriptions. */
const ROTATION_FAILED = 'A generated secret could not be rotated. Its current value remains valid.';
const MEASUREMENT_FAILED = 'The age of external secrets could not be measured.';

/** Returns the alarms and widgets of the rotation and of the age of external secrets, if they exist. */
export function secretsPlan(
  path: string,
  rotation: HandlerFunction | undefined,
  age: AgeWatch | undefined,
): MonitoringPlan {
  const alarms: AlarmDefinition[] = [];
  const widgets: cloudwatch.IWidget[] = [];
  if (rotation) {
    alarms.push(...failures('Rotation', rotation, ROTATION_FAILED));
    const sum = { statistic: cloudwatch.Stats.SUM };
    widgets.push(new cloudwatch.GraphWidget({
      title: 'Rotation steps',
      left: [rotation.function.metricInvocations(sum), rotation.function.metricErrors(sum)],
    }));
  }
  if (age) {
    alarms.push(...failures('Age', age.handler, MEASUREMENT_FAILED), ...age.alarms());
    widgets.push(new cloudwatch.GraphWidget({ title: 'Age of external secrets (days)', left: age.ages() }));
  }
  return { title: `Secrets ${path}`, alarms, widgets };
}

/** Returns the alarms on errors of a function, and on events in its dead-letter queue. */
function failures(
  what: string,
  { function: handler, deadLetterQueue }: HandlerFunction,
  consequence: string,
): AlarmDefinition[] {
  const period = Duration.minutes(5);
  const description = `${consequence} First read the log of function ${handler.functionName}.`;
  return [
    { id: `${what}Errors`, metric: handler.metricErrors({ period, statistic: 'Sum' }), description },
    {
      id: `${what}DeadLetters`,
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      description:
        `${description} Then purge queue ${deadLetterQueue.queueName}. The alarm ends when the queue is empty.`,
    },
  ].map((alarm) => ({ ...alarm, threshold: 0, missingData: cloudwatch.TreatMissingData.NOT_BREACHING }));
}
