import { ReferenceStrength, Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct, IDependable } from 'constructs';
import { StaticSiteCdnProps } from './static-site-cdn-props';
import { requireUsEast1, US_EAST_1 } from '../blocks/us-east-1';
import { refuse, refuseUse, Situation } from '../core/refusal';
import { requireCovered } from '../endpoint/certificate-names';
import {
  aliasRecords,
  certificateRegion,
  isCreated,
  requestCertificate,
  validateEndpoint,
} from '../endpoint/endpoint-domain';
import { WebEndpoint } from '../endpoint/web-endpoint';

/**
 * The maximum number of domain names on an ACM certificate, by default quota.
 * https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
 */
const MAX_NAMES = 10;

/** Refuses an endpoint that CloudFront cannot serve. */
export function validateDomain(
  site: Construct, { endpoint, associateDomainNames = true }: StaticSiteCdnProps,
): void {
  if (!associateDomainNames) requireNoRecords(site, endpoint);
  if (endpoint === undefined) return;
  validateEndpoint(site, endpoint);
  const { _domainNames: domainNames, _certificate: certificate } = endpoint;
  if (endpoint._plainHttp) {
    const change = 'leave endpoint out: CloudFront then serves the site over HTTPS at the domain name that it assigns';
    const given = new Situation('WebEndpoint.plainHttp');
    refuse(site, { prop: 'endpoint', given, allowed: 'for HTTPS, the only protocol of a StaticSiteCdn', change });
  }
  if (domainNames.length === 0) {
    refuse(site, {
      prop: 'endpoint',
      given: new Situation('a certificate without a domain name'),
      allowed: 'for a domain name, because CloudFront uses a certificate only for domain names of the distribution',
      change: "pass the names: WebEndpoint.certificate(certificate, 'www.example.com')",
    });
  }
  if (domainNames.length > MAX_NAMES) {
    refuse(site, {
      prop: 'endpoint',
      given: new Situation(`${domainNames.length} domain names`),
      allowed: `for at most ${MAX_NAMES} domain names, the limit of an ACM certificate`,
      change: 'create another StaticSiteCdn for the other names',
    });
  }
  if (certificate) {
    requireCovered(site, domainNames, [certificate]);
    return requireCertificateOfUsEast1(site, certificate);
  }
  requireUsEast1(site, {
    prop: 'certificate',
    given: new Situation(`none, in a stack in ${Stack.of(site).region}`),
    allowed: `a certificate in ${US_EAST_1}, the only region whose certificates CloudFront uses`,
    change: `create it in a stack with env: { region: '${US_EAST_1}' } and pass it to WebEndpoint.domain, or move `
      + 'the site to that region',
  });
}

/** Refuses alias records for a distribution that does not serve the domain names. */
function requireNoRecords(site: Construct, endpoint: WebEndpoint | undefined): void {
  if (endpoint === undefined) {
    const problem = 'associateDomainNames: false requires an endpoint with domain names';
    return refuseUse(site, problem, 'pass the endpoint, or remove associateDomainNames');
  }
  if (!endpoint._recordZone) return;
  const problem = 'associateDomainNames is false, but the endpoint creates alias records to a distribution that does '
    + 'not serve the domain names';
  refuseUse(site, problem, 'set createAliasRecords: false in WebEndpoint.domain, or remove associateDomainNames');
}

function requireCertificateOfUsEast1(site: Construct, certificate: acm.ICertificate): void {
  const region = certificateRegion(certificate);
  if (region === undefined || region === US_EAST_1) return;
  refuse(site, {
    prop: 'certificate',
    given: new Situation(`a certificate in ${region}`),
    allowed: `a certificate in ${US_EAST_1}, the only region whose certificates CloudFront uses`,
    change: `request or import it in ${US_EAST_1}`,
  });
}

/**
 * The certificate: the existing one or one that the site requests.
 *
 * A site in another region reads the ARN of a certificate that the app creates in us-east-1 from an output of that
 * stack at each deployment.
 */
export function siteCertificate(site: Construct, endpoint: WebEndpoint | undefined): acm.ICertificate | undefined {
  if (!endpoint) return undefined;
  const certificate = endpoint._certificate;
  if (!certificate) return requestCertificate(site, endpoint);
  const { region } = Stack.of(site);
  const home = isCreated(certificate) ? certificateRegion(certificate) : undefined;
  if (home === undefined || Token.isUnresolved(region) || home === region) return certificate;
  return acm.Certificate.fromCertificateArn(
    site,
    'EdgeCertificate',
    Stack.consumeReference(certificate.certificateArn, ReferenceStrength.WEAK),
  );
}

/**
 * Creates the alias records of each domain name.
 *
 * Their construct ids contain the name, so that another order of the names replaces no record. They depend on the
 * pages: no record leads to a site without files, neither at creation nor at deletion.
 */
export function defineRecords(
  site: Construct,
  endpoint: WebEndpoint,
  distribution: cloudfront.Distribution,
  pages: IDependable,
): void {
  const zone = endpoint._recordZone;
  if (!zone) return;
  const target = new targets.CloudFrontTarget(distribution);
  endpoint._domainNames.forEach((domainName, index) => {
    const idSuffix = `-${Token.isUnresolved(domainName) ? index : domainName.toLowerCase()}`;
    for (const record of aliasRecords(site, { zone, domainName, target, idSuffix })) record.node.addDependency(pages);
  });
}
