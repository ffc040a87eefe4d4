import {
  generateValue,
  hasShape,
  passwordClasses,
  PasswordShape,
  SigningKeyShape,
  ValueShape,
} from '../../../src/secrets/rotator/secret-value';

const password = (length: number, excludeCharacters = ''): PasswordShape => ({
  kind: 'password',
  length,
  excludeCharacters,
});
const key = (bytes: number): SigningKeyShape => ({ kind: 'signingKey', bytes });

describe('generateValue', () => {
  test.each<[string, ValueShape]>([
    ['a password of all printable characters', password(32)],
    ['a password without punctuation', password(16, '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~')],
    ['a long password', password(128, '"\'')],
    ['a signing key', key(66)],
    ['a short signing key', key(33)],
  ])('%s has its shape, in a hundred values', (_, shape) => {
    for (let i = 0; i < 100; i++) expect(hasShape(generateValue(shape), shape)).toBe(true);
  });

  test('never returns the same value twice', () => {
    expect(new Set(Array.from({ length: 500 }, () => generateValue(password(16)))).size).toBe(500);
  });

  test('uses every character that is not excluded', () => {
    const seen = new Set(Array.from({ length: 200 }, () => generateValue(password(128))).join(''));
    expect(seen.size).toBe(94);
  });

  test('writes a signing key as base64url without padding', () => {
    expect(generateValue(key(66))).toMatch(/^[A-Za-z0-9_-]{88}$/);
  });
});

describe('hasShape', () => {
  test.each([
    ['too short', 'aB3-aB3-aB3-aB3', false],
    ['too long', 'aB3-aB3-aB3-aB3-a', false],
    ['an excluded character', 'aB3@aB3-aB3-aB3-', false],
    ['a character that is not ASCII', 'aB3éaB3-aB3-aB3-', false],
    ['a class that is missing', 'aBc-aBc-aBc-aBc-', false],
    ['as configured', 'aB3-aB3-aB3-aB3-', true],
  ])('password, %s: %s is %s', (_, value, expected) => {
    expect(hasShape(value, password(16, '@'))).toBe(expected);
  });

  test.each([
    ['as configured', 'A'.repeat(44), true],
    ['too short', 'A'.repeat(40), false],
    ['of another alphabet', '+'.repeat(44), false],
    ['with a blank', `${'A'.repeat(44)} `, false],
  ])('signing key, %s: %s', (_, value, expected) => {
    expect(hasShape(value, key(33))).toBe(expected);
  });
});

test('passwordClasses omits a class whose characters are all excluded', () => {
  expect(passwordClasses('0123456789abc')).toEqual([
    'defghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  ]);
});
