import * as fs from 'fs';
import * as path from 'path';
import { CfnElement, IPolicyValidationContext, Stack } from 'aws-cdk-lib';
import { expandLoops } from './loops';
import { at } from './values';

export { at } from './values';

/** A resource of a synthesized template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: unknown;
  readonly metadata?: unknown;
  readonly deletionPolicy?: unknown;
  readonly updateReplacePolicy?: unknown;
  /** The resources of the same template. */
  readonly siblings: Siblings;
  /** The construct that created the resource. Undefined for resources of an included template (`CfnInclude`). */
  readonly construct?: CfnElement;
  readonly templatePath: string;
  /** The whole template. */
  readonly template: RawTemplate;
}

/** The resources of a template. */
export interface Siblings {
  /** Returns the resource with a logical ID, or undefined. */
  get(logicalId: string): TemplateResource | undefined;
  /** Returns the resources of the types. */
  ofTypes(...types: string[]): TemplateResource[];
}

/** The type of the parameters and outputs of a template, which only rules for all types read. */
export const PARAMETER = 'parameter';
export const OUTPUT = 'output';

/** The parts of a template that the checks read. */
export interface RawTemplate {
  readonly Transform?: unknown;
  readonly Parameters?: Record<string, unknown>;
  readonly Mappings?: Record<string, unknown>;
  readonly Conditions?: Record<string, unknown>;
  readonly Outputs?: Record<string, unknown>;
  readonly Resources?: Record<string, RawResource>;
}

/** A resource as it is in a template. */
export interface RawResource {
  readonly Type: string;
  readonly Properties?: unknown;
  readonly Metadata?: unknown;
  readonly Condition?: string;
  readonly DeletionPolicy?: unknown;
  readonly UpdateReplacePolicy?: unknown;
}

/** A synthesized template and its stack. */
export interface StackTemplate {
  readonly stack: Stack;
  readonly templatePath: string;
  readonly template: RawTemplate;
  readonly resources: TemplateResource[];
  /** The parameters and outputs. */
  readonly elements: TemplateResource[];
}

/** Returns the resources, parameters and outputs of all stacks of an app, including nested stacks. */
export function templateResources(context: IPolicyValidationContext): TemplateResource[] {
  return stackTemplates(context).flatMap(({ resources, elements }) => [...resources, ...elements]);
}

/** Returns the templates of all stacks of an app, including nested stacks. */
export function stackTemplates(context: IPolicyValidationContext): StackTemplate[] {
  const stacks = context.appConstruct.node.findAll().filter(Stack.isStack);
  return stacks.flatMap((stack) => {
    const outermost = stack.node.scopes.find(Stack.isStack)!;
    const artifact = context.stackTemplates.find((candidate) => candidate.stackConstructPath === outermost.node.path);
    return artifact ? [readTemplate(stack, path.join(path.dirname(artifact.templatePath), stack.templateFile))] : [];
  });
}

function readTemplate(stack: Stack, templatePath: string): StackTemplate {
  const constructs = new Map(stack.node.findAll().filter(CfnElement.isCfnElement)
    .filter((element) => element.stack === stack)
    .map((element) => [stack.resolve(element.logicalId) as string, element]));
  const template: RawTemplate = expandLoops(JSON.parse(fs.readFileSync(templatePath, 'utf8')));
  const resources = new Map<string, TemplateResource>();
  const siblings = siblingsIn(resources);
  const element = (logicalId: string, type: string, properties: unknown): TemplateResource =>
    ({ logicalId, type, properties, siblings, construct: constructs.get(logicalId), templatePath, template });
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    resources.set(logicalId, {
      ...element(logicalId, resource.Type, resource.Properties),
      metadata: resource.Metadata,
      deletionPolicy: resource.DeletionPolicy,
      updateReplacePolicy: resource.UpdateReplacePolicy,
    });
  }
  const elements = [
    ...Object.entries(template.Parameters ?? {}).map(([name, parameter]) => element(name, PARAMETER, parameter)),
    ...Object.entries(template.Outputs ?? {}).map(([name, output]) => element(name, OUTPUT, output)),
  ];
  return { stack, templatePath, template, resources: [...resources.values()], elements };
}

/** The resources of a map, for lookups by logical ID and by type. */
function siblingsIn(resources: ReadonlyMap<string, TemplateResource>): Siblings {
  return {
    get: (logicalId) => resources.get(logicalId),
    ofTypes: (...types) => [...resources.values()].filter(({ type }) => types.includes(type)),
  };
}

/** Returns a value as a list: a list unchanged, a single value in a list, and an empty list for undefined. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** Returns the resource of the same template to which a `Ref` or `Fn::GetAtt` refers. */
export function referenced(resource: TemplateResource, value: unknown): TemplateResource | undefined {
  const name = at(value, 'Ref') ?? list(at(value, 'Fn::GetAtt'))[0];
  return typeof name === 'string' ? resource.siblings.get(name) : undefined;
}

/** Returns the name of an element of a list, or its index if the name is missing or a reference. */
export function nameOf(name: unknown, index: number): string {
  return typeof name === 'string' ? name : String(index);
}

/** Returns a function that computes its result once for each object, for objects that do not change. */
export function computedOnce<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const results = new WeakMap<K, V>();
  return (key) => {
    if (!results.has(key)) results.set(key, compute(key));
    return results.get(key)!;
  };
}
