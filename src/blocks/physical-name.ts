import { Aws, Fn } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Returns a physical name, for a resource that needs one: `<prefix>-<construct>-<stack>`.
 *
 * The construct part is the end of the construct's address. The stack part is the start of the unique ID of the stack.
 * The name is unique across constructs, stacks, and a stack that is created again while retained resources of the first
 * one still exist. A replacement in the same stack fails with "already exists" and never creates an empty resource.
 */
export function physicalName(scope: IConstruct, prefix: string): string {
  const stack = Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
  return `${prefix}-${scope.node.addr.slice(-8)}-${stack}`;
}
