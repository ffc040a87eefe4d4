import {
  bucketPolicy,
  development,
  distribution,
  edit,
  grant,
  Mutation,
  named,
  production,
  Properties,
  set,
  SITE_BUCKET,
} from './changes';
import * as type from '../proof/parts';
import { CONTENT } from '../statements/delivery';

const cache = (name: string, change: Properties) =>
  edit(
    type.CACHE_POLICY,
    ({ CachePolicyConfig }) => Object.assign(CachePolicyConfig, change),
    named(`Site${name}Cache`),
  );
const encodings = (change: Properties) =>
  edit(type.CACHE_POLICY, ({ CachePolicyConfig }) =>
    Object.assign(CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin, change),
  );

/** Changes to the site, each with the row that it must fail. */
export const CONTENT_CHANGES: Mutation[] = [
  production(
    CONTENT,
    'S3 Bucket: karematch-frontend-{suffix}',
    'a fixed name',
    set(type.BUCKET, { BucketName: 'karematch-frontend' }, SITE_BUCKET),
  ),
  production(
    CONTENT,
    'S3 Bucket: Purpose: Static frontend hosting',
    'another role can write',
    grant('ApiTaskRole', 's3:*', '*'),
  ),
  production(
    CONTENT,
    'S3 Bucket: Access: Private',
    'public policies are allowed',
    edit(type.BUCKET, (bucket) => (bucket.PublicAccessBlockConfiguration.BlockPublicPolicy = false), SITE_BUCKET),
  ),
  production(
    CONTENT,
    'S3 Bucket: Access: CloudFront access only via OAI',
    'requests without a signature',
    edit(
      'AWS::CloudFront::OriginAccessControl',
      ({ OriginAccessControlConfig }) => (OriginAccessControlConfig.SigningBehavior = 'never'),
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Access: CloudFront access only via OAI',
    'any distribution of any account',
    bucketPolicy((statement) => delete statement.Condition, 's3:GetObject'),
  ),
  production(
    CONTENT,
    'Origin Access Identity (OAI): Prevents direct S3 URL access',
    'another reader with a wildcard',
    bucketPolicy(
      (statement) => Object.assign(statement, { Action: 's3:Get*', Principal: { AWS: '*' } }),
      's3:ListBucket',
    ),
  ),
  production(
    CONTENT,
    'Origin Access Identity (OAI): Prevents direct S3 URL access',
    'a role that can read every object',
    grant('ApiTaskRole', 's3:GetObject', '*'),
  ),
  production(
    CONTENT,
    'S3 Bucket: Encryption: AES-256 server-side encryption',
    'the default key',
    edit(
      type.BUCKET,
      ({ BucketEncryption }) =>
        (BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault = {
          SSEAlgorithm: 'AES256',
        }),
      SITE_BUCKET,
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Encryption: AES-256 server-side encryption',
    'every distribution can decrypt',
    edit(
      type.KEY,
      ({ KeyPolicy }) =>
        delete KeyPolicy.Statement.find(({ Principal }: Properties) => Principal.Service === 'cloudfront.amazonaws.com')
          .Condition,
      named('SiteKey'),
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Versioning: Enabled',
    'suspended',
    set(type.BUCKET, { VersioningConfiguration: { Status: 'Suspended' } }, SITE_BUCKET),
  ),
  production(
    CONTENT,
    'S3 Bucket: Lifecycle: Delete old versions after 90 days',
    '7 days',
    edit(
      type.BUCKET,
      ({ LifecycleConfiguration }) => (LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration.NoncurrentDays = 7),
      SITE_BUCKET,
    ),
  ),
  production(
    CONTENT,
    'S3 Bucket: Lifecycle: Delete old versions after 90 days',
    'current files too',
    edit(
      type.BUCKET,
      ({ LifecycleConfiguration }) => (LifecycleConfiguration.Rules[1].ExpirationInDays = 90),
      SITE_BUCKET,
    ),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Origin: S3 bucket',
    'pages from the API origin',
    distribution(({ DefaultCacheBehavior, Origins }) => (DefaultCacheBehavior.TargetOriginId = Origins[1].Id)),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Origin: S3 bucket',
    'a bucket of another name',
    distribution(({ Origins }) => (Origins[0].DomainName = 'other.s3.us-east-1.amazonaws.com')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Price class: PriceClass_100 (US, Canada, Europe)',
    'all price classes',
    distribution((config) => (config.PriceClass = 'PriceClass_All')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Default root object: index.html',
    'no root object',
    distribution((config) => delete config.DefaultRootObject),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: HTTPS: Required (redirect HTTP to HTTPS)',
    'assets over HTTP',
    distribution(({ CacheBehaviors }) => (CacheBehaviors[2].ViewerProtocolPolicy = 'allow-all')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: HTTPS: Required (redirect HTTP to HTTPS)',
    'the root of the API over HTTP',
    distribution(({ CacheBehaviors }) => (CacheBehaviors[0].ViewerProtocolPolicy = 'redirect-to-https')),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Compression: Enabled (gzip)',
    'no compression, because caching is off',
    cache('Page', { MaxTTL: 0 }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Compression: Enabled (brotli)',
    'gzip only',
    encodings({ EnableAcceptEncodingBrotli: false }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Caching: Static assets (JS, CSS, images): 1 year TTL',
    'one day',
    cache('Immutable', { DefaultTTL: 86400 }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Caching: Static assets (JS, CSS, images): 1 year TTL',
    'other paths in the deployment',
    set(type.SITE_FILES, { ImmutablePaths: ['/static/*'] }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Caching: HTML, JSON: No caching (max-age=0)',
    'pages cached for one day',
    cache('Page', { MaxTTL: 86400 }),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    'error pages for everything',
    distribution(
      (config) =>
        (config.CustomErrorResponses = [{ ErrorCode: 404, ResponsePagePath: '/index.html', ResponseCode: 200 }]),
    ),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    'errors that are cached',
    distribution((config) => delete config.CustomErrorResponses),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Error handling: 404/403 → /index.html (SPA routing)',
    'a function that returns the page for files',
    edit(
      'AWS::CloudFront::Function',
      (rewrite) =>
        (rewrite.FunctionCode = 'function handler(event) { event.request.uri = "/index.html"; return event.request; }'),
    ),
  ),
  production(
    CONTENT,
    'CloudFront Distribution: Custom domain: Supported (if ACM certificate provided)',
    'another name',
    distribution((config) => (config.Aliases = ['karematch.com'])),
  ),
  development(
    CONTENT,
    'CloudFront Distribution: Custom domain: Supported (if ACM certificate provided)',
    'an alias in development',
    distribution((config) => (config.Aliases = ['dev.karematch.com'])),
  ),
  production(
    CONTENT,
    'Origin Access Identity (OAI): Restricts S3 access to CloudFront only',
    'every principal can read',
    bucketPolicy((statement) => (statement.Principal = '*'), 's3:GetObject'),
  ),
];
