import { Aws, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** The maximum length of a namespace. Source: the CloudWatch API, `PutMetricData`. */
const LONGEST_NAMESPACE = 255;
const LONGEST_STACK_NAME = 128;
const LONGEST_PATH = LONGEST_NAMESPACE - LONGEST_STACK_NAME - 1;
const DISALLOWED_CHARACTERS = /[^\w.#/-]/g;
const ADDRESS_LENGTH = 8;

/**
 * Returns the namespace of the metrics that a construct publishes: `<stack>/<path of the construct>`.
 *
 * Metrics of different constructs or deployments never share a namespace. If the path is too long, or contains a
 * character that a namespace cannot contain, the namespace ends with the address of the construct.
 */
export function metricNamespaceOf(construct: Construct): string {
  const stack = Stack.of(construct);
  const scopes = construct.node.scopes.slice(stack.node.scopes.length);
  const path = scopes.map(({ node }) => node.id).join('/');
  if (path.length <= LONGEST_PATH && path.search(DISALLOWED_CHARACTERS) < 0) return `${nameOf(stack)}/${path}`;
  const address = construct.node.addr.slice(-ADDRESS_LENGTH);
  const start = path.replace(DISALLOWED_CHARACTERS, '-').slice(0, LONGEST_PATH - ADDRESS_LENGTH - 1);
  return `${nameOf(stack)}/${start}-${address}`;
}

/**
 * Returns the name of a stack.
 *
 * The stack itself reads its name at deployment, so that its template is the same in each stage. The template of
 * another stack, for example of an alarm, contains the name.
 */
function nameOf(stack: Stack): string {
  return Lazy.uncachedString({ produce: ({ scope }) => Stack.of(scope) === stack ? Aws.STACK_NAME : stack.stackName });
}
