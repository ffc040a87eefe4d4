import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Returns the top-level stack that deploys a construct. A nested stack is deployed by its parent. */
export function deployedStackOf(scope: IConstruct): Stack {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? deployedStackOf(stack.nestedStackParent) : stack;
}
