import { Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { COUNTRY } from './countries';
import { refuse, refuseUse, requireDistinct, Situation } from '../core/refusal';

/** Conditions for a request. A request matches if it meets all of them. At least one is required. */
export interface RequestMatch {
  /**
   * The path starts with one of these prefixes, for example `/admin`. WAF decodes and normalizes the path first.
   * @default - any path
   */
  readonly pathPrefixes?: string[];
  /**
   * The path starts with none of these prefixes. WAF decodes and normalizes the path first.
   * @default - any path
   */
  readonly exceptPathPrefixes?: string[];
  /**
   * The request comes from one of these countries: ISO 3166 codes, for example `US`.
   * @default - any country
   */
  readonly countries?: string[];
  /**
   * The request comes from none of these countries: ISO 3166 codes, for example `US`.
   * @default - any country
   */
  readonly exceptCountries?: string[];
  /**
   * An earlier rule added this label.
   *
   * For example `awswaf:managed:aws:core-rule-set:SizeRestrictions_Body`.
   * @default - with or without labels
   */
  readonly label?: string;
}

type Statement = wafv2.CfnWebACL.StatementProperty;

/** The path is compared as the application reads it: `/%64ocuments/../admin` is `/admin`. */
const NORMALIZED: wafv2.CfnWebACL.TextTransformationProperty[] = [
  { priority: 0, type: 'URL_DECODE' },
  { priority: 1, type: 'NORMALIZE_PATH' },
];
const PREFIX = /^\/\S{0,199}$/;
const PREFIX_FORMAT = "a path prefix such as '/admin', with at most 200 characters and no spaces";
/** https://docs.aws.amazon.com/waf/latest/APIReference/API_LabelMatchStatement.html */
const LABEL = /^[0-9A-Za-z_\-:]{1,1024}$/;

/** The statement of a rule that matches all conditions. */
export function matchStatement(scope: Construct, rule: string, match: RequestMatch): Statement {
  const statements = [
    ...given(match.label, (label) => labelStatement(scope, label)),
    ...given(match.pathPrefixes, (prefixes) => pathStatement(scope, 'pathPrefixes', prefixes)),
    ...given(match.exceptPathPrefixes, (prefixes) => not(pathStatement(scope, 'exceptPathPrefixes', prefixes))),
    ...given(match.countries, (countries) => countryStatement(scope, 'countries', countries)),
    ...given(match.exceptCountries, (countries) => not(countryStatement(scope, 'exceptCountries', countries))),
  ];
  if (statements.length === 0) {
    const problem = `rule '${rule}' has no condition, so it would match every request`;
    refuseUse(scope, problem, 'add a condition, for example pathPrefixes');
  }
  return statements.length === 1 ? statements[0] : { andStatement: { statements } };
}

function given<Value>(value: Value | undefined, statement: (value: Value) => Statement): Statement[] {
  return value === undefined ? [] : [statement(value)];
}

function not(statement: Statement): Statement {
  return { notStatement: { statement } };
}

function labelStatement(scope: Construct, label: string): Statement {
  return { labelMatchStatement: { scope: 'LABEL', key: requireFormat(scope, 'label', label, LABEL, 'a WAF label') } };
}

function pathStatement(scope: Construct, prop: string, prefixes: string[]): Statement {
  requireEntries(scope, prop, prefixes);
  if (prefixes.some((prefix) => Token.isUnresolved([prefix]))) {
    refuse(scope, {
      prop,
      given: new Situation('a list token'),
      allowed: 'a list of single prefixes, because each prefix becomes a statement of its own',
      change: 'write the list out; each prefix in it can be a token',
    });
  }
  const statements = prefixes.map((prefix) => ({
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString: requireFormat(scope, prop, prefix, PREFIX, PREFIX_FORMAT),
      textTransformations: NORMALIZED,
    },
  }));
  return statements.length === 1 ? statements[0] : { orStatement: { statements } };
}

function countryStatement(scope: Construct, prop: string, countries: string[]): Statement {
  requireEntries(scope, prop, countries);
  const allowed = "an ISO 3166 code such as 'US' or 'GB'";
  const countryCodes = countries.map((country) => requireFormat(scope, prop, country, COUNTRY, allowed));
  return { geoMatchStatement: { countryCodes } };
}

function requireEntries(scope: Construct, prop: string, entries: string[]): void {
  // Without types, something other than a list may be passed.
  if (Token.isUnresolved(entries)) return;
  if (!Array.isArray(entries) || entries.length === 0) {
    const change = `add an entry, or leave ${prop} out`;
    refuse(scope, { prop, given: entries, allowed: 'a list with at least one entry', change });
  }
  requireDistinct(scope, prop, entries);
}

/** Returns the value if it has the format. Tokens pass. */
function requireFormat(scope: Construct, prop: string, value: string, format: RegExp, allowed: string): string {
  if (Token.isUnresolved(value) || Token.isUnresolved([value])) return value;
  // Without types, null may be passed.
  if (typeof value === 'string' && format.test(value)) return value;
  return refuse(scope, { prop, given: value, allowed, change: 'correct the value' });
}
