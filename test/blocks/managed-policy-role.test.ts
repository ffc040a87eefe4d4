import * as iam from 'aws-cdk-lib/aws-iam';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ManagedPolicyRole } from '../../src/blocks/managed-policy-role';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

function role() {
  const stack = newStack();
  return {
    stack,
    made: new ManagedPolicyRole(stack, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'What a test may do',
    }),
  };
}

test('all grants go into one managed policy, none into an inline one', () => {
  const { stack, made } = role();
  const queue = new sqs.Queue(stack, 'Queue');
  queue.grantSendMessages(made);
  made.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['sqs:PurgeQueue'], resources: [queue.queueArn] }));
  const template = templateOf(stack);
  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 1);
  const [policy] = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
  expect(policy.Roles).toEqual([{ Ref: Object.keys(template.findResources('AWS::IAM::Role'))[0] }]);
  expect(policy.Description).toBe('What a test may do');
  expect(policy.PolicyDocument.Statement.flatMap((statement: { Action: string[] }) => statement.Action)).toEqual(
    expect.arrayContaining(['sqs:SendMessage', 'sqs:PurgeQueue']));
});

test('a role without grants has no policy', () => {
  templateOf(role().stack).resourceCountIs('AWS::IAM::ManagedPolicy', 0);
});

test('what depends on the role waits for its policy', () => {
  const { stack, made } = role();
  const queue = new sqs.Queue(stack, 'Queue');
  made.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['sqs:ListQueues'], resources: ['*'] }));
  queue.node.addDependency(made);
  const template = templateOf(stack);
  const [made1] = Object.values(template.findResources('AWS::SQS::Queue'));
  expect(made1.DependsOn).toContain(Object.keys(template.findResources('AWS::IAM::ManagedPolicy'))[0]);
});

test('a grant tells what it can be waited for by', () => {
  const { stack, made } = role();
  const result = made.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['sqs:ListQueues'], resources: ['*'] }));
  expect(result.statementAdded).toBe(true);
  expect(result.policyDependable).toBe(stack.node.findChild('Role').node.findChild('Policy'));
});

test('the rule about inline policies is met', () => {
  const { stack, made } = role();
  const queue = new sqs.Queue(stack, 'Queue');
  queue.grantSendMessages(made);
  expect(nagFindings(stack).filter((finding) => finding.includes('Stack/Role'))).toEqual([]);
});
