import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { Random } from './random';
import { factoriesOf, parameterTypes, propTypes } from '../../src/core/prop-type';

/** The stack of a construct, and the resources that it can use there. */
export interface Place {
  readonly stack: Stack;
  /** The scope of the existing resources of the user. */
  readonly users: Construct;
  /** The region, if the stack has one. */
  readonly region?: string;
  readonly disposable: boolean;
  readonly vpc?: ec2.IVpc;
  /** The one key of an app whose constructs share a key. */
  readonly sharedKey?: kms.IKey;
}

/** The state while one struct or the arguments of one factory are generated. */
export interface Making {
  readonly generator: Generator;
  readonly random: Random;
  readonly place: Place;
  /** The props of the struct so far. */
  readonly soFar: Record<string, unknown>;
}

/** Makes a valid value, or undefined if no value is valid here. */
export type Maker = (making: Making) => unknown;

/** The composition of an app decides about this prop. */
export const COMPOSED: Maker = () => undefined;

/** The values that a generator can make. `structs` and `factories` contain every public prop and factory. */
export interface Recipes {
  readonly structs: Record<string, Record<string, Maker>>;
  /** By class and factory. A recipe returns the arguments. */
  readonly factories: Record<string, Record<string, (making: Making) => unknown[] | undefined>>;
}

const OPTIONAL_PROP = 0.35;

/** Makes props and choices that are valid together. The same seed makes the same values. */
export class Generator {
  /** The props and factories that have been used: `HipaaVpcProps.nat`, `NatStrategy.single`. */
  public readonly used = new Set<string>();
  private ids = 0;

  constructor(
    public readonly random: Random,
    private readonly recipes: Recipes,
    private readonly classes: Record<string, Record<string, (...args: unknown[]) => unknown>>,
    /** Whether the keys of maps are in the opposite order. */
    private readonly reversed: boolean,
    /** The props and factories to use wherever they are valid. */
    private readonly wanted: ReadonlySet<string> = new Set(),
  ) {}

  /** The props of a struct. `given` are props that the composition has decided. */
  public props<T>(struct: string, place: Place, given: Partial<T> = {}): T {
    const soFar: Record<string, unknown> = { ...given };
    for (const [prop, type] of propTypes(struct)!) {
      const isRequired = !type.endsWith('?') || this.wanted.has(`${struct}.${prop}`);
      if (prop in soFar || (!isRequired && !this.random.chance(OPTIONAL_PROP))) continue;
      const value = this.recipes.structs[struct][prop]({ generator: this, random: this.random, place, soFar });
      if (value !== undefined) soFar[prop] = value;
    }
    Object.keys(soFar).filter((prop) => soFar[prop] !== undefined)
      .forEach((prop) => this.used.add(`${struct}.${prop}`));
    return soFar as T;
  }

  /** A value of a choice class, by one of its factories that are valid here. */
  public choice<T>(type: string, place: Place, soFar: Record<string, unknown> = {}): T {
    const making = { generator: this, random: this.random, place, soFar };
    const names = factoriesOf(type).map((factory) => factory.replace(/\(.*/, ''));
    const shuffled = this.random.some(names, names.length, names.length);
    for (const name of [...shuffled].sort((a, b) => this.rank(type, a) - this.rank(type, b))) {
      const given = this.recipes.factories[type][name](making);
      if (given === undefined) continue;
      this.used.add(`${type}.${name}`);
      return this.classes[type][name](...given) as T;
    }
    throw new Error(`No factory of ${type} is valid here`);
  }

  /** Wanted factories, and those whose options have wanted props, come first. */
  private rank(type: string, factory: string): number {
    const name = `${type}.${factory}`;
    if (this.wanted.size === 0 || this.wanted.has(name)) return 0;
    if (!factoriesOf(type).includes(`${factory}(…)`)) return 1;
    const structs = parameterTypes(name).map(([, struct]) => struct.replace('?', ''));
    return [...this.wanted].some((each) => structs.includes(each.split('.')[0])) ? 0 : 1;
  }

  /** A map with its keys in the order of this generator. */
  public map<T>(entries: Array<[string, T]>): Record<string, T> {
    return Object.fromEntries(this.reversed ? [...entries].reverse() : entries);
  }

  /** An ID or a name that is used once in the app. */
  public unique(prefix: string): string {
    return `${prefix}${++this.ids}`;
  }
}

/** The names of the public props and factories: `HipaaVpcProps.nat`, `NatStrategy.single`. */
export function publicNames(structs: string[], choices: string[]): string[] {
  return [
    ...structs.flatMap((struct) => [...propTypes(struct)!.keys()].map((prop) => `${struct}.${prop}`)),
    ...choices.flatMap((type) => factoriesOf(type).map((factory) => `${type}.${factory.replace(/\(.*/, '')}`)),
  ];
}

/** The props and factories of the public API without a recipe, and the recipes without one of these. */
export function differences(recipes: Recipes, structs: string[], choices: string[]): string[] {
  const named = (of: Record<string, Record<string, unknown>>) =>
    Object.entries(of).flatMap(([type, members]) => Object.keys(members).map((member) => `${type}.${member}`));
  const known = [...named(recipes.structs), ...named(recipes.factories)];
  const api = publicNames(structs, choices);
  return [
    ...api.filter((name) => !known.includes(name)).map((name) => `${name} has no recipe`),
    ...known.filter((name) => !api.includes(name)).map((name) => `${name} is not public`),
  ];
}

/** An ARN of the account, region and partition of a stack. */
export function arn(
  { stack }: Place, service: string, resource: string, resourceName: string, more: { region?: string } = {},
): string {
  const colon = ['secretsmanager', 'logs'].includes(service);
  const arnFormat = colon ? ArnFormat.COLON_RESOURCE_NAME : ArnFormat.SLASH_RESOURCE_NAME;
  return stack.formatArn({ service, resource, resourceName, arnFormat, ...more });
}

