import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import { CONTAINER_NAME } from './hardened-task';
import { Notification } from '../monitoring/notification';

/** The words of the notification. */
export interface FailedRunsText {
  /** The task, with its article: `a migration`. */
  readonly what: string;
  /** The steps after reading the log: one or more sentences. */
  readonly remedy: string;
}

/**
 * The notification about failed runs of a one-off task.
 *
 * A command, a deployment or a schedule starts the runs.
 *
 * A task without an exit code did not start. Name and exit code belong to one container, because EventBridge matches
 * the fields of one element of an array only: GuardDuty adds a container to tasks, which ends with 143 after each run.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 * https://github.com/aws/event-ruler#json-array-matching
 */
export function failedRuns(
  taskDefinition: ecs.FargateTaskDefinition, logGroupName: string, { what, remedy }: FailedRunsText,
): Notification {
  const field = (path: string) => events.EventField.fromPath(path);
  return Notification.event({
    id: 'RunFailed',
    description: `Failed runs of ${what}`,
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Task State Change'],
      detail: {
        lastStatus: ['STOPPED'],
        // Every revision: a person can run a previous one.
        taskDefinitionArn: [{ prefix: familyArn(taskDefinition) }],
        $or: [
          { containers: { name: [CONTAINER_NAME], exitCode: [{ 'anything-but': [0] }] } },
          { stopCode: ['TaskFailedToStart'] },
        ],
      },
    },
    message: `The ${what.replace(/^an? /, '')} ${field('$.detail.taskArn')} failed `
      + `(${field('$.detail.stoppedReason')}). First read the log stream in the log group ${logGroupName} whose name `
      + `ends with the ID of the task. ${remedy}`,
  });
}

function familyArn(taskDefinition: ecs.FargateTaskDefinition): string {
  return Stack.of(taskDefinition).formatArn({
    service: 'ecs',
    resource: 'task-definition',
    resourceName: `${taskDefinition.family}:`,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
