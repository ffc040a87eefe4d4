import { NestedStack, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deployedStackOf } from '../../src/core/deployed-stack';

test('deployedStackOf returns the stack itself', () => {
  const stack = new Stack();
  expect(deployedStackOf(new Construct(stack, 'Inside'))).toBe(stack);
});

test('deployedStackOf returns the outermost of nested stacks', () => {
  const stack = new Stack();
  const nested = new NestedStack(new NestedStack(stack, 'Outer'), 'Inner');
  expect(deployedStackOf(new Construct(nested, 'Inside'))).toBe(stack);
});
