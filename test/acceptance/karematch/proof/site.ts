import * as fs from 'fs';
import * as path from 'path';
import * as vm from 'vm';
import { Template } from 'aws-cdk-lib/assertions';
import {
  API_DOMAIN,
  BUCKET,
  BUCKET_POLICY,
  CACHE_POLICY,
  CERTIFICATE,
  CLOSED_TO_THE_PUBLIC,
  DISTRIBUTION,
  distribution,
  FUNCTION,
  KEY,
  LOAD_BALANCER,
  REGION,
  SITE_DOMAIN,
  SITE_FOLDER,
  siteBucket,
  siteFiles,
  ZONE,
} from './parts';
import { headersOf } from '../../../../src/site/deployment/object-headers';
import {
  allows,
  attribute,
  Granted,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
  whoMay,
} from '../../../support/template/reading';

interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly ViewerProtocolPolicy: string;
  readonly CachePolicyId: { Ref: string };
  readonly Compress: boolean;
  readonly ResponseHeadersPolicyId: { Ref: string };
  readonly FunctionAssociations?: Array<{ EventType: string; FunctionARN: { 'Fn::GetAtt': string[] } }>;
}

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const ORIGIN_ACCESS = 'AWS::CloudFront::OriginAccessControl';

const bucket = (template: Template) => propertiesOf(template, BUCKET, siteBucket(template));
const behaviors = (template: Template): Behavior[] => [
  distribution(template).DefaultCacheBehavior,
  ...distribution(template).CacheBehaviors,
];
const behavior = (template: Template, pattern: string) =>
  behaviors(template).find(({ PathPattern }) => PathPattern === pattern)!;

/** The origin of the bucket. Its domain name contains the bucket name of S3: prefix, account, region. */
function origin(template: Template) {
  const name = `${text(bucket(template).BucketNamePrefix)}-\${{'Ref':'AWS::AccountId'}}-${REGION}-an`;
  const found = distribution(template).Origins.filter(
    ({ DomainName }: { DomainName: unknown }) => text(DomainName) === `${name}.s3.${REGION}.amazonaws.com`,
  );
  expect(found).toHaveLength(1);
  return found[0];
}

/** The cache behaviors of the bucket. */
function ofFiles(template: Template): Behavior[] {
  const { Id } = origin(template);
  expect(distribution(template).DefaultCacheBehavior.TargetOriginId).toBe(Id);
  return behaviors(template).filter(({ TargetOriginId }) => TargetOriginId === Id);
}

const cache = (template: Template, { CachePolicyId }: Behavior) =>
  propertiesOf(template, CACHE_POLICY, CachePolicyId.Ref).CachePolicyConfig;
const fromThisDistribution = (template: Template) => ({
  StringEquals: {
    'aws:SourceArn': {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':cloudfront::',
          { Ref: 'AWS::AccountId' },
          ':distribution/',
          ref(only(template, DISTRIBUTION)),
        ],
      ],
    },
  },
});

/** The name contains the stack ID, in the account regional namespace of S3. */
export function namedByTheStack(template: Template) {
  const { BucketName, BucketNamePrefix, BucketNamespace } = bucket(template);
  expect({ BucketName, BucketNamespace }).toEqual({ BucketName: undefined, BucketNamespace: 'account-regional' });
  expect(text(BucketNamePrefix)).toMatch(/^site-.*AWS::StackId/);
}

/** A function deploys the build of Vite to the bucket and may write only there. */
export function holdsTheFrontEnd(template: Template) {
  expect(fs.readFileSync(path.join(SITE_FOLDER, 'index.html'), 'utf8')).toContain('<title>KareMatch</title>');
  const { ServiceToken, ArchiveKey, DistributionId } = siteFiles(template);
  expect(ArchiveKey).toMatch(/^[0-9a-f]{64}\.zip$/);
  expect(DistributionId).toEqual(ref(only(template, DISTRIBUTION)));
  const role = propertiesOf(template, FUNCTION, ServiceToken['Fn::GetAtt'][0]).Role['Fn::GetAtt'][0];
  const files = { 'Fn::Join': ['', [attribute(siteBucket(template), 'Arn'), '/*']] };
  expect(whoMay(template, 's3:PutObject')).toEqual([{ role, resource: files }]);
  // The bucket policy allows the function of aws-cdk-lib to empty a disposable bucket.
  expect(whoMay(template, 's3:DeleteObject')).toEqual([{ role, resource: files }]);
}

