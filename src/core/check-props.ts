import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { describe, isPlainObject, isStructLike } from './describe-value';
import { receiveKey } from './given-key';
import { allowed, isForeign, parameterTypes, propTypes, remedy, satisfies } from './prop-type';
import { refuse, refuseUse, Scope, Situation } from './refusal';
import { requireSameRegion } from './same-region';
import { requireUsableKey } from './usable-key';

/**
 * Refuses props of a wrong type, missing props and unknown props. Python and JavaScript have no compiler that does.
 * Also refuses keys that cannot work, and resources of another region.
 *
 * Each construct calls this first in its constructor.
 */
export function checkProps(scope: IConstruct, struct: string, props: unknown): void {
  new Checker(scope).struct('', struct, props);
}

/**
 * Refuses arguments of a wrong type.
 * @param scope the construct, or the name of a static factory, such as `NatStrategy.single`
 * @param method the class and method, such as `WorkloadMonitoring.watch`
 * @param given the arguments by name
 */
export function checkArguments(scope: Scope, method: string, given: { readonly [name: string]: unknown }): void {
  const checker = new Checker(scope, typeof scope === 'string' ? undefined : method.split('.')[1]);
  for (const [name, type] of parameterTypes(method)) {
    const isOptions = typeof scope === 'string' && name === 'options';
    const isStruct = isOptions && given[name] !== undefined && given[name] !== null && propTypes(bare(type));
    if (isStruct) checker.struct('', bare(type), given[name]);
    else checker.value(name, type, given[name]);
  }
}

/** `checkArguments` for a static factory. */
export function checkFactory(factory: string, given: { readonly [name: string]: unknown }): void {
  checkArguments(factory, factory, given);
}

/**
 * Refuses the result of a method that users implement, if it is of a wrong type.
 * @param method the method, such as `monitoringPlan()`
 */
export function checkResult(scope: IConstruct, method: string, struct: string, result: unknown): void {
  new Checker(scope, undefined, true).struct(method, struct, result);
}

class Checker {
  constructor(
    private readonly scope: Scope, private readonly method?: string, private readonly isResult = false,
  ) {}

  /** Checks an object of props. The label is empty for the props of a construct themselves. */
  public struct(label: string, name: string, given: unknown): void {
    const types = propTypes(name)!;
    if (!isStructLike(given)) this.refuse(label || (typeof this.scope === 'string' ? 'options' : 'props'), name, given);
    // First, because a missing prop can be present under a misspelt name.
    if (isPlainObject(given)) this.refuseUnknown(label, name, given);
    for (const [prop, type] of types) this.value(join(label, prop), type, (given as Record<string, unknown>)[prop]);
  }

  public value(label: string, type: string, given: unknown): void {
    if (given === undefined && type.endsWith('?')) return;
    const name = bare(type);
    if (given === null) this.refuse(label, name, given, type.endsWith('?') ? 'leave it out' : undefined);
    if (name.startsWith('[')) this.array(label, name, given);
    else if (name.startsWith('{')) this.map(label, name, given);
    else if (propTypes(name)) this.struct(label, name, given);
    else if (!satisfies(name, given)) this.refuse(label, name, given);
    else if (typeof this.scope !== 'string') this.place(this.scope, label, name, given);
  }

  /** Refuses a key that cannot work for the construct, and resources of another region. */
  private place(scope: IConstruct, label: string, type: string, given: unknown): void {
    if (type !== 'kms.IKey') return requireSameRegion(scope, label, type, given);
    requireUsableKey(scope, label, given as kms.IKey);
    receiveKey(scope, given as kms.IKey);
  }

  private array(label: string, type: string, given: unknown): void {
    if (!Array.isArray(given)) this.refuse(label, type, given);
    for (const [index, element] of given.entries()) this.value(`${label}[${index}]`, type.slice(1, -1), element);
  }

  private map(label: string, type: string, given: unknown): void {
    if (!isPlainObject(given)) this.refuse(label, type, given);
    for (const [key, value] of Object.entries(given)) this.value(`${label}['${key}']`, type.slice(1, -1), value);
  }

  private refuseUnknown(label: string, name: string, given: Record<string, unknown>): void {
    const known = [...propTypes(name)!.keys()];
    const all = Object.keys(given).filter((prop) => !known.includes(prop) && given[prop] !== undefined);
    // A later version of aws-cdk-lib can add props to its own structs.
    const unknown = isForeign(name) ? all.find((prop) => nearest(prop, known)) : all[0];
    if (unknown === undefined) return;
    const near = nearest(unknown, known);
    const change = near ? `use ${join(label, near)}` : `remove it. The props are ${known.join(', ')}`;
    refuseUse(this.scope, `${join(label, unknown)} is not a prop of ${name}`, change);
  }

  private refuse(label: string, type: string, given: unknown, change?: string): never {
    const reason = /\breason$/.test(label) ? 'state why the safeguard is not needed' : undefined;
    const toChange = change ?? reason ?? remedy(type, given);
    refuse(this.scope, {
      prop: this.method ? `argument ${label} of ${this.method}` : label,
      given: new Situation(describe(given)),
      allowed: allowed(type, given),
      change: this.isResult ? toChange.replace(/^pass\b/, 'return').replace(', or leave it out', '') : toChange,
    });
  }
}

function bare(type: string): string {
  return type.endsWith('?') ? type.slice(0, -1) : type;
}

function join(label: string, prop: string): string {
  return label ? `${label}.${prop}` : prop;
}

/** The known name that a misspelt one most likely stands for. */
function nearest(given: string, known: string[]): string | undefined {
  const plain = (name: string) => name.replace(/[^a-z0-9]/gi, '').toLowerCase();
  const ranked = known
    .map((name) => ({ name, distance: editDistance(plain(given), plain(name)) }))
    .sort((a, b) => a.distance - b.distance);
  return ranked.length > 0 && ranked[0].distance <= Math.max(2, given.length / 3) ? ranked[0].name : undefined;
}

/** The number of characters to insert, delete or replace to turn one text into the other. */
function editDistance(from: string, to: string): number {
  let previous = [...Array(to.length + 1).keys()];
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[to.length];
}
