import { Resource, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { claimAliasName } from './alias-names';
import { WebEndpoint } from './web-endpoint';
import { requireHostName, requireInZone, requirePublicZone } from '../blocks/host-name';
import { refuse, Situation } from '../core/refusal';

/** The position of the region between the colons of an ARN. */
const REGION_OF_ARN = 3;

/** The ARN of a certificate. A certificate that was uploaded to IAM has no region. */
const CERTIFICATE_ARN = /^arn:[^:]+:(?:acm:[^:]+:\d+:certificate|iam::\d+:server-certificate)\/\S+$/;

/** Refuses domain names, a hosted zone and a certificate that do not fit together. Tokens pass. */
export function validateEndpoint(scope: Construct, endpoint: WebEndpoint): void {
  requireNames(scope, endpoint._domainNames);
  if (endpoint._choice === 'domain') validateZone(scope, endpoint);
  if (endpoint._choice === 'certificate' && !endpoint._certificate) {
    const change = 'pass the certificate, or use WebEndpoint.domain to request one';
    refuse(scope, { prop: 'certificate', given: endpoint._certificate, allowed: 'an ACM certificate', change });
  }
  if (endpoint._certificate) requireCertificateArn(scope, endpoint._certificate);
}

/** Refuses text that is not the ARN of a certificate in ACM or IAM. Tokens pass. */
function requireCertificateArn(scope: Construct, { certificateArn }: acm.ICertificate): void {
  if (Token.isUnresolved(certificateArn) || CERTIFICATE_ARN.test(certificateArn)) return;
  refuse(scope, {
    prop: 'certificate',
    given: certificateArn,
    allowed: 'the ARN of a certificate',
    change: 'copy the ARN from the ACM console',
  });
}

function validateZone(scope: Construct, endpoint: WebEndpoint): void {
  const hostedZone = endpoint._hostedZone;
  if (!hostedZone) {
    return refuse(scope, {
      prop: 'hostedZone',
      given: hostedZone,
      allowed: 'the hosted zone that contains domainName',
      change: 'pass the zone, or use WebEndpoint.certificate and create the DNS records yourself',
    });
  }
  if (!endpoint._certificate) requirePublicZone(scope, hostedZone);
  for (const name of endpoint._domainNames) requireInZone(scope, 'domainName', name, hostedZone);
}

function requireNames(scope: Construct, names: string[]): void {
  // An element of a list token is recognized only inside a list.
  if (names.some((name) => Token.isUnresolved([name]))) {
    refuse(scope, {
      prop: 'endpoint',
      given: new Situation('a list token'),
      allowed: 'for a list of single domain names, because each name gets DNS records of its own',
      change: 'write the list out; each name in it can be a token',
    });
  }
  for (const name of names) requireHostName(scope, 'domainName', name, 'www.example.com', 'correct the name');
  const lower = names.map((name) => name.toLowerCase());
  const twice = names.find((_, index) => lower.indexOf(lower[index]) !== index);
  if (twice !== undefined) {
    const given = new Situation(`'${twice}' twice`);
    refuse(scope, { prop: 'endpoint', given, allowed: 'for different domain names', change: 'remove one of the two' });
  }
}

/** Requests a certificate for the domain names of an endpoint, validated in its hosted zone. */
export function requestCertificate(scope: Construct, endpoint: WebEndpoint): acm.Certificate {
  const [domainName, ...additional] = endpoint._domainNames;
  return new acm.Certificate(scope, 'Certificate', {
    domainName,
    subjectAlternativeNames: additional.length > 0 ? additional : undefined,
    validation: acm.CertificateValidation.fromDns(endpoint._hostedZone),
  });
}

/**
 * The region of a certificate, or undefined if the region is a token.
 *
 * Only its ARN shows the region of an imported certificate: its environment is that of the stack that imports it.
 */
export function certificateRegion(certificate: acm.ICertificate): string | undefined {
  const region = isCreated(certificate) ? certificate.env.region : certificate.certificateArn.split(':')[REGION_OF_ARN];
  return region === undefined || Token.isUnresolved(region) ? undefined : region;
}

/** Whether the app creates the certificate rather than imports it. */
export function isCreated(certificate: acm.ICertificate): boolean {
  return certificate.node.defaultChild !== undefined;
}

/** An alias record in a hosted zone, and the suffix of its construct id. */
export interface AliasOptions {
  readonly zone: route53.IHostedZone;
  readonly domainName: string;
  readonly target: route53.IAliasRecordTarget;
  readonly idSuffix?: string;
}

/**
 * Creates alias records for IPv4 and IPv6. Refuses a name for which another construct of the app creates them.
 *
 * The dot at the end marks the name as complete: otherwise aws-cdk-lib appends the zone name to a name that is a token.
 */
export function aliasRecords(scope: Construct, { zone, domainName, target, idSuffix = '' }: AliasOptions): Resource[] {
  claimAliasName(scope, zone, domainName);
  const record = { zone, recordName: `${domainName}.`, target: route53.RecordTarget.fromAlias(target) };
  return [
    new route53.ARecord(scope, `AliasIpv4${idSuffix}`, record),
    new route53.AaaaRecord(scope, `AliasIpv6${idSuffix}`, record),
  ];
}
