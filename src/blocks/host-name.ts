import { Token } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/**
 * A host name: two or more labels of letters, digits and hyphens, without a trailing dot.
 *
 * The last label contains a letter, so that an IP address does not match.
 */
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=.*[a-z])[a-z0-9-]{2,63}$/i;

/** Refuses a value that is not a single host name. Tokens pass. */
export function requireHostName(scope: IConstruct, prop: string, given: string, example: string, change: string): void {
  if (Token.isUnresolved(given) || HOST_NAME.test(given)) return;
  refuse(scope, {
    prop,
    given,
    allowed: `a host name without a wildcard or trailing dot, such as '${example}'`,
    change,
  });
}

/** Refuses a host name that is not in a zone. Tokens pass. */
export function requireInZone(scope: IConstruct, prop: string, given: string, hostedZone: route53.IHostedZone): void {
  const zoneName = nameOf(scope, hostedZone);
  if (Token.isUnresolved(given) || Token.isUnresolved(zoneName)) return;
  const zone = zoneName.replace(/\.$/, '').toLowerCase();
  const name = given.toLowerCase();
  if (name === zone || name.endsWith(`.${zone}`)) return;
  refuse(scope, {
    prop,
    given,
    allowed: `a name in the hosted zone '${zone}'`,
    change: 'correct the name, or pass its hosted zone',
  });
}

/** Refuses a private hosted zone, in which ACM cannot validate a certificate. An imported zone is accepted. */
export function requirePublicZone(scope: IConstruct, hostedZone: route53.IHostedZone): void {
  if (!(hostedZone instanceof route53.PrivateHostedZone)) return;
  refuse(scope, {
    prop: 'hostedZone',
    given: hostedZone,
    allowed: 'a public hosted zone, in which ACM validates the certificate',
    change: 'pass a public hosted zone, or also pass a certificate',
  });
}

/** Returns the name of a hosted zone. A zone that is imported by its ID has no name. */
function nameOf(scope: IConstruct, hostedZone: route53.IHostedZone): string {
  try {
    return hostedZone.zoneName;
  } catch {
    return refuse(scope, {
      prop: 'hostedZone',
      given: new Situation('a hosted zone imported by its ID alone'),
      allowed: 'a hosted zone with a name',
      change: 'import it with HostedZone.fromHostedZoneAttributes or HostedZone.fromLookup',
    });
  }
}
