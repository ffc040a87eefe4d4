import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { TaskSchedule } from './task-schedule';
import { pageUrl } from '../../core/page-url';
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
  const { handler: { deadLetterQueue, function: { functionName } } } = schedule;
  const shared = { threshold: 0, missingData: cloudwatch.TreatMissingData.NOT_BREACHING };
  const remedy = `First read the reason in the log of function ${functionName}: the previous run still runs, or ECS `
    + 'started no task. Correct the cause, and start the task by its command if the run is still needed '
    + `(${pageUrl('scheduled-task.md')}).`;
  return [
    {
      id: 'RunNotStarted',
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.MAXIMUM, label: 'runs not started',
      }),
      description:
        `A run of ${path} did not start. ${remedy} Then purge queue ${deadLetterQueue.queueName}. The alarm ends when `
        + 'the queue is empty.',
      ...shared,
    },
    {
      id: 'RunNotReported',
      metric: metricOf(schedule, 'InvocationsFailedToBeSentToDeadLetterCount', 'not reported'),
      description:
        `EventBridge Scheduler could not invoke function ${functionName} for a run of ${path}, and could not report it `
        + `to queue ${deadLetterQueue.queueName}. First check the permissions of the role of the schedule on the `
        + 'function, the queue and its key. Then start the task by its command if the run is still needed '
        + `(${pageUrl('scheduled-task.md')}).`,
      ...shared,
    },
  ];
}

/** The widget of the schedule. */
export function scheduleWidget(schedule: TaskSchedule): cloudwatch.IWidget {
  return new cloudwatch.GraphWidget({
    title: 'Scheduled runs',
    left: [
      metricOf(schedule, 'InvocationAttemptCount', 'scheduled'),
      schedule.handler.function.metricErrors({
        period: Duration.minutes(PERIOD_MINUTES), statistic: cloudwatch.Stats.SUM, label: 'not started',
      }),
    ],
    leftYAxis: { min: 0 },
  });
}
