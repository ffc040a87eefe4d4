import type { RawTemplate } from './template';
import { UNKNOWN_PART } from '../core/plaintext-secret';

/** Stands for a part of a text that is known only at deployment. */
export const UNKNOWN = UNKNOWN_PART;
/** CloudFormation reads the value of `{{resolve:secretsmanager:…}}` at deployment. */
const DYNAMIC_REFERENCE = /\{\{resolve:[^{}]*\}\}/g;
/** The maximum number of alternatives of one value. The rest is not read. */
const MOST_ALTERNATIVES = 200;

/** A value with its path in the properties of the resource. */
export interface Located {
  readonly path: string;
  readonly value: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is `true`, in any form that CloudFormation accepts. */
export const isTrue = (value: unknown) => String(value).toLowerCase() === 'true';

/** Returns the value at a path of properties, or undefined if the path does not exist. */
export function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) => (found as Record<string, unknown> | undefined)?.[key],
    value ?? undefined,
  );
}

/** Returns the name and argument of a CloudFormation function: an object with one key, `Ref` or `Fn::…`. */
export function intrinsicOf(value: unknown): [name: string, argument: unknown] | undefined {
  if (!isRecord(value)) return undefined;
  const [[name, argument] = [], ...more] = Object.entries(value);
  return name !== undefined && more.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))
    ? [name, argument]
    : undefined;
}

const isNoValue = (value: unknown) => at(value, 'Ref') === 'AWS::NoValue';

/** Returns both branches of `Fn::If`, recursively. A branch without a value is undefined. */
export function alternatives({ path, value }: Located): Located[] {
  if (isNoValue(value)) return [{ path, value: undefined }];
  const [name, argument] = intrinsicOf(value) ?? [];
  if (name !== 'Fn::If' || !Array.isArray(argument)) return [{ path, value }];
  return [1, 2].flatMap((index) => alternatives({ path: `${path}.Fn::If.${index}`, value: argument[index] }));
}

/** Returns the items of a list or a single value, with both branches of every `Fn::If`. */
export function items(located: Located, template: RawTemplate): Located[] {
  return alternatives(located).flatMap(({ path, value }): Located[] => {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => items({ path: `${path}.${index}`, value: item }, template));
    }
    const [name, argument] = intrinsicOf(value) ?? [];
    if (name === 'Fn::Split' && Array.isArray(argument)) {
      return splits(argument, template).flat().map((text) => ({ path, value: text }));
    }
    if (name === 'Fn::FindInMap') {
      return mapped(argument, template).flatMap((found) => items({ path, value: found }, template));
    }
    if (name === 'Fn::Select') {
      return selections(argument, template).flatMap((found) => items({ path, value: found }, template));
    }
    const parameter = name === 'Ref' ? parameterOf(argument, template) : undefined;
    if (parameter !== undefined && /^(CommaDelimitedList|List<)/.test(String(at(parameter, 'Type')))) {
      return String(at(parameter, 'Default') ?? UNKNOWN).split(',').map((text) => ({ path, value: text.trim() }));
    }
    return [{ path, value }];
  });
}

/** Returns the value of a property, whose name can be in any case, or undefined. */
export function property({ path, value }: Located, name: string): Located | undefined {
  if (!isRecord(value)) return undefined;
  const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : { path: `${path}${path === '' ? '' : '.'}${key}`, value: value[key] };
}

/** Returns all texts that a value can have. A part that is known only at deployment is `UNKNOWN`. */
export function texts(value: unknown, template: RawTemplate): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (value === undefined || value === null || isNoValue(value)) return [];
  const [name, argument] = intrinsicOf(value) ?? [];
  const parts = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Ref': return references(argument, template);
    case 'Fn::If': return [...texts(parts[1], template), ...texts(parts[2], template)];
    case 'Fn::Join': return joins(String(parts[0] ?? ''), elements(parts[1], template), template);
    case 'Fn::Sub': return substitutions(parts.length > 0 ? parts[0] : argument, parts[1], template);
    case 'Fn::Select': return known(selections(argument, template).flatMap((found) => texts(found, template)));
    case 'Fn::FindInMap': return known(mapped(argument, template).flatMap((found) => texts(found, template)));
    case 'Fn::Base64': return texts(argument, template);
    case 'Fn::ToJsonString': return [JSON.stringify(argument)];
    case undefined: return [];
    default: return [UNKNOWN];
  }
}

const known = (found: string[]) => found.length > 0 ? found : [UNKNOWN];

/** Returns the same texts, in which dynamic references such as `{{resolve:…}}` are `UNKNOWN`. */
export function possibleTexts(template: RawTemplate, value: unknown): string[] {
  return texts(value, template).map((text) => text.replace(DYNAMIC_REFERENCE, UNKNOWN));
}

