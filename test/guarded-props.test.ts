import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import * as library from '../src';
import {
  ComplianceChecks, DataProtection, EncryptedDatabaseInstance, GeneratedSecret, HipaaVpc, IMonitored, ImportedKeyPolicy,
  RotatingSecrets, SecureFargateService, SecureLoadBalancer, WebFirewall, WorkloadMonitoring,
} from '../src';
import { newStack, someVpc } from './support/app';
import { Misuse, misusesOf, misspelt } from './support/misuses';
import { callFactory, sample, sampleArguments, sampleProps } from './support/samples';
import { SUBJECTS, things } from './support/shapes';
import { checkProps } from '../src/core/check-props';
import { parameterTypes, propTypes } from '../src/core/prop-type';
import { PROP_TYPES } from '../src/core/prop-types';

const tables = PROP_TYPES as unknown as Record<string, Record<string, string>>;
const CONSTRUCTS = Object.keys(PROP_TYPES.fields);

type ConstructClass = new (scope: Construct, id: string, props: object) => Construct;
const classOf = (name: string) => (library as unknown as Record<string, ConstructClass>)[name];

/** Props that a construct requires in addition to the required props of its struct. */
const MORE: Record<string, () => object> = {
  RotatingSecrets: () => ({ secrets: { session: GeneratedSecret.signingKeys() } }),
};

const bare = (type: string) => type.replace(/\?$/, '');
/** The type without array and map: `[ISecret]` → `ISecret`. */
const element = (type: string) => bare(type).replace(/[[\]{}]/g, '');
const isInterface = (type: string) =>
  ['interfaces', 'classes', 'choices'].some((table) => tables[table][element(type)]);
