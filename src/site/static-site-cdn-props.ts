import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ContentSecurityPolicy } from './content-security-policy';
import { SiteApi } from './site-api';
import { SiteRouting } from './site-routing';
import { RelaxationOptions } from '../core/relaxation';
import { WebEndpoint } from '../endpoint/web-endpoint';
import { IWebFirewall } from '../firewall/web-firewall-interface';

/** Properties of a `StaticSiteCdn`. */
export interface StaticSiteCdnProps {
  /**
   * The local directory that contains the built site with its `index.html`. Each deployment of the stack uploads new
   * and changed files, and deletes files that the directory does not contain.
   * @default - no files are deployed; a pipeline uploads them to `bucket`
   */
  readonly source?: string;
  /**
   * How the distribution maps a path to a file.
   * @default SiteRouting.files()
   */
  readonly routing?: SiteRouting;
  /**
   * The path patterns of files with a hash of their content in their names. They start with `/`, and `*` matches any
   * characters. At most 20.
   *
   * CloudFront and browsers cache these files for one year. They revalidate all other files at each request. Vite
   * writes files with hashes below `/assets/`.
   * @default ['/assets/*']
   */
  readonly immutablePaths?: string[];
  /**
   * The domain names and the certificate: `WebEndpoint.domain` or `WebEndpoint.certificate`, with at most ten names and
   * a certificate in us-east-1. `WebEndpoint.plainHttp` is refused.
   * @default - the domain name that CloudFront assigns, with the certificate of CloudFront, which allows TLS 1.0
   */
  readonly endpoint?: WebEndpoint;
  /**
   * Whether the distribution serves the domain names of `endpoint` (its alternate domain names).
   *
   * A domain name belongs to one distribution at a time, and CloudFront refuses a second one with `CNAMEAlreadyExists`.
   * To replace a distribution that is in use, first deploy with false and `createAliasRecords: false`: the distribution
   * gets its certificate, but no domain name. Move the names with the command `aws cloudfront associate-alias`, and
   * remove this prop. The value false is refused without an endpoint and together with alias records.
   * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/alternate-domain-names-move.html
   * @default true
   */
  readonly associateDomainNames?: boolean;
  /**
   * An API at the domain names of the site.
   * @default - every path is a path of the site
   */
  readonly api?: SiteApi;
  /**
   * The Content-Security-Policy header of all responses of the site and the API. It determines what pages can load, run
   * and call, and which sites can frame them. A header of more than 1,783 characters and characters other than
   * printable ASCII are refused.
   * @default ContentSecurityPolicy.strict()
   */
  readonly contentSecurityPolicy?: ContentSecurityPolicy;
  /**
   * Limits HTTP Strict Transport Security to the domain names of the site.
   *
   * Use it if a subdomain still serves plain HTTP. A relaxation.
   * @default - for one year, browsers use only HTTPS for the domain names and all their subdomains
   */
  readonly hstsDomainOnly?: RelaxationOptions;
  /**
   * The countries that can, or cannot, open the site.
   * @default - all countries can
   */
  readonly geoRestriction?: cloudfront.GeoRestriction;
  /**
   * The CloudFront price class. Visitors far from the edge locations of the class have a higher latency.
   * @default PriceClass.PRICE_CLASS_100
   */
  readonly priceClass?: cloudfront.PriceClass;
  /**
   * The firewall: a `WebFirewall` with the scope `CLOUDFRONT`, `WebFirewall.fromWebAclArn` or `WebFirewall.none`.
   * Required in a stack in a region other than us-east-1, the only region with firewalls for CloudFront.
   * @default - a new `WebFirewall`, whose log uses the key of the site; a stack without a region then deploys only to
   * us-east-1
   */
  readonly firewall?: IWebFirewall;
  /**
   * The bucket for the access logs of the distribution and of the bucket of the site.
   *
   * Their prefixes are `distribution/` and `bucket/`. The bucket must be in the same region, with S3 managed keys
   * (SSE-S3), without Object Lock, and with access control lists enabled, which CloudFront needs to write. The
   * construct extends its policy. The policy of an imported bucket must already allow S3 to write.
   * @default - a new private bucket with versioning, which keeps the files for six years (2,192 days)
   */
  readonly accessLogBucket?: s3.IBucket;
  /**
   * The key for the files, the log of the firewall, and the function that deploys the files.
   *
   * The key applies only to a firewall that the site creates. The construct extends the policy of the key. The policy
   * of an imported key must already allow CloudFront and CloudWatch Logs to use it. Create the key in the stack of the
   * site, because the policy of a key in another stack cannot name the distribution. An alias and a key of another
   * region are refused.
   * @default - a new key with rotation
   */
  readonly encryptionKey?: kms.IKey;
}
