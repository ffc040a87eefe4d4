import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** How many paths of one kind a site may have. A distribution has 75 behaviours at most: two kinds and the default stay far below. */
export const MAX_PATHS = 20;
/** What a path pattern may be made of, and its greatest length: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html */
const PATTERN = /^\/[\w\-.*$/~"'@:+?&]{0,254}$/;
/** What every visitor comes in by. Whatever takes these paths away from the pages takes the site away. */
const PAGES = ['/', '/index.html'];

/** Refuses path patterns that CloudFront refuses, and those that cannot mean what they say. Tokens pass. */
export function requirePathPatterns(scope: IConstruct, prop: string, patterns: string[]): void {
  if (Token.isUnresolved(patterns)) return;
  if (patterns.length > MAX_PATHS) {
    refuse(scope, { prop, given: new Situation(`a list of ${patterns.length} paths`), allowed: `at most ${MAX_PATHS} paths`, change: 'gather several with a *' });
  }
  patterns.filter((pattern) => !Token.isUnresolved(pattern)).forEach((pattern) => requirePathPattern(scope, prop, pattern));
  const twice = patterns.find((pattern, index) => patterns.indexOf(pattern) !== index);
  if (twice !== undefined) refuse(scope, { prop, given: new Situation(`a list that has '${twice}' twice`), allowed: 'each path once', change: 'remove one of the two' });
}

function requirePathPattern(scope: IConstruct, prop: string, pattern: string): void {
  if (!PATTERN.test(pattern)) {
    refuse(scope, {
      prop,
      given: pattern,
      allowed: 'a path that begins with / and is made of letters, digits, _-.$/~"\'@:+&, ? for one character and * for any, at most 255 of them',
      change: 'write it as \'/assets/*\'',
    });
  }
  const page = PAGES.find((path) => matches(pattern, path));
  if (page !== undefined) {
    refuse(scope, { prop, given: pattern, allowed: `a path that does not take in '${page}', by which visitors enter`, change: 'name the folder, as in \'/assets/*\'' });
  }
  if (pattern.endsWith('/')) {
    refuse(scope, { prop, given: pattern, allowed: 'a path that takes in something', change: `write '${pattern}*' for everything below it` });
  }
}

function matches(pattern: string, path: string): boolean {
  const expression = pattern.replace(/[.$+]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${expression}$`).test(path);
}
