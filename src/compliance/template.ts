import * as fs from 'fs';
import * as path from 'path';
import { CfnResource, IPolicyValidationContext, Stack } from 'aws-cdk-lib';

/** A resource of a synthesized template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: unknown;
  readonly deletionPolicy?: string;
  /** All resources of the same template, by logical ID. */
  readonly siblings: ReadonlyMap<string, TemplateResource>;
  /** The construct that created the resource. Undefined for resources of an included template (`CfnInclude`). */
  readonly construct?: CfnResource;
  readonly templatePath: string;
  /** The whole template. */
  readonly template: RawTemplate;
}

/** The parts of a template that the checks read. */
export interface RawTemplate {
  readonly Parameters?: Record<string, unknown>;
  readonly Mappings?: Record<string, unknown>;
  readonly Resources?: Record<
    string,
    { readonly Type: string; readonly Properties?: unknown; readonly DeletionPolicy?: string }
  >;
}

/** Returns the resources of all stacks of an app, including nested stacks. */
export function templateResources(context: IPolicyValidationContext): TemplateResource[] {
  const stacks = context.appConstruct.node.findAll().filter(Stack.isStack);
  return stacks.flatMap((stack) => {
    const outermost = stack.node.scopes.find(Stack.isStack)!;
    const artifact = context.stackTemplates.find((candidate) => candidate.stackConstructPath === outermost.node.path);
    return artifact ? readTemplate(stack, path.join(path.dirname(artifact.templatePath), stack.templateFile)) : [];
  });
}

function readTemplate(stack: Stack, templatePath: string): TemplateResource[] {
  const constructs = new Map(stack.node.findAll().filter(CfnResource.isCfnResource)
    .filter((resource) => resource.stack === stack)
    .map((resource) => [stack.resolve(resource.logicalId) as string, resource]));
  const template: RawTemplate = JSON.parse(fs.readFileSync(templatePath, 'utf8'));
  const siblings = new Map<string, TemplateResource>();
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    const { Type: type, Properties: properties, DeletionPolicy: deletionPolicy } = resource;
    const construct = constructs.get(logicalId);
    const attributes = { deletionPolicy, construct, templatePath, template };
    siblings.set(logicalId, { logicalId, type, properties, siblings, ...attributes });
  }
  return [...siblings.values()];
}

/** Returns the value at a path of properties, or undefined if the path does not exist. */
export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) => (found as Record<string, unknown> | undefined)?.[key],
    value ?? undefined,
  );
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
