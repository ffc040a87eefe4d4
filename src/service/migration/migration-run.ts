import { Aws, CustomResource, Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { MigrationProperties } from './contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { acknowledge } from '../../core/acknowledge';
import { CONTAINER_NAME, HardenedTask } from '../hardened-task';

/** The timeout of the function, in minutes: the limit of Lambda. */
const FUNCTION_TIMEOUT_MINUTES = 15;
/** The time that CloudFormation waits, in minutes: three attempts, and the pauses of 1 and 2 minutes of Lambda. */
const ANSWER_TIMEOUT_MINUTES = 3 * FUNCTION_TIMEOUT_MINUTES + 1 + 2;

/** Properties of a `MigrationRun`. */
export interface MigrationRunProps {
  readonly task: HardenedTask;
  readonly cluster: ecs.ICluster;
  readonly subnets: ec2.SelectedSubnets;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly logGroup: logs.ILogGroup;
  readonly timeout: Duration;
  readonly encryptionKey: kms.IKey;
}

/** Runs a task during a deployment, and waits for its end. */
export class MigrationRun extends Construct {
  /** The resource that CloudFormation creates or updates when the command has exited with code 0. */
  public readonly resource: CustomResource;
  public readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string, props: MigrationRunProps) {
    super(scope, id);
    this.handler = this.defineFunction(props);
    this.resource = this.defineResource(props);
  }

  private defineResource(props: MigrationRunProps): CustomResource {
    const properties: MigrationProperties = {
      Cluster: props.cluster.clusterArn,
      TaskDefinition: props.task.taskDefinition.taskDefinitionArn,
      Container: CONTAINER_NAME,
      Subnets: props.subnets.subnetIds,
      SecurityGroup: props.securityGroup.securityGroupId,
      LogGroup: props.logGroup.logGroupName,
      TimeoutSeconds: `${props.timeout.toSeconds()}`,
    };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::Migration',
      serviceToken: this.handler.function.functionArn,
      serviceTimeout: Duration.minutes(ANSWER_TIMEOUT_MINUTES),
      properties: { ...properties },
    });
    resource.node.addDependency(this.handler);
    return resource;
  }

  private defineFunction(props: MigrationRunProps): HandlerFunction {
    const handler = new HandlerFunction(this, 'Function', {
      handler: 'service/migration/run-migration',
      description: 'Runs a migration during a deployment',
      timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
      encryptionKey: props.encryptionKey,
      statements: statementsFor(props),
      outsideVpcReason:
        `${this.node.path} calls the APIs of ECS and CloudFormation. The task connects to the database, the function ` +
        'does not',
      noReservedConcurrencyReason:
        `CloudFormation invokes ${this.node.path} once in a deployment. A reservation would take executions from the ` +
        'application',
    });
    acknowledge(handler.policy, {
      rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/*]'],
      reason: `The ID of the task that ${this.node.path} starts is unknown before it starts. The condition limits the `
        + 'statement to the tasks of one cluster',
    });
    return handler;
  }
}

/**
 * The permissions of the function.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
function statementsFor({ task, cluster }: MigrationRunProps): iam.PolicyStatement[] {
  const ofCluster = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
  return [
    new iam.PolicyStatement({
      actions: ['ecs:RunTask'], resources: [task.taskDefinition.taskDefinitionArn], conditions: ofCluster,
    }),
    new iam.PolicyStatement({
      actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
      // Pseudo parameters: the acknowledgement then matches in a stack with an explicit environment too.
      resources: [`arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:task/*`],
      conditions: ofCluster,
    }),
    new iam.PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [task.taskRole.roleArn, task.executionRole.roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
    new iam.PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Aws.STACK_ID] }),
  ];
}
