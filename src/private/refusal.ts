import { Duration, Size, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';

/** Everything that a user needs in order to mend a refused value. */
export interface Refusal {
  /** The prop, written as the user wrote it: `scaling.min`. */
  readonly prop: string;
  /** What was given for it; a `Situation` where something was done instead. */
  readonly given: unknown;
  /** What is allowed, as it continues "allowed is …". */
  readonly allowed: string;
  /** What to change, as an imperative without a full stop. */
  readonly change: string;
}

/** Something that was done, in place of a value that was given: it is told without quotes. */
export class Situation {
  constructor(public readonly text: string) {}
}

/** Refuses a value, in one sentence that starts with the path of the construct. */
export function refuse(scope: IConstruct, refusal: Refusal): never {
  const { prop, given, allowed, change } = refusal;
  throw new Error(`${scope.node.path || 'App'}: ${prop} is ${show(given)}, allowed is ${allowed}; ${change}.`);
}

/** Refuses a number that is not whole or not within the bounds. Tokens and absent values pass. */
export function requireInteger(scope: IConstruct, prop: string, given: number | undefined, min: number, max: number, change?: string): void {
  if (given === undefined || Token.isUnresolved(given)) return;
  if (Number.isInteger(given) && given >= min && given <= max) return;
  refuse(scope, { prop, given, allowed: `a whole number from ${min} to ${max}`, change: change ?? 'pass a number in that range' });
}

/** Refuses an empty or blank text. Tokens and absent values pass. */
export function requireText(scope: IConstruct, prop: string, given: string | undefined, change: string): void {
  if (given === undefined || Token.isUnresolved(given)) return;
  // Without types, something else may have been passed.
  if (typeof given === 'string' && given.trim() !== '') return;
  refuse(scope, { prop, given, allowed: 'a text that is not blank', change });
}

/** Shows a value in a message without ever printing the inside of a token. */
export function show(value: unknown): string {
  if (value === undefined) return 'not given';
  // Before tokens: a stack has a method `resolve`, by which aws-cdk-lib tells a token.
  if (Construct.isConstruct(value)) return value.node.path;
  if (Token.isUnresolved(value)) return 'a value known only at deployment';
  if (value instanceof Situation) return value.text;
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof Duration) return value.toHumanString();
  if (value instanceof Size) return `${value.toMebibytes({ rounding: 2 })} MiB`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return String(value);
}