/** The bucket is private, and only the signed requests of the distribution read it. */
export function readByCloudFrontAlone(template: Template) {
  expect(bucket(template).PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
  const access = origin(template).OriginAccessControlId['Fn::GetAtt'][0];
  expect(propertiesOf(template, ORIGIN_ACCESS, access).OriginAccessControlConfig).toMatchObject({
    OriginAccessControlOriginType: 's3',
    SigningBehavior: 'always',
    SigningProtocol: 'sigv4',
  });
  expect(origin(template).S3OriginConfig).toEqual({ OriginAccessIdentity: '' });
  template.resourceCountIs('AWS::CloudFront::CloudFrontOriginAccessIdentity', 0);

  const id = siteBucket(template);
  const { PolicyDocument } = propertiesOf(template, BUCKET_POLICY, only(template, BUCKET_POLICY, { Bucket: ref(id) }));
  const readers = (PolicyDocument.Statement as Array<Granted & { Principal: unknown }>).filter((statement) =>
    allows(statement, 's3:GetObject'),
  );
  expect(readers).toEqual([{
    Sid: expect.any(String),
    Effect: 'Allow',
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Action: 's3:GetObject',
    Resource: { 'Fn::Join': ['', [attribute(id, 'Arn'), '/*']] },
    Condition: fromThisDistribution(template),
  }]);
}

/** No role reads files, except that of the deployment function. */
export function noDirectUrl(template: Template) {
  readByCloudFrontAlone(template);
  const { Role } = propertiesOf(template, FUNCTION, siteFiles(template).ServiceToken['Fn::GetAtt'][0]);
  const readers = whoMay(template, 's3:GetObject').filter(
    ({ resource }) => text(resource).includes(`'${siteBucket(template)}'`) || resource === '*',
  );
  expect(readers.map(({ role }) => role)).toEqual([Role['Fn::GetAtt'][0]]);
}

/** The key of the site encrypts it, and this distribution may decrypt with it. */
export function encrypted(template: Template) {
  const [{ ServerSideEncryptionByDefault }] = bucket(template).BucketEncryption.ServerSideEncryptionConfiguration;
  expect(ServerSideEncryptionByDefault.SSEAlgorithm).toBe('aws:kms');
  expect(rotatingKeys(template)).toContainEqual(ServerSideEncryptionByDefault.KMSMasterKeyID);
  const { KeyPolicy, KeySpec } = propertiesOf(
    template,
    KEY,
    ServerSideEncryptionByDefault.KMSMasterKeyID['Fn::GetAtt'][0],
  );
  expect(KeySpec ?? 'SYMMETRIC_DEFAULT').toBe('SYMMETRIC_DEFAULT');
  const ofCloudFront = KeyPolicy.Statement.filter(
    ({ Principal }: { Principal: { Service?: string } }) => Principal.Service === 'cloudfront.amazonaws.com',
  );
  expect(ofCloudFront).toMatchObject([
    { Effect: 'Allow', Action: 'kms:Decrypt', Condition: fromThisDistribution(template) },
  ]);
}

export function versioned(template: Template) {
  expect(bucket(template).VersioningConfiguration).toEqual({ Status: 'Enabled' });
}

/** Noncurrent versions of all files expire after 90 days; current versions never expire. */
export function oldVersionsGoAfter90Days(template: Template) {
  versioned(template);
  const rules = bucket(template).LifecycleConfiguration.Rules;
  expect(rules).toContainEqual({
    Id: 'OldVersions',
    Status: 'Enabled',
    NoncurrentVersionExpiration: { NoncurrentDays: 90 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  });
  for (const rule of rules) {
    expect(rule).not.toHaveProperty('ExpirationInDays');
    expect(rule.NoncurrentVersionExpiration?.NoncurrentDays ?? 90).toBe(90);
  }
}

/** A deleted file keeps its versions, which no role of the app may delete. */
export function deletionsCanBeTakenBack(template: Template) {
  oldVersionsGoAfter90Days(template);
  for (const action of ['s3:DeleteObjectVersion', 's3:PutBucketVersioning', 's3:PutLifecycleConfiguration']) {
    expect(whoMay(template, action)).toEqual([]);
  }
}

export function originIsTheBucket(template: Template) {
  expect(ofFiles(template).map(({ PathPattern }) => PathPattern)).toEqual([undefined, '/assets/*']);
  expect(distribution(template).Enabled).toBe(true);
}

export function cheapestEdges(template: Template) {
  expect(distribution(template).PriceClass).toBe('PriceClass_100');
}

export function rootObject(template: Template) {
  expect(distribution(template).DefaultRootObject).toBe('index.html');
  fs.accessSync(path.join(SITE_FOLDER, 'index.html'));
}

/** The cache behaviors of the API: its root and the paths below. */
const ofTheApi = (template: Template) => ['/api', '/api/*'].map((pattern) => behavior(template, pattern));

/** The origin of both behaviors. */
function apiOrigin(template: Template) {
  const ids = new Set(ofTheApi(template).map(({ TargetOriginId }) => TargetOriginId));
  expect(ids.size).toBe(1);
  return distribution(template).Origins.find(({ Id }: { Id: string }) => ids.has(Id));
}

/**
 * HTTP requests for pages are redirected. HTTP requests to the API are denied: their content was already sent
 * unencrypted, and a redirect would hide that.
 */
export function httpsRequired(template: Template) {
  for (const { ViewerProtocolPolicy } of ofFiles(template)) expect(ViewerProtocolPolicy).toBe('redirect-to-https');
  for (const { ViewerProtocolPolicy } of ofTheApi(template)) expect(ViewerProtocolPolicy).toBe('https-only');
  expect(behaviors(template)).toHaveLength(4);
  const { ResponseHeadersPolicyId } = distribution(template).DefaultCacheBehavior;
  expect(
    propertiesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy', ResponseHeadersPolicyId.Ref)
      .ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity,
  ).toMatchObject({ AccessControlMaxAgeSec: YEAR_SECONDS, IncludeSubdomains: true, Override: true });
}

export const compresses = (encoding: 'Gzip' | 'Brotli') => (template: Template) => {
  for (const each of ofFiles(template)) {
    expect(each.Compress).toBe(true);
    const { MaxTTL, ParametersInCacheKeyAndForwardedToOrigin } = cache(template, each);
    expect(ParametersInCacheKeyAndForwardedToOrigin[`EnableAcceptEncoding${encoding}`]).toBe(true);
    // CloudFront compresses nothing if caching is disabled.
    expect(MaxTTL).toBeGreaterThan(0);
  }
};

const filesOfTheSite = () => fs.readdirSync(SITE_FOLDER, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(SITE_FOLDER, path.join(entry.parentPath, entry.name)));

function cacheControl(template: Template, wanted: RegExp): string[] {
  const files = filesOfTheSite().filter((file) => wanted.test(file));
  expect(files.length).toBeGreaterThan(0);
  return files.map((file) => headersOf(file, siteFiles(template).ImmutablePaths).cacheControl);
}

/** A year in CloudFront and in the browser, for files with a content hash in their name. */
export function assetsForAYear(template: Template) {
  expect(cache(template, behavior(template, '/assets/*'))).toMatchObject({
    DefaultTTL: YEAR_SECONDS,
    MaxTTL: YEAR_SECONDS,
  });
  expect(siteFiles(template).ImmutablePaths).toEqual(['/assets/*']);
  for (const header of cacheControl(template, /^assets\/.*\.(js|css)$/)) {
    expect(header).toBe(`public, max-age=${YEAR_SECONDS}, immutable`);
  }
  for (const extension of ['png', 'svg', 'webp']) {
    expect(headersOf(`assets/photo-Bx1_9d.${extension}`, siteFiles(template).ImmutablePaths).cacheControl).toContain(
      'immutable',
    );
  }
}

/** The browser requests it each time. CloudFront caches a page for one second, which compression requires. */
export function pagesAreNotCached(template: Template) {
  const { MinTTL, DefaultTTL, MaxTTL } = cache(template, distribution(template).DefaultCacheBehavior);
  expect({ MinTTL, DefaultTTL, MaxTTL }).toEqual({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 1 });
  for (const header of cacheControl(template, /\.(html|webmanifest)$/)) {
    expect(header).toBe('public, max-age=0, must-revalidate');
  }
  for (const file of ['data.json', 'assets/data.json']) {
    expect(headersOf(file, siteFiles(template).ImmutablePaths).cacheControl).toBe('public, max-age=0, must-revalidate');
  }
}

/** The file for a path, from the function of the template. */
function answered(template: Template, uri: string): string {
  const [{ EventType, FunctionARN }, ...more] = distribution(template).DefaultCacheBehavior.FunctionAssociations;
  expect({ EventType, more }).toEqual({ EventType: 'viewer-request', more: [] });
  const { FunctionCode, AutoPublish } = propertiesOf(
    template,
    'AWS::CloudFront::Function',
    FunctionARN['Fn::GetAtt'][0],
  );
  expect(AutoPublish).toBe(true);
  const request = vm.runInNewContext(`${FunctionCode}; handler(event)`, {
    event: { request: { uri, headers: {}, querystring: {} } },
  });
  return request.uri;
}

/** Views return index.html. A missing file remains a 404. An error of the API is returned unchanged and not cached. */
export function viewsAreAnsweredWithIndex(template: Template) {
  for (const view of ['/', '/therapists', '/therapists/17']) expect(answered(template, view)).toBe('/index.html');
  for (const file of ['/assets/gone-1a2b3c.js', '/favicon.ico', '/index.html']) {
    expect(answered(template, file)).toBe(file);
  }
  expect(distribution(template).CustomErrorResponses).toEqual(
    [400, 403, 404, 405, 414, 500, 501, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })),
  );
  for (const each of [...ofTheApi(template), behavior(template, '/assets/*')]) {
    expect(each).not.toHaveProperty('FunctionAssociations');
  }
}

