import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import { Notification } from '../../monitoring/notification';
import { CONTAINER_NAME } from '../hardened-task';

/**
 * The notification about failed runs of a migration, by command or before a deployment.
 *
 * A task without an exit code did not start. Name and exit code belong to one container, because EventBridge matches
 * the fields of one element of an array only: GuardDuty adds a container to tasks, which ends with 143 after each run.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 * https://github.com/aws/event-ruler#json-array-matching
 */
export function failedRuns(taskDefinition: ecs.FargateTaskDefinition, logGroupName: string): Notification {
  const field = (path: string) => events.EventField.fromPath(path);
  return Notification.event({
    id: 'RunFailed',
    description: 'Failed runs of a migration',
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
    message: `The migration ${field('$.detail.taskArn')} failed (${field('$.detail.stoppedReason')}). First read the `
      + `log stream in the log group ${logGroupName} whose name ends with the ID of the task. Then check which `
      + 'migrations the database has. If a deployment started the task, the services still run the previous version.',
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
