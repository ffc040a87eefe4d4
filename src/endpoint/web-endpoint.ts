import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { checkFactory } from '../core/check-props';
import { FROM_FACTORY, markChoice } from '../core/choice';
import { RelaxationOptions } from '../core/relaxation';

/** The domain names of an endpoint and the hosted zone that contains them. */
export interface WebDomainOptions {
  /** The domain name, for example `www.example.com`. A wildcard is refused. */
  readonly domainName: string;
  /**
   * More domain names in the same hosted zone. A `StaticSiteCdn` accepts up to nine, a `SecureLoadBalancer` none.
   * @default - only `domainName`
   */
  readonly additionalDomainNames?: string[];
  /**
   * The hosted zone that contains the domain names. The construct creates alias records in it, for IPv4 and IPv6,
   * unless `createAliasRecords` is false.
   *
   * Without `certificate`, the zone must be public, and the registrar must delegate the domain to it. Otherwise, ACM
   * cannot validate the certificate, and the deployment waits for hours.
   */
  readonly hostedZone: route53.IHostedZone;
  /**
   * An existing certificate for the domain names. It must be in the region of the stack of a `SecureLoadBalancer`, or
   * in us-east-1 for a `StaticSiteCdn`. A certificate of the app that does not cover the names is refused.
   * @default - the construct requests a certificate and validates it with records in `hostedZone`
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Whether the construct creates the alias records, which send the clients of the domain names to it.
   *
   * CloudFormation refuses to create a record that exists in the hosted zone with other values. To replace a system
   * that is in use, first deploy with false: the construct gets its certificate and serves the domain names, but the
   * clients still reach the old system. Test the new system, change the records, and remove this prop.
   *
   * Two constructs of an app that create records for the same name in the same hosted zone are refused.
   * @default true
   */
  readonly createAliasRecords?: boolean;
}

/** The internal form of the three choices. */
interface Endpoint {
  readonly domainNames?: string[];
  readonly hostedZone?: route53.IHostedZone;
  readonly certificate?: acm.ICertificate;
  readonly createAliasRecords?: boolean;
  readonly plainHttp?: RelaxationOptions;
}

/**
 * The protocol, certificate and domain names of a `SecureLoadBalancer` or a `StaticSiteCdn`.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const zone: route53.IHostedZone;
 *
 * new SecureLoadBalancer(this, 'Entrance', {
 *   vpc: network,
 *   endpoint: WebEndpoint.domain({ domainName: 'api.example.com', hostedZone: zone }),
 * });
 */
export class WebEndpoint {
  /**
   * HTTPS at a domain name in Route 53. The construct requests the certificate and creates the alias records.
   *
   * `createAliasRecords: false` leaves out the records while another system uses the domain name.
   *
   * A `StaticSiteCdn` can request a certificate only in a stack in us-east-1. In other regions, pass `certificate`.
   */
  public static domain(options: WebDomainOptions): WebEndpoint {
    checkFactory('WebEndpoint.domain', { options });
    const { domainName, additionalDomainNames = [], ...rest } = options;
    return new WebEndpoint(FROM_FACTORY, 'domain', { ...rest, domainNames: [domainName, ...additionalDomainNames] });
  }

  /**
   * HTTPS with an existing certificate, without DNS records. Create the records yourself.
   *
   * @param certificate a certificate in the region of the stack of a `SecureLoadBalancer`, or in us-east-1 for a
   * `StaticSiteCdn`; a certificate of the app that does not cover the names is refused
   * @param domainNames the domain names that clients use: one to ten for a `StaticSiteCdn`, and at most one for a
   * `SecureLoadBalancer`, whose `domainName` is otherwise the name that AWS assigned
   */
  public static certificate(certificate: acm.ICertificate, ...domainNames: string[]): WebEndpoint {
    checkFactory('WebEndpoint.certificate', { certificate, domainNames });
    return new WebEndpoint(FROM_FACTORY, 'certificate', { certificate, domainNames });
  }

  /** HTTP on port 80 without HTTPS, for development. A relaxation. Only a `SecureLoadBalancer` accepts it. */
  public static plainHttp(options: RelaxationOptions): WebEndpoint {
    checkFactory('WebEndpoint.plainHttp', { options });
    return new WebEndpoint(FROM_FACTORY, 'plainHttp', { plainHttp: options });
  }

  /**
   * The domain names, the first of which is the main one. Empty without a domain name.
   * @internal
   */
  public readonly _domainNames: string[];
  /**
   * The hosted zone of the validation records of a requested certificate, and of the alias records.
   * @internal
   */
  public readonly _hostedZone?: route53.IHostedZone;
  /**
   * The hosted zone of the alias records. Undefined if the construct creates no alias records.
   * @internal
   */
  public readonly _recordZone?: route53.IHostedZone;
  /**
   * The existing certificate. Undefined if the construct requests one or serves plain HTTP.
   * @internal
   */
  public readonly _certificate?: acm.ICertificate;
  /**
   * The reason for plain HTTP. Undefined with HTTPS.
   * @internal
   */
  public readonly _plainHttp?: RelaxationOptions;
  /**
   * The factory that created the endpoint.
   * @internal
   */
  public readonly _choice: 'domain' | 'certificate' | 'plainHttp';

  /** @internal */
  public readonly _choiceClass: string;

  private constructor(
    created: typeof FROM_FACTORY, choice: 'domain' | 'certificate' | 'plainHttp', endpoint: Endpoint,
  ) {
    this._choiceClass = markChoice(this, 'WebEndpoint', created === FROM_FACTORY);
    this._choice = choice;
    this._domainNames = endpoint.domainNames ?? [];
    this._hostedZone = endpoint.hostedZone;
    this._recordZone = endpoint.createAliasRecords ?? true ? endpoint.hostedZone : undefined;
    this._certificate = endpoint.certificate;
    this._plainHttp = endpoint.plainHttp;
  }
}
