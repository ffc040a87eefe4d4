import * as cdk from 'aws-cdk-lib';
import { Construct, Dependable, IDependable } from 'constructs';
import { a, classesOf, isPlainObject, isToken, jsiiNames } from './describe-value';
import { PROP_TYPES } from './prop-types';

type Section = { readonly [name: string]: string };
type Enum = { readonly [member: string]: string | number };

/** How many members of an enum a message lists. */
const MOST_LISTED = 6;
const PLURALS: Section = { string: 'strings', number: 'numbers', boolean: 'true or false' };
/** The factory that a message names for values of a class. */
const EXAMPLES: Section = { Duration: 'Duration.days(…)', Size: 'Size.gibibytes(…)' };
/** The remedies for types whose name does not tell where a value comes from. */
const REMEDIES: Section = {
  'ecs.ContainerImage': 'use a factory of ecs.ContainerImage, such as fromRegistry(…)',
  'ecs.Secret': 'use forContainer(…) of RotatingSecrets, or a factory of ecs.Secret',
  'scheduler.ScheduleExpression': 'use a factory of scheduler.ScheduleExpression, such as cron(…)',
  'rds.IClusterEngine': 'use a factory of rds.DatabaseClusterEngine, such as auroraPostgres(…)',
  'rds.IInstanceEngine': 'use a factory of rds.DatabaseInstanceEngine, such as postgres(…)',
  'IServiceBindable': 'pass a construct that services connect to, such as a database. Secrets are in the prop secrets',
  'IWebFirewall': 'pass a WebFirewall, or use WebFirewall.fromWebAclArn(…)',
};

/** The props of a struct with their types, or undefined for another type. */
export function propTypes(struct: string): Map<string, string> | undefined {
  const text = (PROP_TYPES.structs as Section)[struct];
  return text === undefined ? undefined : new Map(text.split(' ').map(pair));
}

/** Whether a struct is of aws-cdk-lib, which can add props to it in a later version. */
export function isForeign(struct: string): boolean {
  return words('foreignStructs', 'all')!.includes(struct);
}

/** The parameters of a method with their types: `NatStrategy.single`. */
export function parameterTypes(method: string): Array<[string, string]> {
  const [type, name] = method.split('.');
  const found = words('methods', type)?.find((each) => each.startsWith(`${name}(`));
  if (found === undefined) throw new Error(`${method} is not in prop-types.ts: run npx projen prop-types`);
  return found.slice(name.length + 1, -1).replaceAll('...', '').split(',').map(pair);
}

/** The factories of a choice class: `onePerAz()`, `single(…)`. */
export function factoriesOf(choice: string): string[] {
  return (words('choices', choice) ?? []).filter((word) => !word.startsWith('_'));
}

/** The internal methods and accessors that each subclass of a choice class implements. */
export function internalMethodsOf(choice: string): string[] {
  return (words('choices', choice) ?? []).filter((word) => word.startsWith('_') && !word.endsWith('='));
}

/** Whether a value is of a named type. Values of other copies of this package and of aws-cdk-lib are, too. */
export function satisfies(type: string, value: unknown): boolean {
  if (type === 'any') return true;
  if (type === 'string') return typeof value === 'string' || isToken(value);
  if (type === 'number') return Number.isFinite(value) || isToken(value);
  if (type === 'boolean') return typeof value === 'boolean';
  const enumeration = enumOf(type);
  if (enumeration) return membersOf(enumeration).some((member) => enumeration[member] === value);
  if (typeof value !== 'object' || value === null) return false;
  const [fqn, ...members] = words('classes', type) ?? [];
  if (fqn) return jsiiNames(value).includes(fqn) || isLiteral(value, members);
  if (words('choices', type)) return isChoice(type, value);
  if (type === 'IDependable') return isDependable(value);
  return words('interfaces', type)!.every((member) => member in value);
}

/** Whether a value is of a choice class, with all its internal members: fields, too, which `markChoice` cannot see. */
function isChoice(type: string, value: object): boolean {
  const members = words('choices', type)!.filter((word) => word.startsWith('_')).map((word) => word.replace('=', ''));
  return (value as { _choiceClass?: string })._choiceClass === type && members.every((member) => member in value);
}

/**
 * Whether a value is a plain object with the members of a class.
 *
 * `ecs.Secret.fromSecretsManager` returns such objects.
 */
function isLiteral(value: object, members: string[]): boolean {
  return members.length > 0 && isPlainObject(value) && members.every((member) => member in value);
}

/** Whether other constructs can wait for an object. The interface has no members by which to recognize it. */
function isDependable(value: object): boolean {
  try {
    return Dependable.of(value as IDependable) !== undefined;
  } catch {
    return false;
  }
}

