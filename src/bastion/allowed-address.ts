import { isIPv4 } from 'net';
import { CfnParameter, Reference, Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

const PROP = 'allowedAddress';
const ALLOWED = 'an IPv4 range with a prefix length from 24 to 32';
const CHANGE = "write a single address as '203.0.113.7/32'";
/** A prefix length from 24 to 32 at the end. */
const NARROW = /\/(2[4-9]|3[0-2])$/;
/** The same as a pattern of a parameter: four numbers from 0 to 255, and the prefix length. */
const OCTET = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const PATTERN = `^(${OCTET}\\.){3}${OCTET}/(2[4-9]|3[0-2])$`;
/** Ranges that a pattern of the app must not accept. */
const WIDE = ['0.0.0.0/0', '128.0.0.0/1', '203.0.0.0/16', '203.0.112.0/23'];

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

/** Sets the allowed pattern of a parameter. Refuses a pattern of the app that accepts wider ranges. */
function constrain(scope: IConstruct, parameter: CfnParameter): void {
  const { node: { path } } = parameter;
  if (parameter.default !== undefined && !Token.isUnresolved(parameter.default)) {
    requireNarrow(scope, `the default of the parameter ${path}`, String(parameter.default));
  }
  if (parameter.allowedPattern === undefined) {
    parameter.allowedPattern = PATTERN;
    parameter.constraintDescription ??= `must be ${ALLOWED}, such as 203.0.113.7/32`;
    return;
  }
  const wide = WIDE.find((range) => accepts(parameter.allowedPattern!, range));
  if (wide === undefined) return;
  refuse(scope, {
    prop: `allowedPattern of the parameter ${path}`,
    given: new Situation(`a pattern that accepts ${wide}`),
    allowed: 'a pattern that accepts no IPv4 range wider than a /24',
    change: 'remove allowedPattern: the bastion sets one',
  });
}

function accepts(pattern: string, value: string): boolean {
  try {
    // CloudFormation matches the whole value.
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return false;
  }
}
