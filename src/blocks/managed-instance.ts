import { Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * The names of the SSM documents of Amazon Inspector.
 *
 * Inspector runs them on every instance of an account that it scans. They are the documents of its service-linked role.
 * Names that begin with Amazon are reserved for AWS.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonInspector2ServiceRolePolicy.html
 */
export const INSPECTOR_DOCUMENTS = 'AmazonInspector2-*';
/** The documents that an account runs on its instances. The association of a document that a role cannot read fails. */
export const MANAGED_INSTANCE_DOCUMENTS = [
  'AWS-ConfigureAWSPackage', 'AWS-GatherSoftwareInventory', INSPECTOR_DOCUMENTS,
];
/**
 * The SSM parameter with the custom paths of Inspector.
 *
 * https://docs.aws.amazon.com/inspector/latest/user/deep-inspection.html
 */
const INSPECTED_PATHS = 'inspector-aws/service/inspector-linux-application-paths';
/** The channel through which SSM Agent receives commands, such as those that install patches. */
export const CONTROL_CHANNEL = ['ssmmessages:CreateControlChannel', 'ssmmessages:OpenControlChannel'];

// Pseudo parameters give the same text in a stack with an environment, so acknowledgements match it.
const home = () => `${Aws.REGION}:${Aws.ACCOUNT_ID}`;
const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });

/**
 * The statements with which SSM Agent registers an instance and reports its packages and patches.
 *
 * The actions of patches and Inspector (https://docs.aws.amazon.com/inspector/latest/user/scanning-ec2.html) are those
 * of the AWS managed policy AmazonSSMManagedInstanceCore that an association calls. That policy also reads every
 * parameter of the account.
 */
export function managedInstanceStatements(documents: string[]): iam.PolicyStatement[] {
  return [
    // The agent registers the instance with this call before the instance ID is known.
    allow(['ssm:UpdateInstanceInformation'], [`arn:${Aws.PARTITION}:ec2:${home()}:instance/*`]),
    allow(
      ['ssm:DescribeDocument', 'ssm:GetDocument'],
      documents.map((name) => `arn:${Aws.PARTITION}:ssm:${Aws.REGION}::document/${name}`),
    ),
    allow(['ssm:GetParameter'], [`arn:${Aws.PARTITION}:ssm:${home()}:parameter/${INSPECTED_PATHS}`]),
    allow([
      'ssm:GetDeployablePatchSnapshotForInstance', 'ssm:GetManifest',
      'ssm:PutConfigurePackageResult', 'ssm:PutInventory',
    ], ['*']),
  ];
}

/**
 * The statements with which SSM Agent reports the state of associations.
 *
 * The condition key `ssm:SourceInstanceARN` is absent for an instance with an instance profile, so the resource is the
 * only limit. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
export function reportStatements(instance = `arn:${Aws.PARTITION}:ec2:${home()}:instance/*`): iam.PolicyStatement[] {
  return [
    allow(['ssm:ListInstanceAssociations', 'ssm:PutComplianceItems'], [instance]),
    allow(
      ['ssm:DescribeAssociation', 'ssm:UpdateInstanceAssociationStatus'],
      [`arn:${Aws.PARTITION}:ssm:${home()}:association/*`, instance],
    ),
  ];
}
