import * as fs from 'fs';
import * as path from 'path';
import { Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { requirePathPatterns } from './path-patterns';
import { apiPaths } from './site-api';
import { validateDomain } from './site-domain';
import { StaticSiteCdnProps } from './static-site-cdn-props';
import { US_EAST_1 } from '../blocks/us-east-1';
import { refuse, refuseUse, Situation } from '../core/refusal';
import { COUNTRY } from '../firewall/countries';
import { requireFirewall } from '../firewall/web-firewall-interface';

/**
 * Regions that an account must enable. CloudFront does not write standard logs (legacy), the form that works from any
 * stack, to buckets in these regions, and the bucket of the site must be in the region of its logs.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
const OPT_IN_REGIONS = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
];

/** Regions of other partitions. They have no CloudFront, or one without origin access control or without AWS WAF. */
const OTHER_PARTITIONS = /^(cn|us-gov|us-iso[a-z]?|eu-iso[a-z]?|eusc)-/;

/** Refuses props that do not work together, or that could not be deployed. */
export function validateSite(site: Construct, props: StaticSiteCdnProps, immutablePaths: string[]): void {
  const { api, endpoint } = props;
  requireFirewall(site, props.firewall);
  validateRegion(site, props);
  validateCountries(site, props);
  validateSource(site, props.source);
  requirePathPatterns(site, 'immutablePaths', immutablePaths);
  const shared = api && apiPaths(api).find((pattern) => immutablePaths.includes(pattern));
  if (shared !== undefined) {
    refuseUse(
      site,
      `'${shared}' is a path of the API and an immutable path`,
      'remove it from api.paths or from immutablePaths',
    );
  }
  validateDomain(site, props);
  if (api && endpoint?._domainNames.includes(api.domainName)) {
    const change = 'pass the domain name of the load balancer or of another origin';
    const allowed = 'a domain name other than those of the site';
    refuse(site, { prop: 'api.domainName', given: api.domainName, allowed, change });
  }
}

function validateCountries(site: Construct, { geoRestriction }: StaticSiteCdnProps): void {
  const given = geoRestriction?.locations.find((each) => !Token.isUnresolved([each]) && !COUNTRY.test(each));
  if (given === undefined) return;
  refuse(site, {
    prop: 'geoRestriction',
    given,
    allowed: "a list of ISO 3166 codes such as 'US' or 'GB'",
    change: 'correct the code',
  });
}

function validateRegion(site: Construct, { firewall }: StaticSiteCdnProps): void {
  const { region } = Stack.of(site);
  if (Token.isUnresolved(region) || region === US_EAST_1) return;
  if (OTHER_PARTITIONS.test(region)) {
    const problem = 'a StaticSiteCdn requires the partition aws, the only one with all features of CloudFront, but '
      + `its stack is in ${region}`;
    refuseUse(site, problem, 'deploy the site from an account in the partition aws');
  }
  if (OPT_IN_REGIONS.includes(region)) {
    const problem = 'a StaticSiteCdn requires a region that is enabled by default, because CloudFront does not '
      + `write logs to ${region}`;
    refuseUse(site, problem, 'move the site to a stack in another region: CloudFront serves it from edge locations '
      + 'near its visitors');
  }
  if (firewall) return;
  refuse(site, {
    prop: 'firewall',
    given: new Situation(`none, in a stack in ${region}`),
    allowed: `a firewall from ${US_EAST_1}, the only region with firewalls for CloudFront`,
    change: 'create new WebFirewall(edge, \'Firewall\', { webAclScope: FirewallScope.CLOUDFRONT }) in a stack with '
      + `env: { region: '${US_EAST_1}' } and pass it, or move the site to that region`,
  });
}

function validateSource(site: Construct, source: string | undefined): void {
  if (source === undefined) return;
  const problem = sourceProblem(source);
  if (problem === undefined) return;
  refuse(site, {
    prop: 'source',
    given: new Situation(`'${source}', ${problem}`),
    allowed: 'the path of a local directory with an index.html',
    change: 'build the site first, and pass the directory that contains its index.html',
  });
}

function sourceProblem(source: string): string | undefined {
  if (!fs.existsSync(source)) return 'which does not exist';
  if (!fs.statSync(source).isDirectory()) return 'which is not a directory';
  return fs.existsSync(path.join(source, 'index.html')) ? undefined : 'which has no index.html';
}
