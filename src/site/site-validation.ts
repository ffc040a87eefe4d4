import * as fs from 'fs';
import * as path from 'path';
import { Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { requirePathPatterns } from './path-patterns';
import { validateDomain } from './site-domain';
import { StaticSiteCdnProps } from './static-site-cdn-props';
import { refuse, refuseUse, Situation } from '../core/refusal';
import { US_EAST_1 } from '../blocks/us-east-1';

/**
 * Regions that an account has to opt in to. CloudFront writes its logs (in the form that works from any stack) to no bucket there, and the bucket of the
 * site has to be in the region of its logs.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
const OPT_IN_REGIONS = [
  'af-south-1', 'ap-east-1', 'ap-east-2', 'ap-south-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ca-west-1',
  'eu-central-2', 'eu-south-1', 'eu-south-2', 'il-central-1', 'me-central-1', 'me-south-1', 'mx-central-1',
];

/** Regions of other partitions. CloudFront is not there, or without what signs requests to a bucket and without a firewall. */
const OTHER_PARTITIONS = /^(cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-/;

/** Refuses what cannot work together, or could not be deployed. */
export function validateSite(site: Construct, props: StaticSiteCdnProps, immutablePaths: string[]): void {
  validateRegion(site, props);
  validateSource(site, props.source);
  requirePathPatterns(site, 'immutablePaths', immutablePaths);
  const apiPath = props.api?._paths.find((pattern) => immutablePaths.includes(pattern));
  if (apiPath !== undefined) {
    refuse(site, {
      prop: 'immutablePaths',
      given: new Situation(`a list with '${apiPath}', which goes to the API`),
      allowed: 'paths of files',
      change: 'remove it from one of the two',
    });
  }
  validateDomain(site, props.endpoint);
  if (props.api && props.endpoint?._domainNames.includes(props.api._domainName)) {
    const change = 'pass the domain name of the load balancer or of another origin';
    refuseUse(site, `api.domainName '${props.api._domainName}' is a domain name of the site itself`, change);
  }
}

function validateRegion(site: Construct, { firewall }: StaticSiteCdnProps): void {
  const { region } = Stack.of(site);
  if (Token.isUnresolved(region) || region === US_EAST_1) return;
  if (OTHER_PARTITIONS.test(region)) {
    refuse(site, {
      prop: 'StaticSiteCdn',
      given: new Situation(`made in a stack of ${region}`),
      allowed: 'a region of the partition aws, the only one with all of CloudFront',
      change: 'deploy the site from an account of that partition',
    });
  }
  if (OPT_IN_REGIONS.includes(region)) {
    refuse(site, {
      prop: 'StaticSiteCdn',
      given: new Situation(`made in a stack of ${region}`),
      allowed: 'a region that is enabled by default, since CloudFront writes its logs to no other',
      change: 'move the site to a stack of another region; CloudFront answers from near its visitors all the same',
    });
  }
  if (firewall) return;
  refuse(site, {
    prop: 'firewall',
    given: new Situation(`not given, in a stack of ${region}`),
    allowed: `one of a stack of ${US_EAST_1}, the only region that has firewalls for CloudFront`,
    change: `make new WebFirewall(edge, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT }) in a stack with env: { region: '${US_EAST_1}' } and pass it, or move the site there`,
  });
}

function validateSource(site: Construct, source: string | undefined): void {
  if (source === undefined) return;
  const change = 'build the site first, and pass the folder that holds its index.html';
  const given = (what: string) => new Situation(`'${source}', ${what}`);
  const stat = fs.statSync(source, { throwIfNoEntry: false });
  const allowed = 'the path of a local folder with an index.html';
  if (!stat) return refuse(site, { prop: 'source', given: given('which does not exist'), allowed, change });
  if (!stat.isDirectory()) return refuse(site, { prop: 'source', given: given('which is no folder'), allowed, change });
  if (!fs.existsSync(path.join(source, 'index.html'))) refuse(site, { prop: 'source', given: given('which has no index.html'), allowed, change });
}
