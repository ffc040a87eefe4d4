import { Token } from 'aws-cdk-lib';

/** The conditions of a rule. */
export interface RuleMatch {
  /** The path pattern. Undefined matches every path. */
  readonly path?: string;
  /** The host name or pattern. Undefined matches every host. */
  readonly host?: string;
}

/** Whether two rules have the same conditions. A token has no known conditions. */
export function matchesSame(one: RuleMatch, other: RuleMatch): boolean {
  return isKnown(one) && isKnown(other) && hostOf(one) === hostOf(other) && pathOf(one) === pathOf(other);
}

/** Whether a rule matches every request that another rule matches. False if a condition is a token. */
export function coversMatch(general: RuleMatch, specific: RuleMatch): boolean {
  return isKnown(general) && isKnown(specific)
    && coversPattern(hostOf(general), hostOf(specific)) && coversPattern(pathOf(general), pathOf(specific));
}

/** Formats the conditions of a rule for a message. */
export function showMatch({ host, path }: RuleMatch): string {
  if (host === undefined) return `path '${path ?? '/*'}'`;
  return path === undefined ? `host '${host}'` : `host '${host}' and path '${path}'`;
}

/**
 * Whether a pattern matches every text that another pattern matches.
 *
 * The wildcards of the other pattern are read as characters: only `*` matches a `*`, and only `*` and `?` match a `?`.
 */
function coversPattern(general: string, specific: string): boolean {
  const source = [...general]
    .map((character) => character === '*' ? '.*' : character === '?' ? '[^*]' : escaped(character)).join('');
  return new RegExp(`^${source}$`, 's').test(specific);
}

/** A literal character that is neither a `?` nor a `*` in the other pattern. */
function escaped(character: string): string {
  return character.replace(/[.+^${}()|[\]\\/]/, '\\$&');
}

function isKnown({ host, path }: RuleMatch): boolean {
  return !Token.isUnresolved(host) && !Token.isUnresolved(path);
}

/** Load balancers compare host names without case. */
function hostOf({ host }: RuleMatch): string {
  return (host ?? '*').toLowerCase();
}

function pathOf({ path }: RuleMatch): string {
  return path ?? '/*';
}
