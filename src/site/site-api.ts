import { CfnResource, Duration, Reference, Tokenization } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import { IConstruct } from 'constructs';
import { requirePathPatterns } from './path-patterns';
import { acknowledge } from '../core/acknowledge';
import { requireHostName } from '../blocks/host-name';
import { refuse, requireText } from '../core/refusal';
import { relax } from '../core/relaxation';

/** The paths that go to the API unless the app says otherwise. The first is one that the second does not take in: it would be answered with a page. */
export const DEFAULT_API_PATHS = ['/api', '/api/*'];
/** How long CloudFront waits for the API to begin its answer, and to go on with it, in seconds: as long as a load balancer waits by default. CloudFront's own default is half of it. */
export const API_TIMEOUT_SECONDS = 60;
/** The names that AWS gives to load balancers, in every partition. No certificate can be had for them. */
const LOAD_BALANCER_NAME = /\.elb(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/i;
/** The scheme, path or port that somebody pastes with a host name. */
const MORE_THAN_A_HOST = /[:/\s]/;
/** How aws-cdk-lib writes what is known only at deployment into a text. */
const TOKEN = /\$\{Token\[[^\]]*\]\}/g;

/** Which requests go to the API. */
export interface SiteApiOptions {
  /**
   * The paths, as CloudFront writes them: begun with `/`, with `*` for anything. At most 20.
   * @default ['/api', '/api/*']
   */
  readonly paths?: string[];
}

/** Which requests go to an API that answers over plain HTTP, and why it may. */
export interface PlainHttpApiOptions extends SiteApiOptions {
  /** The reason, as it will stand in the warning and in the compliance report. A blank reason is refused. */
  readonly reason: string;
}

/** An API that the site's own domain answers for, so that browsers ask nobody else. Its answers and its errors are never kept. */
export abstract class SiteApi {
  /**
   * An API that is reached over HTTPS (TLS 1.2).
   * @param domainName a host name that the API has a certificate for, `domainName` of a `SecureLoadBalancer` for instance. The name that AWS
   * gave to a load balancer is refused, since no certificate matches it
   */
  public static https(domainName: string, options: SiteApiOptions = {}): SiteApi {
    return new HttpsApi(domainName, options);
  }

  /**
   * An API that is reached over HTTP on port 80: a load balancer without a certificate, in development. A relaxation.
   * @param domainName its host name
   */
  public static plainHttp(domainName: string, options: PlainHttpApiOptions): SiteApi {
    return new HttpApi(domainName, options);
  }

  /**
   * The paths that go to the API.
   * @internal
   */
  public abstract get _paths(): string[];

  /**
   * The host that answers them.
   * @internal
   */
  public abstract get _domainName(): string;

  /**
   * Where the requests go.
   * @internal
   */
  public abstract _origin(site: IConstruct): cloudfront.IOrigin;

  /**
   * Answers the rules that the API breaks, once the distribution is there.
   * @internal
   */
  public abstract _answer(distribution: cloudfront.Distribution): void;
}

abstract class ApiOfHost extends SiteApi {
  public readonly _paths: string[];

  constructor(public readonly _domainName: string, options: SiteApiOptions) {
    super();
    this._paths = options.paths ?? DEFAULT_API_PATHS;
  }

  protected validate(site: IConstruct): void {
    requireText(site, 'api.domainName', this._domainName, 'pass the host name of the API');
    if (MORE_THAN_A_HOST.test(this._domainName.replace(TOKEN, ''))) {
      refuse(site, { prop: 'api.domainName', given: this._domainName, allowed: 'a host name alone, as \'api.example.com\'', change: 'leave out scheme, port and path' });
    }
    requireHostName(site, 'api.domainName', this._domainName, 'api.example.com', 'pass the name that the API answers to; CloudFront takes no address');
    if (this._paths.length === 0) refuse(site, { prop: 'api.paths', given: this._paths, allowed: 'one path at least', change: 'leave it out for /api and /api/*, or leave out api' });
    requirePathPatterns(site, 'api.paths', this._paths);
  }

  protected origin(protocol: origins.HttpOriginProps): cloudfront.IOrigin {
    return new origins.HttpOrigin(this._domainName, { ...protocol, readTimeout: Duration.seconds(API_TIMEOUT_SECONDS) });
  }
}

class HttpsApi extends ApiOfHost {
  public _origin(site: IConstruct): cloudfront.IOrigin {
    this.validate(site);
    if (isLoadBalancerName(this._domainName)) {
      refuse(site, {
        prop: 'api.domainName',
        given: this._domainName,
        allowed: 'a name that the API has a certificate for, which the name that AWS gave to a load balancer never is',
        change: 'pass the domainName that the load balancer was made with, or use SiteApi.plainHttp in development',
      });
    }
    return this.origin({ protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY, originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2] });
  }

  public _answer(): void {
    // It breaks none.
  }
}

class HttpApi extends ApiOfHost {
  constructor(domainName: string, private readonly options: PlainHttpApiOptions) {
    super(domainName, options);
  }

  public _origin(site: IConstruct): cloudfront.IOrigin {
    this.validate(site);
    relax(site, { id: 'plain-http-api', what: 'requests travel unencrypted between CloudFront and the API', reason: this.options.reason });
    return this.origin({ protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY });
  }

  public _answer(distribution: cloudfront.Distribution): void {
    acknowledge(distribution, {
      rules: ['AwsSolutions-CFR5'],
      reason: `The app gave up HTTPS between ${distribution.node.path} and its API, with this reason: ${this.options.reason}`,
    });
  }
}

/** Whether a name is one that AWS gave to a load balancer: written out, or as the attribute of one of the app. */
function isLoadBalancerName(domainName: string): boolean {
  if (LOAD_BALANCER_NAME.test(domainName)) return true;
  return Tokenization.reverseString(domainName).tokens.some((token) => Reference.isReference(token)
    && CfnResource.isCfnResource(token.target) && token.target.cfnResourceType === 'AWS::ElasticLoadBalancingV2::LoadBalancer');
}
