import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { refuse, Situation } from '../private/refusal';

/** One host name: labels of letters, digits and hyphens, at least two, without a dot at the end. */
const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i;

/** A domain name and the zone that answers for it. */
export interface Domain {
  readonly domainName: string;
  readonly hostedZone: route53.IHostedZone;
}

/** Refuses a domain name that its zone cannot answer for. Tokens pass. */
export function requireDomain(scope: Construct, { domainName, hostedZone }: Domain, certificate: acm.ICertificate | undefined): void {
  const zoneName = nameOf(scope, hostedZone);
  if (!certificate && hostedZone instanceof route53.PrivateHostedZone) {
    refuse(scope, {
      prop: 'hostedZone',
      given: hostedZone,
      allowed: 'a public hosted zone, since AWS looks there before it issues a certificate',
      change: 'pass a public zone, or the certificate beside the private one',
    });
  }
  if (Token.isUnresolved(domainName)) return;
  if (!HOST_NAME.test(domainName)) {
    refuse(scope, {
      prop: 'domainName',
      given: domainName,
      allowed: "one host name without wildcard and without a dot at its end, as 'api.example.com'",
      change: 'correct the name; other names may stand in additionalCertificates',
    });
  }
  if (Token.isUnresolved(zoneName)) return;
  const zone = zoneName.replace(/\.$/, '').toLowerCase();
  const name = domainName.toLowerCase();
  if (name === zone || name.endsWith(`.${zone}`)) return;
  refuse(scope, { prop: 'domainName', given: domainName, allowed: `a name in the zone '${zone}'`, change: 'correct the name, or pass the zone that it is in' });
}

/** The zone's name, which a zone that is known by its id alone does not tell. */
function nameOf(scope: Construct, hostedZone: route53.IHostedZone): string {
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

/** Refuses a certificate of another region than the load balancer's. Unknown regions pass. */
export function requireSameRegion(scope: Construct, prop: string, certificate: acm.ICertificate): void {
  const arn = certificate.certificateArn;
  const from = Token.isUnresolved(arn) ? certificate.env.region : Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME).region!;
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(from) || Token.isUnresolved(region) || from === region) return;
  refuse(scope, {
    prop,
    given: new Situation(`a certificate of ${from}`),
    allowed: `a certificate of ${region}, the region of the load balancer`,
    change: `request or import it in ${region}`,
  });
}
