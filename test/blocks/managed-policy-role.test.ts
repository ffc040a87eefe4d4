import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ManagedPolicyRole } from '../../src/blocks/managed-policy-role';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

function stackWithRole() {
  const stack = newStack();
  return {
    stack,
    role: new ManagedPolicyRole(stack, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Permissions of a test',
    }),
  };
}

test('all grants are in one managed policy, none in an inline policy', () => {
  const { stack, role } = stackWithRole();
  const queue = new sqs.Queue(stack, 'Queue');
  queue.grantSendMessages(role);
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['sqs:PurgeQueue'], resources: [queue.queueArn] }));
  const template = templateOf(stack);
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 1);
  const [policy] = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
  expect(policy.Roles).toEqual([{ Ref: Object.keys(template.findResources('AWS::IAM::Role'))[0] }]);
  expect(policy.Description).toBe('Permissions of a test');
  expect(policy.PolicyDocument.Statement.flatMap((statement: { Action: string[] }) => statement.Action)).toEqual(
    expect.arrayContaining(['sqs:SendMessage', 'sqs:PurgeQueue']));
});

test('a role without grants has no policy', () => {
  templateOf(stackWithRole().stack).resourceCountIs('AWS::IAM::ManagedPolicy', 0);
});

test('a resource that depends on the role is created after its policy', () => {
  const { stack, role } = stackWithRole();
  const queue = new sqs.Queue(stack, 'Queue');
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['sqs:ListQueues'], resources: ['*'] }));
  queue.node.addDependency(role);
  const template = templateOf(stack);
  const [queueResource] = Object.values(template.findResources('AWS::SQS::Queue'));
  expect(queueResource.DependsOn).toContain(Object.keys(template.findResources('AWS::IAM::ManagedPolicy'))[0]);
});

test('a grant returns the policy as its dependable', () => {
  const { stack, role } = stackWithRole();
  const result = role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['sqs:ListQueues'], resources: ['*'] }));
  expect(result.statementAdded).toBe(true);
  expect(result.policyDependable).toBe(stack.node.findChild('Role').node.findChild('Policy'));
});

test('the role complies with the rules on inline policies', () => {
  const { stack, role } = stackWithRole();
  const queue = new sqs.Queue(stack, 'Queue');
  queue.grantSendMessages(role);
  expect(nagFindings(stack).filter((finding) => finding.includes('Stack/Role'))).toEqual([]);
});
