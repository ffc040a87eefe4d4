import {
  continuesList,
  isKeyList,
  isKeyListOf,
  KeyListShape,
  MAX_KEYS,
  nextKeyList,
  whyNotContinued,
} from '../../../src/secrets/rotator/key-list';

const RING: KeyListShape = { kind: 'keyRing', bytes: 33 };
const SIGNING: KeyListShape = { kind: 'signingKeys', bytes: 66 };
const key = (letter: string, length = 44) => letter.repeat(length);
const FIRST = 'firstKeyAsCloudFormationMakesIt0123456789abc';
const ring = (count: number) => Array.from({ length: count }, (_, index) => String(index).padStart(44, '0')).join(',');

/** The values after each of a number of rotations, starting with the first value. */
function history(shape: KeyListShape, rotations: number, first = FIRST): string[][] {
  const values = [first];
  for (let i = 0; i < rotations; i++) values.push(nextKeyList(values[i], shape));
  return values.map((value) => value.split(','));
}

describe('nextKeyList', () => {
  test('announces a key, uses it one rotation later, and puts the previous key behind these two', () => {
    const [[k1], once, twice, thrice] = history(RING, 3);
    const [, k2] = once;
    const [, k3] = twice;
    const [, k4] = thrice;
    expect([once, twice, thrice]).toEqual([[k1, k2], [k2, k3, k1], [k3, k4, k2, k1]]);
    expect(new Set([k1, k2, k3, k4]).size).toBe(4);
  });

  test('keeps every key of a ring, with the newest of the older keys first', () => {
    const values = history(RING, 100);
    values.slice(1).forEach((value, index) => expect(value).toEqual(expect.arrayContaining(values[index])));
    const firsts = values.map(([first]) => first);
    expect(values[100].slice(2)).toEqual(firsts.slice(1, 100).reverse());
  });

  test('keeps three signing keys: the signing key, the announced key, and the previous signing key', () => {
    const values = history(SIGNING, 5);
    expect(values.map((value) => value.length)).toEqual([1, 2, 3, 3, 3, 3]);
    values
      .slice(2)
      .forEach((value, index) =>
        expect(value.slice(0, 3)).toEqual([values[index + 1][1], expect.any(String), values[index + 1][0]]),
      );
  });

  test.each([RING, SIGNING])(
    'readers of the previous and the next value know every key in use: $kind',
    (shape) => {
      const values = history(shape, 30);
      values.slice(1).forEach((value, index) => {
        expect(values[index]).toContain(value[0]);
        expect(value).toContain(values[index][0]);
      });
    },
  );

  test('starts with one key without a value', () => {
    expect(nextKeyList(undefined, RING)).toMatch(/^[A-Za-z0-9_-]{44}$/);
  });

  test('generates keys of the configured size', () => {
    expect(nextKeyList(FIRST, SIGNING).split(',')[1]).toHaveLength(88);
  });
});

describe('whyNotContinued', () => {
  const NO_LIST =
    'must contain a comma-separated list of keys with at least 44 characters each, without spaces or line breaks. ' +
    'The value was not changed. Enter a valid list, then rotate again';

  test.each([
    ['a password', 'aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-'],
    ['JSON', JSON.stringify({ key: FIRST })],
    ['an empty string', ''],
    ['a comma at the end', `${FIRST},`],
    ['a space after the comma', `${FIRST}, ${FIRST}`],
    ['a line break', `${FIRST}\n`],
    ['padding', `${key('a', 43)}=`],
    ['a key with unused bits', key('a', 46)],
    ['a key that is too long', key('a', 176)],
    ['one invalid key among valid ones', `${FIRST},short,${FIRST}`],
  ])('%s is not a list of keys', (_, value) => {
    expect(whyNotContinued(value, RING)).toBe(NO_LIST);
    expect(whyNotContinued(value, SIGNING)).toBe(NO_LIST);
  });

  test.each([
    ['one key', FIRST],
    ['keys of several sizes', `${FIRST},${key('b', 88)},${key('c', 172)}`],
    ['almost a full ring', ring(MAX_KEYS - 1)],
  ])('%s can be continued', (_, value) => {
    expect(whyNotContinued(value, RING)).toBeUndefined();
    expect(whyNotContinued(value, SIGNING)).toBeUndefined();
  });

  test('a full ring gets no more keys, and the error names the remedy', () => {
    expect(whyNotContinued(ring(MAX_KEYS), RING)).toBe(
      'must contain fewer than 500 keys, got 500. The current list remains valid. '
      + 'Re-encrypt the data of the oldest keys, remove these keys from the end of the list, then rotate again',
    );
    expect(whyNotContinued(ring(MAX_KEYS), SIGNING)).toBeUndefined();
  });

  test('a full ring is much smaller than the limits of a secret and of an environment variable on Windows', () => {
    expect(Buffer.byteLength(ring(MAX_KEYS))).toBe(22_499);
  });
});

describe('isKeyListOf', () => {
  test.each(
    [
      ['one key', FIRST, true],
      ['a new key behind an old one of another size', `${key('a', 88)},${FIRST}`, true],
      ['a new key of another size', `${FIRST},${key('a', 88)}`, false],
      ['not a list', 'a password', false],
      ['a full ring', ring(MAX_KEYS), true],
      ['more than a full ring', ring(MAX_KEYS + 1), false],
    ].map(([name, value, expected]) => ({ name, value: String(value), expected })),
  )('ring, $name: $expected', ({ value, expected }) => {
    expect(isKeyListOf(value, RING)).toBe(expected);
  });

  test.each([[3, true], [4, false]])('%s signing keys: %s', (count, expected) => {
    expect(isKeyListOf(Array(count).fill(key('a', 88)).join(','), SIGNING)).toBe(expected);
  });
});

describe('continuesList', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((letter) => key(letter));
  const list = (...keys: string[]) => keys.join(',');

  test.each([
    ['the second from the first', list(a, b), list(a), true],
    ['the third from the second', list(b, c, a), list(a, b), true],
    ['a lost key', list(b, c), list(a, b), false],
    ['a lost old key', list(c, d, b), list(b, c, a), false],
    ['an unknown key in the first place', list(c, a, b), list(a, b), false],
    ['an announced key that already existed', list(b, a, a), list(a, b), false],
    ['no announced key', list(a), list(a), false],
    ['the fourth from the third', list(c, d, b, a), list(b, c, a), true],
    ['another order', list(c, d, a, b), list(b, c, a), false],
    ['after a value that is not a list', list(a, b), '', false],
  ])('%s', (_, value, current, expected) => expect(continuesList(value, current, RING)).toBe(expected));

  test('signing keys: only the third and later keys are dropped', () => {
    expect(continuesList(list(c, d, b), list(b, c, a), SIGNING)).toBe(true);
    expect(continuesList(list(c, d, a), list(b, c, a), SIGNING)).toBe(false);
    expect(continuesList(list(c, d), list(b, c, a), SIGNING)).toBe(false);
  });

  test.each([RING, SIGNING])('every list continues the previous list only: $kind', (shape) => {
    const others = history(shape, 10, key('x'));
    history(shape, 10).map((value) => value.join(',')).forEach((value, index, values) => {
      if (index === 0) return;
      expect(continuesList(value, values[index - 1], shape)).toBe(true);
      expect(continuesList(value, others[index - 1].join(','), shape)).toBe(false);
    });
  });
});

test('isKeyList distinguishes lists from single values', () => {
  expect(['keyRing', 'signingKeys', 'signingKey', 'password'].map((kind) => isKeyList({ kind }))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
