import { randomBytes, randomInt } from 'crypto';
import { followsFrom, isKeyList, isKeyListOf, KeyListShape, nextKeyList } from './key-list';

/** What the values of a secret look like. Nothing in it is secret: it stands in the environment of the rotation function. */
export type ValueShape = PasswordShape | SigningKeyShape | KeyListShape;

/** Characters that a person could type, at least one of each class that is not wholly excluded. */
export interface PasswordShape {
  readonly kind: 'password';
  readonly length: number;
  readonly excludeCharacters: string;
}

/** Random bytes, written as base64url. */
export interface SigningKeyShape {
  readonly kind: 'signingKey';
  readonly bytes: number;
}

/** What the rotation function is told: which secrets have values of which shape. */
export interface RotatedGroup {
  readonly shape: ValueShape;
  readonly secretArns: string[];
}

/** The printable characters of ASCII without the space, by class. */
const CLASSES = [
  'abcdefghijklmnopqrstuvwxyz',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789',
  '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
];

/** The classes that a password draws from, without the characters that it excludes. */
export function passwordClasses(excludeCharacters: string): string[] {
  const excluded = new Set(excludeCharacters);
  return CLASSES.map((characters) => [...characters].filter((character) => !excluded.has(character)).join(''))
    .filter((characters) => characters !== '');
}

/** A new value from the operating system's random source. A list of keys follows from the current one, if there is one. */
export function generateValue(shape: ValueShape, current?: string): string {
  if (isKeyList(shape)) return nextKeyList(current, shape);
  return shape.kind === 'signingKey' ? randomBytes(shape.bytes).toString('base64url') : generatePassword(shape);
}

/** Whether a value is one that `generateValue` could have made. */
export function hasShape(value: string, shape: ValueShape): boolean {
  if (isKeyList(shape)) return isKeyListOf(value, shape);
  if (shape.kind === 'signingKey') {
    return Buffer.from(value, 'base64url').length === shape.bytes && Buffer.from(value, 'base64url').toString('base64url') === value;
  }
  const classes = passwordClasses(shape.excludeCharacters);
  return value.length === shape.length
    && [...value].every((character) => classes.some((characters) => characters.includes(character)))
    && classes.every((characters) => [...value].some((character) => characters.includes(character)));
}

/** Why a value must not take the place of the current one, or nothing if it may. */
export function flawOf(value: string, current: string | undefined, shape: ValueShape): string | undefined {
  if (value === current) return 'is the current one';
  if (!hasShape(value, shape)) return `is not a ${shape.kind} as configured`;
  if (current === undefined || !isKeyList(shape) || followsFrom(value, current, shape)) return undefined;
  return 'was made from another value than the current one, so keys would be lost';
}

/** Draws whole passwords until one has a character of every class, so that each such password is equally likely. */
function generatePassword(shape: PasswordShape): string {
  const alphabet = passwordClasses(shape.excludeCharacters).join('');
  for (;;) {
    const password = Array.from({ length: shape.length }, () => alphabet[randomInt(alphabet.length)]).join('');
    if (hasShape(password, shape)) return password;
  }
}