/** The allowed values of a type, as they continue "must be …". */
export function allowed(type: string, given: unknown): string {
  if (type === 'number') return typeof given === 'number' ? 'a finite number' : 'a number';
  if (type === 'boolean') return 'true or false';
  if (type.startsWith('[')) return `an array of ${plural(type.slice(1, -1))}`;
  if (type.startsWith('{')) return `an object whose values are ${plural(type.slice(1, -1))}`;
  if (propTypes(type)) return `${a(type)} object`;
  const enumeration = enumOf(type);
  if (!enumeration) return a(type);
  const members = membersOf(enumeration);
  const listed = members.length > MOST_LISTED ? [...members.slice(0, MOST_LISTED), '…'] : members;
  return `a member of ${type} (${listed.join(', ')})`;
}

/** The value to pass instead of one of a wrong type. */
export function remedy(type: string, given: unknown): string {
  const struct = propTypes(type);
  if (struct) return objectWith(struct);
  if (type.startsWith('[')) return remedyForArray(type.slice(1, -1), given);
  if (type.startsWith('{')) return 'pass an object';
  if (enumOf(type)) return `use a member of ${type}`;
  if (EXAMPLES[type]) return `use a factory of ${type}, such as ${EXAMPLES[type]}`;
  if (words('choices', type)) return `use ${listFactories(type)}`;
  const isObject = words('interfaces', type) ?? words('classes', type);
  return (isObject && remedyForObject(type, given)) ?? REMEDIES[type] ?? `pass ${allowed(type, given)}`;
}

/** `NatStrategy.onePerAz(), .single(…) or .none(…)` */
export function listFactories(choice: string): string {
  const [first, ...others] = factoriesOf(choice);
  const all = [`${choice}.${first}`, ...others.map((factory) => `.${factory}`)];
  return all.length === 1 ? all[0] : `${all.slice(0, -1).join(', ')} or ${all.at(-1)}`;
}

function remedyForArray(element: string, given: unknown): string {
  const isElement = !propTypes(element) && !/^[[{]/.test(element) && satisfies(element, given);
  return isElement ? 'put it into an array' : 'pass an array';
}

/** The remedy where a field of the given object, or its parent construct, is of the right type. */
function remedyForObject(type: string, given: unknown): string | undefined {
  if (typeof given === 'string' && /(?:Arn|Id|Name)$/.test(words('interfaces', type)?.[0] ?? '')) {
    return `import it with a from… method of ${type.replace(/\.I(?=[A-Z])/, '.')}`;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isPlainObject(given)) return undefined;
  if (jsiiNames(given).includes('constructs.Node')) return 'pass the construct itself, not its node';
  const field = fieldsOf(given).find((name) => satisfies(type, read(given, name)));
  if (field) return `use its field '${field}'`;
  const wrapper = Construct.isConstruct(given) ? given.node.scope : undefined;
  if (!satisfies(type, wrapper)) return undefined;
  return `pass the construct that contains it, ${wrapper!.node.path || 'the App'}`;
}

/** The public fields of an object. Nothing marks a private one at runtime, so those of this library are listed. */
function fieldsOf(value: object): string[] {
  const ours = classesOf(value).map((type) => words('fields', type.name)).find((fields) => fields);
  return ours ?? Object.keys(value).filter((name) => !name.startsWith('_'));
}

function read(value: object, field: string): unknown {
  try {
    return (value as Record<string, unknown>)[field];
  } catch {
    // The getter of an imported construct throws where a value is unknown.
    return undefined;
  }
}

function objectWith(struct: Map<string, string>): string {
  const required = [...struct].filter(([, type]) => !type.endsWith('?')).map(([prop]) => prop);
  return required.length > 0 ? `pass an object with ${required.join(' and ')}` : 'pass an object, or leave it out';
}

function plural(type: string): string {
  if (type.startsWith('[')) return `arrays of ${plural(type.slice(1, -1))}`;
  if (type.startsWith('{')) return `objects whose values are ${plural(type.slice(1, -1))}`;
  return PLURALS[type] ?? type;
}

/** The names of the members of an enum. An enum with numbers also has an entry from each number to its name. */
function membersOf(enumeration: Enum): string[] {
  return Object.keys(enumeration).filter((member) => Number.isNaN(Number(member)));
}

/** The members of an enum. Those of aws-cdk-lib are read from the version that the app uses. */
function enumOf(type: string): Enum | undefined {
  const members = words('enums', type);
  if (!members) return undefined;
  if (members[0].includes('=')) return Object.fromEntries(members.map(pair));
  const steps = members[0].split('.');
  return steps.reduce<unknown>((place, step) => (place as Record<string, unknown>)[step], cdk) as Enum;
}

function words(section: keyof typeof PROP_TYPES, name: string): string[] | undefined {
  const all: Section = PROP_TYPES[section];
  // An interface without members, such as IDependable, has no words.
  return Object.hasOwn(all, name) ? all[name].split(' ').filter((word) => word !== '') : undefined;
}

function pair(word: string): [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}
