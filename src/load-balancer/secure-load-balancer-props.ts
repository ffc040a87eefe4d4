import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IWebFirewall } from '../firewall/web-firewall';
import { WebEndpoint } from '../endpoint/web-endpoint';

/** Properties of a `SecureLoadBalancer`. */
export interface SecureLoadBalancerProps {
  /** The VPC. An internet-facing load balancer needs public subnets in two Availability Zones. */
  readonly vpc: ec2.IVpc;
  /** The certificate and the domain name: `WebEndpoint.domain({ domainName, hostedZone })`, or an existing certificate. */
  readonly endpoint: WebEndpoint;
  /**
   * Certificates for more host names. The load balancer selects one by the name that the client requests (SNI).
   * @default - only the certificate of `endpoint`
   */
  readonly additionalCertificates?: acm.ICertificate[];
  /**
   * The firewall: a `WebFirewall`, `WebFirewall.fromWebAclArn` or `WebFirewall.none`.
   * @default - a `WebFirewall` of its own, with its defaults
   */
  readonly firewall?: IWebFirewall;
  /**
   * Whether the entrance is reachable from the internet, since that is what an entrance is mostly for. One that is not admits nobody until
   * the app says who may come: `connections.allowDefaultPortFrom`.
   * @default true
   */
  readonly internetFacing?: boolean;
  /**
   * A bucket for the access and connection logs: of the same region, under the keys of S3 (SSE-S3). Its policy is extended; that of an
   * imported one has to let the load balancer write already.
   * @default - a private one is made, versioned, that keeps the files for six years (2,192 days)
   */
  readonly accessLogBucket?: s3.IBucket;
  /**
   * The subnets, in two zones at least.
   * @default - all public subnets if the entrance is internet-facing, else all private (or, without those, isolated) ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * How long a connection may be silent before it is closed, from 1 to 4,000 seconds. Keep the application's own timeout longer.
   * @default Duration.seconds(60)
   */
  readonly idleTimeout?: Duration;
  /**
   * The key for the log of the entrance's own firewall. Refused beside `firewall`. The access logs cannot be under a key of yours.
   * @default - the firewall makes a rotating key of its own
   */
  readonly encryptionKey?: kms.IKey;
}
