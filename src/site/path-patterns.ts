import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/**
 * The maximum number of paths of a kind. A distribution has at most 75 behaviors: two kinds and the default stay below.
 */
export const MAX_PATHS = 20;
/**
 * The characters and the maximum length of a path pattern.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 */
const PATTERN = /^\/[\w\-.*$/~"'@:+?&]{0,254}$/;
/** The paths that every visitor opens first. A pattern that matches one of them would replace the pages of the site. */
const PAGES = ['/', '/index.html'];

/** Refuses path patterns that CloudFront does not accept, and patterns that cannot be intended. Tokens pass. */
export function requirePathPatterns(scope: IConstruct, prop: string, patterns: string[]): void {
  if (Token.isUnresolved(patterns)) return;
  if (patterns.length > MAX_PATHS) {
    const given = new Situation(`${patterns.length} paths`);
    const allowed = `a list of at most ${MAX_PATHS} paths, because two such lists must fit into the quota "Cache `
      + 'behaviors per distribution"';
    refuse(scope, { prop, given, allowed, change: 'combine several with a *' });
  }
  patterns
    .filter((pattern) => !Token.isUnresolved(pattern))
    .forEach((pattern) => requirePathPattern(scope, prop, pattern));
  const twice = patterns.find((pattern, index) => patterns.indexOf(pattern) !== index);
  if (twice !== undefined) {
    const given = new Situation(`'${twice}' twice`);
    refuse(scope, { prop, given, allowed: 'different paths', change: 'remove one of the two' });
  }
}

function requirePathPattern(scope: IConstruct, prop: string, pattern: string): void {
  if (!PATTERN.test(pattern)) {
    refuse(scope, {
      prop,
      given: pattern,
      allowed: 'a path that starts with / and has at most 255 letters, digits, and characters of _-.$/~"\'@:+&?*',
      change: "write it as '/assets/*'",
    });
  }
  const page = PAGES.find((path) => matches(pattern, path));
  if (page !== undefined) {
    const allowed = `a path that does not match '${page}', the start page of the site`;
    refuse(scope, { prop, given: pattern, allowed, change: "include the directory, for example '/assets/*'" });
  }
  if (pattern.endsWith('/')) {
    const allowed = 'a path pattern that matches a file or a request';
    refuse(scope, { prop, given: pattern, allowed, change: `write '${pattern}*' to match everything below it` });
  }
}

function matches(pattern: string, path: string): boolean {
  const expression = pattern.replace(/[.$+]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${expression}$`).test(path);
}
