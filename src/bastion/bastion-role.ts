import { Aws } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PATCH_DOCUMENT } from './machine-patches';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';
import { acknowledge } from '../core/acknowledge';

/**
 * The names of the SSM documents of Amazon Inspector.
 *
 * Inspector runs them on every instance of an account that it scans. They are the documents of its service-linked role.
 * Names that begin with Amazon are reserved for AWS.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonInspector2ServiceRolePolicy.html
 */
const INSPECTOR_DOCUMENTS = 'AmazonInspector2-*';
/** The SSM documents that run on the instance. The association of a document that the role cannot read fails. */
const DOCUMENTS = [PATCH_DOCUMENT, 'AWS-ConfigureAWSPackage', 'AWS-GatherSoftwareInventory', INSPECTOR_DOCUMENTS];
/**
 * The SSM parameter with the custom paths of Inspector.
 *
 * https://docs.aws.amazon.com/inspector/latest/user/deep-inspection.html
 */
const INSPECTED_PATHS = 'inspector-aws/service/inspector-linux-application-paths';

// Pseudo parameters give the same text in a stack with an environment, so the acknowledgements below match it.
const home = () => `${Aws.REGION}:${Aws.ACCOUNT_ID}`;
const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });

/** The channel through which the agent receives commands, such as those that install patches. */
const CONTROL_CHANNEL = ['ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'];
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
 *
 * The actions of patches and Inspector (https://docs.aws.amazon.com/inspector/latest/user/scanning-ec2.html) are those
 * of the AWS managed policy AmazonSSMManagedInstanceCore that an association calls. That policy also reads every
 * parameter of the account.
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
    // The agent registers the instance with this call before the instance ID is known.
    allow(['ssm:UpdateInstanceInformation'], [`arn:${Aws.PARTITION}:ec2:${home()}:instance/*`]),
    allow(
      ['ssm:DescribeDocument', 'ssm:GetDocument'],
      DOCUMENTS.map((name) => `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/${name}`),
    ),
    allow(['ssm:GetParameter'], [`arn:${Aws.PARTITION}:ssm:${home()}:parameter/${INSPECTED_PATHS}`]),
    allow([
      'ssm:GetDeployablePatchSnapshotForInstance', 'ssm:GetManifest',
      'ssm:PutConfigurePackageResult', 'ssm:PutInventory',
    ], ['*']),
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
 * A separate policy, because the instance ID is known only after the instance has its role. The condition key
 * `ssm:SourceInstanceARN` is absent for an instance with an instance profile.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
export function allowReports(scope: Construct, id: string, role: iam.IRole, instance: ec2.Instance): void {
  const itself = `arn:${Aws.PARTITION}:ec2:${home()}:instance/${instance.instanceId}`;
  const policy = new iam.ManagedPolicy(scope, id, {
    description: `Allows ${scope.node.path} to report the state of its patches and associations`,
    roles: [role],
    statements: [
      allow(['ssm:ListInstanceAssociations', 'ssm:PutComplianceItems'], [itself]),
      allow(
        ['ssm:DescribeAssociation', 'ssm:UpdateInstanceAssociationStatus'],
        [`arn:${Aws.PARTITION}:ssm:${home()}:association/*`, itself],
      ),
    ],
  });
  acknowledge(policy, {
    rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:association/*]'],
    reason: `Inspector creates associations for the instance of ${scope.node.path} in addition to its `
      + 'patch association, with IDs that are unknown at synthesis',
  });
}
