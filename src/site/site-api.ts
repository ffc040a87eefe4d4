import { CfnResource, Duration, Reference, Tokenization } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import { IConstruct } from 'constructs';
import { requirePathPatterns } from './path-patterns';
import { requireHostName } from '../blocks/host-name';
import { acknowledge } from '../core/acknowledge';
import { refuse, requireText } from '../core/refusal';
import { relax, RelaxationOptions } from '../core/relaxation';

/** The default paths of the API. The second pattern does not include `/api` itself, which would return a page. */
export const DEFAULT_API_PATHS = ['/api', '/api/*'];
/**
 * The response timeout of the API, in seconds, between packets too. It equals the default idle timeout of a load
 * balancer; the default of CloudFront is half of it.
 */
export const API_TIMEOUT_SECONDS = 60;
/** The names that AWS assigns to load balancers, in every partition. Nobody can get a certificate for them. */
const LOAD_BALANCER_NAME = /\.elb(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/i;
/** A scheme, path or port that was pasted with a host name. */
const MORE_THAN_A_HOST = /[:/\s]/;
/** The form of a token in a string. */
const TOKEN = /\$\{Token\[[^\]]*\]\}/g;

/**
 * An API at the domain names of the site, so that browsers need no other origin. CloudFront does not cache its
 * responses or errors.
 */
export interface SiteApi {
  /**
   * The host name of the API, for example the `domainName` of a `SecureLoadBalancer`.
   *
   * CloudFront connects to this host over HTTPS (TLS 1.2). The API needs a certificate for the name, so a name that AWS
   * assigned to a load balancer is refused.
   *
   * A firewall in front of the API receives every request from CloudFront. Create it with
   * `clients: FirewallClients.throughDistribution()`, so that its rate limit applies to each client.
   */
  readonly domainName: string;
  /**
   * The path patterns of the API, as CloudFront defines them: they start with `/`, and `*` matches any characters. At
   * most 20.
   * @default ['/api', '/api/*']
   */
  readonly paths?: string[];
  /**
   * CloudFront connects to the API over HTTP on port 80. For a load balancer without a certificate, in development. A
   * relaxation.
   * @default - HTTPS only
   */
  readonly plainHttp?: RelaxationOptions;
}

/** The path patterns of an API. */
export function apiPaths({ paths = DEFAULT_API_PATHS }: SiteApi): string[] {
  return paths;
}

/** The origin of an API. */
export function apiOrigin(site: IConstruct, api: SiteApi): cloudfront.IOrigin {
  validateApi(site, api);
  return new origins.HttpOrigin(api.domainName, {
    ...(api.plainHttp === undefined
      ? {
        protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
      }
      : { protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY }),
    readTimeout: Duration.seconds(API_TIMEOUT_SECONDS),
  });
}

/** Acknowledges the rule that an API over plain HTTP violates. */
export function acknowledgePlainHttp(distribution: cloudfront.Distribution, { plainHttp }: SiteApi): void {
  if (plainHttp === undefined) return;
  acknowledge(distribution, {
    rules: ['AwsSolutions-CFR5'],
    reason: `The app accepts plain HTTP between ${distribution.node.path} and its API, for this reason: `
      + `${plainHttp.reason}`,
  });
}

function validateApi(site: IConstruct, api: SiteApi): void {
  const { domainName, plainHttp } = api;
  requireText(site, 'api.domainName', domainName, 'pass the host name of the API');
  if (MORE_THAN_A_HOST.test(`${domainName}`.replace(TOKEN, ''))) {
    const allowed = "a host name such as 'api.example.com'";
    refuse(site, { prop: 'api.domainName', given: domainName, allowed, change: 'remove the scheme, port and path' });
  }
  const change = 'pass the host name of the API: CloudFront does not accept an IP address as an origin';
  requireHostName(site, 'api.domainName', domainName, 'api.example.com', change);
  if (api.paths?.length === 0) {
    const leaveOut = 'leave paths out for /api and /api/*, or leave api out';
    refuse(site, { prop: 'api.paths', given: api.paths, allowed: 'a list with at least one path', change: leaveOut });
  }
  requirePathPatterns(site, 'api.paths', apiPaths(api));
  if (plainHttp !== undefined) {
    const what = 'requests travel unencrypted between CloudFront and the API';
    // Without types, null may be passed.
    relax(site, { id: 'plain-http-api', what, reason: plainHttp?.reason });
  } else if (isLoadBalancerName(domainName)) {
    refuse(site, {
      prop: 'api.domainName',
      given: domainName,
      allowed: 'a host name that can have a certificate, not a name that AWS assigned to a load balancer',
      change: 'pass the domain name of the endpoint of the load balancer, or set plainHttp with a reason in '
        + 'development',
    });
  }
}

/** Whether AWS assigned the name to a load balancer: as a string, or as an attribute of a load balancer of the app. */
function isLoadBalancerName(domainName: string): boolean {
  if (LOAD_BALANCER_NAME.test(domainName)) return true;
  return Tokenization.reverseString(domainName).tokens.some(
    (token) =>
      Reference.isReference(token) &&
      CfnResource.isCfnResource(token.target) &&
      token.target.cfnResourceType === 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  );
}
