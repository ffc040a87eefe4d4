import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { physicalName } from '../../src/blocks/physical-name';
import { newApp, newStack } from '../support/app';

const nameOf = (scope: Construct) => Stack.of(scope).resolve(physicalName(scope, 'aws-waf-logs'));

test('the name consists of the prefix, the construct and the unique ID of the stack', () => {
  const stack = newStack();
  const { ['Fn::Join']: [, parts] } = nameOf(new Construct(stack, 'Firewall'));
  expect(parts[0]).toMatch(/^aws-waf-logs-[0-9a-f]{8}-$/);
  expect(parts[1]).toEqual({
    'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }],
  });
});

test('two constructs have different names, which do not change between calls', () => {
  const stack = newStack();
  const [one, two] = [new Construct(stack, 'One'), new Construct(stack, 'Two')];
  expect(nameOf(one)).not.toEqual(nameOf(two));
  expect(nameOf(one)).toEqual(nameOf(one));
});

test('the same construct has different names in two stacks', () => {
  const app = newApp();
  const [a, b] = ['A', 'B'].map((id) => nameOf(new Construct(new Stack(app, id), 'Firewall')));
  expect(a).not.toEqual(b);
});
