import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { pageUrl } from '../../core/page-url';
import { MonitoringPlan } from '../../monitoring/monitored';

const PERIOD_MINUTES = 5;

/** The parts of a queue that its monitoring plan reads. */
export interface WatchedQueue {
  readonly path: string;
  readonly queue: sqs.IQueue;
  readonly deadLetterQueue: sqs.IQueue;
  readonly maxAge: Duration;
}

/**
 * The alarms and widgets of a queue.
 *
 * A queue without a request for six hours publishes no metrics, so missing data means that nothing waits.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
 */
export function queuePlan(watched: WatchedQueue): MonitoringPlan {
  const { path, queue, deadLetterQueue, maxAge } = watched;
  const options = (label: string) => ({ period: Duration.minutes(PERIOD_MINUTES), statistic: 'Maximum', label });
  const age = queue.metricApproximateAgeOfOldestMessage(options('oldest job'));
  const dead = deadLetterQueue.metricApproximateNumberOfMessagesVisible(options('dead letters'));
  const missingData = cloudwatch.TreatMissingData.NOT_BREACHING;
  return {
    title: `Queue ${path}`,
    alarms: [
      {
        id: 'OldestJob',
        metric: age,
        threshold: maxAge.toSeconds(),
        missingData,
        description:
          `The oldest job of queue ${queue.queueName} has waited for too long. First check whether a worker runs, and `
          + 'whether it runs its maximum number of tasks: read the events of its service in the ECS console. Then read '
          + 'its log: a job that fails is received again after its visibility timeout.',
      },
      {
        id: 'DeadLetters',
        metric: dead,
        threshold: 0,
        missingData,
        description:
          `Jobs failed too often and are in queue ${deadLetterQueue.queueName}. SQS deletes them 14 days after they `
          + 'were sent. First find the cause in the log of the worker. Correct it, and then move the jobs back to '
          + `their queue with aws sqs start-message-move-task (${pageUrl('job-queue.md')}). The alarm ends when the `
          + 'queue is empty.',
      },
    ],
    widgets: [
      new cloudwatch.GraphWidget({
        title: 'Jobs',
        left: [
          queue.metricApproximateNumberOfMessagesVisible(options('waiting')),
          queue.metricApproximateNumberOfMessagesNotVisible(options('in progress')),
          dead,
        ],
        leftYAxis: { min: 0 },
      }),
      new cloudwatch.GraphWidget({
        title: 'Age of the oldest job (s)',
        left: [age],
        leftYAxis: { min: 0 },
        leftAnnotations: [{ value: maxAge.toSeconds(), label: 'alarm' }],
      }),
    ],
  };
}
