import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IDependable } from 'constructs';
import { SiteDeployment } from './deployment/site-deployment';
import { siteBucket } from './site-bucket';
import { siteDistribution } from './site-distribution';
import { defineRecords, siteCertificate } from './site-domain';
import { letDecrypt } from './site-key';
import { BUCKET_LOGS, SiteLogs, siteLogs } from './site-logs';
import { sitePlan } from './site-monitoring';
import { validateSite } from './site-validation';
import { StaticSiteCdnProps } from './static-site-cdn-props';
import { emptyAfterWriters } from '../blocks/empty-after-writers';
import { encryptionKeyFor } from '../blocks/encryption-key';
import { checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable, declareWatched } from '../core/monitored-mark';
import { FirewallScope } from '../firewall/firewall-scope';
import { WebFirewall } from '../firewall/web-firewall';
import { IWebFirewall } from '../firewall/web-firewall-interface';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** The directory where build tools write files with a hash in their names. */
export const DEFAULT_IMMUTABLE_PATHS = ['/assets/*'];

/**
 * A static site: a private, encrypted bucket behind a CloudFront distribution.
 *
 * The distribution serves only HTTPS, has a web firewall, adds security headers to all responses of the site and its
 * API, and logs requests. AWS delivers these logs on a best-effort basis.
 *
 * @example
 * declare const zone: route53.IHostedZone;
 *
 * new StaticSiteCdn(this, 'Site', {
 *   source: 'frontend/dist',
 *   routing: SiteRouting.singlePageApp(),
 *   endpoint: WebEndpoint.domain({ domainName: 'www.example.com', hostedZone: zone }),
 * });
 */
export class StaticSiteCdn extends Construct implements IMonitored {
  /** The bucket of the files. */
  public readonly bucket: s3.Bucket;
  /** The distribution. */
  public readonly distribution: cloudfront.Distribution;
  /** The first domain name of the endpoint, or the domain name that CloudFront assigned. */
  public readonly domainName: string;
  /** The URL of the site: `https://` and the domain name. */
  public readonly url: string;
  /**
   * The bucket for the access logs of the distribution and of `bucket`.
   *
   * Their prefixes are `distribution/` and `bucket/`.
   */
  public readonly accessLogBucket: s3.IBucket;
  /** The firewall. */
  public readonly firewall: IWebFirewall;
  /** The certificate, existing or requested. Undefined without an endpoint. */
  public readonly certificate?: acm.ICertificate;
  /** The key of the files. */
  public readonly encryptionKey: kms.IKey;
  private readonly ownFirewall?: WebFirewall;

  /** Creates the site. Without `source`, it returns 404 until its bucket contains files. */
  constructor(scope: Construct, id: string, props: StaticSiteCdnProps = {}) {
    super(scope, id);
    checkProps(this, 'StaticSiteCdnProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    const { source, endpoint, immutablePaths = DEFAULT_IMMUTABLE_PATHS } = props;
    validateSite(this, props, immutablePaths);

    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Files of the site ${this.node.path}`,
    });
    this.ownFirewall = props.firewall ? undefined : this.defineFirewall();
    this.firewall = props.firewall ?? this.ownFirewall!;
    this.certificate = siteCertificate(this, endpoint);
    const logs = siteLogs(this, props.accessLogBucket);
    this.accessLogBucket = logs.bucket;

    this.distribution = siteDistribution(this, props, {
      immutablePaths,
      certificate: this.certificate,
      accessLogBucket: this.accessLogBucket,
    });
    this.protect(this.firewall);
    letDecrypt(this, this.encryptionKey, this.distribution);
    this.bucket = this.defineBucket();
    this.order(logs);
    const pages = source === undefined ? this.bucket : this.deploy(source, immutablePaths);

    if (endpoint) defineRecords(this, endpoint, this.distribution, pages);
    this.domainName = endpoint?._domainNames[0] ?? this.distribution.distributionDomainName;
    this.url = `https://${this.domainName}`;
  }

  /**
   * Returns the alarms of the site and of the firewall that it creates.
   *
   * The alarms of the site are for more than 5 % server errors for 15 minutes and for a certificate that expires within
   * 30 days.
   *
   * CloudFront publishes its metrics in us-east-1, so the `WorkloadMonitoring` must be in a stack in that region.
   */
  public monitoringPlan(): MonitoringPlan {
    const plan = sitePlan(this, this);
    const firewallPlan = this.ownFirewall?.monitoringPlan();
    return {
      ...plan,
      alarms: [...plan.alarms, ...(firewallPlan?.alarms ?? [])],
      widgets: [...plan.widgets, ...(firewallPlan?.widgets ?? [])],
    };
  }

  private defineFirewall(): WebFirewall {
    const firewall = new WebFirewall(this, 'Firewall', {
      webAclScope: FirewallScope.CLOUDFRONT,
      encryptionKey: this.encryptionKey,
    });
    // The monitoring plan of the site includes its firewall.
    declareWatched(firewall);
    return firewall;
  }

  private protect(firewall: IWebFirewall): void {
    const webAclArn = firewall.webAclArnForDistribution(this.distribution);
    if (webAclArn !== undefined) this.distribution.attachWebAclId(webAclArn);
  }

  private defineBucket(): s3.Bucket {
    const bucket = siteBucket(this, this.encryptionKey, this.distribution);
    const { bucketName } = this.accessLogBucket;
    (bucket.node.defaultChild as s3.CfnBucket).loggingConfiguration = {
      destinationBucketName: bucketName,
      logFilePrefix: BUCKET_LOGS,
    };
    return bucket;
  }

  /**
   * The log bucket is ready before its writers: S3 rejects concurrent changes of a bucket policy and an access control
   * list.
   */
  private order({ bucket, ready }: SiteLogs): void {
    emptyAfterWriters(bucket, this.distribution, this.bucket);
    if (!ready) return;
    for (const writer of [this.distribution, this.bucket]) writer.node.defaultChild!.node.addDependency(ready);
  }

  private deploy(source: string, immutablePaths: string[]): IDependable {
    const { bucket, distribution, encryptionKey } = this;
    const deployment = new SiteDeployment(this, 'Deployment', {
      source,
      bucket,
      distribution,
      immutablePaths,
      encryptionKey,
    });
    emptyAfterWriters(bucket, deployment);
    return deployment.files;
  }
}
