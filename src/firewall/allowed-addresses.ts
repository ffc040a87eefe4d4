import { isIP } from 'net';
import { Token } from 'aws-cdk-lib';
import * as wafv2 from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { ruleMetric } from './firewall-rule';
import { refuse } from '../core/refusal';

/** The rule that turns away everybody who does not come from one of the addresses. */
export function onlyFromAddresses(scope: Construct, cidrs: string[], priority: number, wafScope: string): wafv2.CfnWebACL.RuleProperty {
  if (cidrs.length === 0) {
    refuse(scope, {
      prop: 'allowedCidrs',
      given: cidrs,
      allowed: 'at least one address range',
      change: 'name the ranges, or leave the prop out to let everybody in',
    });
  }
  const families = [
    { id: 'AllowedIpv4', version: 'IPV4', addresses: cidrs.filter((cidr) => familyOf(scope, cidr) === 4) },
    { id: 'AllowedIpv6', version: 'IPV6', addresses: cidrs.filter((cidr) => familyOf(scope, cidr) === 6) },
  ];
  const from = families.filter(({ addresses }) => addresses.length > 0).map(({ id, version, addresses }) => ({
    ipSetReferenceStatement: {
      arn: new wafv2.CfnIPSet(scope, id, { scope: wafScope, ipAddressVersion: version, addresses, description: 'Who may enter' }).attrArn,
    },
  }));
  return {
    name: 'AllowedAddresses',
    priority,
    action: { block: {} },
    statement: { notStatement: { statement: from.length === 1 ? from[0] : { orStatement: { statements: from } } } },
    visibilityConfig: ruleMetric('AllowedAddresses'),
  };
}

/** 4 or 6. What is known only at deployment is taken for IPv4. */
function familyOf(scope: Construct, cidr: string): number {
  // The element of a list that is a token is told by the list alone.
  if (Token.isUnresolved(cidr) || Token.isUnresolved([cidr])) return 4;
  const [address, bits, ...rest] = cidr.split('/');
  const family = isIP(address);
  const prefix = /^\d{1,3}$/.test(bits ?? '') ? Number(bits) : 0;
  if (family !== 0 && rest.length === 0 && prefix >= 1 && prefix <= (family === 4 ? 32 : 128)) return family;
  return refuse(scope, {
    prop: 'allowedCidrs',
    given: cidr,
    allowed: 'an IPv4 or IPv6 range with its prefix, from /1 to /32 or /128',
    change: "write one address as '203.0.113.7/32', and everybody by leaving the prop out",
  });
}
