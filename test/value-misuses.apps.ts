import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import * as library from '../src';
import {
  DataProtection, ImportedKeyPolicy, MonitoringPlan, SecureFargateService, SecureLoadBalancer,
  ServiceBinding, WorkloadMonitoring,
} from '../src';
import { newStack, someVpc } from './support/app';
import { callFactory, sampleConstruct } from './support/samples';
import { ACCEPTED, BASES, NOT_VALID_ALONE, WITH } from './support/valid-values';
import {
  argumentsOf, factoriesWithArguments, TriedValue, VALID_VALUE, validProps, valuesOf,
} from './support/value-misuses';
import { propTypes } from '../src/core/prop-type';
import { PROP_TYPES } from '../src/core/prop-types';

const tables = PROP_TYPES as unknown as Record<string, Record<string, string>>;
const CONSTRUCTS = Object.keys(PROP_TYPES.fields).filter((name) => propTypes(`${name}Props`));
/** The methods that aws-cdk-lib calls, or whose argument the library creates. */
const NOT_FOR_USERS = ['applyRemovalPolicy', 'bindToService', 'of', 'protect', 'webAclArnForDistribution'];
const ENV = { account: '111122223333', region: 'us-east-1' };

type ConstructClass = new (scope: Construct, id: string, props: object) => Construct;
type Outcome = 'refused' | 'accepted' | 'no effect';

/** A tried value, where it was tried, and the outcome with the error message. */
interface Tried extends TriedValue {
  readonly where: string;
  readonly outcome: Outcome;
  readonly message: string;
}

type Create = (stack: Stack) => void;

/** A stack with what a call creates, or the error of the call. */
function attempt(create: Create): Stack | Error {
  const stack = newStack({ env: ENV });
  try {
    create(stack);
    return stack;
  } catch (error) {
    return error as Error;
  }
}

/** The template of a stack with what a call creates, or the error of the call or of the synthesis. */
function synthesize(create: Create): string | Error {
  const stack = attempt(create);
  if (stack instanceof Error) return stack;
  try {
    return JSON.stringify(Template.fromStack(stack).toJSON());
  } catch (error) {
    return error as Error;
  }
}

const reasonsFor = ({ owner, kind }: TriedValue) =>
  ACCEPTED.filter(({ of, kinds }) => of.test(owner) && kinds.includes(kind));

/** Tries each value once for each struct or factory that has the prop. */
class Trial {
  public readonly tried: Tried[] = [];
  private readonly seen = new Set<string>();
  /** The calls with valid values, by the owner of the value. */
  private readonly valid = new Map<string, Create>();

