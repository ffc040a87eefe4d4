import { Duration, Size, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { sample, TypeName } from './samples';
import { NatStrategy, SiteRouting } from '../../src';
import { propTypes } from '../../src/core/prop-type';
import { PROP_TYPES } from '../../src/core/prop-types';

/** A wrong value for one prop. */
export interface Misuse {
  /** The kind of mistake, for the table. */
  readonly kind: string;
  /** The prop in the form of an error message: `backup.retention`, `uses[0]`. */
  readonly prop: string;
  /** The value of the outermost prop. */
  readonly value: unknown;
}

const tables = PROP_TYPES as unknown as Record<string, Record<string, string>>;

const ARN = 'arn:aws:kms:us-east-1:111111111111:key/1';

/** A construct that no prop accepts. */
class Unrelated extends Construct {}

/** The wrong values of a prop, of its elements, and of the props of nested structs. */
export function misusesOf(prop: string, given: string, scope: Stack): Misuse[] {
  const type = given.replace(/\?$/, '');
  const wrong = (kind: string, value: unknown): Misuse => ({ kind, prop, value });
  if (type === 'any') return [wrong('null', null)];
  const always = [wrong('null', null), wrong('a function', () => 'text')];
  if (!given.endsWith('?')) always.push(wrong('missing', undefined));
  const kinds = wrongKinds(type, scope).map(([kind, value]) => wrong(kind, value));
  return [...always, ...kinds, ...nested(prop, type, scope)];
}

function wrongKinds(type: TypeName, scope: Stack): Array<[string, unknown]> {
  const unrelated = new Unrelated(scope, `Unrelated${scope.node.children.length}`);
  const kinds: Array<[string, unknown]> = [];
  if (!/^I?Construct$/.test(type)) kinds.push(['another construct', unrelated]);
  if (!/^(?:I?Construct|kms\.IKey)$/.test(type)) kinds.push(['a key', new kms.Key(unrelated, 'Key')]);
  if (!type.startsWith('[')) kinds.push(['an array', [[]]]);
  if (type !== 'string') kinds.push(['a text', 'text'], ['an ARN', ARN], ['an empty text', '']);
  if (type !== 'number') kinds.push(['a number', 4.5], ['zero', 0]);
  if (type !== 'boolean') kinds.push(['a boolean', true], ['false', false]);
  if (type !== 'Duration') kinds.push(['a duration', Duration.minutes(5)]);
  if (type !== 'Size') kinds.push(['a size', Size.gibibytes(5)]);
  if (type !== 'NatStrategy') kinds.push(['another choice', NatStrategy.onePerAz()]);
  else kinds.push(['another choice', SiteRouting.files()]);
  if (type === 'number') kinds.push(['NaN', NaN], ['Infinity', Infinity]);
  const takesObjects = propTypes(type) || type.startsWith('{') || tables.foreignStructs.all.split(' ').includes(type);
  if (!takesObjects) kinds.push(['an object', { reason: 'because' }], ['an empty object', {}]);
  return kinds;
}

function nested(prop: string, type: TypeName, scope: Stack): Misuse[] {
  const inner = type.slice(1, -1);
  const newScope = () => new Construct(scope, `Valid${scope.node.children.length}`);
  if (type.startsWith('[')) {
    const alone: Misuse = { kind: 'one element for an array', prop, value: sample(inner, newScope()) };
    const elements = misusesOf(`${prop}[0]`, inner, scope);
    return [alone, ...elements.map((misuse) => ({ ...misuse, value: [misuse.value] }))];
  }
  if (type.startsWith('{')) {
    return misusesOf(`${prop}['KEY']`, inner, scope).map((misuse) => ({ ...misuse, value: { KEY: misuse.value } }));
  }
  const struct = propTypes(type);
  if (!struct) return [];
  const valid = sample(type, newScope()) as object;
  const typo = misspelt(struct);
  const unknown: Misuse = { kind: 'a misspelt prop', prop: `${prop}.${typo}`, value: { ...valid, [typo]: 1 } };
  return [unknown, ...[...struct].flatMap(([name, each]) => misusesOf(`${prop}.${name}`, each, scope)
    .map((misuse) => ({ ...misuse, value: { ...valid, [name]: misuse.value } })))];
}

/** A name that is similar to the name of a prop of a struct. */
export function misspelt(struct: Map<string, string>): string {
  return `${[...struct.keys()][0]}z`;
}
