import { randomBytes, randomInt } from 'crypto';
import { continuesList, isKeyList, isKeyListOf, KeyListShape, nextKeyList } from './key-list';

/** The shape of a secret's values. It is not secret: the environment of the rotation function contains it. */
export type ValueShape = PasswordShape | SigningKeyShape | KeyListShape;

/** Printable characters, with at least one of each class that is not fully excluded. */
export interface PasswordShape {
  readonly kind: 'password';
  readonly length: number;
  readonly excludeCharacters: string;
}

/** Random bytes in base64url. */
export interface SigningKeyShape {
  readonly kind: 'signingKey';
  readonly bytes: number;
}

/** The secrets whose values have the same shape. The environment of the rotation function contains a list of groups. */
export interface RotatedGroup {
  readonly shape: ValueShape;
  readonly secretArns: string[];
}

/** The printable ASCII characters without the space, by class. */
const CLASSES = [
  'abcdefghijklmnopqrstuvwxyz',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789',
  '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
];

/** Returns the character classes of a password, without the excluded characters. */
export function passwordClasses(excludeCharacters: string): string[] {
  const excluded = new Set(excludeCharacters);
  return CLASSES.map((characters) => [...characters].filter((character) => !excluded.has(character)).join(''))
    .filter((characters) => characters !== '');
}

/** Generates a value from the random source of the operating system. A list of keys continues the current list. */
export function generateValue(shape: ValueShape, current?: string): string {
  if (isKeyList(shape)) return nextKeyList(current, shape);
  return shape.kind === 'signingKey' ? randomBytes(shape.bytes).toString('base64url') : generatePassword(shape);
}

/** Whether `generateValue` could have generated a value. */
export function hasShape(value: string, shape: ValueShape): boolean {
  if (isKeyList(shape)) return isKeyListOf(value, shape);
  if (shape.kind === 'signingKey') {
    const bytes = Buffer.from(value, 'base64url');
    return bytes.length === shape.bytes && bytes.toString('base64url') === value;
  }
  const classes = passwordClasses(shape.excludeCharacters);
  return value.length === shape.length
    && [...value].every((character) => classes.some((characters) => characters.includes(character)))
    && classes.every((characters) => [...value].some((character) => characters.includes(character)));
}

/** Returns why a value must not replace the current one, or undefined. */
export function flawOf(value: string, current: string | undefined, shape: ValueShape): string | undefined {
  if (value === current) return 'is the current value';
  if (!hasShape(value, shape)) return `is not a ${shape.kind} as configured`;
  if (current === undefined || !isKeyList(shape) || continuesList(value, current, shape)) return undefined;
  return 'does not continue the current list, so keys would be lost';
}

/** Generates passwords until one has a character of each class. All such passwords are then equally likely. */
function generatePassword(shape: PasswordShape): string {
  const alphabet = passwordClasses(shape.excludeCharacters).join('');
  for (;;) {
    const password = Array.from({ length: shape.length }, () => alphabet[randomInt(alphabet.length)]).join('');
    if (hasShape(password, shape)) return password;
  }
}