/** Returns the values between which `Fn::If` chooses. `AWS::NoValue` is undefined, and another value is its own. */
export function branchesOf(value: unknown): unknown[] {
  return alternatives({ path: '', value }).map((branch) => branch.value);
}

/** The elements of a list. A branch of `Fn::If` stays one element, because a text contains only one branch. */
const elements = (value: unknown, template: RawTemplate): unknown[] =>
  Array.isArray(value) ? value : items({ path: '', value }, template).map((item) => item.value);

/** Returns the parameter of a template, or undefined. */
export function parameterOf(name: unknown, template: RawTemplate): unknown {
  return template.Parameters?.[String(name)];
}

/** The default and allowed values of a parameter. A deployment can replace the default by one of the latter. */
function references(name: unknown, template: RawTemplate): string[] {
  if (name === 'AWS::Partition') return ['aws'];
  return known(valuesOf(parameterOf(name, template)));
}

/** Returns the default and allowed values of a parameter. */
export function valuesOf(parameter: unknown): string[] {
  // The default of a parameter of Systems Manager is the name of the parameter.
  if (String(at(parameter, 'Type')).startsWith('AWS::SSM::')) return [];
  const values = [at(parameter, 'Default'), ...(at(parameter, 'AllowedValues') as unknown[] | undefined) ?? []];
  return [...new Set(values.filter((value) => value !== undefined).map(String))];
}

function joins(separator: string, values: unknown[], template: RawTemplate): string[] {
  const product = values.reduce<string[][]>((heads, value) => {
    const tails = texts(value, template);
    return heads.flatMap((head) => tails.map((tail) => [...head, tail])).slice(0, MOST_ALTERNATIVES);
  }, [[]]);
  return product.map((parts) => parts.join(separator));
}

function substitutions(pattern: unknown, variables: unknown, template: RawTemplate): string[] {
  return texts(pattern, template).flatMap((text) => joins('', piecesOf(text, variables), template));
}

/** Returns the parts of the text of a `Fn::Sub`: texts, and the values that replace its variables. */
export function piecesOf(text: string, variables: unknown): unknown[] {
  // `${!Name}` is a literal `${Name}`, which IAM reads as a policy variable.
  return text.split(/(\$\{[^!][^}]*\})/).filter((piece) => piece !== '').map((piece): unknown => {
    const name = /^\$\{([^!][^}]*)\}$/.exec(piece)?.[1].trim();
    if (name === undefined) return piece.replace(/\$\{!/g, '${');
    const [resource, ...attribute] = name.split('.');
    const reference = attribute.length > 0 ? { 'Fn::GetAtt': [resource, attribute.join('.')] } : { Ref: name };
    return at(variables, name) ?? reference;
  });
}

function splits([separator, text]: unknown[], template: RawTemplate): string[][] {
  return texts(text, template).map((each) => each.split(String(separator)));
}

/** The elements that a selection can return. An index that is not known selects every element. */
function selections(argument: unknown, template: RawTemplate): unknown[] {
  const [index, from] = Array.isArray(argument) ? argument : [];
  const positions = texts(index, template);
  const lists = alternatives({ path: '', value: from }).flatMap(({ value }): unknown[][] => {
    const [name, given] = intrinsicOf(value) ?? [];
    if (name === 'Fn::Split' && Array.isArray(given)) return splits(given, template);
    return [Array.isArray(value) ? value : items({ path: '', value }, template).map((item) => item.value)];
  });
  return lists.flatMap((list) => positions.includes(UNKNOWN)
    ? list
    : positions.map((position) => list[Number(position)] ?? UNKNOWN));
}

/** The values of a mapping that a lookup can return. A key that is not known matches all keys. */
export function mapped(argument: unknown, template: RawTemplate): unknown[] {
  const [map, ...keys] = Array.isArray(argument) ? argument : [];
  const names = texts(map, template);
  const maps = names.includes(UNKNOWN)
    ? Object.values(template.Mappings ?? {})
    : names.map((name) => template.Mappings?.[name]);
  const found = keys.slice(0, 2).reduce<unknown[]>((levels, key) => {
    const candidates = texts(key, template);
    return levels.flatMap((level) => isRecord(level)
      ? Object.keys(level).filter((name) => candidates.includes(name) || candidates.includes(UNKNOWN))
        .map((name) => level[name])
      : []);
  }, maps);
  // The language extensions of CloudFormation have a default for a key that the mapping lacks.
  const byDefault = at(keys[2], 'DefaultValue');
  return byDefault === undefined ? found : [...found, byDefault];
}