  public try(where: string, value: TriedValue, create: Create, without?: Create): void {
    const key = `${value.owner} ${value.kind}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (value.kind === VALID_VALUE) this.valid.set(value.owner, create);
    const [outcome, message] = this.outcomeOf(value, create, without);
    this.tried.push({ ...value, where, outcome, message });
  }

  /** A value has no effect if the template is that without the prop or, for a repetition, that with the valid value. */
  private outcomeOf(value: TriedValue, create: Create, without?: Create): [Outcome, string] {
    const created = attempt(create);
    if (created instanceof Error) return ['refused', created.message];
    if (value.kind === VALID_VALUE || reasonsFor(value).length > 0) return ['accepted', ''];
    const template = synthesize(create);
    if (template instanceof Error) return ['refused', template.message];
    const valid = this.valid.get(value.kind === 'an element twice' ? value.owner : value.parent ?? '');
    const same = [without, valid].some((other) => other && synthesize(other) === template);
    return [same ? 'no effect' : 'accepted', ''];
  }
}

function tryConstructs(trial: Trial): void {
  for (const name of CONSTRUCTS) {
    const Class = (library as unknown as Record<string, ConstructClass>)[name];
    const create = (own: (scope: Construct) => object) => (stack: Stack) => {
      const base = { ...validProps(`${name}Props`, stack), ...BASES[name]?.(new Construct(stack, 'Base')) };
      const construct = new Class(stack, name, { ...base, ...own(stack) });
      if ('monitoringPlan' in construct) new WorkloadMonitoring(stack, 'Watch').watch(construct as never);
    };
    const without = create(() => ({}));
    expect(attempt(without)).toBeInstanceOf(Stack);
    for (const [prop, type] of propTypes(`${name}Props`)!) {
      for (const value of valuesOf(prop, `${name}Props.${prop}`, type)) {
        const [, more] = WITH.find(([path]) => path.test(`${name} ${value.path}`)) ?? [];
        trial.try(name, value, create((stack) => ({
          [prop]: value.make(new Construct(stack, 'Value')), ...more?.(new Construct(stack, 'With')),
        })), without);
      }
    }
  }
}

/** The factories whose result a construct checks at its use. */
const USES: Record<string, (stack: Stack, result: unknown) => void> = {
  'WebFirewall.fromWebAclArn': (stack, firewall) => {
    new SecureLoadBalancer(stack, 'Entrance', { ...validProps('SecureLoadBalancerProps', stack), firewall } as never);
  },
};

function tryFactories(trial: Trial): void {
  for (const factory of factoriesWithArguments()) {
    for (const value of argumentsOf(factory)) {
      trial.try(factory, value, (stack) => {
        const result = callFactory(factory, value.given(stack));
        USES[factory]?.(stack, result);
      });
    }
  }
}

function targetOf(name: string, stack: Stack): object {
  if (name === 'DataProtection') return DataProtection.of(stack);
  return name === 'ImportedKeyPolicy' ? ImportedKeyPolicy.of(stack) : sampleConstruct(name, stack);
}

/** The options of `ComplianceChecks` apply to a whole app. Its tests try them. */
function tryMethods(trial: Trial): void {
  for (const name of [...CONSTRUCTS, 'DataProtection', 'ImportedKeyPolicy']) {
    for (const signature of (tables.methods[name] ?? '').split(/ (?=\w+\()/).filter(Boolean)) {
      const method = signature.split('(')[0];
      if (NOT_FOR_USERS.includes(method)) continue;
      for (const value of argumentsOf(`${name}.${method}`)) {
        trial.try(name, value, (stack) => {
          const target = targetOf(name, stack) as Record<string, (...given: unknown[]) => unknown>;
          // The static factories are tried as factories.
          if (method in target) target[method](...value.given(new Construct(stack, 'Arguments')));
        });
      }
    }
  }
}

/** The results of the methods of users. */
function tryResults(trial: Trial): void {
  for (const value of valuesOf('monitoringPlan()', 'MonitoringPlan', 'MonitoringPlan')) {
    trial.try('MonitoringPlan', value, (stack) => {
      const plan = value.make(new Construct(stack, 'Value')) as MonitoringPlan;
      const watched = Object.assign(new Construct(stack, 'Watched'), { monitoringPlan: () => plan });
      new WorkloadMonitoring(stack, 'Monitoring').watch(watched);
    });
  }
  for (const value of valuesOf('bindToService()', 'ServiceBinding', 'ServiceBinding')) {
    trial.try('ServiceBinding', value, (stack) => {
      const binding = value.make(new Construct(stack, 'Value')) as ServiceBinding;
      const used = Object.assign(new Construct(stack, 'Used'), { bindToService: () => binding });
      const image = ecs.ContainerImage.fromRegistry('public.ecr.aws/clinic/api:1.2.3');
      new SecureFargateService(stack, 'Api', { vpc: someVpc(stack), image, uses: [used] });
    });
  }
}

const trial = new Trial();
beforeAll(() => {
  tryConstructs(trial);
  tryResults(trial);
  tryFactories(trial);
  tryMethods(trial);
});

/** The path, the problem, and the remedy. A problem of a call or of two values contains no given value. */
const COMPLETE = /^\[[^\]]+\] .+(?:, got .+|must be called .+|must contain at least .+|must differ .+)\. .+\.$/s;

/** The props that have another name in the construct that refuses them. */
const NAMED_OTHERWISE: Array<[RegExp, string]> = [
  [/omainNames\[/, 'domainName'],
  [/omainNames$/, 'endpoint'],
  [/^webAclArn$/, 'firewall'],
  [/^bindToService\(\)/, 'names in the binding of Stack/Used'],
  [/^names$/, 'grantRead'],
  [/^constructs$/, 'watch'],
];

const text = ({ where, path, owner, kind, outcome, message }: Tried) =>
  `${where} ${path} (${owner}): ${kind}: ${outcome} ${message.slice(0, 300)}`;

test('a valid value of each prop and argument is accepted', () => {
  const faults = trial.tried.filter(({ kind, outcome }) => kind === VALID_VALUE && outcome === 'refused');
  expect(faults.filter(({ owner }) => !NOT_VALID_ALONE.includes(owner)).map(text)).toEqual([]);
});

test('an unusual value is refused, has no effect, or is listed with its reason', () => {
  const unusual = trial.tried.filter(({ kind }) => kind !== VALID_VALUE);
  const count = (outcome: Outcome) => unusual.filter((each) => each.outcome === outcome).length;
  process.stdout.write(`Values of the right type: ${unusual.length} tried, ${count('refused')} refused, `
    + `${count('no effect')} without an effect, ${count('accepted')} accepted with a reason\n`);
  const accepted = unusual.filter((each) => each.outcome === 'accepted' && reasonsFor(each).length === 0);
  expect(accepted.map(text)).toEqual([]);
  const refused = unusual.filter((each) => each.outcome === 'refused' && reasonsFor(each).length > 0);
  expect(refused.map(text)).toEqual([]);
  expect(unusual.length).toBeGreaterThan(1_000);
});

test('each reason is needed', () => {
  const needed = new Set(trial.tried.filter(({ outcome }) => outcome === 'accepted').flatMap(reasonsFor));
  expect(ACCEPTED.filter((entry) => !needed.has(entry))).toEqual([]);
});

test('an error has the path, the prop, what is allowed, what was given and the remedy', () => {
  const incomplete = trial.tried.filter(({ kind, outcome }) => kind !== VALID_VALUE && outcome === 'refused')
    .filter(({ path, message }) => {
      const [, other] = NAMED_OTHERWISE.find(([prop]) => prop.test(path)) ?? [];
      const names = [...path.split(/[.:[\]() ]+/).filter((name) => name !== ''), other ?? path];
      return !COMPLETE.test(message) || !names.some((name) => message.includes(name));
    })
    // The library `constructs` refuses an empty ID.
    .filter(({ owner, kind }) => !owner.endsWith('.id') || kind !== 'an empty text');
  expect(incomplete.map(text)).toEqual([]);
});
