import { randomBytes } from 'crypto';

/**
 * Keys as base64url, separated by commas. The first one encrypts or signs, and all of them decrypt or verify. The second
 * one is announced: nothing uses it yet, but every reader knows it when the next rotation makes it the first. Behind
 * the two stand the keys that were first before, the newest in front.
 *
 * `keyRing` keeps every key that it ever had. `signingKeys` keeps the one that was first before, and drops the others.
 */
export interface KeyListShape {
  readonly kind: 'keyRing' | 'signingKeys';
  /** How many random bytes a new key has. Keys that are there already may have others. */
  readonly bytes: number;
}

/**
 * How many keys a ring has at most: 22.5 KB of text, a third of the 65,536 bytes that a secret holds, so that a person who is
 * called because of it has room to act. One rotation in 30 days takes 40 years to get there.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
export const MAX_KEYS = 500;
/** How many signing keys there are: the one that signs, the announced one, and the one that signed before. */
const SIGNING_KEYS = 3;
/** A key: 33 to 129 bytes in groups of three, so that its text has neither padding nor bits to spare, which strict decoders refuse. */
const KEY = /^(?:[A-Za-z0-9_-]{4}){11,43}$/;

/** Whether values of this shape follow from the one before. */
export function isKeyList(shape: { readonly kind: string }): shape is KeyListShape {
  return shape.kind === 'keyRing' || shape.kind === 'signingKeys';
}

/** Why no list of keys can follow from a value, or nothing if one can. */
export function whyNotFollowed(current: string, shape: KeyListShape): string | undefined {
  const keys = keysOf(current);
  if (!keys) {
    return 'holds something else than keys of at least 44 characters, separated by commas, without a blank or a line end; '
      + 'it was left alone: put the right list into it by hand, then rotate again';
  }
  if (shape.kind === 'signingKeys' || keys.length < MAX_KEYS) return undefined;
  return `holds ${keys.length} keys, and a ring gets no more beyond ${MAX_KEYS}; it goes on working: `
    + 'encrypt anew what its oldest keys have encrypted, take them off the end of the list by hand, then rotate again';
}

/** The list that comes after the current one: the announced key becomes the first, and a new one is announced. Without a current list, one key. */
export function nextKeyList(current: string | undefined, shape: KeyListShape): string {
  const fresh = randomBytes(shape.bytes).toString('base64url');
  return current === undefined ? fresh : succession(current.split(','), fresh, shape).join(',');
}

/** Whether a value is a list of keys that fits its shape. */
export function isKeyListOf(value: string, { kind, bytes }: KeyListShape): boolean {
  const keys = keysOf(value);
  const newest = keys?.[1] ?? keys?.[0];
  return keys !== undefined && keys.length <= (kind === 'keyRing' ? MAX_KEYS : SIGNING_KEYS) && newest?.length === bytes / 3 * 4;
}

/** Whether a list came from the current one by one rotation. If so, it has lost no key that it has to keep. */
export function followsFrom(value: string, current: string, shape: KeyListShape): boolean {
  const [, fresh] = value.split(',');
  const before = current.split(',');
  return fresh !== undefined && !before.includes(fresh) && value === succession(before, fresh, shape).join(',');
}

/** Only a list of one key has no announced one: its key goes on being the first, since no reader knows another. */
function succession([first, announced, ...older]: string[], fresh: string, { kind }: KeyListShape): string[] {
  const keys = announced === undefined ? [first, fresh] : [announced, fresh, first, ...older];
  return kind === 'keyRing' ? keys : keys.slice(0, SIGNING_KEYS);
}

function keysOf(value: string): string[] | undefined {
  const keys = value.split(',');
  return keys.every((key) => KEY.test(key)) ? keys : undefined;
}
