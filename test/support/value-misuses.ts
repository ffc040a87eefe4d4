import { Duration, Size } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { callFactory, sample, TypeName } from './samples';
import { VALID } from './valid-values';
import * as library from '../../src';
import { parameterTypes, propTypes } from '../../src/core/prop-type';
import { PROP_TYPES } from '../../src/core/prop-types';

/** A value of the right type for one prop. */
export interface TriedValue {
  /** The unusual property of the value, or `VALID_VALUE`. */
  readonly kind: string;
  /** The path of the prop: `backup.retention`, `nat: NatStrategy.single.reason`. */
  readonly path: string;
  /** The struct or the factory that has the prop, and the prop: `DatabaseBackupOptions.retention`. */
  readonly owner: string;
  /** The owner of the struct that has the prop. */
  readonly parent?: string;
  /** Creates the value of the outermost prop. A factory can refuse it. */
  make(scope: Construct): unknown;
}

/** The kind of a value that must be accepted, so that the others are refused for themselves. */
export const VALID_VALUE = 'valid';

const tables = PROP_TYPES as unknown as Record<string, Record<string, string>>;
const LONG = 'x'.repeat(5_000);
/** The values of the right type that are most often wrong. */
const UNUSUAL: Record<TypeName, Record<string, unknown>> = {
  string: {
    'an empty text': '',
    'a blank text': '  ',
    '5,000 characters': LONG,
    'a control character': 'a\u0007b',
    'a leading space': ' text',
    'no letter': '!!!',
    'an emoji': '\u{1F600}',
  },
  number: { '-1': -1, '0': 0, '2.5': 2.5, '1e12': 1e12 },
  Duration: {
    '0 seconds': Duration.seconds(0),
    '1 millisecond': Duration.millis(1),
    '90,001 milliseconds': Duration.millis(90_001),
    '100,000 days': Duration.days(100_000),
  },
  Size: { '0 GiB': Size.gibibytes(0), '1 KiB': Size.kibibytes(1), '1 EiB': Size.pebibytes(1024) },
};
/** Structs of aws-cdk-lib, whose props have tests of their own. */
const NOT_ENTERED = ['cloudwatch.MetricOptions', 'ec2.SubnetSelection', 'events.EventPattern'];
const UNUSUAL_KEYS = { 'an empty key': '', 'a blank key': ' ', 'a long key': LONG, 'a key without a letter': '!!!' };
/** The classes whose factory finds an existing object. Their methods are tried. */
const OF_A_SCOPE = ['ComplianceChecks', 'DataProtection', 'ImportedKeyPolicy'];

const bare = (type: TypeName) => type.replace(/\?$/, '');
/** A new scope, so that two values in one stack have different paths. */
const inner = (scope: Construct) => new Construct(scope, `Value${scope.node.children.length}`);

/** A valid value of a prop or an argument. */
export function validValue(owner: string, type: TypeName, scope: Construct): unknown {
  if (VALID[owner]) return VALID[owner](scope);
  const of = bare(type);
  if (of.startsWith('[')) return [validValue(`${owner}[]`, of.slice(1, -1), scope)];
  if (of.startsWith('{')) return { KEY: validValue(`${owner}{}`, of.slice(1, -1), scope) };
  if (propTypes(of)) return validProps(of, scope);
  if (isChoice(of)) return callFactory(...validCall(`${of}.${factories(of)[0]}`, inner(scope)));
  return sample(of, inner(scope));
}

/** The required props of a struct. */
export function validProps(struct: string, scope: Construct): Record<string, unknown> {
  return Object.fromEntries([...propTypes(struct)!].filter(([, type]) => !type.endsWith('?'))
    .map(([prop, type]) => [prop, validValue(`${struct}.${prop}`, type, inner(scope))]));
}

/** A method and its required arguments. */
export function validCall(method: string, scope: Construct): [string, unknown[]] {
  const required = parametersOf(method).filter(([, type]) => !type.endsWith('?'));
  return [method, required.map(([name, type]) => validValue(`${method}.${name}`, type, inner(scope)))];
}

