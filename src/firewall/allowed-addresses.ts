import { isIP } from 'net';
import { Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { ruleMetric } from './firewall-rule';
import { refuse, requireDistinct } from '../core/refusal';

/** The rule that blocks requests from other addresses than the allowed ones. */
export function onlyFromAddresses(
  scope: Construct, cidrs: string[], priority: number, wafScope: string,
): wafv2.CfnWebACL.RuleProperty {
  if (cidrs.length === 0) {
    refuse(scope, {
      prop: 'allowedCidrs',
      given: cidrs,
      allowed: 'a list with at least one address range',
      change: 'add the ranges, or leave allowedCidrs out to allow all addresses',
    });
  }
  requireDistinct(scope, 'allowedCidrs', cidrs);
  const families = [
    { id: 'AllowedIpv4', version: 'IPV4', addresses: cidrs.filter((cidr) => familyOf(scope, cidr) === 4) },
    { id: 'AllowedIpv6', version: 'IPV6', addresses: cidrs.filter((cidr) => familyOf(scope, cidr) === 6) },
  ];
  const from = families.filter(({ addresses }) => addresses.length > 0).map(({ id, version, addresses }) => {
    const description = 'Allowed addresses';
    const set = new wafv2.CfnIPSet(scope, id, { scope: wafScope, ipAddressVersion: version, addresses, description });
    return { ipSetReferenceStatement: { arn: set.attrArn } };
  });
  return {
    name: 'AllowedAddresses',
    priority,
    action: { block: {} },
    statement: { notStatement: { statement: from.length === 1 ? from[0] : { orStatement: { statements: from } } } },
    visibilityConfig: ruleMetric('AllowedAddresses'),
  };
}

/** The IP version of a range: 4 or 6. A token counts as IPv4. */
function familyOf(scope: Construct, cidr: string): number {
  // An element of a list token is recognized only inside a list.
  if (Token.isUnresolved(cidr) || Token.isUnresolved([cidr])) return 4;
  const [address, bits, ...rest] = cidr.split('/');
  // Node.js accepts an IPv6 address with a zone, such as fe80::1%eth0, and WAF does not.
  const family = address.includes('%') ? 0 : isIP(address);
  const prefix = /^\d{1,3}$/.test(bits ?? '') ? Number(bits) : 0;
  if (family !== 0 && rest.length === 0 && prefix >= 1 && prefix <= (family === 4 ? 32 : 128)) return family;
  return refuse(scope, {
    prop: 'allowedCidrs',
    given: cidr,
    allowed: 'an IPv4 range with a prefix length from 1 to 32, or an IPv6 range with one from 1 to 128',
    change: "write a single address as '203.0.113.7/32', or leave allowedCidrs out to allow all addresses",
  });
}
