import { randomBytes } from 'crypto';

/**
 * A comma-separated list of keys in base64url.
 *
 * The first key encrypts or signs, and all keys decrypt or verify. The second key is announced: it is not in use, but
 * every reader knows it when the next rotation makes it the first. Older keys follow, newest first. A `keyRing` retains
 * all keys. `signingKeys` retain one older key.
 */
export interface KeyListShape {
  readonly kind: 'keyRing' | 'signingKeys';
  /** The number of random bytes of a new key. Existing keys can have a different size. */
  readonly bytes: number;
}

/**
 * The maximum number of keys in a ring: 22.5 KB of text, a third of the 65,536 bytes of a secret.
 *
 * The rest leaves room to act after the alarm. With a rotation every 30 days, a ring is full after 40 years.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
export const MAX_KEYS = 500;
/** The number of signing keys: the current one, the announced one, and the previous one. */
const SIGNING_KEYS = 3;
/**
 * A key: 33 to 129 bytes in groups of three. Its text has no padding and no unused bits, which strict decoders
 * refuse.
 */
const KEY = /^(?:[A-Za-z0-9_-]{4}){11,43}$/;

/** Whether the values of a shape are lists, each of which continues the previous one. */
export function isKeyList(shape: { readonly kind: string }): shape is KeyListShape {
  return shape.kind === 'keyRing' || shape.kind === 'signingKeys';
}

/** Returns why a list cannot continue a value, or undefined. */
export function whyNotContinued(current: string, shape: KeyListShape): string | undefined {
  const keys = keysOf(current);
  if (!keys) {
    return 'must contain a comma-separated list of keys with at least 44 characters each, without spaces or line '
      + 'breaks. The value was not changed. Enter a valid list, then rotate again';
  }
  if (shape.kind === 'signingKeys' || keys.length < MAX_KEYS) return undefined;
  return `must contain fewer than ${MAX_KEYS} keys, got ${keys.length}. The current list remains valid. Re-encrypt the `
    + 'data of the oldest keys, remove these keys from the end of the list, then rotate again';
}

/** Returns the next list: the announced key becomes the first, and a new key is announced. Without a list, one key. */
export function nextKeyList(current: string | undefined, shape: KeyListShape): string {
  const key = randomBytes(shape.bytes).toString('base64url');
  return current === undefined ? key : nextKeys(current.split(','), key, shape).join(',');
}

/** Whether a value is a list of keys that fits its shape. */
export function isKeyListOf(value: string, { kind, bytes }: KeyListShape): boolean {
  const keys = keysOf(value);
  const newest = keys?.[1] ?? keys?.[0];
  const max = kind === 'keyRing' ? MAX_KEYS : SIGNING_KEYS;
  return keys !== undefined && keys.length <= max && newest?.length === bytes / 3 * 4;
}

/** Whether one rotation of the current list results in a list. Such a list has lost no key. */
export function continuesList(value: string, current: string, shape: KeyListShape): boolean {
  const [, announced] = value.split(',');
  const before = current.split(',');
  return announced !== undefined && !before.includes(announced)
    && value === nextKeys(before, announced, shape).join(',');
}

/** In a list of one key, no key is announced. That key remains the first, because no reader knows another one. */
function nextKeys([first, announced, ...older]: string[], added: string, { kind }: KeyListShape): string[] {
  const keys = announced === undefined ? [first, added] : [announced, added, first, ...older];
  return kind === 'keyRing' ? keys : keys.slice(0, SIGNING_KEYS);
}

function keysOf(value: string): string[] | undefined {
  const keys = value.split(',');
  return keys.every((key) => KEY.test(key)) ? keys : undefined;
}
