import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import {
  CfnResource, CustomResourceProvider, CustomResourceProviderRuntime, Stack, aws_ec2 as ec2, aws_iam as iam,
  aws_lambda as lambda, aws_ses as ses, aws_stepfunctions as stepfunctions,
} from 'aws-cdk-lib';
import { newApp, WITH_ASSETS } from '../support/app';
import { ORDINARY_STACKS } from '../support/ordinary-stacks';
import { ORDINARY_TASKS } from '../support/ordinary-tasks';
import { templateCheckFindings } from '../support/template-check-findings';

const CODE = lambda.Code.fromInline('exports.handler = async () => {};');
const FUNCTION = { code: CODE, handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X };

function found(rule: string, make: (stack: Stack) => void, context = {}): string[] {
  const stack = new Stack(newApp({ ...WITH_ASSETS, ...context }), 'Stack');
  make(stack);
  return templateCheckFindings(stack).filter((finding) => finding.startsWith(rule));
}

const withStatement = (id: string, service: string, actions: string[]) => (stack: Stack) => {
  const role = new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal(service) });
  role.addToPolicy(new iam.PolicyStatement({ actions, resources: ['*'] }));
  return role;
};
const TASKS = ['ecs:StopTask', 'ecs:DescribeTasks'];
const AGENT = ['ecs:DiscoverPollEndpoint', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const BASTION = ['ssmmessages:*', 'ssm:UpdateInstanceInformation', 'ec2messages:*'];

test.each<[string, string, string[]]>([
  ['Role', 'ec2.amazonaws.com', TASKS],
  ['Role', 'states.amazonaws.com', TASKS],
  ['InstanceRole', 'ec2.amazonaws.com', AGENT],
  ['InstanceRole', 'ec2.amazonaws.com', BASTION],
  ['smsRole', 'cognito-idp.amazonaws.com', ['sns:Publish']],
  ['Build', 'codebuild.amazonaws.com', ['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']],
  ['CreationRole', 'lambda.amazonaws.com', ['eks:DeleteCluster']],
])('a role %s of an app is reported, although aws-cdk-lib has one with this ID', (id, service, actions) => {
  expect(found('Policy', withStatement(id, service, actions))).toEqual([
    `PolicyAllowsEveryResource at Stack/${id}/DefaultPolicy/Resource`,
  ]);
});

test.each<[string, string[]]>([
  ['Custom::CDKBucketDeployment8693BB64', ['cloudfront:GetInvalidation', 'cloudfront:CreateInvalidation']],
  ['LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a', ['logs:PutRetentionPolicy', 'logs:DeleteRetentionPolicy']],
])('a function %s of an app is reported', (id, actions) => {
  const make = (stack: Stack) => new lambda.Function(stack, id, FUNCTION)
    .addToRolePolicy(new iam.PolicyStatement({ actions, resources: ['*'] }));
  expect(found('', make)).toEqual(expect.arrayContaining([
    `PolicyAllowsEveryResource at Stack/${id}/ServiceRole/DefaultPolicy/Resource`,
    `FunctionWithoutLogGroup at Stack/${id}/Resource`,
  ]));
});

describe('a role that a service of the app uses', () => {
  const machine = (stack: Stack, role: iam.IRole, definition: string) => void new stepfunctions.StateMachine(
    stack, 'Machine', { role, definitionBody: stepfunctions.DefinitionBody.fromString(definition) });
  const runs = (resource: string) =>
    JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: resource, End: true } } });

  test('is accepted for a task that needs the statement, and not for another one', () => {
    const withTask = (resource: string, more: string[] = []) => found('Policy', (stack) =>
      machine(stack, withStatement('Own', 'states.amazonaws.com', [...TASKS, ...more])(stack), runs(resource)));
    expect(withTask('arn:aws:states:::ecs:runTask.sync')).toEqual([]);
    expect(withTask('arn:aws:states:::ecs:runTask.sync', ['ecs:RunTask'])).toHaveLength(1);
    expect(withTask('arn:aws:states:::ecs:runTask')).toHaveLength(1);
    expect(withTask('arn:aws:states:::sqs:sendMessage')).toHaveLength(1);
  });

  test('is reported if another service or another role can have the statement, too', () => {
    const shared = new iam.CompositePrincipal(
      new iam.ServicePrincipal('states.amazonaws.com'), new iam.ServicePrincipal('ec2.amazonaws.com'));
    const statement = new iam.PolicyStatement({ actions: TASKS, resources: ['*'] });
    expect(found('Policy', (stack) => {
      const role = new iam.Role(stack, 'Own', { assumedBy: shared });
      role.addToPolicy(statement);
      machine(stack, role, runs('arn:aws:states:::ecs:runTask.sync'));
    })).toHaveLength(1);
    expect(found('Policy', (stack) => {
      const role = new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
      machine(stack, role, runs('arn:aws:states:::ecs:runTask.sync'));
      const group = new iam.Group(stack, 'Group');
      new iam.Policy(stack, 'Both', { statements: [statement], roles: [role], groups: [group] });
    })).toHaveLength(1);
  });

  test('of an instance is accepted in a BastionHostLinux only', () => {
    expect(found('Policy', (stack) => {
      const vpc = new ec2.Vpc(stack, 'Vpc');
      const instance = new ec2.Instance(stack, 'Bastion', {
        vpc, instanceType: new ec2.InstanceType('t3.micro'), machineImage: ec2.MachineImage.latestAmazonLinux2023(),
      });
      instance.addToRolePolicy(new iam.PolicyStatement({ actions: BASTION, resources: ['*'] }));
    })).toEqual(['PolicyAllowsEveryResource at Stack/Bastion/InstanceRole/DefaultPolicy/Resource']);
  });
});

