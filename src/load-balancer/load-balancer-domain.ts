import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { requireHostName, requireInZone, requirePublicZone } from '../blocks/host-name';
import { refuse, Situation } from '../core/refusal';

/** A domain name and the zone that answers for it. */
export interface Domain {
  readonly domainName: string;
  readonly hostedZone: route53.IHostedZone;
}

/** Refuses a domain name that its zone cannot answer for. Tokens pass. */
export function requireDomain(scope: Construct, { domainName, hostedZone }: Domain, certificate: acm.ICertificate | undefined): void {
  if (!certificate) requirePublicZone(scope, hostedZone);
  requireHostName(scope, 'domainName', domainName, 'api.example.com', 'correct the name; other names may stand in additionalCertificates');
  requireInZone(scope, 'domainName', domainName, hostedZone);
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
