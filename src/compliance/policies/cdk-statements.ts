import { policyDocuments, Statement } from './statements';
import { needsAllResources } from './unscoped-actions';
import { cdkFunctionOf, isInside } from '../cdk-functions';
import { at, computedOnce, list, referenced, TemplateResource } from '../template';
import { items, property, texts } from '../values';

/** A statement on all resources that a construct of aws-cdk-lib adds, and that its user cannot narrow. */
interface CdkStatement {
  /** The exact actions. */
  readonly actions: string[];
  /** Why the statement is accepted. */
  readonly why: string;
  /**
   * Whether a role is the one that the construct writes the statement for.
   *
   * What the role is used for decides, and never the ID of a construct, which any app can choose.
   */
  isFor(role: TemplateResource): boolean;
}

/** The statements of aws-cdk-lib, read in version 2.271. */
export const CDK_STATEMENTS: CdkStatement[] = [
  {
    actions: ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
    why: 'BucketDeployment invalidates the distributions of all deployments of a stack with one function',
    isFor: ofFunction('aws-s3-deployment/bucket-deployment-handler'),
  },
  {
    actions: ['logs:DeleteRetentionPolicy', 'logs:PutRetentionPolicy'],
    why: 'LogRetention sets the retention of all log groups of a stack with one function',
    isFor: ofFunction('aws-logs/log-retention-handler'),
  },
  {
    actions: [
      'iam:AddClientIDToOpenIDConnectProvider', 'iam:CreateOpenIDConnectProvider', 'iam:DeleteOpenIDConnectProvider',
      'iam:RemoveClientIDFromOpenIDConnectProvider', 'iam:UpdateOpenIDConnectProviderThumbprint',
    ],
    why: 'OpenIdConnectProvider manages all identity providers of a stack with one function',
    isFor: ofFunction('aws-iam/oidc-handler'),
  },
  {
    actions: [
      'acm:AddTagsToCertificate', 'acm:DeleteCertificate', 'acm:DescribeCertificate', 'acm:RequestCertificate',
      'route53:GetChange',
    ],
    why: 'DnsValidatedCertificate creates a certificate and a change of records, whose ARNs do not exist before',
    isFor: ofFunction('aws-certificatemanager/dns-validated-certificate-handler'),
  },
  {
    actions: ['route53:GetChange'],
    why: 'a record set with deleteExisting waits for a change whose ID does not exist before',
    isFor: ofFunction('aws-route53/delete-existing-record-set-handler'),
  },
  {
    actions: [
      'ec2:DescribeHosts', 'ec2:DescribeInstanceAttribute', 'ec2:DescribeInstanceStatus', 'ec2:DescribeInstances',
    ],
    why: 'the hook of an ECS cluster reads the instances of a group that is still scaling',
    isFor: ofFunction('aws-ecs/lambda-source'),
  },
  {
    actions: ['sns:Publish'],
    why: 'a user pool sends SMS messages to phone numbers, which have no ARN',
    isFor: (role) => trustsOnly('cognito-idp', role) && usersOf(role, 'AWS::Cognito::UserPool', [
      'SmsConfiguration', 'SnsCallerArn',
    ]).length > 0,
  },
  {
    actions: [
      'eks:CreateCluster', 'eks:CreateFargateProfile', 'eks:DeleteCluster', 'eks:DescribeCluster', 'eks:DescribeUpdate',
      'eks:TagResource', 'eks:UntagResource', 'eks:UpdateClusterConfig', 'eks:UpdateClusterVersion',
      'eks:DeleteFargateProfile', 'eks:DescribeFargateProfile', 'iam:GetRole', 'iam:listAttachedRolePolicies',
      'iam:CreateServiceLinkedRole',
    ],
    why: 'the role that creates an EKS cluster exists before the cluster has a name',
    isFor: (role) => isInside(role.construct, 'aws_eks.Cluster')
      && usersOf(role, 'Custom::AWSCDK-EKS-Cluster', ['AssumeRoleArn']).length > 0,
  },
  {
    actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
    why: 'EcsRunTask stops tasks whose ARNs do not exist before the state machine runs',
    isFor: ofStateMachine('ecs:runTask.sync', 'ecs:runTask.waitForTaskToken'),
  },
  {
    // https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html
    actions: ['s3:CreateBucket', 's3:GetBucketLocation', 's3:GetObject', 's3:ListBucket'],
    why: 'AthenaStartQueryExecution reads the tables of a query, which are known only when it runs',
    isFor: ofStateMachine('athena:startQueryExecution', 'athena:startQueryExecution.sync'),
  },
  {
    actions: ['athena:getQueryResults', 's3:GetObject'],
    why: 'AthenaGetQueryResults reads the results of a query, which can be in any workgroup and bucket',
    isFor: ofStateMachine('athena:getQueryResults'),
  },
  {
    actions: ['athena:getQueryExecution'],
    why: 'AthenaGetQueryExecution reads a query of any workgroup',
    isFor: ofStateMachine('athena:getQueryExecution'),
  },
  {
    actions: ['athena:stopQueryExecution'],
    why: 'AthenaStopQueryExecution stops a query of any workgroup',
    isFor: ofStateMachine('athena:stopQueryExecution'),
  },
  {
    actions: ['sagemaker:ListTags'],
    why: 'the tasks of SageMaker read the tags of what does not exist before the state machine runs',
    isFor: ofStateMachine(
      'sagemaker:createEndpoint', 'sagemaker:createEndpointConfig', 'sagemaker:createTrainingJob.sync',
      'sagemaker:createTransformJob.sync',
    ),
  },
  {
    // https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html
    actions: [
      'elasticmapreduce:AddTags', 'elasticmapreduce:DescribeCluster', 'elasticmapreduce:RunJobFlow',
      'elasticmapreduce:TerminateJobFlows',
    ],
    why: 'EmrCreateCluster creates a cluster whose ID does not exist before the state machine runs',
    isFor: ofStateMachine('elasticmapreduce:createCluster', 'elasticmapreduce:createCluster.sync'),
  },
  {
    // https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html
    actions: [
      'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeDhcpOptions',
      'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups', 'ec2:DescribeSubnets', 'ec2:DescribeVpcs',
    ],
    why: 'a build project in a VPC creates network interfaces whose IDs do not exist before the build',
    isFor: (role) => trustsOnly('codebuild', role) && usersOf(role, 'AWS::CodeBuild::Project', ['ServiceRole'])
      .some(({ properties }) => at(properties, 'VpcConfig') !== undefined),
  },
  {
    // AWS gives all resources to the actions on task definitions only. aws-cdk-lib gives them to all actions.
    // https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
    actions: [
      'ecs:DescribeServices', 'ecs:DescribeTaskDefinition', 'ecs:DescribeTasks', 'ecs:ListTasks',
      'ecs:RegisterTaskDefinition', 'ecs:TagResource', 'ecs:UpdateService', 'iam:PassRole',
    ],
    why: 'EcsDeployAction registers task definitions whose roles are known only when the pipeline runs',
    isFor: deploysToEcs,
  },
  {
    actions: ['ecr:GetAuthorizationToken', 'ecs:DiscoverPollEndpoint', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    why: 'the agent of an ECS instance writes to the log groups that the tasks name',
    isFor: (role) => trustsOnly('ec2', role) && isOfEcsInstance(role),
  },
  {
    actions: ['ec2messages:*', 'ssm:UpdateInstanceInformation', 'ssmmessages:*'],
    why: 'the agent of BastionHostLinux registers an instance whose ID does not exist before the role',
    isFor: (role) => trustsOnly('ec2', role) && isInside(role.construct, 'aws_ec2.BastionHostLinux'),
  },
];

/** The resources of a type that name a role at a path of their properties. */
function usersOf(role: TemplateResource, type: string, path: string[]): TemplateResource[] {
  return role.siblings.ofTypes(type).filter((each) =>
    referenced(each, at(each.properties, ...path))?.logicalId === role.logicalId);
}

/** Whether only functions of aws-cdk-lib, with the code of one of its folders, have a role. */
function ofFunction(name: string): CdkStatement['isFor'] {
  return (role) => {
    const functions = usersOf(role, 'AWS::Lambda::Function', ['Role']);
    return functions.length > 0 && trustsOnly('lambda', role)
      && functions.every((each) => cdkFunctionOf(each) === name);
  };
}

/** Whether a role is that of a state machine with a task: `ecs:runTask.sync`. */
function ofStateMachine(...integrations: string[]): CdkStatement['isFor'] {
  return (role) => trustsOnly('states', role)
    && usersOf(role, 'AWS::StepFunctions::StateMachine', ['RoleArn']).some(({ properties, template }) =>
      texts(at(properties, 'DefinitionString'), template).some((text) =>
        integrations.some((each) => text.includes(`:states:::${each}"`))));
}

/** Whether only one service can assume a role: its trust policy names no other principal. */
function trustsOnly(service: string, role: TemplateResource): boolean {
  const found = property({ path: '', value: at(role.properties, 'AssumeRolePolicyDocument') }, 'Statement');
  const principals = (found ? items(found, role.template) : []).map(({ value }) => at(value, 'Principal'));
  return principals.length > 0 && principals.every((principal) => {
    const names = items({ path: '', value: at(principal, 'Service') }, role.template)
      .flatMap(({ value }) => texts(value, role.template));
    return Object.keys(principal ?? {}).join() === 'Service' && names.length > 0
      && names.every((name) => name.startsWith(`${service}.`));
  });
}

/** The providers of the actions of a pipeline that deploy to ECS. */
const ECS_PROVIDERS = ['CodeDeployToECS', 'ECS'];

/** Whether a role is that of an action of a pipeline that deploys to ECS. */
function deploysToEcs(role: TemplateResource): boolean {
  return role.siblings.ofTypes('AWS::CodePipeline::Pipeline').some((pipeline) =>
    list(at(pipeline.properties, 'Stages')).flatMap((stage) => list(at(stage, 'Actions'))).some((action) =>
      ECS_PROVIDERS.includes(String(at(action, 'ActionTypeId', 'Provider')))
        && referenced(pipeline, at(action, 'RoleArn'))?.logicalId === role.logicalId));
}

/** Whether a role is that of instances that join an ECS cluster: their user data names it for the agent. */
function isOfEcsInstance(role: TemplateResource): boolean {
  const { siblings, template } = role;
  const profiles = siblings.ofTypes('AWS::IAM::InstanceProfile').filter((profile) =>
    list(at(profile.properties, 'Roles')).some((each) => referenced(profile, each)?.logicalId === role.logicalId));
  const has = (resource: TemplateResource, value: unknown) =>
    profiles.some(({ logicalId }) => referenced(resource, value)?.logicalId === logicalId);
  const groups = siblings.ofTypes('AWS::AutoScaling::LaunchConfiguration').filter((each) =>
    has(each, at(each.properties, 'IamInstanceProfile'))).map(({ properties }) => at(properties, 'UserData'));
  const launched = siblings.ofTypes('AWS::EC2::LaunchTemplate')
    .map((each) => ({ each, data: at(each.properties, 'LaunchTemplateData') }))
    .filter(({ each, data }) => ['Arn', 'Name'].some((name) => has(each, at(data, 'IamInstanceProfile', name))))
    .map(({ data }) => at(data, 'UserData'));
  return [...groups, ...launched].some((data) => texts(data, template).some((text) => text.includes('ECS_CLUSTER')));
}

/** The roles of a policy, or none if it also belongs to a user, a group or a role elsewhere. */
function rolesOf(policy: TemplateResource): TemplateResource[] {
  if (policy.type === 'AWS::IAM::Role') return [policy];
  const { properties } = policy;
  const given = list(at(properties, 'Roles'));
  const roles = given.flatMap((role) => referenced(policy, role) ?? []);
  const others = ['Users', 'Groups'].some((name) => list(at(properties, name)).length > 0);
  return others || roles.length < given.length ? [] : roles;
}

/** The reasons for the statements of a policy that are accepted as those of aws-cdk-lib. */
export function acceptedStatements(policy: TemplateResource): string[] {
  const isAccepted = (statement: Statement) => !statement.texts('Action').every(({ text }) => needsAllResources(text))
    && statement.texts('Resource').some(({ text }) => text === '*') && isOfCdk(statement, policy);
  const statements = policyDocuments(policy).flatMap((document) => document.statements).filter(isAccepted);
  const actions = statements.flatMap((statement) => statement.texts('Action').map(({ text }) => text));
  return knownFor(policy).filter((known) => known.actions.some((action) => actions.includes(action)))
    .map(({ why }) => why);
}

/** The statements that aws-cdk-lib adds for every role of a policy. */
const knownFor = computedOnce((policy: TemplateResource): CdkStatement[] => {
  const roles = rolesOf(policy);
  return roles.length === 0 ? [] : CDK_STATEMENTS.filter(({ isFor }) => roles.every(isFor));
});

/**
 * Whether a statement is one that a construct of aws-cdk-lib adds and that its user cannot narrow.
 *
 * aws-cdk-lib merges statements on the same resources, so a statement can have the actions of several.
 */
export function isOfCdk(statement: Statement, policy: TemplateResource): boolean {
  if (statement.element('NotAction') || statement.element('NotResource')) return false;
  const known = knownFor(policy).flatMap(({ actions }) => actions);
  return known.length > 0
    && statement.texts('Action').every(({ text }) => known.includes(text) || needsAllResources(text));
}
