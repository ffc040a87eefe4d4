import { ReferenceStrength, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct, IDependable } from 'constructs';
import { StaticSiteCdnProps } from './static-site-cdn-props';
import { requireHostName, requireInZone, requirePublicZone } from '../blocks/host-name';
import { refuse, Situation } from '../core/refusal';
import { requireUsEast1, US_EAST_1 } from '../blocks/us-east-1';

/** How many names one certificate of ACM may hold without asking AWS for more: https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html */
const MAX_NAMES = 10;
/** Where the region stands between the colons of an ARN. */
const REGION_OF_ARN = 3;

/** Refuses names, certificate and zone that do not go together. */
export function validateDomain(site: Construct, { domainNames, certificate, hostedZone }: StaticSiteCdnProps): void {
  if (!domainNames || domainNames.length === 0) {
    const beside = Object.entries({ domainNames, certificate, hostedZone }).find(([, value]) => value !== undefined);
    if (!beside) return;
    refuse(site, {
      prop: 'domainNames',
      given: domainNames,
      allowed: 'the host names of the site, where a list, a certificate or a zone is passed for them',
      change: `pass the names, or leave ${beside[0]} out`,
    });
  }
  requireNames(site, domainNames);
  for (const name of hostedZone ? domainNames : []) requireInZone(site, 'domainNames', name, hostedZone!);
  if (certificate) return requireCertificateOfUsEast1(site, certificate);
  if (!hostedZone) {
    refuse(site, {
      prop: 'certificate',
      given: undefined,
      allowed: 'a certificate for domainNames, or hostedZone to request one',
      change: 'pass one of the two',
    });
  }
  requirePublicZone(site, hostedZone);
  requireUsEast1(site, {
    prop: 'certificate',
    given: new Situation(`to be requested in a stack of ${Stack.of(site).region}`),
    allowed: `a certificate of ${US_EAST_1}, where CloudFront looks for them`,
    change: `make it in a stack with env: { region: '${US_EAST_1}' } and pass it, or move the site there`,
  });
}

function requireNames(site: Construct, domainNames: string[]): void {
  if (Token.isUnresolved(domainNames)) {
    refuse(site, {
      prop: 'domainNames',
      given: domainNames,
      allowed: 'a list whose length is known, since each name gets records of its own',
      change: 'write the list out; each name in it may be known only at deployment',
    });
  }
  if (domainNames.length > MAX_NAMES) {
    refuse(site, { prop: 'domainNames', given: new Situation(`a list of ${domainNames.length} names`), allowed: `at most ${MAX_NAMES} names`, change: 'make another site for the others' });
  }
  for (const name of domainNames) requireHostName(site, 'domainNames', name, 'www.example.com', 'correct the name');
  const lower = domainNames.map((name) => name.toLowerCase());
  const twice = domainNames.find((_, index) => lower.indexOf(lower[index]) !== index);
  if (twice !== undefined) refuse(site, { prop: 'domainNames', given: new Situation(`a list that has '${twice}' twice`), allowed: 'each name once', change: 'remove one of the two' });
}

function requireCertificateOfUsEast1(site: Construct, certificate: acm.ICertificate): void {
  const region = regionOf(certificate);
  if (region === undefined || region === US_EAST_1) return;
  refuse(site, {
    prop: 'certificate',
    given: new Situation(`a certificate of ${region}`),
    allowed: `a certificate of ${US_EAST_1}, where CloudFront looks for them`,
    change: `request or import it in ${US_EAST_1}`,
  });
}

/** Undefined if it is known only at deployment. An imported certificate says so in its ARN alone: its environment is that of whoever imported it. */
function regionOf(certificate: acm.ICertificate): string | undefined {
  const arn = certificate.certificateArn;
  const region = isMade(certificate) ? certificate.env.region : arn.split(':')[REGION_OF_ARN];
  return region === undefined || Token.isUnresolved(region) ? undefined : region;
}

/** Whether the app makes the certificate, and does not import it. */
function isMade(certificate: acm.ICertificate): boolean {
  return certificate.node.defaultChild !== undefined;
}

/**
 * The certificate: the one that was given, or one that is requested. One that a stack of us-east-1 makes is read, by a site of another region, from an
 * output of that stack at each deployment.
 */
export function siteCertificate(site: Construct, { domainNames, certificate, hostedZone }: StaticSiteCdnProps): acm.ICertificate | undefined {
  if (!domainNames) return undefined;
  if (!certificate) {
    const [domainName, ...subjectAlternativeNames] = domainNames;
    return new acm.Certificate(site, 'Certificate', { domainName, subjectAlternativeNames, validation: acm.CertificateValidation.fromDns(hostedZone) });
  }
  const { region } = Stack.of(site);
  const home = isMade(certificate) ? regionOf(certificate) : undefined;
  if (home === undefined || Token.isUnresolved(region) || home === region) return certificate;
  return acm.Certificate.fromCertificateArn(site, 'EdgeCertificate', Stack.consumeReference(certificate.certificateArn, ReferenceStrength.WEAK));
}

/**
 * The records of each name, whose ids follow the name: in another order, a record would be made again before it was removed.
 * The dot says that the name is whole: without it a name that is a token would get the zone's name appended.
 * They are made once the pages are there, and on deletion go first: nobody is led to a site that is not there.
 */
export function defineRecords(
  site: Construct, domainNames: string[], zone: route53.IHostedZone, distribution: cloudfront.Distribution, pages: IDependable,
): void {
  const target = route53.RecordTarget.fromAlias(new targets.CloudFrontTarget(distribution));
  domainNames.forEach((name, index) => {
    const suffix = Token.isUnresolved(name) ? index : name.toLowerCase();
    const record = { zone, recordName: `${name}.`, target };
    new route53.ARecord(site, `AliasIpv4-${suffix}`, record).node.addDependency(pages);
    new route53.AaaaRecord(site, `AliasIpv6-${suffix}`, record).node.addDependency(pages);
  });
}
