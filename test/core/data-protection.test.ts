import { Annotations as CoreAnnotations, App, NestedStack, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { DataProtection, protectionOf } from '../../src/core/data-protection';
import { RELAXATION_METADATA } from '../../src/core/relaxation';
import { newApp, newStack } from '../support/app';

const reason = 'synthetic records only';

describe('defaults', () => {
  test('data is retained, except when its creation is rolled back', () => {
    const protection = DataProtection.of(newStack());
    expect(protection.isDisposable).toBe(false);
    expect(protection.removalPolicy).toBe(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  });

  test('a resource that a rollback cannot delete is retained', () => {
    expect(DataProtection.of(newStack())._rollbackRemovalPolicy).toBe(RemovalPolicy.RETAIN);
  });
});

describe('disposable', () => {
  const scopes: Array<[string, (app: App) => Construct[]]> = [
    ['an app', (app) => [app, new Construct(new Stack(app, 'Stack'), 'Database')]],
    ['a stage', (app) => {
      const stage = new Stage(app, 'Test');
      return [stage, new Construct(new Stack(stage, 'Stack'), 'Database')];
    }],
    ['a stack', (app) => {
      const stack = new Stack(app, 'Stack');
      return [stack, new Construct(stack, 'Database')];
    }],
    ['a construct', (app) => {
      const construct = new Construct(new Stack(app, 'Stack'), 'Database');
      return [construct, construct];
    }],
  ];

  test.each(scopes)('on %s, applies to the constructs below', (_, make) => {
    const [scope, below] = make(newApp());
    DataProtection.of(scope).disposable({ reason });
    const protection = DataProtection.of(below);
    expect(protection.isDisposable).toBe(true);
    expect(protection.removalPolicy).toBe(RemovalPolicy.DESTROY);
    expect(protection._rollbackRemovalPolicy).toBe(RemovalPolicy.DESTROY);
  });

  test('does not apply to siblings or parents of the scope', () => {
    const app = newApp();
    const [test, production] = [new Stack(app, 'Test'), new Stack(app, 'Production')];
    DataProtection.of(test).disposable({ reason });
    expect(DataProtection.of(production).isDisposable).toBe(false);
    expect(DataProtection.of(app).isDisposable).toBe(false);
  });

  test('adds a warning and an entry in the report, because it is a relaxation', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason });
    Annotations.fromStack(stack).hasWarning('/Stack', Match.stringLikeRegexp(
      '^all data below this scope is deleted with its stack \\(reason given: synthetic records only\\)'));
    expect(stack.node.metadata.find((entry) => entry.type === RELAXATION_METADATA)?.data).toEqual({
      id: 'cdk-hipaa:disposable-data', what: 'all data below this scope is deleted with its stack', reason,
    });
  });

  test.each<[string, (app: App) => Stage]>([
    ['an app', (app) => app],
    ['a stage', (app) => new Stage(app, 'Test')],
  ])('on %s, adds the warning to each stack once, also to later ones, and not to the report', (_, make) => {
    const app = newApp();
    const scope = make(app);
    const earlier = new Stack(scope, 'Earlier');
    DataProtection.of(scope).disposable({ reason });
    const later = new Stack(new Stage(scope, 'Inner'), 'Later');
    const nested = new NestedStack(later, 'Nested');
    const other = new Stack(new Stage(app, 'Other'), 'Other');
    app.synth();
    app.synth({ force: true });
    const warnings = (stack: Stack) => stack.node.metadata.filter(({ type }) => type === 'aws:cdk:warning')
      .map(({ data }) => data);
    const warning = 'all data of this stack is deleted with the stack (reason given: synthetic records only) '
      + '[ack: cdk-hipaa:disposable-data]';
    expect([earlier, later, nested].map(warnings)).toEqual([[warning], [warning], []]);
    expect(warnings(other)).toEqual(scope === app ? [warning] : []);
    expect(app.node.findAll().filter(({ node }) => node.metadata.some(({ type }) => type === RELAXATION_METADATA)))
      .toEqual([scope]);
  });

  test('on an app, adds no second warning to a stack with its own call, and none that the app acknowledges', () => {
    const app = newApp();
    const own = new Stack(app, 'Own');
    DataProtection.of(own).disposable({ reason });
    DataProtection.of(app).disposable({ reason });
    app.synth();
    expect(own.node.metadata.filter(({ type }) => type === 'aws:cdk:warning')).toHaveLength(1);
    const acknowledged = newApp();
    const silent = new Stack(acknowledged, 'Stack');
    DataProtection.of(acknowledged).disposable({ reason });
    CoreAnnotations.of(acknowledged).acknowledgeWarning('cdk-hipaa:disposable-data');
    Annotations.fromStack(silent).hasNoWarning('*', Match.anyValue());
  });

  test('can be called on a sibling after a construct that holds data is created', () => {
    const app = newApp();
    expect(protectionOf(new Stack(app, 'Production')).removalPolicy).toBe(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    expect(() => DataProtection.of(new Stack(app, 'Test')).disposable({ reason })).not.toThrow();
  });
});

test.each(['isDisposable', 'removalPolicy', '_rollbackRemovalPolicy'] as const)('%s has no side effect', (member) => {
  const stack = newStack();
  expect(DataProtection.of(new Construct(stack, 'Own'))[member]).toBeDefined();
  DataProtection.of(stack).disposable({ reason });
  expect(DataProtection.of(stack).isDisposable).toBe(true);
});

describe('refusals', () => {
  test('names the construct that holds data, and not one that only read the protection before', () => {
    const stack = newStack();
    expect(DataProtection.of(new Construct(stack, 'Reader')).isDisposable).toBe(false);
    expect(protectionOf(new Construct(stack, 'Database')).isDisposable).toBe(false);
    expect(() => DataProtection.of(stack).disposable({ reason })).toThrow('but Stack/Database already exists');
  });

  test('a blank reason', () => {
    expect(() => DataProtection.of(newStack()).disposable({ reason: ' ' })).toThrow(new Error(
      "[Stack] reason must be a non-blank string, got ' '. "
        + 'Say why it is acceptable that all data below this scope is deleted with its stack.'));
  });

  test('a blank reason changes nothing', () => {
    const stack = newStack();
    expect(() => DataProtection.of(stack).disposable({ reason: '' })).toThrow();
    expect(DataProtection.of(stack).isDisposable).toBe(false);
  });

  test('called after a construct that holds data was created', () => {
    const stack = newStack();
    expect(protectionOf(new Construct(stack, 'Database')).removalPolicy)
      .toBe(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    expect(() => DataProtection.of(stack).disposable({ reason })).toThrow(new Error(
      '[Stack] DataProtection.disposable must be called before constructs that hold data are created below this scope, '
        + 'but Stack/Database already exists. Move the call to directly after the creation of the scope.'));
  });

  test('called on the app after a construct deep below was created', () => {
    const app = newApp();
    expect(protectionOf(new Construct(new Stack(app, 'Stack'), 'Database')).isDisposable).toBe(false);
    expect(() => DataProtection.of(app).disposable({ reason })).toThrow(new Error(
      '[App] DataProtection.disposable must be called before constructs that hold data are created below this scope, '
        + 'but Stack/Database already exists. Move the call to directly after the creation of the scope.'));
  });
});
