import { CfnParameter, Fn } from 'aws-cdk-lib';
import { MAX_PATHS, requirePathPatterns } from '../../src/site/path-patterns';
import { newStack } from '../support/app';

const check = (...patterns: string[]) => () => requirePathPatterns(newStack(), 'immutablePaths', patterns);

const characters = (given: string) =>
  'must be a path that starts with / and has at most 255 letters, digits, and characters of _-.$/~"\'@:+&?*, got '
    + `'${given}'. Write it as '/assets/*'`;
const page = (path: string, given: string) =>
  `must be a path that does not match '${path}', the start page of the site, got '${given}'. Include the directory, `
    + 'for example \'/assets/*\'';

test.each([['/assets/*'], ['/*.woff2'], ['/static/*.css'], ['/img-?/*'], ['/v1+2/$a'], ['/assets']])(
  '%s is accepted',
  (pattern) => {
    expect(check(pattern)).not.toThrow();
  },
);

test('at most twenty paths are accepted', () => {
  expect(MAX_PATHS).toBe(20);
  expect(check(...Array.from({ length: 20 }, (_, index) => `/${index}/*`))).not.toThrow();
});

test('tokens are accepted', () => {
  const stack = newStack();
  const parameter = new CfnParameter(stack, 'Path').valueAsString;
  expect(check(parameter)).not.toThrow();
  expect(() => requirePathPatterns(stack, 'immutablePaths', Fn.split(',', parameter))).not.toThrow();
});

test.each([
  [['assets/*'], characters('assets/*')],
  [[''], characters('')],
  [['/a b'], characters('/a b')],
  [['/*'], page('/', '/*')],
  [['/'], page('/', '/')],
  [['/index.htm?'], page('/index.html', '/index.htm?')],
  [['/*.html'], page('/index.html', '/*.html')],
  [
    ['/assets/'],
    "must be a path pattern that matches a file or a request, got '/assets/'. Write '/assets/*' to match everything "
      + 'below it',
  ],
  [['/a/*', '/b/*', '/a/*'], "must be different paths, got '/a/*' twice. Remove one of the two"],
  [
    Array.from({ length: 21 }, (_, index) => `/${index}`),
    'must be a list of at most 20 paths, because two such lists must fit into the quota "Cache behaviors per '
      + 'distribution", got 21 paths. Combine several with a *',
  ],
])('%p is refused', (patterns, message) => {
  expect(check(...patterns)).toThrow(new Error(`[Stack] immutablePaths ${message}.`));
});
