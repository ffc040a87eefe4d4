import { Aws, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** What a namespace may hold. Source: the API of CloudWatch, `PutMetricData`. */
const LONGEST_NAMESPACE = 255;
const LONGEST_STACK_NAME = 128;
const LONGEST_PATH = LONGEST_NAMESPACE - LONGEST_STACK_NAME - 1;
const NAMESPACE_STRANGERS = /[^\w.#/-]/g;
const ADDRESS_LENGTH = 8;

/**
 * The namespace of the metrics that a construct counts itself, `<stack>/<path of the construct>`: no two constructs and no two deployments
 * add up in one metric. Where an id has characters that a namespace may not have, or the path is too long, the end is the construct's address instead.
 */
export function metricNamespaceOf(construct: Construct): string {
  const stack = Stack.of(construct);
  const path = construct.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id).join('/');
  if (path.length <= LONGEST_PATH && path.search(NAMESPACE_STRANGERS) < 0) return `${nameOf(stack)}/${path}`;
  const address = construct.node.addr.slice(-ADDRESS_LENGTH);
  return `${nameOf(stack)}/${path.replace(NAMESPACE_STRANGERS, '-').slice(0, LONGEST_PATH - ADDRESS_LENGTH - 1)}-${address}`;
}

/** Within the stack the name is asked for at deployment, so that a template is the same in each stage; an alarm of another stack has it written out. */
function nameOf(stack: Stack): string {
  return Lazy.uncachedString({ produce: ({ scope }) => Stack.of(scope) === stack ? Aws.STACK_NAME : stack.stackName });
}
