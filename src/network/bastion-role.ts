import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { PATCH_DOCUMENT } from './machine-patches';
import { acknowledge } from '../private/acknowledge';
import { ManagedPolicyRole } from '../private/managed-policy-role';

/**
 * The role of a machine that opens sessions, writes them down and patches itself, and does nothing else.
 *
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html names what a session takes. What a
 * patch takes are those actions of AWS's own policy AmazonSSMManagedInstanceCore that an association calls. That policy also reads every parameter of the account.
 */
export function bastionRole(scope: Construct, id: string, logGroup: logs.ILogGroup, key: kms.IKey): iam.Role {
  const role = new ManagedPolicyRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description: 'Opens the sessions of a bastion, writes them down, and patches it',
  });
  // Pseudo parameters, so that the text is the same in a stack with an environment and the acknowledgements below fit it.
  const home = `${Aws.REGION}:${Aws.ACCOUNT_ID}`;
  const [instances, associations] = [`arn:${Aws.PARTITION}:ec2:${home}:instance/*`, `arn:${Aws.PARTITION}:ssm:${home}:association/*`];
  const allow = (actions: string[], resources: string[]) => role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }));
  allow(['ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'], ['*']);
  allow(['logs:DescribeLogGroups'], ['*']);
  allow(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
  allow(['kms:Decrypt'], [key.keyArn]);
  allow(['ssm:ListInstanceAssociations', 'ssm:PutComplianceItems', 'ssm:UpdateInstanceInformation'], [instances]);
  allow(['ssm:DescribeAssociation', 'ssm:UpdateInstanceAssociationStatus'], [associations, instances]);
  allow(['ssm:DescribeDocument', 'ssm:GetDocument'], [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/${PATCH_DOCUMENT}`]);
  allow(['ssm:GetDeployablePatchSnapshotForInstance', 'ssm:PutInventory'], ['*']);
  acknowledge(role.node.findChild('Policy'),
    {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `What the agent on ${scope.node.path} calls to open a session, to find the log group and to report patches takes no resource: see compliance/forced-wildcards.ts`,
    },
    {
      rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:instance/*]'],
      reason: `The machine of ${scope.node.path} needs its role in order to start, so the role is there before EC2 has given the machine the id that could be named`,
    },
    {
      rules: ['AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:association/*]'],
      reason: `The association that patches ${scope.node.path} is made for a machine, and so after the role of that machine`,
    },
  );
  return role;
}
