import * as vm from 'vm';
import * as zlib from 'zlib';
import { Template } from 'aws-cdk-lib/assertions';

/** A request of a viewer. */
export interface ViewerRequest {
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly method: string;
  /** The path with its query string. */
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** A response of an origin or of the edge, with header names in lowercase. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** The source of responses that are not in the cache. */
export type Origin = (request: {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: Buffer;
}) => Promise<Answer>;

/**
 * The errors that CloudFront caches regardless of the cache policy, and their default TTL in seconds. CloudFront caches
 * some of them only if the origin allows it. The stand-in always caches them, which is the worse case.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html#HTTPStatusCodes-cached-errors
 */
const KEPT_ERRORS = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];
const ERROR_SECONDS = 10;

/* eslint-disable @typescript-eslint/no-explicit-any */
type Behavior = Record<string, any>;

/**
 * A stand-in for CloudFront that applies the template of a distribution, as far as a site depends on it: behaviors by
 * path, viewer protocol, methods, functions, the default root object, cache policies, compression, error responses,
 * error TTLs and response headers. It tests the combination of these settings, not the implementation of AWS.
 */
export class Edge {
  private readonly config: Record<string, any>;
  private readonly cache = new Map<string, { readonly answer: Answer; readonly until: number }>();

  /** @param origins the sources of responses: the bucket, and the custom origin */
  constructor(
    private readonly template: Template,
    private readonly origins: { readonly bucket: Origin; readonly custom: Origin },
  ) {
    const [distribution] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
    this.config = distribution.Properties.DistributionConfig;
  }

  /** Clears the cache, as an invalidation of all paths does. */
  public invalidate(): void {
    this.cache.clear();
  }

  /** Responds as the distribution does. The header `x-cache` shows a cache hit. */
  public async answer(request: ViewerRequest): Promise<Answer> {
    const [path, query = ''] = request.url.split('?');
    const behavior = this.behaviorFor(path);
    const refused = this.refuse(request, behavior);
    if (refused) return refused;
    const seen = this.runFunction(behavior, request, path, query);
    const raw =
      'status' in seen ? seen : await this.fromCache(behavior, request, this.rootObject(seen.path), seen.query);
    return this.withHeaders(behavior, this.compressed(behavior, request, await this.withErrorResponse(raw)));
  }

  /** The first behavior whose pattern matches, in the order of the template, or the default behavior. */
  private behaviorFor(path: string): Behavior {
    const { CacheBehaviors = [], DefaultCacheBehavior } = this.config;
    return (
      CacheBehaviors.find(({ PathPattern }: Behavior) => patternOf(PathPattern).test(path)) ?? DefaultCacheBehavior
    );
  }

  private refuse(
    { protocol, host, method, url }: ViewerRequest,
    { ViewerProtocolPolicy, AllowedMethods }: Behavior,
  ): Answer | undefined {
    if (protocol === 'http' && ViewerProtocolPolicy === 'redirect-to-https') {
      return plain(301, '', { location: `https://${host}${url}` });
    }
    if (protocol === 'http' && ViewerProtocolPolicy === 'https-only') return plain(403, 'HTTPS required');
    return (AllowedMethods ?? ['GET', 'HEAD']).includes(method) ? undefined : plain(403, 'Method not allowed');
  }

  /** The function of the template. Its runtime supports less than Node.js: the test of the construct covers that. */
  private runFunction(
    behavior: Behavior,
    request: ViewerRequest,
    path: string,
    query: string,
  ): Answer | { path: string; query: string } {
    const association = (behavior.FunctionAssociations ?? []).find(
      ({ EventType }: Behavior) => EventType === 'viewer-request',
    );
    if (!association) return { path, query };
    const { FunctionCode } =
      this.template.findResources('AWS::CloudFront::Function')[association.FunctionARN['Fn::GetAtt'][0]].Properties;
    const querystring = Object.fromEntries([...new URLSearchParams(query)].map(([name, value]) => [name, { value }]));
    const event = {
      version: '1.0',
      context: { eventType: 'viewer-request' },
      viewer: { ip: '127.0.0.1' },
      request: { method: request.method, uri: path, querystring, headers: {}, cookies: {} },
    };
    const result = vm.runInNewContext(`${FunctionCode}\n;handler(${JSON.stringify(event)})`);
    if (result.statusCode === undefined) return { path: result.uri, query };
    return plain(
      result.statusCode,
      '',
      Object.fromEntries(Object.entries<any>(result.headers ?? {}).map(([name, { value }]) => [name, value])),
    );
  }

