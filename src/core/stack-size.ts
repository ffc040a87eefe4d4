import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * The maximum number of resources in a stack, and the number from which on a stack has a warning.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const MAX_RESOURCES = 500;
export const WARNING_FROM = 400;
/** The number of constructs that the warning names. */
const NAMED = 5;

const MEASURED = Symbol.for('cdk-hipaa.core.measured-stack');

/**
 * Measures the stack of a construct when the app is synthesized.
 *
 * A stack with 400 resources or more has a warning that names the constructs with the most resources. aws-cdk-lib
 * refuses more than 500 and names the types of the resources; the synthesis then also names the constructs.
 */
export function measureStackOf(scope: IConstruct): void {
  const stack: Stack & { [MEASURED]?: boolean } = Stack.of(scope);
  if (stack[MEASURED]) return;
  stack[MEASURED] = true;
  stack.node.addValidation({ validate: () => measure(stack) });
}

/** Returns the error of a stack that is too large. */
function measure(stack: Stack): string[] {
  const count = resourcesOf(stack, stack);
  if (count < WARNING_FROM) return [];
  const parts = stack.node.children
    .map((child) => ({ id: child.node.id, count: resourcesOf(child, stack) }))
    .sort((one, other) => other.count - one.count)
    .slice(0, NAMED)
    .map((part) => `${part.id} (${part.count})`);
  const message = `The stack has ${count} resources, and CloudFormation accepts ${MAX_RESOURCES} (the quota `
    + `"Resources"). The constructs with the most resources are ${parts.join(', ')}. `
    + 'Move some of them to another stack.';
  if (count > MAX_RESOURCES && stack.node.tryGetContext('@aws-cdk/core:stackResourceLimit') === undefined) {
    return [message];
  }
  Annotations.of(stack).addWarningV2('cdk-hipaa:stack-resources', message);
  return [];
}

/** Counts the resources of one stack below a construct. A nested stack is one resource of its parent. */
function resourcesOf(scope: IConstruct, stack: Stack): number {
  return scope.node.findAll().filter((child) => CfnResource.isCfnResource(child) && child.stack === stack).length;
}
