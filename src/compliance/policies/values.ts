import { at, RawTemplate } from '../template';

/** Stands for a part of a text that is known only at deployment. */
export const UNKNOWN = '\uFFFC';
/** The maximum number of alternatives of one value. The rest is not read. */
const MOST_ALTERNATIVES = 200;

/** A value with its path in the properties of the resource. */
export interface Located {
  readonly path: string;
  readonly value: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name and argument of a CloudFormation function: an object with one key, `Ref` or `Fn::…`. */
function functionOf(value: unknown): [name: string, argument: unknown] | undefined {
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
  const [name, argument] = functionOf(value) ?? [];
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
    const [name, argument] = functionOf(value) ?? [];
    if (name === 'Fn::Split' && Array.isArray(argument)) {
      return splits(argument, template).flat().map((text) => ({ path, value: text }));
    }
    if (name === 'Fn::FindInMap') {
      return mapped(argument, template).flatMap((found) => items({ path, value: found }, template));
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
  const [name, argument] = functionOf(value) ?? [];
  const parts = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Ref': return references(argument, template);
    case 'Fn::If': return [...texts(parts[1], template), ...texts(parts[2], template)];
    case 'Fn::Join': return joins(String(parts[0] ?? ''), elements(parts[1], template), template);
    case 'Fn::Sub': return substitutions(parts.length > 0 ? parts[0] : argument, parts[1], template);
    case 'Fn::Select': return selections(parts, template);
    case 'Fn::FindInMap': return mapped(argument, template).flatMap((found) => texts(found, template));
    case 'Fn::ToJsonString': return [JSON.stringify(argument)];
    default: return [UNKNOWN];
  }
}

/** The elements of a list. A branch of `Fn::If` stays one element, because a text contains only one branch. */
const elements = (value: unknown, template: RawTemplate): unknown[] =>
  Array.isArray(value) ? value : items({ path: '', value }, template).map((item) => item.value);

function parameterOf(name: unknown, template: RawTemplate): unknown {
  return template.Parameters?.[String(name)];
}

/** The default and allowed values of a parameter. A deployment can replace the default by one of the latter. */
function references(name: unknown, template: RawTemplate): string[] {
  if (name === 'AWS::Partition') return ['aws'];
  const parameter = parameterOf(name, template);
  const values = [at(parameter, 'Default'), ...(at(parameter, 'AllowedValues') as unknown[] | undefined) ?? []];
  const known = values.filter((value) => value !== undefined).map(String);
  // The default of a parameter of Systems Manager is the name of the parameter.
  return known.length === 0 || String(at(parameter, 'Type')).startsWith('AWS::SSM::') ? [UNKNOWN] : known;
}

function joins(separator: string, values: unknown[], template: RawTemplate): string[] {
  const product = values.reduce<string[][]>((heads, value) => {
    const tails = texts(value, template);
    return heads.flatMap((head) => tails.map((tail) => [...head, tail])).slice(0, MOST_ALTERNATIVES);
  }, [[]]);
  return product.map((parts) => parts.join(separator));
}

function substitutions(pattern: unknown, variables: unknown, template: RawTemplate): string[] {
  return texts(pattern, template).flatMap((text) => {
    // `${!Name}` is a literal `${Name}`, which IAM reads as a policy variable.
    const pieces = text.split(/(\$\{[^!][^}]*\})/).map((piece): unknown => {
      const name = /^\$\{([^!][^}]*)\}$/.exec(piece)?.[1].trim();
      if (name === undefined) return piece.replace(/\$\{!/g, '${');
      return at(variables, name) ?? { Ref: name };
    });
    return joins('', pieces, template);
  });
}

function splits([separator, text]: unknown[], template: RawTemplate): string[][] {
  return texts(text, template).map((each) => each.split(String(separator)));
}

function selections([index, from]: unknown[], template: RawTemplate): string[] {
  const position = Number(index);
  const [name, argument] = functionOf(from) ?? [];
  if (name === 'Fn::Split' && Array.isArray(argument)) {
    return splits(argument, template).map((each) => each[position] ?? UNKNOWN);
  }
  return Array.isArray(from) && from[position] !== undefined ? texts(from[position], template) : [UNKNOWN];
}

/** The values of a mapping that a lookup can return. A key that is not known matches all keys. */
function mapped(argument: unknown, template: RawTemplate): unknown[] {
  const [map, ...keys] = Array.isArray(argument) ? argument : [];
  return keys.slice(0, 2).reduce<unknown[]>((found, key) => {
    const names = texts(key, template);
    return found.flatMap((each) =>
      isRecord(each)
        ? Object.keys(each).filter((name) => names.includes(name) || names.includes(UNKNOWN)).map((name) => each[name])
        : []);
  }, texts(map, template).map((name) => template.Mappings?.[name]));
}
