import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The stack that a construct is deployed with. A nested one goes where its parent goes. */
export function deployedStackOf(scope: IConstruct): Stack {
  const stack = Stack.of(scope);
  return stack.nestedStackParent ? deployedStackOf(stack.nestedStackParent) : stack;
}