  private rootObject(path: string): string {
    return path === '/' ? `/${this.config.DefaultRootObject ?? ''}` : path;
  }

  private async fromCache(behavior: Behavior, request: ViewerRequest, path: string, query: string): Promise<Answer> {
    const policy = this.cachePolicy(behavior.CachePolicyId);
    const { QueryStringsConfig: queryStrings } = policy.ParametersInCacheKeyAndForwardedToOrigin;
    const key = `${path}?${queryStrings.QueryStringBehavior === 'all' ? query : ''}`;
    const known = ['GET', 'HEAD'].includes(request.method) ? this.cache.get(key) : undefined;
    if (known && known.until > Date.now()) {
      return { ...known.answer, headers: { ...known.answer.headers, 'x-cache': 'Hit from cloudfront' } };
    }
    const origin = this.config.Origins.find(({ Id }: Behavior) => Id === behavior.TargetOriginId);
    const forwarded = behavior.OriginRequestPolicyId === undefined ? {} : request.headers;
    const answer = await this.origins[origin.S3OriginConfig ? 'bucket' : 'custom']({
      method: request.method,
      path,
      query: behavior.OriginRequestPolicyId === undefined ? '' : query,
      headers: forwarded,
      body: request.body,
    });
    const seconds = answer.status < 400 ? ttl(policy, answer) : this.errorSeconds(answer);
    if (seconds > 0 && request.method === 'GET') this.cache.set(key, { answer, until: Date.now() + seconds * 1000 });
    return { ...answer, headers: { ...answer.headers, 'x-cache': 'Miss from cloudfront' } };
  }

  /** A policy of the template, or the managed policy that disables caching. */
  private cachePolicy(id: any): Record<string, any> {
    const own = id.Ref && this.template.findResources('AWS::CloudFront::CachePolicy')[id.Ref];
    if (own) return own.Properties.CachePolicyConfig;
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
    if (id !== '4135ea2d-6df8-44a3-9df3-4b5a84be39ad') {
      throw new Error(`the stand-in does not know the cache policy ${JSON.stringify(id)}`);
    }
    return {
      MinTTL: 0,
      DefaultTTL: 0,
      MaxTTL: 0,
      ParametersInCacheKeyAndForwardedToOrigin: { QueryStringsConfig: { QueryStringBehavior: 'none' } },
    };
  }

  private errorResponse({ status }: Answer): Behavior | undefined {
    return (this.config.CustomErrorResponses ?? []).find(({ ErrorCode }: Behavior) => ErrorCode === status);
  }

  private errorSeconds(answer: Answer): number {
    return KEPT_ERRORS.includes(answer.status) ? (this.errorResponse(answer)?.ErrorCachingMinTTL ?? ERROR_SECONDS) : 0;
  }

  private async withErrorResponse(answer: Answer): Promise<Answer> {
    const rule = this.errorResponse(answer);
    if (!rule?.ResponsePagePath) return answer;
    const page = await this.origins.bucket({
      method: 'GET',
      path: rule.ResponsePagePath,
      query: '',
      headers: {},
      body: Buffer.alloc(0),
    });
    return { ...page, status: rule.ResponseCode ?? answer.status };
  }

