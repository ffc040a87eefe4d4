import { Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';

/** A one-off task that a person starts. */
export interface StartableTask extends Construct {
  readonly cluster: ecs.ICluster;
  readonly taskDefinition: ecs.FargateTaskDefinition;
  readonly connections: ec2.Connections;
}

/** Returns the AWS CLI command that starts a one-off task. It prints the ARN, or why ECS starts none. */
export function runCommandOf(task: StartableTask, subnetIds: string[]): string {
  const [securityGroup] = task.connections.securityGroups;
  const network = `subnets=[${Fn.join(',', subnetIds)}],securityGroups=[${securityGroup.securityGroupId}]`;
  return [
    'aws ecs run-task',
    `--region ${Stack.of(task).region}`,
    `--cluster ${task.cluster.clusterArn}`,
    `--task-definition ${task.taskDefinition.taskDefinitionArn}`,
    '--launch-type FARGATE',
    `--network-configuration 'awsvpcConfiguration={${network},assignPublicIp=DISABLED}'`,
    "--query 'tasks[0].taskArn || failures[0].reason' --output text",
  ].join(' ');
}
