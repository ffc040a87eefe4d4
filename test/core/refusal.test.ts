import { Duration, Lazy, Size, Token } from 'aws-cdk-lib';
import { refuse, requireInteger, requireText, show, Situation } from '../../src/core/refusal';
import { newApp, newStack } from '../support/app';

const stack = newStack();
const refusal = { prop: 'scaling.min', allowed: 'at least 1', change: 'pass 1 or more' };

describe('refuse', () => {
  test('formats one sentence: path, prop, allowed values, given value, change', () => {
    expect(() => refuse(stack, { ...refusal, given: 0 })).toThrow(
      '[Stack] scaling.min must be at least 1, got 0. Pass 1 or more.',
    );
  });

  test('shows App for an app, which has no path', () => {
    expect(() => refuse(newApp(), { ...refusal, given: 0 })).toThrow(
      new Error('[App] scaling.min must be at least 1, got 0. Pass 1 or more.'));
  });
});

describe('show', () => {
  test.each<[string, unknown, string]>([
    ['undefined', undefined, 'undefined'],
    ['a string', 'tiny', '\'tiny\''],
    ['an empty string', '', '\'\''],
    ['a number', 1.5, '1.5'],
    ['a boolean', false, 'false'],
    ['a duration', Duration.minutes(90), '1 hour 30 minutes'],
    ['a size', Size.gibibytes(2), '2048 MiB'],
    ['a construct', stack, 'Stack'],
    ['a situation', new Situation('called too late'), 'called too late'],
    ['a list', ['a', 2, undefined], '[\'a\', 2, undefined]'],
    ['a string token', Lazy.string({ produce: () => 'secret' }), 'a token'],
    ['a number token', Token.asNumber({ Ref: 'Count' }), 'a token'],
  ])('%s', (_, value, text) => {
    expect(show(value)).toBe(text);
  });
});

describe('requireInteger', () => {
  test.each([1, 5, 10, undefined, Token.asNumber({ Ref: 'Count' })])('%p passes', (given) => {
    expect(() => requireInteger(stack, 'zones', given, 1, 10)).not.toThrow();
  });

  test.each([0, 11, 1.5, NaN, Infinity, -1])('%p is refused', (given) => {
    expect(() => requireInteger(stack, 'zones', given, 1, 10)).toThrow(
      new Error(`[Stack] zones must be an integer from 1 to 10, got ${given}. Use an integer in this range.`));
  });

  test('the advice can be replaced', () => {
    expect(() => requireInteger(stack, 'zones', 9, 2, 6, 'take six')).toThrow(
      '[Stack] zones must be an integer from 2 to 6, got 9. Take six.');
  });
});

describe('requireText', () => {
  test.each(['x', ' x ', undefined, Lazy.string({ produce: () => '' })])('%p passes', (given) => {
    expect(() => requireText(stack, 'name', given, 'name it')).not.toThrow();
  });

  test.each(['', ' ', '\n\t'])('%j is refused', (given) => {
    expect(() => requireText(stack, 'name', given, 'name it')).toThrow(
      new Error(`[Stack] name must be a non-blank string, got '${given}'. Name it.`));
  });

  test.each([0, true, null])('%j, which JavaScript can pass, is refused', (given) => {
    expect(() => requireText(stack, 'name', given as unknown as string, 'name it')).toThrow(
      new Error(`[Stack] name must be a non-blank string, got ${given}. Name it.`));
  });
});