  /** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ServingCompressedFiles.html */
  private compressed(behavior: Behavior, { headers }: ViewerRequest, answer: Answer): Answer {
    const policy = this.cachePolicy(behavior.CachePolicyId);
    const flags = policy.ParametersInCacheKeyAndForwardedToOrigin;
    const compressible = /^(text\/|application\/(javascript|json|manifest\+json|wasm)|image\/svg\+xml)/.test(
      answer.headers['content-type'] ?? '',
    );
    if (
      !behavior.Compress ||
      policy.MaxTTL === 0 ||
      !compressible ||
      answer.body.length < 1000 ||
      answer.headers['content-encoding']
    ) {
      return answer;
    }
    const accepted = headers['accept-encoding'] ?? '';
    const encode = (encoding: string, body: Buffer) => ({
      ...answer,
      body,
      headers: { ...answer.headers, 'content-encoding': encoding, 'vary': 'Accept-Encoding' },
    });
    if (flags.EnableAcceptEncodingBrotli && /\bbr\b/.test(accepted)) {
      return encode('br', zlib.brotliCompressSync(answer.body));
    }
    if (flags.EnableAcceptEncodingGzip && /\bgzip\b/.test(accepted)) return encode('gzip', zlib.gzipSync(answer.body));
    return answer;
  }

  private withHeaders({ ResponseHeadersPolicyId }: Behavior, answer: Answer): Answer {
    if (!ResponseHeadersPolicyId) return answer;
    const { SecurityHeadersConfig = {}, CustomHeadersConfig = { Items: [] } } = this.template.findResources(
      'AWS::CloudFront::ResponseHeadersPolicy',
    )[ResponseHeadersPolicyId.Ref].Properties.ResponseHeadersPolicyConfig;
    const headers = { ...answer.headers };
    for (const { name, value, override } of [
      ...securityHeaders(SecurityHeadersConfig),
      ...CustomHeadersConfig.Items.map(customHeader),
    ]) {
      if (override || headers[name] === undefined) headers[name] = value;
    }
    return { ...answer, headers };
  }
}

interface Header { readonly name: string; readonly value: string; readonly override: boolean }

function securityHeaders(config: Record<string, any>): Header[] {
  const written: Record<string, (part: any) => { name: string; value: string }> = {
    StrictTransportSecurity: (part) => ({
      name: 'strict-transport-security',
      value: [
        `max-age=${part.AccessControlMaxAgeSec}`,
        part.IncludeSubdomains && 'includeSubDomains',
        part.Preload && 'preload',
      ]
        .filter(Boolean)
        .join('; '),
    }),
    ContentSecurityPolicy: (part) => ({ name: 'content-security-policy', value: part.ContentSecurityPolicy }),
    ContentTypeOptions: () => ({ name: 'x-content-type-options', value: 'nosniff' }),
    FrameOptions: (part) => ({ name: 'x-frame-options', value: part.FrameOption }),
    ReferrerPolicy: (part) => ({ name: 'referrer-policy', value: part.ReferrerPolicy }),
    XSSProtection: (part) => ({ name: 'x-xss-protection', value: part.Protection ? '1' : '0' }),
  };
  return Object.entries(config).map(([kind, part]) => ({ ...written[kind](part), override: part.Override }));
}

function customHeader({ Header: name, Value: value, Override: override }: Record<string, any>): Header {
  return { name: name.toLowerCase(), value, override };
}

/** The TTL of the object, within the limits of the policy. */
function ttl({ MinTTL, DefaultTTL, MaxTTL }: Record<string, any>, { headers }: Answer): number {
  const control = headers['cache-control'] ?? '';
  if (/\b(no-store|no-cache|private)\b/.test(control)) return MinTTL;
  const said = /s-maxage=(\d+)/.exec(control) ?? /max-age=(\d+)/.exec(control);
  return Math.min(Math.max(said ? Number(said[1]) : DefaultTTL, MinTTL), MaxTTL);
}

function patternOf(pattern: string): RegExp {
  const escaped = pattern
    .replace(/^\/?/, '/')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`);
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain', ...headers }, body: Buffer.from(text) };
}
