import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { newApp, templateOf } from '../../../support/app';
import { defineOmnirapeutic } from '../../../../examples/omnirapeutic/stacks';

/** The stacks of Omnirapeutic, each by its own name. */
export function synthesise(region = 'us-east-1'): Record<keyof ReturnType<typeof defineOmnirapeutic>, Stack> {
  return defineOmnirapeutic(newApp(), { region });
}

/**
 * All stacks as one template, as the account has them: each id, of resources and of outputs, begins with the name of its stack (`DataDatabaseCluster…`), and what one stack takes
 * from another is the resource itself.
 */
export function omnirapeutic(region?: string): Template {
  return together(synthesise(region));
}

/** See `omnirapeutic`. */
export function together(stacks: Record<string, Stack>): Template {
  const renamed = Object.entries(stacks).map(([name, stack]) => renameAll(templateOf(stack).toJSON() as Json, capital(name)));
  const exported = new Map(renamed.flatMap(({ Outputs = {} }) => Object.values(Outputs))
    .filter(({ Export }) => Export)
    .map(({ Export, Value }) => [Export!.Name, Value]));
  const Resources = Object.assign({}, ...renamed.map((template) => template.Resources));
  return Template.fromJSON({ Resources: importAll(Resources, exported) as object, Outputs: Object.assign({}, ...renamed.map(told)) });
}

interface Json {
  readonly Resources: object;
  readonly Outputs?: Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>;
}

const capital = (name: string) => name[0].toUpperCase() + name.slice(1);

/** What a stack tells people. What it hands to another stack is left out. */
const told = ({ Outputs = {} }: Json) => Object.fromEntries(Object.entries(Outputs).filter(([, { Export }]) => !Export));

/** Puts a word before the id of every resource, where it is made and wherever it is named. */
function renameAll(template: Json, word: string): Json {
  const known = new Set(Object.keys(template.Resources));
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => {
      if ((key === 'Ref' || key === 'DependsOn') && known.has(inner)) return [key, word + inner];
      if (key === 'DependsOn' && Array.isArray(inner)) return [key, inner.map((id) => word + id)];
      if (key === 'Fn::GetAtt' && Array.isArray(inner)) return [key, [word + inner[0], ...inner.slice(1)]];
      return [key, walk(inner)];
    }));
  };
  const Resources = Object.fromEntries(Object.entries(template.Resources).map(([id, resource]) => [word + id, walk(resource)]));
  const Outputs = Object.fromEntries(Object.entries(template.Outputs ?? {}).map(([id, output]) => [word + id, walk(output)]));
  return { Resources, Outputs: Outputs as Json['Outputs'] };
}

/** Puts what was exported in the place of each import. */
function importAll(value: unknown, exported: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((inner) => importAll(inner, exported));
  if (typeof value !== 'object' || value === null) return value;
  const name = (value as { 'Fn::ImportValue'?: string })['Fn::ImportValue'];
  if (name === undefined) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, importAll(inner, exported)]));
  if (!exported.has(name)) throw new Error(`No stack exports ${name}`);
  return exported.get(name);
}
