import { isIPv4 } from 'net';
import { CfnParameter, Reference, Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

const PROP = 'allowedAddress';
const ALLOWED = 'an IPv4 range with a prefix length from 24 to 32';
const CHANGE = "write a single address as '203.0.113.7/32'";
/** A prefix length from 24 to 32 at the end. */
const NARROW = /\/(2[4-9]|3[0-2])$/;
/** The same as a pattern of a parameter: four numbers from 0 to 255 without leading zeros, and the prefix length. */
const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const RANGE = `(${OCTET}\\.){3}${OCTET}/(2[4-9]|3[0-2])`;
const PATTERN = `^${RANGE}$`;
/** Values that a pattern of the app must not accept: an IPv6 range, and IPv4 ranges of each wider prefix length. */
const WIDE = [
  '::/0',
  ...['0.0.0.0', '10.0.0.0', '128.0.0.0', '192.168.0.0', '203.0.112.0', '203.0.113.7', '198.51.100.255']
    .flatMap((address) => Array.from({ length: 24 }, (_, prefix) => `${address}/${prefix}`)),
];

/**
 * Refuses a range that is not IPv4 or is wider than 256 addresses.
 *
 * A parameter of the app gets an allowed pattern, so that CloudFormation refuses such a range. Another token must end
 * with the prefix length: `${address}/32`.
 */
export function requireAllowedAddress(scope: IConstruct, given: string): void {
  if (!Token.isUnresolved(given)) return requireNarrow(scope, PROP, given);
  const parameter = parameterOf(given);
  if (parameter) return constrain(scope, parameter);
  if (NARROW.test(literalEnd(given))) return;
  refuse(scope, {
    prop: PROP,
    given,
    allowed: `${ALLOWED}, a CfnParameter of type String, or a token that is followed by such a prefix length`,
    change: 'append the prefix length: `${address}/32`',
  });
}

function requireNarrow(scope: IConstruct, prop: string, given: string): void {
  const [address, ...rest] = given.split('/');
  if (isIPv4(address) && rest.length === 1 && NARROW.test(given)) return;
  refuse(scope, { prop, given, allowed: ALLOWED, change: CHANGE });
}

/** The text after the last token, with the text before the tokens. */
function literalEnd(given: string): string {
  const join = (left: unknown, right: unknown) => `${String(left)}${String(right)}`;
  return Tokenization.reverseString(given).mapTokens({ mapToken: () => '' }).join({ join });
}

/** The parameter of type String whose value is the whole text. */
function parameterOf(given: string): CfnParameter | undefined {
  const parts = Tokenization.reverseString(given);
  const reference = parts.length === 1 ? parts.firstToken : undefined;
  const target = Reference.isReference(reference) ? reference.target : undefined;
  return target instanceof CfnParameter && target.type === 'String' ? target : undefined;
}

/**
 * Sets the allowed pattern of a parameter. Refuses values of the app that are wider, and a pattern of the app that
 * accepts one. Another pattern of the app also gets the limit, because samples cannot prove that it is narrow.
 */
function constrain(scope: IConstruct, parameter: CfnParameter): void {
  const { node: { path }, allowedPattern, allowedValues = [] } = parameter;
  if (parameter.default !== undefined && !Token.isUnresolved(parameter.default)) {
    requireNarrow(scope, `the default of the parameter ${path}`, String(parameter.default));
  }
  for (const value of allowedValues) requireNarrow(scope, `each of allowedValues of the parameter ${path}`, value);
  if (allowedPattern === undefined) {
    parameter.allowedPattern = PATTERN;
  } else {
    requireNarrowPattern(scope, path, allowedPattern);
    parameter.allowedPattern = `^(?=${RANGE}$)(?:${allowedPattern})$`;
  }
  parameter.constraintDescription ??= `must be ${ALLOWED}, such as 203.0.113.7/32`;
}

function requireNarrowPattern(scope: IConstruct, path: string, pattern: string): void {
  const expression = expressionOf(pattern);
  const wide = expression ? WIDE.find((range) => expression.test(range)) : undefined;
  if (expression && wide === undefined) return;
  refuse(scope, {
    prop: `allowedPattern of the parameter ${path}`,
    given: new Situation(wide === undefined ? 'a pattern that is no regular expression of JavaScript'
      : `a pattern that accepts ${wide}`),
    allowed: 'a pattern that accepts no IPv4 range wider than a /24',
    change: 'remove allowedPattern: the bastion sets one',
  });
}

/** CloudFormation matches the whole value. */
function expressionOf(pattern: string): RegExp | undefined {
  try {
    return Token.isUnresolved(pattern) ? undefined : new RegExp(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}
