import * as fs from 'fs';
import * as path from 'path';

/** A resource of a template. */
export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
}

export interface DeployedTemplate {
  Resources: Record<string, TemplateResource>;
}

/** The templates of a cloud assembly, by the name of their stack. */
export function templatesOf(assembly: string): Record<string, DeployedTemplate> {
  return Object.fromEntries(fs.readdirSync(assembly).flatMap((file) => {
    const stack = /^(.+)\.template\.json$/.exec(file);
    return stack ? [[stack[1], JSON.parse(fs.readFileSync(path.join(assembly, file), 'utf8'))]] : [];
  }));
}

/** The resources that survive the deletion of their stack: `stack/logicalId`. */
export const kept = (assembly: string): string[] => idsOf(assembly, ({ DeletionPolicy }) =>
  DeletionPolicy === 'Retain' || DeletionPolicy === 'RetainExceptOnCreate');

/**
 * The databases whose deletion leaves a snapshot: `stack/logicalId`. Deletion protection means retained data, so a
 * protected database without the policy is a fault.
 */
export const leavingSnapshots = (assembly: string): string[] => idsOf(assembly, ({ DeletionPolicy, Properties }) =>
  DeletionPolicy === 'Snapshot' || Properties?.DeletionProtection === true);

function idsOf(assembly: string, condition: (resource: TemplateResource) => boolean): string[] {
  return Object.entries(templatesOf(assembly)).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources)
      .filter(([, resource]) => condition(resource)).map(([logicalId]) => `${stack}/${logicalId}`)).sort();
}

/** The regions of the stacks of a cloud assembly. A stack without a region is deployed in us-east-1. */
export function regionsOf(assembly: string): string[] {
  const { artifacts } = JSON.parse(fs.readFileSync(path.join(assembly, 'manifest.json'), 'utf8'));
  const environments: string[] = Object.values<{ type: string; environment?: string }>(artifacts)
    .filter(({ type }) => type === 'aws:cloudformation:stack').map(({ environment }) => environment ?? '');
  const regions = environments.map((each) => each.split('/').pop()!.replace('unknown-region', 'us-east-1'));
  return [...new Set(regions)].sort().reverse();
}
