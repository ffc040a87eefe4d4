import { CfnResource, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

const WILDCARD = '*.';

/**
 * Refuses a domain name that none of the certificates covers. Tokens and imported certificates pass.
 *
 * A wildcard covers one label: `*.example.com` covers `www.example.com`, and neither `example.com` nor
 * `a.www.example.com`.
 */
export function requireCovered(scope: IConstruct, domainNames: string[], certificates: acm.ICertificate[]): void {
  const names = certificates.map(namesOf);
  if (names.length === 0 || names.includes(undefined)) return;
  const covering = names.flatMap((each) => each!);
  const uncovered = domainNames
    .filter((name) => !Token.isUnresolved(name))
    .find((name) => !covering.some((each) => covers(each.toLowerCase(), name.toLowerCase())));
  if (uncovered === undefined) return;
  refuse(scope, {
    prop: 'endpoint',
    given: new Situation(`'${uncovered}' with a certificate for ${covering.map((name) => `'${name}'`).join(', ')}`),
    allowed: 'for domain names that the certificate covers',
    change: 'add the name to the certificate, or pass another certificate',
  });
}

/** The names of a certificate of the app. Undefined for an imported one, and if a name is a token. */
function namesOf(certificate: acm.ICertificate): string[] | undefined {
  const resource = certificate.node.defaultChild;
  if (!resource || !CfnResource.isCfnResource(resource)) return undefined;
  if (resource.cfnResourceType !== acm.CfnCertificate.CFN_RESOURCE_TYPE_NAME) return undefined;
  const { domainName, subjectAlternativeNames = [] } = resource as acm.CfnCertificate;
  const names = [domainName, ...subjectAlternativeNames];
  // An element of a list token is recognized only inside a list.
  return names.some((name) => Token.isUnresolved(name) || Token.isUnresolved([name])) ? undefined : names;
}

function covers(pattern: string, name: string): boolean {
  if (!pattern.startsWith(WILDCARD)) return pattern === name;
  return name.slice(name.indexOf('.') + 1) === pattern.slice(WILDCARD.length);
}
