import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';

/** The role with which Fargate starts a task: it pulls the image, reads the secrets, and writes the log. */
export class ExecutionRole extends ManagedPolicyRole {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
      description: 'Starts the tasks: pulls the image, reads the secrets of the container, and writes its log',
    });
  }
}
