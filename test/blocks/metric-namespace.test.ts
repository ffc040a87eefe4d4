import { Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { metricNamespaceOf } from '../../src/blocks/metric-namespace';
import { newApp, newStack } from '../support/app';

const IN_STACK = { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '/Network']] };

test('the namespace is the name of the stack at deployment and the path below the stack', () => {
  const stack = newStack();
  expect(stack.resolve(metricNamespaceOf(new Construct(stack, 'Network')))).toEqual(IN_STACK);
});

test('the namespace is the same in each stage and does not contain the ID of the stage', () => {
  const stack = new Stack(new Stage(newApp(), 'Production'), 'Stack');
  expect(stack.resolve(metricNamespaceOf(new Construct(stack, 'Network')))).toEqual(IN_STACK);
});

test('the namespace contains the name of the stack of the construct, even in another stack', () => {
  const app = newApp();
  const namespace = metricNamespaceOf(new Construct(new Stack(app, 'Network'), 'Vpc'));
  expect(new Stack(app, 'Watch').resolve(namespace)).toBe('Network/Vpc');
});

test.each([
  ['has characters that are not allowed in a namespace', 'Our network', /^\/Our-network-[0-9a-f]{8}$/],
  ['is too long', 'N'.repeat(200), /^\/N{117}-[0-9a-f]{8}$/],
])('the namespace ends in the address of a construct whose path %s', (_, id, expected) => {
  const stack = newStack();
  const { 'Fn::Join': [, [name, path]] } = stack.resolve(metricNamespaceOf(new Construct(stack, id)));
  expect(name).toEqual({ Ref: 'AWS::StackName' });
  expect(path).toMatch(expected);
});
