import { Aws } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PATCH_DOCUMENT } from './machine-patches';
import {
  CONTROL_CHANNEL, INSPECTOR_DOCUMENTS, MANAGED_INSTANCE_DOCUMENTS, managedInstanceStatements, reportStatements,
} from '../blocks/managed-instance';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';
import { acknowledge } from '../core/acknowledge';

/** The SSM documents that run on the instance. */
const DOCUMENTS = [PATCH_DOCUMENT, ...MANAGED_INSTANCE_DOCUMENTS];

// Pseudo parameters give the same text in a stack with an environment, so the acknowledgements below match it.
const home = () => `${Aws.REGION}:${Aws.ACCOUNT_ID}`;
const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });

const DATA_CHANNEL = ['ssmmessages:CreateDataChannel', 'ssmmessages:OpenDataChannel'];

/** Options for the role of the instance. */
export interface BastionRoleOptions {
  /** The log group to which the instance writes. */
  readonly logGroup: logs.ILogGroup;
  /** The key of the sessions of Session Manager. Without it, the role does not allow such sessions. */
  readonly sessionKey?: kms.IKey;
}

function sessionStatements(key: kms.IKey): iam.PolicyStatement[] {
  return [
    allow([...CONTROL_CHANNEL, ...DATA_CHANNEL].sort(), ['*']),
    allow(['logs:DescribeLogGroups'], ['*']),
    allow(['kms:Decrypt'], [key.keyArn]),
  ];
}

/**
 * Creates the role of the instance. It allows logs, patches, scans and, with a key, sessions.
 *
 * Actions of a session:
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
export function bastionRole(scope: Construct, id: string, { logGroup, sessionKey }: BastionRoleOptions): iam.Role {
  const purpose = sessionKey ? 'opens sessions, finds the log group' : 'receives commands';
  const role = new ManagedPolicyRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description: sessionKey
      ? 'Allows the bastion to open sessions, log them, and install patches'
      : 'Allows the bastion to log SSH logins and install patches',
  });
  const statements = [
    ...sessionKey ? sessionStatements(sessionKey) : [allow(CONTROL_CHANNEL, ['*'])],
    allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
    ...managedInstanceStatements(DOCUMENTS),
  ];
  statements.forEach((statement) => role.addToPrincipalPolicy(statement));
  acknowledge(role.node.findChild('Policy'),
    {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `The actions with which the agent on ${scope.node.path} ${purpose} and reports patches and packages do `
        + 'not support resource-level permissions, according to the Service Authorization Reference',
    },
    {
      rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]'],
      reason: `The instance of ${scope.node.path} needs its role to start, so the role exists before EC2 assigns the `
        + 'instance ID that the policy could name',
    },
    {
      rules: [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>::document/${INSPECTOR_DOCUMENTS}]`],
      reason: `Inspector chooses which of its documents run on ${scope.node.path}; only AWS can create a document with `
        + 'this prefix',
    },
  );
  return role;
}

/**
 * Allows the instance to report its own compliance to Systems Manager, and that of no other instance.
 *
 * A separate policy, because the instance ID is known only after the instance has its role.
 */
export function allowReports(scope: Construct, id: string, role: iam.IRole, instance: ec2.Instance): void {
  const itself = `arn:${Aws.PARTITION}:ec2:${home()}:instance/${instance.instanceId}`;
  const policy = new iam.ManagedPolicy(scope, id, {
    description: `Allows ${scope.node.path} to report the state of its patches and associations`,
    roles: [role],
    statements: reportStatements(itself),
  });
  acknowledge(policy, {
    rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:association/*]'],
    reason: `Inspector creates associations for the instance of ${scope.node.path} in addition to its `
      + 'patch association, with IDs that are unknown at synthesis',
  });
}
