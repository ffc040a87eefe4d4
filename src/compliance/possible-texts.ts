import { at, list, RawTemplate } from './template';
import { UNKNOWN_PART } from '../core/plaintext-secret';

/** The mark in a text of a value that the template does not contain: a reference, or a secret of Secrets Manager. */
export const UNKNOWN = UNKNOWN_PART;
/** CloudFormation reads the value of `{{resolve:secretsmanager:…}}` at deployment. */
const DYNAMIC_REFERENCE = /\{\{resolve:[^{}]*\}\}/g;
/** The most texts of one value. Nested conditions multiply them. */
const MAX_TEXTS = 64;

/**
 * Returns the texts that a value can become.
 *
 * They contain `UNKNOWN` for each part that the template does not contain.
 * It reads `Fn::If` (both branches), `Fn::Join`, `Fn::Sub`, `Fn::Select`, `Fn::FindInMap`, `Fn::Base64`, and `Ref` to a
 * parameter with a default. An object that is not an intrinsic function has no text.
 */
export function possibleTexts(template: RawTemplate, value: unknown): string[] {
  return textsOf(template, value).map((text) => text.replace(DYNAMIC_REFERENCE, UNKNOWN));
}

function textsOf(template: RawTemplate, value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  const [name, argument] = intrinsicOf(value) ?? [];
  switch (name) {
    case undefined: return [];
    case 'Ref': return defaultOf(template, argument) ?? [UNKNOWN];
    case 'Fn::If': return list(argument).slice(1).flatMap((branch) => textsOf(template, branch));
    case 'Fn::Base64': return textsOf(template, argument);
    case 'Fn::Join': return joined(template, argument);
    case 'Fn::Sub': return substituted(template, argument);
    case 'Fn::Select': return selected(template, argument);
    case 'Fn::FindInMap': return mapped(template, list(argument));
    default: return [UNKNOWN];
  }
}

/** Returns the values between which `Fn::If` chooses. `AWS::NoValue` is undefined, and another value is its own. */
export function alternatives(value: unknown): unknown[] {
  const [name, argument] = intrinsicOf(value) ?? [];
  if (name === 'Ref' && argument === 'AWS::NoValue') return [undefined];
  return name === 'Fn::If' && Array.isArray(argument) ? argument.slice(1).flatMap(alternatives) : [value];
}

/** Returns the name and the argument of an intrinsic function, or undefined for another value. */
export function intrinsicOf(value: unknown): [name: string, argument: unknown] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [entry, ...others] = Object.entries(value);
  return entry && others.length === 0 && /^(Ref|Fn::\w+)$/.test(entry[0]) ? entry : undefined;
}

function defaultOf(template: RawTemplate, name: unknown): string[] | undefined {
  const value = typeof name === 'string' ? at(template.Parameters?.[name], 'Default') : undefined;
  const type = String(at(template.Parameters?.[String(name)], 'Type'));
  // The default of an SSM parameter type is the name of the parameter.
  return value === undefined || type.startsWith('AWS::SSM::') ? undefined : textsOf(template, value);
}

function joined(template: RawTemplate, argument: unknown): string[] {
  const [delimiter, parts] = list(argument);
  const texts = Array.isArray(parts) ? parts.map((part) => textsOf(template, part)) : [[UNKNOWN]];
  return combined(texts, String(delimiter));
}

function substituted(template: RawTemplate, argument: unknown): string[] {
  const [text, variables] = list(argument);
  if (typeof text !== 'string') return [UNKNOWN];
  const parts = text.split(/(\$\{[^}]*\})/).map((part) => {
    const name = /^\$\{([^}]*)\}$/.exec(part)?.[1];
    if (name === undefined) return [part];
    if (name.startsWith('!')) return [`\${${name.slice(1)}}`];
    const given = at(variables, name);
    return given === undefined ? defaultOf(template, name) ?? [UNKNOWN] : textsOf(template, given);
  });
  return combined(parts, '');
}

function selected(template: RawTemplate, argument: unknown): string[] {
  const [index, choices] = list(argument);
  const chosen = Array.isArray(choices) ? choices[Number(index)] : undefined;
  return chosen === undefined ? [UNKNOWN] : textsOf(template, chosen);
}

/** The value of a mapping. A key that is a reference can be any key of its level. */
function mapped(template: RawTemplate, [name, ...keys]: unknown[]): string[] {
  let found = typeof name === 'string' ? [template.Mappings?.[name]] : Object.values(template.Mappings ?? {});
  for (const key of keys.slice(0, 2)) {
    found = found.flatMap((level) => typeof key === 'string' ? [at(level, key)] : Object.values(level ?? {}));
  }
  const texts = found.flatMap((value) => textsOf(template, value));
  return texts.length > 0 ? texts.slice(0, MAX_TEXTS) : [UNKNOWN];
}

function combined(parts: string[][], delimiter: string): string[] {
  return parts.reduce<string[]>(
    (texts, options, index) =>
      texts.flatMap((text) => options.map((option) => index === 0 ? option : `${text}${delimiter}${option}`))
        .slice(0, MAX_TEXTS),
    [''],
  );
}