/** The valid value and the unusual values of a prop, of its elements, and of the props of nested structs. */
export function valuesOf(path: string, owner: string, given: TypeName): TriedValue[] {
  const type = bare(given);
  const value = (kind: string, make: TriedValue['make']): TriedValue => ({ kind, path, owner, make });
  const valid = value(VALID_VALUE, (scope) => validValue(owner, type, scope));
  const unusual = Object.entries(UNUSUAL[type] ?? {}).map(([kind, each]) => value(kind, () => each));
  return [valid, ...unusual, ...nested(value, path, owner, type)];
}

function nested(
  value: (kind: string, make: TriedValue['make']) => TriedValue, path: string, owner: string, type: TypeName,
): TriedValue[] {
  const element = type.slice(1, -1);
  if (type.startsWith('[')) {
    const twice = (scope: Construct) => Array(2).fill(validValue(`${owner}[]`, element, scope));
    const elements = valuesOf(`${path}[0]`, `${owner}[]`, element);
    return [value('no element', () => []), value('an element twice', twice),
      ...elements.map((each) => ({ ...each, make: (scope: Construct) => [each.make(scope)] }))];
  }
  if (type.startsWith('{')) {
    const keys = Object.entries(UNUSUAL_KEYS).map(([kind, key]) =>
      value(kind, (scope) => ({ [key]: validValue(`${owner}{}`, element, scope) })));
    const key = (scope: Construct) => Object.keys(validValue(owner, type, scope) as object)[0];
    const values = valuesOf(`${path}['KEY']`, `${owner}{}`, element);
    return [value('no entry', () => ({})), ...keys,
      ...values.map((each) => ({ ...each, make: (scope: Construct) => ({ [key(scope)]: each.make(scope) }) }))];
  }
  const struct = propTypes(type);
  if (struct && !NOT_ENTERED.includes(type)) {
    return [...struct].flatMap(([name, of]) => valuesOf(`${path}.${name}`, `${type}.${name}`, of).map((each) => ({
      parent: owner,
      ...each,
      make: (scope: Construct) => ({ ...validValue(owner, type, scope) as object, [name]: each.make(scope) }),
    })));
  }
  if (!isChoice(type)) return [];
  return factories(type).flatMap((name) => argumentsOf(`${type}.${name}`).map(({ given, ...each }) => ({
    ...each,
    path: `${path}: ${type}.${name}.${each.path}`,
    make: (scope: Construct) => callFactory(`${type}.${name}`, given(scope)),
  })));
}

/** The values of each argument of a method, with all arguments of the call. */
export function argumentsOf(method: string): Array<TriedValue & { given(scope: Construct): unknown[] }> {
  return parametersOf(method).flatMap(([name, type, isRest], index) =>
    valuesOf(name, `${method}.${name}`, type).map((each) => ({
      ...each,
      given: (scope: Construct) => {
        const [, valid] = validCall(method, scope);
        const own = each.make(scope);
        return [...valid.slice(0, index), ...isRest ? own as unknown[] : [own], ...valid.slice(index + 1)];
      },
    })));
}

/** The static factories that have arguments. */
export function factoriesWithArguments(): string[] {
  const isStatic = (type: string, name: string) =>
    Object.hasOwn((library as unknown as Record<string, object>)[type] ?? {}, name);
  return Object.entries(tables.methods).filter(([type]) => !OF_A_SCOPE.includes(type))
    .flatMap(([type, methods]) => methods.split(/ (?=\w+\()/).map((word) => [type, word.slice(0, word.indexOf('('))]))
    .filter(([type, name]) => isStatic(type, name)).map(([type, name]) => `${type}.${name}`);
}

function isChoice(type: TypeName): boolean {
  return tables.choices[type] !== undefined && !OF_A_SCOPE.includes(type);
}

/** The names of the factories of a choice class, those without parameters last. */
function factories(choice: TypeName): string[] {
  const words = tables.choices[choice].split(' ').filter((word) => !word.startsWith('_'));
  const withArguments = words.filter((word) => word.endsWith('(…)'));
  return [...withArguments, ...words.filter((word) => !withArguments.includes(word))]
    .map((word) => word.slice(0, word.indexOf('(')));
}

function parametersOf(method: string): Array<[string, TypeName, boolean]> {
  const [type, name] = method.split('.');
  const signature = (tables.methods[type] ?? '').split(/ (?=\w+\()/).find((each) => each.startsWith(`${name}(`));
  if (signature === undefined) return [];
  return parameterTypes(method).map(([parameter, of]) => [parameter, of, signature.includes(`...${parameter}=`)]);
}