const wrapped = (type: string, value: unknown): unknown => {
  if (bare(type).startsWith('[')) return [wrapped(bare(type).slice(1, -1), value)];
  return bare(type).startsWith('{') ? { KEY: wrapped(bare(type).slice(1, -1), value) } : value;
};
/** The prop in the form of an error message: `uses[0]`. */
const label = (prop: string, type: string) =>
  prop + bare(type).replace(/[^[{]/g, '').replace(/\[/g, '[0]').replace(/\{/g, "['KEY']");

/** The error of a call, or undefined. */
function outcome(call: () => unknown): Error | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function build(name: string, stack: Stack, props: object | null): () => Construct {
  const scope = new Construct(stack, `Scope${stack.node.children.length}`);
  return () => new (classOf(name))(scope, name, props as object);
}

describe('every prop that takes an object of a class or an interface', () => {
  const props = CONSTRUCTS.flatMap((name) => [...propTypes(`${name}Props`)!]
    .filter(([, type]) => isInterface(type)).map(([prop, type]) => [name, prop, type] as const));

  test('is one of more than 50 props', () => {
    expect(props.length).toBeGreaterThan(50);
  });

  test.each(props)('accepts a valid value: %s.%s (%s)', (name, prop, type) => {
    const stack = newStack();
    const valid = sampleProps(`${name}Props`, stack);
    const given = { ...valid, [prop]: valid[prop] ?? sample(bare(type), stack) };
    expect(() => checkProps(stack, `${name}Props`, given)).not.toThrow();
  });

  test.each(props)('rejects a wrapper, an object, null, a string and a number: %s.%s (%s)', (name, prop, type) => {
    const stack = newStack();
    class Wrapper extends Construct {
      public readonly content = sample(element(type), this);
    }
    const wrapper = new Wrapper(stack, 'Wrapper');
    const base = { ...sampleProps(`${name}Props`, stack), ...MORE[name]?.() };
    const given: Array<[unknown, string]> = [
      [wrapper, 'a Wrapper at Stack/Wrapper'], [{}, 'an empty object'], [null, 'null'], ['text', "'text'"], [7, '7'],
    ];
    for (const [value, shown] of given) {
      const error = outcome(build(name, stack, { ...base, [prop]: wrapped(type, value) }));
      expect(error?.message).toContain(`] ${label(prop, type)} must be a`);
      expect(error?.message).toContain(`, got ${shown}. `);
      expect(error?.message).toContain(element(type));
      if (value === wrapper && tables.interfaces[element(type)]) {
        expect(error?.message).toMatch(/\. Use its field 'content'\.$/);
      }
    }
  });
});

describe('the error message for a common mistake', () => {
  let stack: Stack;
  let vpc: ec2.IVpc;
  const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
  const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });

  beforeEach(() => {
    stack = newStack();
    vpc = someVpc(stack);
  });

  test('names the construct for uses: [database.instance]', () => {
    const database = new EncryptedDatabaseInstance(stack, 'Database', { vpc, engine });
    const uses = [database.instance as unknown as EncryptedDatabaseInstance];
    expect(() => new SecureFargateService(stack, 'Api', { vpc, image, uses })).toThrow(new Error(
      '[Stack/Api] uses[0] must be an IServiceBindable, got a DatabaseInstance at Stack/Database/Instance. '
      + 'Pass the construct that contains it, Stack/Database.'));
  });

  test('names the construct for watch(network.vpc)', () => {
    const network = new HipaaVpc(stack, 'Network');
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring');
    const inner = network.node.findAll().find((each) => each instanceof ec2.Vpc)!;
    expect(() => monitoring.watch(inner as unknown as IMonitored)).toThrow(new Error(
      '[Stack/Monitoring] argument constructs[0] of watch must be an IMonitored, '
      + `got a Vpc at ${inner.node.path}. Pass the construct that contains it, Stack/Network.`));
  });

  test('names the field for topic: monitoring', () => {
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring');
    expect(() => new WorkloadMonitoring(stack, 'Other', { topic: monitoring as never })).toThrow(new Error(
      '[Stack/Other] topic must be an sns.ITopic, got a WorkloadMonitoring at Stack/Monitoring. '
      + "Use its field 'topic'."));
  });

  test('names the construct for firewall: firewall.webAcl', () => {
    const firewall = new WebFirewall(stack, 'Firewall');
    const props = { ...sampleProps('SecureLoadBalancerProps', stack), firewall: firewall.webAcl };
    expect(() => new SecureLoadBalancer(stack, 'Entrance', props as never)).toThrow(new Error(
      '[Stack/Entrance] firewall must be an IWebFirewall, got a CfnWebACL at Stack/Firewall/Resource. '
      + 'Pass the construct that contains it, Stack/Firewall.'));
  });
});

/** A wrong value and the outcome of the call with it. */
interface Tried extends Misuse {
  readonly where: string;
  readonly outcome: typeof OUTCOMES[number];
  readonly message?: string;
}

const OUTCOMES = ['refused', 'accepted', 'JavaScript error', 'other error'] as const;

function judge(where: string, misuse: Misuse, call: () => unknown): Tried {
  const error = outcome(call);
  if (!error) return { where, ...misuse, outcome: 'accepted' };
  const prop = misuse.prop.replace(/[[\].*+?^${}()|\\']/g, '\\$&');
  const what = '(?:must be .+, got .+|is not a prop of [\\w.]+)';
  const complete = new RegExp(`^\\[[^\\]]+\\] (?:argument )?${prop}(?: of \\w+)? ${what}\\. .+\\.$`, 's');
  const { message } = error;
  if (complete.test(message)) return { where, ...misuse, outcome: 'refused', message };
  const isJavaScript = [TypeError, RangeError, ReferenceError].some((type) => error instanceof type);
  return { where, ...misuse, outcome: isJavaScript ? 'JavaScript error' : 'other error', message };
}

function misusesOfConstructs(): Tried[] {
  return CONSTRUCTS.flatMap((name) => {
    const stack = newStack();
    const base = { ...sampleProps(`${name}Props`, stack), ...MORE[name]?.() };
    const misuses = [...propTypes(`${name}Props`)!].flatMap(([prop, type]) => misusesOf(prop, type, stack)
      .map((misuse) => ({ ...misuse, props: { ...base, [prop]: misuse.value } })));
    const typo = misspelt(propTypes(`${name}Props`)!);
    const all = [
      ...misuses,
      { kind: 'null', prop: 'props', value: null, props: null },
      { kind: 'a misspelt prop', prop: typo, value: 1, props: { ...base, [typo]: 1 } },
    ];
    return all.map(({ props, ...misuse }) => judge(name, misuse, build(name, stack, props)));
  });
}

function misusesOfFactories(): Tried[] {
  // An interface has no factories.
  const isStatic = (type: string, name: string) => Object.hasOwn(classOf(type) ?? {}, name);
  const factories = Object.entries(tables.methods).flatMap(([type, methods]) => methods.split(' ')
    .map((word) => word.slice(0, word.indexOf('(')))
    .filter((name) => isStatic(type, name))
    .map((name) => `${type}.${name}`));
  return factories.flatMap((factory) => {
    const stack = newStack();
    return misusesOfArguments(factory, stack).map(({ given, ...misuse }) => {
      const prop = misuse.prop.replace(/^options\./, '');
      return judge(factory, { ...misuse, prop }, () => callFactory(factory, given));
    });
  });
}

/** The methods that the library or aws-cdk-lib calls. */
const NOT_FOR_USERS = ['applyRemovalPolicy', 'bindToService'];

function misusesOfMethods(): Tried[] {
  const stack = newStack();
  const given = things(stack);
  const targets: Record<string, object> = {
    ...Object.fromEntries(SUBJECTS.map(({ type, name, make }) => [type.name, make(stack, name, given)])),
    ComplianceChecks: ComplianceChecks.of(stack.node.root),
    DataProtection: DataProtection.of(stack),
    ImportedKeyPolicy: ImportedKeyPolicy.of(stack),
    RotatingSecrets: new RotatingSecrets(stack, 'Secrets', { secrets: { session: GeneratedSecret.signingKeys() } }),
    WorkloadMonitoring: new WorkloadMonitoring(stack, 'Watch'),
  };
  const methods = Object.entries(targets).flatMap(([type, target]) => (tables.methods[type] ?? '').split(/ (?=\w+\()/)
    .map((signature) => signature.split('(')[0])
    .filter((name) => name in target && !NOT_FOR_USERS.includes(name)).map((name) => `${type}.${name}`));
  expect(methods.length).toBeGreaterThan(30);
  return methods.flatMap((method) => {
    const [type, name] = method.split('.');
    const target = targets[type] as Record<string, (...values: unknown[]) => unknown>;
    return misusesOfArguments(method, stack)
      .map(({ given: values, ...misuse }) => judge(method, misuse, () => target[name](...values)));
  });
}

/** The wrong values for each argument of a method, with all arguments of the call. */
function misusesOfArguments(method: string, stack: Stack): Array<Misuse & { given: unknown[] }> {
  const [type, name] = method.split('.');
  const valid = sampleArguments(method, new Construct(stack, method));
  return parameterTypes(method).flatMap(([parameter, of], index) => {
    const signature = tables.methods[type].split(' ').find((word) => word.startsWith(`${name}(`))!;
    const isRest = signature.includes(`...${parameter}=`);
    return misusesOf(parameter, of, stack)
      // JavaScript creates an array from the remaining arguments.
      .filter((misuse) => !isRest || misuse.prop !== parameter)
      .map((misuse) => {
        const own = isRest ? misuse.value as unknown[] : [misuse.value];
        return { ...misuse, given: [...valid.slice(0, index), ...own, ...valid.slice(index + 1)] };
      });
  });
}

test('every wrong type is rejected with an error that has the path, the prop, the allowed type and the value', () => {
  const tried = [...misusesOfConstructs(), ...misusesOfFactories(), ...misusesOfMethods()];
  const count = (kind: string, result: string) =>
    tried.filter((each) => each.outcome === result && (kind === 'all' || each.kind === kind)).length;
  const kinds = [...new Set(tried.map(({ kind }) => kind))].sort();
  const counts = [...kinds, 'all'].map((kind) => [kind, ...OUTCOMES.map((each) => count(kind, each))]);
  const rows = [['kind', ...OUTCOMES], ...counts];
  const line = ([kind, ...cells]: Array<string | number>) =>
    `${String(kind).padEnd(26)}${cells.map((each) => String(each).padStart(18)).join('')}\n`;
  process.stdout.write(rows.map(line).join(''));

  const faults = tried.filter((each) => each.outcome !== 'refused')
    .map((each) => `${each.where} ${each.prop}: ${each.kind}: ${each.outcome} ${each.message ?? ''}`);
  expect(faults).toEqual([]);
  expect(tried.length).toBeGreaterThan(5_000);
});

/** The classes whose factory takes a scope. Their constructor checks it as the factory does. */
const OF_A_SCOPE = ['ComplianceChecks', 'DataProtection', 'ImportedKeyPolicy'];

test.each(OF_A_SCOPE)('new %s(…) refuses what its factory refuses', (name) => {
  const Class = classOf(name) as unknown as new (scope?: unknown) => object;
  for (const given of [undefined, null, {}, 'text']) {
    expect(() => new Class(given)).toThrow(new RegExp(`^\\[${name}\\.of\\] (app|scope) must be an? \\w+, got `));
  }
});

test('a class with factories rejects new and subclasses', () => {
  const stack = newStack();
  const choices = Object.keys(tables.choices).filter((name) => !OF_A_SCOPE.includes(name));
  expect(choices.length).toBeGreaterThan(15);
  for (const name of choices) {
    const Choice = classOf(name) as unknown as new () => object;
    const refusal = `[${name}] instances must come from a factory, but`;
    expect(() => new Choice()).toThrow(`${refusal} new ${name}() was called. Use ${name}.`);
    for (const given of [null, {}, { domainName: 'www.example.com' }]) {
      const New = Choice as unknown as new (options: unknown) => object;
      expect(() => new New(given)).toThrow(`${refusal} new ${name}() was called. Use ${name}.`);
    }
    class Broken extends Choice {}
    expect(() => new Broken()).toThrow(refusal);
    class Arguments extends Choice {
      constructor(...given: unknown[]) {
        super(...given as []);
      }
    }
    expect(() => new Arguments('domain', {}, () => 'text', () => 'text')).toThrow(refusal);
    expect((sample(name, new Construct(stack, name)) as { _choiceClass: string })._choiceClass).toBe(name);
  }
});

test('grants reject other values', () => {
  const stack = newStack();
  const engine = rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_8 });
  const database = new EncryptedDatabaseInstance(stack, 'Database', { vpc: someVpc(stack), engine });
  const key = new kms.Key(stack, 'Key');
  expect(() => database.grantConnect(key as unknown as iam.IGrantable, 'app')).toThrow(new Error(
    '[Stack/Database] argument grantee of grantConnect must be an iam.IGrantable, got a Key at Stack/Key. '
    + 'Pass an iam.IGrantable.'));
});
