import { CfnParameter } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { distributionOf, distributionWith, site } from './some-cdn';
import { RelaxationOptions } from '../../src/core/relaxation';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { API_TIMEOUT_SECONDS, DEFAULT_API_PATHS, SiteApi } from '../../src/site/site-api';
import { SiteRouting } from '../../src/site/site-routing';
import { newStack, someVpc, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

const reason = 'the load balancer of development has no certificate';
const noCertificate = (given: string) =>
  '[Stack/Site] api.domainName must be a host name that can have a certificate, not a name that AWS assigned to '
    + 'a load balancer, '
  + `got ${given}. Pass the domain name of the endpoint of the load balancer, or set plainHttp with a reason in `
  + 'development.';

describe('an API over HTTPS', () => {
  const config = distributionWith({ api: { domainName: 'api.example.com' }, routing: SiteRouting.singlePageApp() });
  const [behavior] = config.CacheBehaviors;
  const origin = config.Origins.find(({ Id }: { Id: string }) => Id === behavior.TargetOriginId);

  test('receives /api and the paths below it before all other behaviors', () => {
    expect(config.CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern)).toEqual([
      '/api',
      '/api/*',
      '/assets/*',
    ]);
    expect(DEFAULT_API_PATHS).toEqual(['/api', '/api/*']);
  });

  test('is called over TLS 1.2', () => {
    expect(origin).toMatchObject({
      DomainName: 'api.example.com',
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
    });
  });

  test('has a response timeout of one minute, which requires no quota increase', () => {
    expect(API_TIMEOUT_SECONDS).toBe(60);
    expect(origin.CustomOriginConfig.OriginReadTimeout).toBe(60);
  });

  test('uses the default retries of CloudFront', () => {
    expect([origin.ConnectionAttempts, origin.ConnectionTimeout]).toEqual([undefined, undefined]);
  });

  test('receives every method, and all of a request except the host header', () => {
    expect(behavior.AllowedMethods).toEqual(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE']);
    // AllViewerExceptHostHeader:
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
    expect(behavior.OriginRequestPolicyId).toBe('b689b0a8-53d0-40ab-baf2-68738e2966ac');
  });

  test('is not cached and not compressed', () => {
    // CachingDisabled:
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
    expect(behavior).toMatchObject({ CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', Compress: false });
  });

  test('refuses plain HTTP instead of redirecting, because a redirected request was already sent unencrypted', () => {
    expect(behavior.ViewerProtocolPolicy).toBe('https-only');
  });

  test('has no path rewrites and no error pages', () => {
    expect(behavior.FunctionAssociations).toBeUndefined();
    for (const rule of config.CustomErrorResponses) {
      expect(Object.keys(rule)).toEqual(['ErrorCachingMinTTL', 'ErrorCode']);
    }
  });

  test('has no error caching, because CloudFront would repeat an error for 10 seconds', () => {
    const kept = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];
    expect(config.CustomErrorResponses).toEqual(kept.map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })));
  });

  test('sends the security headers', () => {
    expect(behavior.ResponseHeadersPolicyId).toEqual(config.DefaultCacheBehavior.ResponseHeadersPolicyId);
  });

  test('can have other paths with one origin', () => {
    const { CacheBehaviors, Origins } = distributionWith({
      api: { domainName: 'api.example.com', paths: ['/v1/*', '/graphql'] },
      immutablePaths: [],
    });
    expect(CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern)).toEqual([
      '/v1/*',
      '/graphql',
    ]);
    expect(Origins).toHaveLength(2);
  });

  test('can have a token as its domain name', () => {
    const stack = newStack();
    const api = { domainName: new CfnParameter(stack, 'Api').valueAsString };
    expect(distributionWith({ api }, stack).Origins[1].DomainName).toEqual({ Ref: 'Api' });
  });
});

