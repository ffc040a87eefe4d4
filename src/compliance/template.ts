import * as fs from 'fs';
import * as path from 'path';
import { CfnResource, IPolicyValidationContext, Stack } from 'aws-cdk-lib';

/** One resource as it stands in a synthesised template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: unknown;
  readonly deletionPolicy?: string;
  /** Every resource of the same template, by logical id. */
  readonly siblings: ReadonlyMap<string, TemplateResource>;
  /** The construct it was made from. Absent for what came through `CfnInclude` and the like. */
  readonly construct?: CfnResource;
  readonly templatePath: string;
}

interface RawTemplate {
  readonly Resources?: Record<string, { readonly Type: string; readonly Properties?: unknown; readonly DeletionPolicy?: string }>;
}

/** The resources of every stack of an app, nested ones included. */
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
  for (const [logicalId, { Type: type, Properties: properties, DeletionPolicy: deletionPolicy }] of Object.entries(template.Resources ?? {})) {
    siblings.set(logicalId, { logicalId, type, properties, deletionPolicy, siblings, construct: constructs.get(logicalId), templatePath });
  }
  return [...siblings.values()];
}

/** The value at a path of properties, or undefined where the path leads nowhere. */
export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((found, key) => (found as Record<string, unknown> | undefined)?.[key], value ?? undefined);
}

/** A value as a list: itself if it is one, alone in a list if it is one value, empty if it is absent. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

/** The sibling that a `Ref` or `Fn::GetAtt` names. */
export function referenced(resource: TemplateResource, value: unknown): TemplateResource | undefined {
  const name = at(value, 'Ref') ?? list(at(value, 'Fn::GetAtt'))[0];
  return typeof name === 'string' ? resource.siblings.get(name) : undefined;
}
