import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { AlarmDefinition } from './alarm-definition';
import { HandlerFunction } from '../blocks/handler-function';

/**
 * Returns the alarms on errors of a function, and on events in its dead-letter queue.
 * @param what the start of the IDs of the alarms
 * @param consequence the first sentences of the descriptions: what a failure means
 */
export function functionAlarms(
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
