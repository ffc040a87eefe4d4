import { CfnParameter, Fn } from 'aws-cdk-lib';
import { MAX_PATHS, requirePathPatterns } from '../../src/site/path-patterns';
import { newStack } from '../support/app';

const check = (...patterns: string[]) => () => requirePathPatterns(newStack(), 'immutablePaths', patterns);
const CHARACTERS = 'a path that begins with / and must be ${CHARACTERS}, got made of letters, digits, _-.$/~"\'@:+&, ? for one character and * for any, at most 255 of them';

test.each([['/assets/*'], ['/*.woff2'], ['/static/*.css'], ['/img-?/*'], ['/v1+2/$a'], ['/assets']])('%s is a path', (pattern) => {
  expect(check(pattern)).not.toThrow();
});

test('at most twenty are taken', () => {
  expect(MAX_PATHS).toBe(20);
  expect(check(...Array.from({ length: 20 }, (_, index) => `/${index}/*`))).not.toThrow();
});

test('what is known only at deployment passes', () => {
  const stack = newStack();
  const parameter = new CfnParameter(stack, 'Path').valueAsString;
  expect(check(parameter)).not.toThrow();
  expect(() => requirePathPatterns(stack, 'immutablePaths', Fn.split(',', parameter))).not.toThrow();
});

test.each([
  [['assets/*'], `'assets/*'. Write it as '/assets/*'`],
  [[''], `'', allowed must be ${CHARACTERS}, got ${CHARACTERS}; write it as '/assets/*'`],
  [['/a b'], `'/a b'. Write it as '/assets/*'`],
  [['/*'], "'/*', allowed must be a path that does not take in '/', by which visitors enter, got a path that does not take in '/', by which visitors enter; name the folder, as in '/assets/*'"],
  [['/'], "'/'. Name the folder, as in '/assets/*'"],
  [['/index.htm?'], "'/index.htm?', allowed must be a path that does not take in '/index.html', by which visitors enter, got a path that does not take in '/index.html', by which visitors enter; name the folder, as in '/assets/*'"],
  [['/*.html'], "'/*.html'. Name the folder, as in '/assets/*'"],
  [['/assets/'], "'/assets/', allowed must be each path once, got a path that takes in something; write '/assets/*' for everything below it"],
  [['/a/*', '/b/*', '/a/*'], "a list that has '/a/*' twice. Remove one of the two"],
  [Array.from({ length: 21 }, (_, index) => `/${index}`), 'a list of 21 paths, allowed is at most 20 paths; gather several with a *'],
])('%p is refused', (patterns, message) => {
  expect(check(...patterns)).toThrow(new Error(`Stack: immutablePaths is ${message}.`));
});
