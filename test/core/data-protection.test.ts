import { App, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { DataProtection } from '../../src/core/data-protection';
import { RELAXATION_METADATA } from '../../src/core/relaxation';
import { newApp, newStack } from '../support/app';

const reason = 'synthetic records only';

describe('defaults', () => {
  test('data must be a non-blank string, got kept', () => {
    const protection = DataProtection.of(newStack());
    expect(protection.isDisposable).toBe(false);
    expect(protection.removalPolicy).toBe(RemovalPolicy.RETAIN);
  });

  test('what has a fixed name is kept, but for a creation that is rolled back', () => {
    expect(DataProtection.of(newStack()).namedRemovalPolicy).toBe(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
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

  test.each(scopes)('said on %s, it holds below', (_, make) => {
    const [scope, below] = make(newApp());
    DataProtection.of(scope).disposable({ reason });
    const protection = DataProtection.of(below);
    expect(protection.isDisposable).toBe(true);
    expect(protection.removalPolicy).toBe(RemovalPolicy.DESTROY);
    expect(protection.namedRemovalPolicy).toBe(RemovalPolicy.DESTROY);
  });

  test('it does not hold beside the scope, nor above', () => {
    const app = newApp();
    const [test, production] = [new Stack(app, 'Test'), new Stack(app, 'Production')];
    DataProtection.of(test).disposable({ reason });
    expect(DataProtection.of(production).isDisposable).toBe(false);
    expect(DataProtection.of(app).isDisposable).toBe(false);
  });

  test('it is a relaxation: a warning, and a line in the report', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason });
    Annotations.fromStack(stack).hasWarning('/Stack', Match.stringLikeRegexp(
      '^all data below this scope is deleted with its stack \\(reason given: synthetic records only\\)'));
    expect(stack.node.metadata.find((entry) => entry.type === RELAXATION_METADATA)?.data).toEqual({
      id: 'cdk-hipaa:disposable-data', what: 'all data below this scope is deleted with its stack', reason,
    });
  });

  test('it can be said on a sibling after something was made', () => {
    const app = newApp();
    expect(DataProtection.of(new Stack(app, 'Production')).removalPolicy).toBe(RemovalPolicy.RETAIN);
    expect(() => DataProtection.of(new Stack(app, 'Test')).disposable({ reason })).not.toThrow();
  });
});

describe('refusals', () => {
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
    expect(DataProtection.of(new Construct(stack, 'Database')).removalPolicy).toBe(RemovalPolicy.RETAIN);
    expect(() => DataProtection.of(stack).disposable({ reason })).toThrow(new Error(
      '[Stack] DataProtection.disposable must be called before constructs that hold data are created below this scope, '
        + 'but Stack/Database already exists. Move the call to directly after the creation of the scope.'));
  });

  test('called on the app after a construct deep below was created', () => {
    const app = newApp();
    expect(DataProtection.of(new Construct(new Stack(app, 'Stack'), 'Database')).isDisposable).toBe(false);
    expect(() => DataProtection.of(app).disposable({ reason })).toThrow(new Error(
      '[App] DataProtection.disposable must be called before constructs that hold data are created below this scope, '
        + 'but Stack/Database already exists. Move the call to directly after the creation of the scope.'));
  });
});
