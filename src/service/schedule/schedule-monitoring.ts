import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { TaskSchedule } from './task-schedule';
import { AlarmDefinition } from '../../monitoring/alarm-definition';

const PERIOD_MINUTES = 5;

/**
 * A metric of the schedule.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
 */
function metricOf({ group }: TaskSchedule, metricName: string, label: string): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/Scheduler',
    metricName,
    dimensionsMap: { ScheduleGroup: group.ref },
    statistic: cloudwatch.Stats.SUM,
    period: Duration.minutes(PERIOD_MINUTES),
    label,
  });
}

/** The alarms on runs that EventBridge Scheduler could not start. */
export function scheduleAlarms(schedule: TaskSchedule, path: string): AlarmDefinition[] {
  const { deadLetterQueue } = schedule;
  const shared = { threshold: 0, missingData: cloudwatch.TreatMissingData.NOT_BREACHING };
  const cause = 'ECS refused the request, because of a permission, a quota or missing capacity. Correct the cause, and '
    + 'start the task with the command in docs/scheduled-task.md if the run is still needed.';
  return [
    {
      id: 'RunNotStarted',
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.MAXIMUM, label: 'runs not started',
      }),
      description:
        `A run of ${path} did not start. First read ERROR_MESSAGE in the attributes of the message in queue `
        + `${deadLetterQueue.queueName}: ${cause} Then purge the queue. The alarm ends when the queue is empty.`,
      ...shared,
    },
    {
      id: 'RunNotReported',
      metric: metricOf(schedule, 'InvocationsFailedToBeSentToDeadLetterCount', 'not reported'),
      description:
        `A run of ${path} did not start, and its report did not reach queue ${deadLetterQueue.queueName}. First check `
        + `the permissions of the role of the schedule on the queue and its key. ${cause}`,
      ...shared,
    },
  ];
}

/** The widget of the schedule. */
export function scheduleWidget(schedule: TaskSchedule): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Scheduled runs',
    left: [
      metricOf(schedule, 'InvocationAttemptCount', 'attempts to start'),
      metricOf(schedule, 'TargetErrorCount', 'refused by ECS'),
      metricOf(schedule, 'InvocationDroppedCount', 'not started'),
    ],
    leftYAxis: { min: 0 },
  });
}
