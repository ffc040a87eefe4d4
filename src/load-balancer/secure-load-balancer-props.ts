import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { RelaxationOptions } from '../core/relaxation';
import { WebEndpoint } from '../endpoint/web-endpoint';
import { IWebFirewall } from '../firewall/web-firewall-interface';

/** Properties of a `SecureLoadBalancer`. */
export interface SecureLoadBalancerProps {
  /** The VPC. An internet-facing load balancer needs public subnets in two Availability Zones. */
  readonly vpc: ec2.IVpc;
  /**
   * The certificate and the domain name: `WebEndpoint.domain({ domainName, hostedZone })`, or an existing certificate.
   */
  readonly endpoint: WebEndpoint;
  /**
   * Certificates for more host names. The load balancer selects one by the name that the client requests (SNI).
   * At most 25, the default quota of a load balancer.
   * @default - only the certificate of `endpoint`
   */
  readonly additionalCertificates?: acm.ICertificate[];
  /**
   * The firewall: a `WebFirewall`, `WebFirewall.fromWebAclArn` or `WebFirewall.none`.
   * @default - a new `WebFirewall` with its defaults
   */
  readonly firewall?: IWebFirewall;
  /**
   * Limits HTTP Strict Transport Security to the domain name of the load balancer.
   *
   * Use it if a subdomain still serves plain HTTP. A relaxation. Refused with `WebEndpoint.plainHttp`.
   * @default - for one year, browsers use only HTTPS for the domain name and all its subdomains
   */
  readonly hstsDomainOnly?: RelaxationOptions;
  /**
   * Whether the load balancer is reachable from the internet. An internal load balancer accepts no connections until
   * the app allows them: `connections.allowDefaultPortFrom`.
   * @default true
   */
  readonly internetFacing?: boolean;
  /**
   * The bucket for the access logs and connection logs.
   *
   * The bucket must be in the same region, with S3 managed keys (SSE-S3). The construct extends its policy. The policy
   * of an imported bucket must already allow the load balancer to write.
   * @default - a new private bucket with versioning, which keeps the files for six years (2,192 days)
   */
  readonly accessLogBucket?: s3.IBucket;
  /**
   * The subnets, in at least two Availability Zones.
   * @default - all public subnets if the load balancer is internet-facing, otherwise all private (or isolated) subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * The idle timeout of a connection, from 1 to 4,000 seconds. The keep-alive timeout of the application must be
   * longer.
   * @default Duration.seconds(60)
   */
  readonly idleTimeout?: Duration;
  /**
   * The key for the log of the firewall that the load balancer creates. Refused together with `firewall`. Access logs
   * do not support customer managed keys.
   * An alias and a key of another region are refused.
   * @default - the firewall creates a key with rotation
   */
  readonly encryptionKey?: kms.IKey;
}
