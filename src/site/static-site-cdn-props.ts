import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ContentSecurityPolicy } from './content-security-policy';
import { SiteApi } from './site-api';
import { SiteRouting } from './site-routing';
import { RelaxationOptions } from '../core/relaxation';
import { WebEndpoint } from '../endpoint/web-endpoint';
import { IWebFirewall } from '../firewall/web-firewall';

/** A site of static files behind CloudFront. */
export interface StaticSiteCdnProps {
  /**
   * The local folder that holds the built site, with its `index.html`. It is deployed with the stack: what is new comes, what is gone goes.
   * @default - nothing is deployed; a pipeline puts the files into `bucket`
   */
  readonly source?: string;
  /**
   * Which file answers a path.
   * @default SiteRouting.files()
   */
  readonly routing?: SiteRouting;
  /**
   * The paths of files whose names hold a hash of their content, as build tools write them: begun with `/`, with `*` for anything, at most 20. They are
   * kept for a year, by CloudFront and by browsers. Everything else is asked for anew each time. Vite writes such files below `/assets/`.
   * @default ['/assets/*']
   */
  readonly immutablePaths?: string[];
  /**
   * The domain names and the certificate: `WebEndpoint.domain` or `WebEndpoint.certificate`. The site accepts at most ten names, and its
   * certificate must be in us-east-1. `WebEndpoint.plainHttp` is refused.
   * @default - the domain name that CloudFront assigns, with CloudFront's own certificate, which allows TLS 1.0
   */
  readonly endpoint?: WebEndpoint;
  /**
   * An API that the site's own domain answers for.
   * @default - every path is a path of the site
   */
  readonly api?: SiteApi;
  /**
   * What pages may load, run, call and be framed by. It is sent with every answer of the site and of the API.
   * @default ContentSecurityPolicy.strict()
   */
  readonly contentSecurityPolicy?: ContentSecurityPolicy;
  /**
   * Limits HTTP Strict Transport Security to the site's own domain names, because a subdomain of them still serves plain HTTP. A relaxation.
   * @default - browsers use only HTTPS for the domain names and all their subdomains, for one year
   */
  readonly hstsDomainOnly?: RelaxationOptions;
  /**
   * The countries that may, or may not, see the site.
   * @default - every country may
   */
  readonly geoRestriction?: cloudfront.GeoRestriction;
  /**
   * From how many parts of the world CloudFront answers. It answers everybody anywhere; from further away it takes longer.
   * @default PriceClass.PRICE_CLASS_100
   */
  readonly priceClass?: cloudfront.PriceClass;
  /**
   * The firewall: a `WebFirewall` with the scope `CLOUDFRONT`, `WebFirewall.fromWebAclArn` or `WebFirewall.none`. Needed in a stack of another region than
   * us-east-1, which has no firewalls for CloudFront.
   * @default - a `WebFirewall` of its own, whose log is under the site's key; a stack without a region can be deployed in us-east-1 alone then
   */
  readonly firewall?: IWebFirewall;
  /**
   * A bucket for the access logs of the distribution (below `distribution/`) and of the site's bucket (below `bucket/`): of the same region, under the
   * keys of S3 (SSE-S3), without object lock, and one that obeys access control lists, by which CloudFront writes. Its policy is extended; that of an
   * imported one has to let S3 write already.
   * @default - a private one is made, versioned, that keeps the files for six years (2,192 days)
   */
  readonly accessLogBucket?: s3.IBucket;
  /**
   * The key for the files, for the log of the site's own firewall, and for the function that deploys. Its policy is extended; that of an imported one has to
   * let CloudFront and CloudWatch Logs use it already. Make it in the site's own stack: the policy of a key of another stack cannot name the distribution.
   * @default - a rotating key of its own
   */
  readonly encryptionKey?: kms.IKey;
}