/** The domain name, its certificate, and the records that point to the distribution. */
export function customDomain(template: Template) {
  const { Aliases, ViewerCertificate } = distribution(template);
  expect(Aliases).toEqual([SITE_DOMAIN]);
  expect(propertiesOf(template, CERTIFICATE, ViewerCertificate.AcmCertificateArn.Ref)).toMatchObject({
    DomainName: SITE_DOMAIN,
    ValidationMethod: 'DNS',
    DomainValidationOptions: [{ DomainName: SITE_DOMAIN, HostedZoneId: ZONE }],
  });
  for (const Type of ['A', 'AAAA']) {
    const record = only(template, 'AWS::Route53::RecordSet', { Type, Name: `${SITE_DOMAIN}.` });
    expect(propertiesOf(template, 'AWS::Route53::RecordSet', record).AliasTarget.DNSName).toEqual(
      attribute(only(template, DISTRIBUTION), 'DomainName'),
    );
  }
}

export function noCustomDomain(template: Template) {
  expect(distribution(template)).not.toHaveProperty('Aliases');
  expect(distribution(template)).not.toHaveProperty('ViewerCertificate');
}

export function browsersSpeakTls12(template: Template) {
  httpsRequired(template);
  expect(distribution(template).ViewerCertificate).toMatchObject({
    MinimumProtocolVersion: 'TLSv1.2_2025',
    SslSupportMethod: 'sni-only',
  });
}

/** The pages call the API at the domain of the site, and CloudFront connects to it with TLS. */
export function apiBehindTheSite(template: Template) {
  // CachingDisabled, a managed policy.
  for (const { CachePolicyId } of ofTheApi(template)) {
    expect(CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
  }
  const { DomainName, CustomOriginConfig } = apiOrigin(template);
  expect(DomainName).toBe(API_DOMAIN);
  expect(CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
}

/** Without a certificate, CloudFront connects to the load balancer over HTTP. */
export function apiBehindTheSiteInTheClear(template: Template) {
  const { DomainName, CustomOriginConfig } = apiOrigin(template);
  expect(DomainName).toEqual(attribute(only(template, LOAD_BALANCER), 'DNSName'));
  expect(CustomOriginConfig.OriginProtocolPolicy).toBe('http-only');
}

/** The parts of a template that make the first page fast: compression, edge locations, HTTP/2 and HTTP/3. */
export function servedFromNearby(template: Template) {
  compresses('Gzip')(template);
  compresses('Brotli')(template);
  assetsForAYear(template);
  const { HttpVersion, IPV6Enabled } = distribution(template);
  expect({ HttpVersion, IPV6Enabled }).toEqual({ HttpVersion: 'http2and3', IPV6Enabled: true });
}