describe('an API over plain HTTP', () => {
  const stack = newStack();
  const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'Development', {
    vpc: someVpc(stack),
    internetFacing: true,
  });
  site({ api: { domainName: loadBalancer.loadBalancerDnsName, plainHttp: { reason } } }, stack);
  const config = distributionOf(templateOf(stack));

  test('is called on port 80 of a load balancer, while browsers must use HTTPS', () => {
    expect(config.Origins[1].CustomOriginConfig).toMatchObject({
      OriginProtocolPolicy: 'http-only',
      OriginReadTimeout: 60,
    });
    expect(config.CacheBehaviors[0].ViewerProtocolPolicy).toBe('https-only');
  });

  test('has a warning', () => {
    Annotations.fromStack(stack).hasWarning('/Stack/Site', 'requests travel unencrypted between CloudFront and the '
      + `API (reason given: ${reason}) [ack: cdk-hipaa:plain-http-api]`);
  });

  test('has no rule-pack findings on the site', () => {
    expect(nagFindings(stack).filter((finding) => finding.includes('/Site/'))).toEqual([]);
  });

  test('can have other paths', () => {
    expect(
      distributionWith({ api: { domainName: 'api.example.com', paths: ['/v1/*'], plainHttp: { reason } } })
        .CacheBehaviors[0].PathPattern,
    ).toBe('/v1/*');
  });

  test.each<[unknown, string]>([
    [{ reason: '' }, "reason must be a non-blank string, got ''. "
      + 'Say why it is acceptable that requests travel unencrypted between CloudFront and the API.'],
    [{}, 'api.plainHttp.reason must be a string, got undefined. State why the safeguard is not needed.'],
    [null, 'api.plainHttp must be a RelaxationOptions object, got null. Leave it out.'],
  ])('is refused without a reason: %j', (plainHttp, text) => {
    expect(() => site({ api: { domainName: 'api.example.com', plainHttp: plainHttp as RelaxationOptions } }))
      .toThrow(new Error(`[Stack/Site] ${text}`));
  });
});

describe('StaticSiteCdn refuses', () => {
  test('its own domain name as the API', () => {
    const certificate = acm.Certificate.fromCertificateArn(
      newStack(),
      'Certificate',
      'arn:aws:acm:us-east-1:111122223333:certificate/1',
    );
    expect(() =>
      site({
        api: { domainName: 'www.example.com' },
        endpoint: WebEndpoint.certificate(certificate, 'www.example.com'),
      }),
    ).toThrow(
      new Error(
        "[Stack/Site] api.domainName must be a domain name other than those of the site, got 'www.example.com'. "
          + 'Pass the domain name of the load balancer or of another origin.',
      ),
    );
  });

  test.each([
    ['main-1.eu-west-1.elb.amazonaws.com'],
    ['main-1.elb.eu-west-1.amazonaws.com'],
    ['internal-main-1.cn-north-1.elb.amazonaws.com.cn'],
  ])('%s as an API over HTTPS, because no certificate can exist for it', (name) => {
    expect(() => site({ api: { domainName: name } })).toThrow(new Error(noCertificate(`'${name}'`)));
  });

  test('the DNS name of a load balancer in the app as an API over HTTPS', () => {
    const stack = newStack();
    const loadBalancer = new elbv2.ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: someVpc(stack) });
    expect(() => site({ api: { domainName: loadBalancer.loadBalancerDnsName } }, stack))
      .toThrow(new Error(noCertificate('a token')));
  });

  test.each<[SiteApi, string]>([
    [{ domainName: '' }, "api.domainName must be a non-blank string, got ''. Pass the host name of the API"],
    [
      { domainName: 'https://api.example.com' },
      "api.domainName must be a host name such as 'api.example.com', got 'https://api.example.com'. Remove the scheme, "
        + 'port and path',
    ],
    [
      { domainName: 'api.example.com/v1' },
      "api.domainName must be a host name such as 'api.example.com', got 'api.example.com/v1'. Remove the scheme, "
        + 'port and path',
    ],
    [
      { domainName: '10.0.0.10' },
      "api.domainName must be a host name without a wildcard or trailing dot, such as 'api.example.com', got "
        + "'10.0.0.10'. " +
        'Pass the host name of the API: CloudFront does not accept an IP address as an origin',
    ],
    [
      { domainName: 'api', plainHttp: { reason: 'a test' } },
      "api.domainName must be a host name without a wildcard or trailing dot, such as 'api.example.com', got 'api'. " +
        'Pass the host name of the API: CloudFront does not accept an IP address as an origin',
    ],
    [
      { domainName: 'api.example.com', paths: [] },
      'api.paths must be a list with at least one path, got []. Leave paths out for /api and /api/*, or leave api out',
    ],
    [
      { domainName: 'api.example.com', paths: ['/api/'] },
      "api.paths must be a path pattern that matches a file or a request, got '/api/'. Write '/api/*' to match "
        + 'everything below it',
    ],
    [
      { domainName: 'api.example.com', paths: ['/assets/*'] },
      "'/assets/*' is a path of the API and an immutable path. Remove it from api.paths or from immutablePaths",
    ],
  ])('%j', (api, message) => {
    expect(() => site({ api })).toThrow(new Error(`[Stack/Site] ${message}.`));
  });
});
