import { Aws, Fn } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * A physical name for the few resources whose service demands one: `<prefix>-<construct>-<stack>`.
 *
 * The construct's part is the end of its address in the tree; the stack's part is the start of the stack's own unique
 * id. Two constructs, two stacks, and a stack that is created again after its retained resources stayed behind never
 * meet on one name. A replacement inside the stack does: it fails with "already exists" instead of starting empty.
 */
export function physicalName(scope: IConstruct, prefix: string): string {
  const stack = Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
  return `${prefix}-${scope.node.addr.slice(-8)}-${stack}`;
}
