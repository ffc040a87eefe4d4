import { Statement } from './statements';
import { TemplateResource } from '../template';

/** A statement on all resources that a construct of aws-cdk-lib adds, and that its user cannot narrow. */
interface CdkStatement {
  /** The end of the construct path of the policy. */
  readonly path: RegExp;
  /** The exact actions. */
  readonly actions: string[];
  /** Why the statement is accepted. */
  readonly why: string;
}

/** The policies that aws-cdk-lib writes for its own functions and roles, read in aws-cdk-lib 2.276. */
export const CDK_STATEMENTS: CdkStatement[] = [
  {
    path: /\/Custom::CDKBucketDeployment\w+\/ServiceRole\/DefaultPolicy\/Resource$/,
    actions: ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
    why: 'BucketDeployment invalidates the distributions of all deployments of a stack with one function',
  },
  {
    path: /\/LogRetention\w+\/ServiceRole\/DefaultPolicy\/Resource$/,
    actions: ['logs:DeleteRetentionPolicy', 'logs:PutRetentionPolicy'],
    why: 'LogRetention sets the retention of all log groups of a stack with one function',
  },
  {
    path: /\/smsRole\/Resource$/,
    actions: ['sns:Publish'],
    why: 'a user pool sends SMS messages to phone numbers, which have no ARN',
  },
  ...creationRoleOfEks([
    [
      'eks:CreateCluster', 'eks:CreateFargateProfile', 'eks:DeleteCluster', 'eks:DescribeCluster', 'eks:DescribeUpdate',
      'eks:TagResource', 'eks:UntagResource', 'eks:UpdateClusterConfig', 'eks:UpdateClusterVersion',
    ],
    ['eks:DeleteFargateProfile', 'eks:DescribeFargateProfile'],
    ['iam:GetRole', 'iam:listAttachedRolePolicies'],
    ['iam:CreateServiceLinkedRole'],
  ]),
  {
    path: /\/Custom::AWSCDKOpenIdConnectProviderCustomResourceProvider\/Role$/,
    actions: [
      'iam:AddClientIDToOpenIDConnectProvider', 'iam:CreateOpenIDConnectProvider', 'iam:DeleteOpenIDConnectProvider',
      'iam:RemoveClientIDFromOpenIDConnectProvider', 'iam:UpdateOpenIDConnectProviderThumbprint',
    ],
    why: 'OpenIdConnectProvider manages all identity providers of a stack with one function',
  },
  {
    path: /\/DrainECSHook\/Function\/ServiceRole\/DefaultPolicy\/Resource$/,
    actions: [
      'ec2:DescribeHosts', 'ec2:DescribeInstanceAttribute', 'ec2:DescribeInstanceStatus', 'ec2:DescribeInstances',
    ],
    why: 'the hook of an ECS cluster reads the instances of a group that is still scaling',
  },
  {
    path: /\/Role\/DefaultPolicy\/Resource$/,
    actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
    why: 'EcsRunTask stops tasks whose ARNs do not exist before the state machine runs',
  },
  {
    path: /\/InstanceRole\/DefaultPolicy\/Resource$/,
    actions: [
      'ecr:GetAuthorizationToken', 'ecs:DiscoverPollEndpoint', 'logs:CreateLogStream', 'logs:PutLogEvents',
    ],
    why: 'the agent of an ECS instance writes to the log groups that the tasks name',
  },
  {
    path: /\/InstanceRole\/DefaultPolicy\/Resource$/,
    actions: ['ec2messages:*', 'ssm:UpdateInstanceInformation', 'ssmmessages:*'],
    why: 'the agent of BastionHostLinux registers an instance whose ID does not exist before the role',
  },
];

function creationRoleOfEks(statements: string[][]): CdkStatement[] {
  return statements.map((actions) => ({
    path: /\/Resource\/CreationRole\/DefaultPolicy\/Resource$/,
    actions,
    why: 'the role that creates an EKS cluster exists before the cluster has a name',
  }));
}

/** Whether a statement is one that a construct of aws-cdk-lib adds and that its user cannot narrow. */
export function isOfCdk(statement: Statement, resource: TemplateResource): boolean {
  const path = resource.construct?.node.path;
  if (path === undefined || statement.element('NotAction')) return false;
  const actions = statement.texts('Action').map(({ text }) => text).sort().join();
  return CDK_STATEMENTS.some((known) => known.path.test(path) && [...known.actions].sort().join() === actions);
}
