import { Template } from 'aws-cdk-lib/assertions';
import { appOf, templatesOf } from '../../../support/template/example';

/** The template of each stack of app.ts, by the name of the stack without `Omnirapeutic`. */
export function omnirapeuticTemplates(templates = templatesOf(appOf('omnirapeutic'))): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(templates).map(([name, template]) => [name.replace('Omnirapeutic', ''), template]),
  );
}

/**
 * All stacks as one template, as the account has them. Each ID, of resources and of outputs, begins with the name of
 * its stack (`DataDatabaseCluster…`), and a value that one stack imports from another is the resource itself.
 */
export function omnirapeutic(templates = omnirapeuticTemplates()): Template {
  const renamed = Object.entries(templates).map(([name, template]) => renameAll(template, name));
  const exported = new Map(renamed.flatMap(({ Outputs = {} }) => Object.values(Outputs))
    .filter(({ Export }) => Export)
    .map(({ Export, Value }) => [Export!.Name, Value]));
  const Resources = Object.assign({}, ...renamed.map((template) => template.Resources));
  return Template.fromJSON({
    Parameters: Object.assign({}, ...Object.values(templates).map(({ Parameters }) => Parameters)),
    Resources: importAll(Resources, exported) as object,
    Outputs: Object.assign({}, ...renamed.map(told)),
  });
}

export interface Json {
  readonly Resources: object;
  readonly Parameters?: object;
  readonly Outputs?: Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>;
}

/** The outputs of a stack that no other stack imports. */
const told = ({ Outputs = {} }: Json) =>
  Object.fromEntries(Object.entries(Outputs).filter(([, { Export }]) => !Export));

/** Puts a word before the ID of every resource, also in every reference to it. */
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
  const Resources = Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => [word + id, walk(resource)]),
  );
  const Outputs = Object.fromEntries(
    Object.entries(template.Outputs ?? {}).map(([id, output]) => [word + id, walk(output)]),
  );
  return { Resources, Outputs: Outputs as Json['Outputs'] };
}

/** Replaces each import with the exported value. */
function importAll(value: unknown, exported: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((inner) => importAll(inner, exported));
  if (typeof value !== 'object' || value === null) return value;
  const name = (value as { 'Fn::ImportValue'?: string })['Fn::ImportValue'];
  if (name === undefined) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, importAll(inner, exported)]));
  }
  if (!exported.has(name)) throw new Error(`No stack exports ${name}`);
  return exported.get(name);
}
