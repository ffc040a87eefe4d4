import { Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { IWebFirewall } from '../firewall/web-firewall';
import { RelaxationOptions } from '../core/relaxation';

/** An entrance for HTTPS requests. One of `certificate`, `domainName` or `plainHttp` is needed. */
export interface SecureLoadBalancerProps {
  /** The network. An entrance from the internet needs public subnets in two zones. */
  readonly vpc: ec2.IVpc;
  /**
   * The certificate, of the load balancer's own region.
   * @default - one is requested for `domainName`, and validated by a record in `hostedZone`
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Certificates for further host names, which clients choose among by the name they ask for (SNI).
   * @default - none
   */
  readonly additionalCertificates?: acm.ICertificate[];
  /**
   * The host name of the entrance, `api.example.com`. Alias records for it are made in `hostedZone`. Only together with that.
   * @default - no record is made
   */
  readonly domainName?: string;
  /**
   * The zone that `domainName` is in. Only together with that. Where no certificate is given the zone has to be public, and the
   * registrar has to have delegated it: the deployment waits for hours for a certificate whose validation nobody can look up.
   * @default - no record is made
   */
  readonly hostedZone?: route53.IHostedZone;
  /**
   * For development without a certificate: the entrance forwards HTTP on port 80, and there is no HTTPS. A relaxation, refused together
   * with a certificate or a domain name.
   * @default - HTTPS only
   */
  readonly plainHttp?: RelaxationOptions;
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
