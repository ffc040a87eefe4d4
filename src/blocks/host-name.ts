import { Token } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** One host name: labels of letters, digits and hyphens, at least two, the last not of digits alone as in an address, without a dot at the end. */
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=.*[a-z])[a-z0-9-]{2,63}$/i;

/** Refuses what is not one host name. Tokens pass. */
export function requireHostName(scope: IConstruct, prop: string, given: string, example: string, change: string): void {
  if (Token.isUnresolved(given) || HOST_NAME.test(given)) return;
  refuse(scope, { prop, given, allowed: `one host name without wildcard and without a dot at its end, as '${example}'`, change });
}

/** Refuses a host name that is not in a zone. Tokens pass. */
export function requireInZone(scope: IConstruct, prop: string, given: string, hostedZone: route53.IHostedZone): void {
  const zoneName = nameOf(scope, hostedZone);
  if (Token.isUnresolved(given) || Token.isUnresolved(zoneName)) return;
  const zone = zoneName.replace(/\.$/, '').toLowerCase();
  const name = given.toLowerCase();
  if (name === zone || name.endsWith(`.${zone}`)) return;
  refuse(scope, { prop, given, allowed: `a name in the zone '${zone}'`, change: 'correct the name, or pass the zone that it is in' });
}

/** Refuses a private zone where a certificate is to be validated in it. An imported zone does not tell that it is private. */
export function requirePublicZone(scope: IConstruct, hostedZone: route53.IHostedZone): void {
  if (!(hostedZone instanceof route53.PrivateHostedZone)) return;
  refuse(scope, {
    prop: 'hostedZone',
    given: hostedZone,
    allowed: 'a public hosted zone, since AWS looks there before it issues a certificate',
    change: 'pass a public zone, or the certificate beside the private one',
  });
}

/** The zone's name, which a zone that is known by its id alone does not tell. */
function nameOf(scope: IConstruct, hostedZone: route53.IHostedZone): string {
  try {
    return hostedZone.zoneName;
  } catch {
    return refuse(scope, {
      prop: 'hostedZone',
      given: new Situation('imported without its name'),
      allowed: 'a zone that knows its name',
      change: 'import it with HostedZone.fromHostedZoneAttributes or HostedZone.fromLookup',
    });
  }
}
