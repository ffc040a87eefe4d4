import { Annotations } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { errorsNotKept, immutableCache, pageCache } from './cache-policies';
import { ContentSecurityPolicy } from './content-security-policy';
import { securityHeaders } from './security-headers';
import { acknowledgePlainHttp, apiOrigin, apiPaths, SiteApi } from './site-api';
import { siteOrigin } from './site-bucket';
import { DISTRIBUTION_LOGS } from './site-logs';
import { SiteRouting } from './site-routing';
import { StaticSiteCdnProps } from './static-site-cdn-props';
import { physicalName } from '../blocks/physical-name';
import { acknowledge } from '../core/acknowledge';

/** The response to `/`. */
const ROOT_OBJECT = 'index.html';

/** The parts of the distribution that are not props of the site. */
export interface DistributionParts {
  readonly immutablePaths: string[];
  readonly certificate?: acm.ICertificate;
  readonly accessLogBucket: s3.IBucket;
}

/**
 * The distribution. Its behaviors are the paths of the API, then the immutable files, then the pages.
 *
 * It maps no errors, because the mapping would apply to the errors of the API too. With an API, it caches no errors: an
 * error of the API concerns one caller. Without an API, it caches errors for ten seconds, which protects the bucket
 * from many requests.
 */
export function siteDistribution(
  site: Construct,
  props: StaticSiteCdnProps,
  parts: DistributionParts,
): cloudfront.Distribution {
  const { contentSecurityPolicy = ContentSecurityPolicy.strict(), routing = SiteRouting.files() } = props;
  const responseHeadersPolicy = securityHeaders(site, contentSecurityPolicy._render(site), props.hstsDomainOnly);
  const files: cloudfront.BehaviorOptions = {
    origin: siteOrigin(site),
    responseHeadersPolicy,
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
    cachedMethods: cloudfront.CachedMethods.CACHE_GET_HEAD,
    compress: true,
  };
  const distribution = new cloudfront.Distribution(site, 'Distribution', {
    comment: `Site ${site.node.path}`,
    defaultRootObject: ROOT_OBJECT,
    defaultBehavior: { ...files, cachePolicy: pageCache(site), functionAssociations: rewriting(site, routing) },
    additionalBehaviors: {
      ...(props.api && apiBehaviors(site, props.api, responseHeadersPolicy)),
      ...Object.fromEntries(immutableBehaviors(site, files, parts.immutablePaths)),
    },
    errorResponses: props.api && errorsNotKept(),
    ...viewers(props, parts.certificate),
    httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
    enableIpv6: true,
    priceClass: props.priceClass ?? cloudfront.PriceClass.PRICE_CLASS_100,
    geoRestriction: props.geoRestriction,
    logBucket: parts.accessLogBucket,
    logFilePrefix: DISTRIBUTION_LOGS,
    logIncludesCookies: false,
  });
  if (props.api) acknowledgePlainHttp(distribution, props.api);
  acknowledgeDefaults(distribution, props);
  return distribution;
}

/**
 * TLS 1.3, and TLS 1.2 with AES-GCM.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
 */
function viewers(
  { endpoint, associateDomainNames = true }: StaticSiteCdnProps,
  certificate: acm.ICertificate | undefined,
): Partial<cloudfront.DistributionProps> {
  if (!certificate) return {};
  return {
    domainNames: associateDomainNames ? endpoint?._domainNames : undefined,
    certificate,
    minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2025,
    sslSupportMethod: cloudfront.SSLMethod.SNI,
  };
}

function immutableBehaviors(
  site: Construct,
  files: cloudfront.BehaviorOptions,
  paths: string[],
): Array<[string, cloudfront.BehaviorOptions]> {
  if (paths.length === 0) return [];
  const behavior = { ...files, cachePolicy: immutableCache(site) };
  return paths.map((path) => [path, behavior]);
}

/**
 * The behaviors of the API. CloudFront forwards everything except the host name, which the API would not recognize. It
 * does not redirect HTTP, because a browser would send a form unencrypted before the redirect.
 */
function apiBehaviors(
  site: Construct, api: SiteApi, responseHeadersPolicy: cloudfront.ResponseHeadersPolicy,
): Record<string, cloudfront.BehaviorOptions> {
  const behavior: cloudfront.BehaviorOptions = {
    origin: apiOrigin(site, api),
    responseHeadersPolicy,
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
    cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
    originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    compress: false,
  };
  return Object.fromEntries(apiPaths(api).map((path) => [path, behavior]));
}

/** The routing function. It runs only for pages, not for the API and the immutable files. */
function rewriting(site: Construct, routing: SiteRouting): cloudfront.FunctionAssociation[] | undefined {
  const code = routing._functionCode;
  if (code === undefined) return undefined;
  const rewrite = new cloudfront.Function(site, 'Routing', {
    functionName: physicalName(site, 'routing'),
    comment: 'Maps a path to a file',
    runtime: cloudfront.FunctionRuntime.JS_2_0,
    code: cloudfront.FunctionCode.fromInline(code),
    autoPublish: true,
  });
  return [{ function: rewrite, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST }];
}

function acknowledgeDefaults(
  distribution: cloudfront.Distribution,
  { geoRestriction, endpoint }: StaticSiteCdnProps,
): void {
  const { path } = distribution.node;
  if (!geoRestriction) {
    acknowledge(distribution, {
      rules: ['AwsSolutions-CFR1'],
      reason:
        `${path} is available in every country: patients travel, and its files contain no data of patients. ` +
        'An app that serves one country sets geoRestriction.',
    });
  }
  if (!endpoint) {
    Annotations.of(distribution).addInfoV2(
      'cdk-hipaa:site-without-domain',
      'the CloudFront domain name and certificate allow TLS 1.0; set endpoint to a domain name before patients use ' +
        'the site',
    );
    acknowledge(distribution, {
      rules: ['AwsSolutions-CFR4'],
      reason:
        `${path} uses the CloudFront domain name, whose certificate always allows TLS 1.0. With endpoint, the ` +
        'minimum is TLS 1.2.',
    });
  }
}
