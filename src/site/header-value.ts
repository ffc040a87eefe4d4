import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/**
 * The default quota of CloudFront, in characters. An account can request a higher one.
 * https://docs.aws.amazon.com/general/latest/gr/cf_region.html
 */
const MAX_POLICY_LENGTH = 1_783;
const NOT_PRINTABLE = /[^ -~]/u;

/** Refuses a Content-Security-Policy header that CloudFront does not accept. The parts of a token are unknown. */
export function requirePolicyHeader(site: IConstruct, value: string): void {
  const prop = 'contentSecurityPolicy';
  const other = NOT_PRINTABLE.exec(value)?.[0];
  if (other !== undefined) {
    refuse(site, {
      prop,
      given: new Situation(`one with U+${other.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`),
      allowed: 'a header value of printable ASCII characters',
      change: 'write the host of a source in Punycode and its path with percent signs, and remove other characters',
    });
  }
  if (Token.isUnresolved(value) || value.length <= MAX_POLICY_LENGTH) return;
  refuse(site, {
    prop,
    given: new Situation(`${value.length} characters`),
    allowed: `a header value of at most ${MAX_POLICY_LENGTH} characters (the CloudFront quota "Length of the content `
      + 'security policy value in a response headers policy")',
    change: 'list fewer sources, for example one wildcard instead of several hosts of a domain',
  });
}
