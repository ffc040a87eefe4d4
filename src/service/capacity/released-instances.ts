import { CustomResource, Duration } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ReleasedInstancesProperties } from './released-instances-contract';
import { HandlerFunction } from '../../blocks/handler-function';
import { acknowledge } from '../../core/acknowledge';

/** The timeout of the function, in minutes: two minutes of attempts, the last calls, and a minute for the response. */
const FUNCTION_TIMEOUT_MINUTES = 4;
/** The time that CloudFormation waits, in minutes: three attempts, and the pauses of 1 and 2 minutes of Lambda. */
const ANSWER_TIMEOUT_MINUTES = 3 * FUNCTION_TIMEOUT_MINUTES + 1 + 2;

/** Properties of `ReleasedInstances`. */
export interface ReleasedInstancesProps {
  readonly group: autoscaling.AutoScalingGroup;
  /** The key for the log, the environment and the dead-letter queue of the function. */
  readonly encryptionKey: kms.IKey;
}

/**
 * Makes the Auto Scaling group of a capacity provider deletable, before CloudFormation deletes it.
 *
 * Managed termination protection requires a group that protects its instances from scale-in, and CloudFormation cannot
 * delete such a group. ECS leaves the protection when the capacity provider is deleted:
 * https://github.com/aws/containers-roadmap/issues/2862
 *
 * The capacity provider must depend on this construct. CloudFormation then deletes the provider, this resource and the
 * group, in this order.
 */
export class ReleasedInstances extends Construct {
  constructor(scope: Construct, id: string, { group, encryptionKey }: ReleasedInstancesProps) {
    super(scope, id);
    const handler = this.defineFunction(group, encryptionKey);
    const properties: ReleasedInstancesProperties = { AutoScalingGroupName: group.autoScalingGroupName };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::ReleasedInstances',
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.minutes(ANSWER_TIMEOUT_MINUTES),
      properties: { ...properties },
    });
    resource.node.addDependency(handler);
  }

  /** The actions: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html */
  private defineFunction(group: autoscaling.AutoScalingGroup, encryptionKey: kms.IKey): HandlerFunction {
    const { attrAutoScalingGroupArn: arn } = group.node.defaultChild as autoscaling.CfnAutoScalingGroup;
    const handler = new HandlerFunction(this, 'Function', {
      handler: 'service/capacity/release-instances',
      description: 'Makes an Auto Scaling group deletable',
      timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
      encryptionKey,
      statements: [
        new iam.PolicyStatement({
          actions: ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks'], resources: ['*'],
        }),
        new iam.PolicyStatement({
          actions: [
            'autoscaling:DeleteLifecycleHook', 'autoscaling:SetInstanceProtection',
            'autoscaling:UpdateAutoScalingGroup',
          ],
          resources: [arn],
        }),
      ],
      outsideVpcReason: 'The function calls the public API of EC2 Auto Scaling when the group is deleted, and at no '
        + 'other time.',
      noReservedConcurrencyReason: 'The function runs once for each deployed or deleted group. A reservation would '
        + 'take executions from the application.',
    });
    acknowledge(handler.policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: 'autoscaling:DescribeAutoScalingGroups and autoscaling:DescribeLifecycleHooks support no resource-level '
        + 'permissions (Service Authorization Reference). The statement that changes a group names one group.',
    });
    return handler;
  }
}
