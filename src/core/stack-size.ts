import { Annotations, CfnElement, CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * The maximum number of resources in a stack, and the number from which on a stack has a warning.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const MAX_RESOURCES = 500;
export const WARNING_FROM = 400;
/**
 * The maximum size of a template, and the size from which on a stack has a warning, in bytes. Source: the same page,
 * which says 1 MB, and the constant in the `Stack` of aws-cdk-lib.
 */
export const MAX_TEMPLATE_BYTES = 1_000_000;
export const WARNING_FROM_BYTES = 800_000;
/** The number of elements that are measured first. Each takes time, because it is rendered. */
const SAMPLE = 12;
/** The types with a text that grows with the app. They are always measured. */
const LARGE_TYPES = [
  'AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api', 'AWS::CloudWatch::Dashboard', 'AWS::SSM::Document',
  'AWS::StepFunctions::StateMachine', 'AWS::WAFv2::WebACL',
];
/** The number of constructs that a warning names. */
const NAMED = 5;
const KILOBYTE = 1000;
/** The text around one rendered element, in bytes: the template has it once. */
const SECTION_BYTES = '{\n "Resources": {'.length + '\n }\n}'.length;

const MEASURED = Symbol.for('cdk-hipaa.core.measured-stack');

/** A quota of CloudFormation for one stack, and what the stack has of it. */
interface Measure {
  readonly count: number;
  readonly max: number;
  readonly warningId: string;
  /** The count with its unit: `400 resources`. */
  readonly has: string;
  readonly quota: string;
  /** The share of the constructs below a construct. */
  of(scope: IConstruct): number;
  show(count: number): string;
}

/**
 * Measures the stack of a construct when the app is synthesized.
 *
 * A stack with 400 resources or more, or with a template of 800 KB or more, has a warning that names the constructs
 * with the largest share. aws-cdk-lib refuses more than 500 resources and names their types; the synthesis then also
 * names the constructs. A template of more than 1 MB is refused, because CloudFormation does not accept it.
 */
export function measureStackOf(scope: IConstruct): void {
  const stack: Stack & { [MEASURED]?: boolean } = Stack.of(scope);
  if (stack[MEASURED]) return;
  stack[MEASURED] = true;
  stack.node.addValidation({ validate: () => [...compareResources(stack), ...compareBytes(stack)] });
}

/** Returns the errors of a stack with too many resources. */
function compareResources(stack: Stack): string[] {
  const count = elementsOf(stack, stack).filter((element) => CfnResource.isCfnResource(element)).length;
  return count < WARNING_FROM ? [] : compare(stack, countOfResources(stack, count));
}

/** Returns the errors of a stack with a large template. All elements are measured only if a sample is large. */
function compareBytes(stack: Stack): string[] {
  const elements = elementsOf(stack, stack);
  const [large, others] = [true, false].map((isLarge) => elements.filter((each) => mayBeLarge(each) === isLarge));
  const sample = others.filter((_, index) => index % Math.ceil(others.length / SAMPLE) === 0);
  const sum = (some: CfnElement[]) => some.reduce((bytes, each) => bytes + bytesOf(stack, each), 0);
  const estimate = sum(large) + sum(sample) * (others.length / Math.max(1, sample.length));
  if (estimate < WARNING_FROM_BYTES / 2) return [];
  const count = sum(elements);
  return count < WARNING_FROM_BYTES ? [] : compare(stack, countOfBytes(stack, count));
}

/** Whether one resource can be much larger than others: its text grows with the app. */
const mayBeLarge = (element: CfnElement) =>
  CfnResource.isCfnResource(element) && LARGE_TYPES.includes(element.cfnResourceType);

function countOfBytes(stack: Stack, count: number): Measure {
  const bytes = new Map(elementsOf(stack, stack).map((element) => [element, bytesOf(stack, element)]));
  const show = (size: number) => `${Math.round(size / KILOBYTE)} KB`;
  return {
    count,
    of: (scope) => elementsOf(scope, stack).reduce((sum, each) => sum + (bytes.get(each) ?? 0), 0),
    show,
    max: MAX_TEMPLATE_BYTES,
    warningId: 'cdk-hipaa:template-size',
    has: `a template of ${show(count)}`,
    quota: '1 MB (the quota "Template body size in an Amazon S3 object")',
  };
}

function countOfResources(stack: Stack, count: number): Measure {
  return {
    count,
    of: (scope) => elementsOf(scope, stack).filter((element) => CfnResource.isCfnResource(element)).length,
    show: String,
    // An app can raise this limit of aws-cdk-lib, for example to split the template itself.
    max: stack.node.tryGetContext('@aws-cdk/core:stackResourceLimit') === undefined ? MAX_RESOURCES : Infinity,
    warningId: 'cdk-hipaa:stack-resources',
    has: `${count} resources`,
    quota: `${MAX_RESOURCES} (the quota "Resources")`,
  };
}

/** Returns an error above the quota, and adds a warning near it. */
function compare(stack: Stack, measured: Measure): string[] {
  const unit = measured.warningId === 'cdk-hipaa:stack-resources' ? 'resources' : 'bytes';
  const message = `The stack has ${measured.has}, and CloudFormation accepts ${measured.quota}. The constructs with `
    + `the most ${unit} are ${largest(stack, measured).join(', ')}. Move some of them to another stack.`;
  if (measured.count > measured.max) return [message];
  Annotations.of(stack).addWarningV2(measured.warningId, message);
  return [];
}

/** The children with the largest share. If one of them has nearly everything, its children. */
function largest(scope: IConstruct, measured: Measure): string[] {
  const parts = scope.node.children
    .map((child) => ({ child, count: measured.of(child) }))
    .sort((one, other) => other.count - one.count);
  const [first] = parts;
  if (first.count > measured.count * 0.9 && first.child.node.children.length > 1) return largest(first.child, measured);
  const inStack = (child: IConstruct) => child.node.path.slice(Stack.of(child).node.path.length + 1);
  return parts.filter(({ count }) => count > measured.count / 1000).slice(0, NAMED)
    .map(({ child, count }) => `${inStack(child)} (${measured.show(count)})`);
}

/** The elements of one stack below a construct. A nested stack is one resource of its parent. */
function elementsOf(scope: IConstruct, stack: Stack): CfnElement[] {
  return scope.node.findAll().filter((child) => CfnElement.isCfnElement(child)).filter((each) => each.stack === stack);
}

/** The size of an element in the template, with the indentation that aws-cdk-lib writes. */
function bytesOf(stack: Stack, element: CfnElement): number {
  // Every element of aws-cdk-lib has this method. Its type is not public.
  const { _toCloudFormation: render } = element as CfnElement & { _toCloudFormation?: () => object };
  if (!render) return 0;
  const indent = stack.node.tryGetContext('@aws-cdk/core:suppressTemplateIndentation') === true ? undefined : 1;
  const text = JSON.stringify(stack.resolve(render.call(element)), undefined, indent);
  return Math.max(0, (text?.length ?? 0) - SECTION_BYTES);
}
