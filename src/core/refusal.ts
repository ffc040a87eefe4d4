import { Duration, Size, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';

/**
 * The longest period of Object Lock in S3 and of AWS Backup, in days: 100 years.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DefaultRetention.html
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultLockConfiguration.html
 */
const MOST_DAYS = 36_500;
const ID = /^[A-Za-z][\w-]{0,127}$/;
/** A longer text is shortened in a message. */
const LONGEST_TEXT = 300;

/** A refused value and its remedy. */
export interface Refusal {
  /** The prop, written as the user wrote it: `scaling.min`. */
  readonly prop: string;
  /** The refused value. */
  readonly given: unknown;
  /** The allowed values, as a continuation of "must be …". */
  readonly allowed: string;
  /** The remedy, as an imperative without a full stop. */
  readonly change: string;
}

/** A description of the refused value, shown without quotes: `250 characters`. */
export class Situation {
  constructor(public readonly text: string) {}
}

/** The place of a refusal: a construct, or the name of a factory, such as `NatStrategy.single`. */
export type Scope = IConstruct | string;

/** Throws `[path] prop must be <what is allowed>, got <value>. <What to change>.` */
export function refuse(scope: Scope, refusal: Refusal): never {
  const { prop, given, allowed, change } = refusal;
  refuseUse(scope, `${prop} must be ${allowed}, got ${show(given)}`, change);
}

/** Throws `[path] <problem>. <What to change>.` for a call or a combination of props. For one value, see `refuse`. */
export function refuseUse(scope: Scope, problem: string, change: string): never {
  const place = typeof scope === 'string' ? scope : scope.node.path || 'App';
  throw new Error(`[${place}] ${problem}. ${change.charAt(0).toUpperCase()}${change.slice(1)}.`);
}

/** Refuses a number that is not an integer within the bounds. Tokens and `undefined` pass. */
export function requireInteger(
  scope: IConstruct, prop: string, given: number | undefined, min: number, max: number, change?: string,
): void {
  if (given === undefined || Token.isUnresolved(given)) return;
  if (Number.isInteger(given) && given >= min && given <= max) return;
  refuse(scope, {
    prop,
    given,
    allowed: `an integer from ${min} to ${max}`,
    change: change ?? 'use an integer in this range',
  });
}

/** Refuses a period that is not a number of whole days within the bounds. Tokens and `undefined` pass. */
export function requireDays(
  scope: IConstruct, prop: string, given: Duration | undefined, min: number, max: number = MOST_DAYS,
): void {
  if (!given || given.isUnresolved()) return;
  requireInteger(scope, `${prop} in days`, given.toDays({ integral: false }), min, max);
}

/** Refuses a list that contains a value twice. `key` returns what makes two values the same. */
export function requireDistinct<Value>(
  scope: Scope, prop: string, values: readonly Value[] | undefined, key: (value: Value) => unknown = (value) => value,
): void {
  if (values === undefined || Token.isUnresolved(values)) return;
  const keys = values.map(key);
  const twice = values.find((_, index) => keys.indexOf(keys[index]) !== index);
  if (twice === undefined) return;
  const given = new Situation(`${show(twice)} twice`);
  refuse(scope, { prop, given, allowed: 'a list of different values', change: 'remove one of the two' });
}

/** Refuses an empty or blank string. Tokens and `undefined` pass. */
export function requireText(scope: Scope, prop: string, given: string | undefined, change: string): void {
  if (given === undefined || Token.isUnresolved(given)) return;
  // An app without a compiler can pass any value.
  if (typeof given === 'string' && given.trim() !== '') return;
  refuse(scope, { prop, given, allowed: 'a non-blank string', change });
}

/** Refuses an ID that is no name. It becomes a part of logical IDs, so a token is refused too. */
export function requireId(scope: Scope, prop: string, given: string): void {
  if (ID.test(given)) return;
  refuse(scope, {
    prop,
    given,
    allowed: 'a letter followed by up to 127 letters, digits, hyphens and underscores',
    change: "write a name such as 'FreeStorage'",
  });
}

/** Formats a value for a message. Never prints the inside of a token. */
export function show(value: unknown): string {
  if (value === undefined) return 'undefined';
  // Tested before tokens: aws-cdk-lib takes any object with a `resolve` method, such as a stack, for a token.
  if (Construct.isConstruct(value)) return value.node.path;
  if (Token.isUnresolved(value)) return 'a token';
  if (value instanceof Situation) return value.text;
  if (typeof value === 'string') {
    if (value.length <= LONGEST_TEXT) return `'${value}'`;
    return `'${value.slice(0, LONGEST_TEXT)}…' (${value.length} characters)`;
  }
  if (value instanceof Duration) return value.toHumanString();
  if (value instanceof Size) return `${value.toMebibytes({ rounding: 2 })} MiB`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return String(value);
}
