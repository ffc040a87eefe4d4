import { Aws } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PATCH_DOCUMENT } from './machine-patches';
import { acknowledge } from '../core/acknowledge';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';

/**
 * The documents of AWS that run on the machine: its patches, and what Amazon Inspector has run on every machine of an account that it scans. A document that
 * cannot be read is an association that fails. Inspector's are those of its service-linked role; names that begin with Amazon are reserved for AWS.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonInspector2ServiceRolePolicy.html
 */
const INSPECTOR_DOCUMENTS = 'AmazonInspector2-*';
const DOCUMENTS = [PATCH_DOCUMENT, 'AWS-ConfigureAWSPackage', 'AWS-GatherSoftwareInventory', INSPECTOR_DOCUMENTS];
/** Where Inspector keeps the paths that it is to look at besides its own: https://docs.aws.amazon.com/inspector/latest/user/deep-inspection.html */
const INSPECTED_PATHS = 'inspector-aws/service/inspector-linux-application-paths';

// Pseudo parameters, so that the text is the same in a stack with an environment and the acknowledgements below fit it.
const home = () => `${Aws.REGION}:${Aws.ACCOUNT_ID}`;
const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });

/**
 * The role of a machine that opens sessions, writes them down, patches itself and lets Inspector look at it, and does nothing else.
 *
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html names what a session takes. What a patch
 * and Inspector (https://docs.aws.amazon.com/inspector/latest/user/scanning-ec2.html) take are those actions of AWS's own policy AmazonSSMManagedInstanceCore
 * that an association calls. That policy also reads every parameter of the account.
 */
export function bastionRole(scope: Construct, id: string, logGroup: logs.ILogGroup, key: kms.IKey): iam.Role {
  const role = new ManagedPolicyRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description: 'Opens the sessions of a bastion, writes them down, and patches it',
  });
  const statements = [
    allow(['ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'], ['*']),
    allow(['logs:DescribeLogGroups'], ['*']),
    allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
    allow(['kms:Decrypt'], [key.keyArn]),
    // The machine is online once it has said so for the first time, which it does before anybody has learnt its id.
    allow(['ssm:UpdateInstanceInformation'], [`arn:${Aws.PARTITION}:ec2:${home()}:instance/*`]),
    allow(['ssm:DescribeDocument', 'ssm:GetDocument'], DOCUMENTS.map((name) => `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/${name}`)),
    allow(['ssm:GetParameter'], [`arn:${Aws.PARTITION}:ssm:${home()}:parameter/${INSPECTED_PATHS}`]),
    allow(['ssm:GetDeployablePatchSnapshotForInstance', 'ssm:GetManifest', 'ssm:PutConfigurePackageResult', 'ssm:PutInventory'], ['*']),
  ];
  statements.forEach((statement) => role.addToPrincipalPolicy(statement));
  acknowledge(role.node.findChild('Policy'),
    {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `What the agent on ${scope.node.path} calls to open a session, to find the log group and to report patches and packages takes no resource: see compliance/forced-wildcards.ts`,
    },
    {
      rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]'],
      reason: `The machine of ${scope.node.path} needs its role in order to start, so the role is there before EC2 has given the machine the id that could be named`,
    },
    {
      rules: [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>::document/${INSPECTOR_DOCUMENTS}]`],
      reason: `Inspector decides by itself which of its documents run on ${scope.node.path}; only AWS can make one of that name`,
    },
  );
  return role;
}

/**
 * Lets the machine report on itself, and on no other: a policy of its own, since the id of the machine is known only once it has its role. The condition
 * keys of Systems Manager do not serve: `ssm:SourceInstanceARN` is absent for a machine with an instance profile.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
export function allowReports(scope: Construct, id: string, role: iam.IRole, instance: ec2.Instance): void {
  const itself = `arn:${Aws.PARTITION}:ec2:${home()}:instance/${instance.instanceId}`;
  const policy = new iam.ManagedPolicy(scope, id, {
    description: `Lets ${scope.node.path} report on its patches and associations`,
    roles: [role],
    statements: [
      allow(['ssm:ListInstanceAssociations', 'ssm:PutComplianceItems'], [itself]),
      allow(['ssm:DescribeAssociation', 'ssm:UpdateInstanceAssociationStatus'], [`arn:${Aws.PARTITION}:ssm:${home()}:association/*`, itself]),
    ],
  });
  acknowledge(policy, {
    rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:association/*]'],
    reason: `The associations of ${scope.node.path} are its patches and those that Inspector makes for every machine, whose ids nobody knows before`,
  });
}
