import { ArnFormat, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ClosedGroupProperties } from './closed-group-contract';
import { HandlerFunction } from '../blocks/handler-function';
import { acknowledge } from '../core/acknowledge';

/** The timeout of the function, in minutes: a minute of attempts, the last calls, and a minute for the response. */
const FUNCTION_TIMEOUT_MINUTES = 3;
/** The time that CloudFormation waits, in minutes: three attempts, and the pauses of 1 and 2 minutes of Lambda. */
const ANSWER_TIMEOUT_MINUTES = 3 * FUNCTION_TIMEOUT_MINUTES + 1 + 2;

/**
 * The ID below the VPC and the type with which aws-cdk-lib closes a default security group. The rule
 * `VPCDefaultSecurityGroupClosed` of cdk-nag reads them.
 */
const RESOURCE_ID = 'RestrictDefaultSecurityGroupCustomResource';
const RESOURCE_TYPE = 'Custom::VpcRestrictDefaultSG';

/** Properties of a `ClosedDefaultGroup`. */
export interface ClosedDefaultGroupProps {
  /** The VPC whose default security group has no rules. */
  readonly vpc: ec2.Vpc;
  /** The key for the log, the environment and the dead-letter queue of the function. Default: a new key. */
  readonly encryptionKey?: kms.IKey;
}

/**
 * Removes all rules of the default security group of a VPC, which only an API call can do.
 *
 * Without rules, a resource that was created without a security group of its own reaches nothing and is not reachable.
 * When the stack is deleted, no rule returns: EC2 deletes the group together with the VPC.
 */
export class ClosedDefaultGroup extends Construct {
  constructor(scope: Construct, id: string, { vpc, encryptionKey }: ClosedDefaultGroupProps) {
    super(scope, id);
    const groupId = vpc.vpcDefaultSecurityGroup;
    const handler = this.defineFunction(groupId, encryptionKey);
    const properties: ClosedGroupProperties = { DefaultSecurityGroupId: groupId };
    const resource = new CustomResource(vpc, RESOURCE_ID, {
      resourceType: RESOURCE_TYPE,
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.minutes(ANSWER_TIMEOUT_MINUTES),
      properties: { ...properties },
    });
    resource.node.addDependency(handler);
  }

  private defineFunction(groupId: string, encryptionKey: kms.IKey | undefined): HandlerFunction {
    const group = Stack.of(this).formatArn({
      service: 'ec2', resource: 'security-group', resourceName: groupId, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const handler = new HandlerFunction(this, 'Function', {
      handler: 'network/close-default-group',
      description: 'Removes the rules of a default security group',
      timeout: Duration.minutes(FUNCTION_TIMEOUT_MINUTES),
      encryptionKey,
      statements: [
        new iam.PolicyStatement({ actions: ['ec2:DescribeSecurityGroups'], resources: ['*'] }),
        new iam.PolicyStatement({
          actions: ['ec2:RevokeSecurityGroupEgress', 'ec2:RevokeSecurityGroupIngress'], resources: [group],
        }),
      ],
      outsideVpcReason: 'The function removes the rules of a security group through the public API of EC2, during a '
        + 'deployment of the network and at no other time.',
      noReservedConcurrencyReason: 'The function runs once for each new VPC. A reservation would take executions from '
        + 'the application.',
    });
    acknowledge(handler.policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: 'ec2:DescribeSecurityGroups supports no resource-level permissions (Service Authorization Reference). '
        + 'The statement that changes rules names one security group.',
    });
    return handler;
  }
}
