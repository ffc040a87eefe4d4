import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IDependable } from 'constructs';
import { siteBucket } from './site-bucket';
import { SiteDeployment } from './deployment/site-deployment';
import { siteDistribution } from './site-distribution';
import { defineRecords, siteCertificate } from './site-domain';
import { letDecrypt } from './site-key';
import { BUCKET_LOGS, SiteLogs, siteLogs } from './site-logs';
import { sitePlan } from './site-monitoring';
import { validateSite } from './site-validation';
import { StaticSiteCdnProps } from './static-site-cdn-props';
import { FirewallScope } from '../firewall/firewall-scope';
import { IWebFirewall, WebFirewall } from '../firewall/web-firewall';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { emptyAfterWriters } from '../blocks/empty-after-writers';
import { encryptionKeyFor } from '../blocks/encryption-key';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable, declareWatched } from '../core/monitored-mark';

/** Where build tools put the files whose names hold a hash. */
export const DEFAULT_IMMUTABLE_PATHS = ['/assets/*'];
/**
 * A site of static files: a private bucket under a key, and a distribution in front of it that speaks HTTPS alone, stands behind a web firewall, sends
 * security headers with every answer of its own and of its API, and logs every request.
 */
export class StaticSiteCdn extends Construct implements IMonitored {
  /** The bucket of the files. */
  public readonly bucket: s3.Bucket;
  /** The distribution. */
  public readonly distribution: cloudfront.Distribution;
  /** The host name: the first of `domainNames`, or else the one that CloudFront gave. */
  public readonly domainName: string;
  /** Where visitors go: the host name with `https://`. */
  public readonly url: string;
  /** Where the access logs of the distribution (below `distribution/`) and of the bucket (below `bucket/`) go. */
  public readonly accessLogBucket: s3.IBucket;
  /** The firewall. */
  public readonly firewall: IWebFirewall;
  /** The certificate, given or requested. Undefined without `domainNames`. */
  public readonly certificate?: acm.ICertificate;
  /** The key of the files. */
  public readonly encryptionKey: kms.IKey;
  private readonly ownFirewall?: WebFirewall;

  /** Makes the site. Without `source` it answers 404 until files are in its bucket. */
  constructor(scope: Construct, id: string, props: StaticSiteCdnProps = {}) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
    const { source, endpoint, immutablePaths = DEFAULT_IMMUTABLE_PATHS } = props;
    validateSite(this, props, immutablePaths);

    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, { description: `Files of the site ${this.node.path}` });
    this.ownFirewall = props.firewall ? undefined : this.defineFirewall();
    this.firewall = props.firewall ?? this.ownFirewall!;
    this.certificate = siteCertificate(this, endpoint);
    const logs = siteLogs(this, props.accessLogBucket);
    this.accessLogBucket = logs.bucket;

    this.distribution = siteDistribution(this, props, { immutablePaths, certificate: this.certificate, accessLogBucket: this.accessLogBucket });
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
   * An alarm when more than 5 % of the answers are errors of a server for a quarter of an hour, and one on a certificate that ends within 30 days; together
   * with those of the site's own firewall. CloudFront publishes its metrics in us-east-1: the `Monitoring` has to be in a stack of that region.
   */
  public monitoringPlan(): MonitoringPlan {
    const plan = sitePlan(this, this);
    const firewallPlan = this.ownFirewall?.monitoringPlan();
    return { ...plan, alarms: [...plan.alarms, ...firewallPlan?.alarms ?? []], widgets: [...plan.widgets, ...firewallPlan?.widgets ?? []] };
  }

  private defineFirewall(): WebFirewall {
    const firewall = new WebFirewall(this, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT, encryptionKey: this.encryptionKey });
    // Whoever watches the site watches its firewall; nobody has to remember it.
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
    (bucket.node.defaultChild as s3.CfnBucket).loggingConfiguration = { destinationBucketName: bucketName, logFilePrefix: BUCKET_LOGS };
    return bucket;
  }

  /** The log bucket stands ready before it is written to: S3 tells whoever changes its policy and its access control list at once to come back later. */
  private order({ bucket, ready }: SiteLogs): void {
    emptyAfterWriters(bucket, this.distribution, this.bucket);
    if (!ready) return;
    for (const writer of [this.distribution, this.bucket]) writer.node.defaultChild!.node.addDependency(ready);
  }

  private deploy(source: string, immutablePaths: string[]): IDependable {
    const { bucket, distribution, encryptionKey } = this;
    const deployment = new SiteDeployment(this, 'Deployment', { source, bucket, distribution, immutablePaths, encryptionKey });
    emptyAfterWriters(bucket, deployment);
    return deployment.files;
  }
}
