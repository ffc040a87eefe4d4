import { Duration, Lazy, Size, Token } from 'aws-cdk-lib';
import { refuse, requireInteger, requireText, show, Situation } from '../../src/private/refusal';
import { newApp, newStack } from '../support/app';

const stack = newStack();
const refusal = { prop: 'scaling.min', allowed: 'at least 1', change: 'pass 1 or more' };

describe('refuse', () => {
  test('one sentence: where, what, allowed, what to do', () => {
    expect(() => refuse(stack, { ...refusal, given: 0 })).toThrow('Stack: scaling.min is 0, allowed is at least 1; pass 1 or more.');
  });

  test('the app has no path, and is called App', () => {
    expect(() => refuse(newApp(), { ...refusal, given: 0 })).toThrow('App: scaling.min is 0, allowed is at least 1; pass 1 or more.');
  });
});

describe('show', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'not given'],
    ['a text', 'tiny', '\'tiny\''],
    ['an empty text', '', '\'\''],
    ['a number', 1.5, '1.5'],
    ['a boolean', false, 'false'],
    ['a duration', Duration.minutes(90), '1 hour 30 minutes'],
    ['a size', Size.gibibytes(2), '2048 MiB'],
    ['a construct', stack, 'Stack'],
    ['a situation', new Situation('said too late'), 'said too late'],
    ['a list', ['a', 2, undefined], '[\'a\', 2, not given]'],
    ['a text token', Lazy.string({ produce: () => 'secret' }), 'a value known only at deployment'],
    ['a number token', Token.asNumber({ Ref: 'Count' }), 'a value known only at deployment'],
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
      `Stack: zones is ${given}, allowed is a whole number from 1 to 10; pass a number in that range.`);
  });

  test('the advice can be another', () => {
    expect(() => requireInteger(stack, 'zones', 9, 2, 6, 'take six')).toThrow(
      'Stack: zones is 9, allowed is a whole number from 2 to 6; take six.');
  });
});

describe('requireText', () => {
  test.each(['x', ' x ', undefined, Lazy.string({ produce: () => '' })])('%p passes', (given) => {
    expect(() => requireText(stack, 'name', given, 'name it')).not.toThrow();
  });

  test.each(['', ' ', '\n\t'])('%j is refused', (given) => {
    expect(() => requireText(stack, 'name', given, 'name it')).toThrow(
      `Stack: name is '${given}', allowed is a text that is not blank; name it.`);
  });

  test.each([0, true, null])('%j is refused, which an app without types could pass', (given) => {
    expect(() => requireText(stack, 'name', given as unknown as string, 'name it')).toThrow(
      `Stack: name is ${given}, allowed is a text that is not blank; name it.`);
  });
});
