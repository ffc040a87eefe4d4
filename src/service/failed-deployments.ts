import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import { Notification } from '../monitoring/notification';

/**
 * The notification about failed deployments of a service. ECS sends the event when the circuit breaker ends a
 * deployment of CloudFormation, of the roller or of a person.
 *
 * After the rollback, the tasks of the previous version run and no alarm on tasks fires, so only this event reports
 * that a new version or a new secret is not in use.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
 */
export function failedDeployments(service: ecs.BaseService): Notification {
  const field = (path: string) => events.EventField.fromPath(path);
  return Notification.event({
    id: 'DeploymentFailed',
    description: 'Failed deployments of a service',
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Deployment State Change'],
      resources: [service.serviceArn],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    },
    message: `The deployment ${field('$.detail.deploymentId')} of the service ${field('$.resources[0]')} failed, and `
      + `ECS rolls it back: ${field('$.detail.reason')} First read the events of the service and the stopped reason of `
      + 'its last tasks in the ECS console. If a rotation of a secret started the deployment, the tasks still have '
      + 'the old value.',
  });
}