describe('FunctionWithoutLogGroup', () => {
  test.each([
    'framework-patients', 'Custom::Patients', 'AWS679f53fac002430cb0da5b7982bd2287',
    'AWSCDKPatientsCustomResourceProvider', 'BucketNotificationsHandler050a0587b7544547bf325f094a3db834',
  ])('reports a function of an app with the ID %s', (id) => {
    expect(found('FunctionWithout', (stack) => new lambda.Function(stack, id, FUNCTION)))
      .toEqual([`FunctionWithoutLogGroup at Stack/${id}/Resource`]);
  });

  test('reports a function of an app in a CustomResourceProvider, and one beside that of aws-cdk-lib', () => {
    const codeDirectory = fs.mkdtempSync(path.join(os.tmpdir(), 'provider-'));
    fs.writeFileSync(path.join(codeDirectory, 'index.js'), 'exports.handler = async () => {};');
    expect(found('FunctionWithout', (stack) => {
      const runtime = CustomResourceProviderRuntime.NODEJS_22_X;
      CustomResourceProvider.getOrCreateProvider(stack, 'Custom::Patients', { codeDirectory, runtime });
      new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: true });
      new CfnResource(stack, 'Own', { type: 'AWS::Lambda::Function', properties: { Code: { S3Key: 'own.zip' } } });
    })).toEqual([
      'FunctionWithoutLogGroup at Stack/Custom::PatientsCustomResourceProvider/Handler',
      'FunctionWithoutLogGroup at Stack/Own',
    ]);
    fs.rmSync(codeDirectory, { recursive: true });
  });

  test('reports a function of aws-cdk-lib that handles data while the app runs', () => {
    expect(found('FunctionWithout', (stack) => new ses.ReceiptRuleSet(stack, 'Rules', { dropSpam: true })))
      .toEqual([expect.stringContaining('FunctionWithoutLogGroup at Stack/SingletonLambda')]);
  });
});

test('the properties of a custom resource are read under a type that begins as those of aws-cdk-lib', () => {
  const properties = { ServiceToken: 'x', SigningKey: 'hunter2' };
  const make = (stack: Stack) => new CfnResource(stack, 'It', { type: 'Custom::AWSPatients', properties });
  expect(found('PlaintextSecret', make)).toEqual(['PlaintextSecret[SigningKey] at Stack/It']);
});

const merged = { '@aws-cdk/aws-iam:minimizePolicies': true };
const WITH_ROLES = [...Object.keys(ORDINARY_TASKS), 'a state machine', 'a cluster of ECS on EC2'];
test.each(WITH_ROLES)('%s has no access finding if aws-cdk-lib merges statements', (name) => {
  expect(found('Policy', ORDINARY_STACKS[name], merged)).toEqual([]);
});
