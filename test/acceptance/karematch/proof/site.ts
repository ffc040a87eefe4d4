import * as fs from 'fs';
import * as path from 'path';
import * as vm from 'vm';
import { Template } from 'aws-cdk-lib/assertions';
import { API_DOMAIN, BUCKET, BUCKET_POLICY, CACHE_POLICY, CERTIFICATE, CLOSED_TO_THE_PUBLIC, DISTRIBUTION, distribution, FUNCTION, KEY, LOAD_BALANCER, REGION, SITE_DOMAIN, SITE_FOLDER, siteBucket, siteFiles, ZONE } from './parts';
import { headersOf } from '../../../../src/site/deployment/object-headers';
import { allows, attribute, Granted, only, propertiesOf, ref, rotatingKeys, text, whoMay } from '../../../support/template/reading';

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
const behaviors = (template: Template): Behavior[] => [distribution(template).DefaultCacheBehavior, ...distribution(template).CacheBehaviors];
const behavior = (template: Template, pattern: string) => behaviors(template).find(({ PathPattern }) => PathPattern === pattern)!;

/** The origin that is the bucket. Its address is the bucket's name, as S3 puts it together: prefix, account, region. */
function origin(template: Template) {
  const name = `${text(bucket(template).BucketNamePrefix)}-\${{'Ref':'AWS::AccountId'}}-${REGION}-an`;
  const found = distribution(template).Origins.filter(({ DomainName }: { DomainName: unknown }) => text(DomainName) === `${name}.s3.${REGION}.amazonaws.com`);
  expect(found).toHaveLength(1);
  return found[0];
}

/** The behaviors that the bucket answers. */
function ofFiles(template: Template): Behavior[] {
  const { Id } = origin(template);
  expect(distribution(template).DefaultCacheBehavior.TargetOriginId).toBe(Id);
  return behaviors(template).filter(({ TargetOriginId }) => TargetOriginId === Id);
}

const cache = (template: Template, { CachePolicyId }: Behavior) => propertiesOf(template, CACHE_POLICY, CachePolicyId.Ref).CachePolicyConfig;
const fromThisDistribution = (template: Template) =>
  ({ StringEquals: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/', ref(only(template, DISTRIBUTION))]] } } });

/** Its name has the stack's id in it, in the part of S3's names that belongs to the account. */
export function namedByTheStack(template: Template) {
  const { BucketName, BucketNamePrefix, BucketNamespace } = bucket(template);
  expect({ BucketName, BucketNamespace }).toEqual({ BucketName: undefined, BucketNamespace: 'account-regional' });
  expect(text(BucketNamePrefix)).toMatch(/^site-.*AWS::StackId/);
}

/** What Vite has built is put into the bucket by a function that may write there, and nowhere else. */
export function holdsTheFrontEnd(template: Template) {
  expect(fs.readFileSync(path.join(SITE_FOLDER, 'index.html'), 'utf8')).toContain('<title>KareMatch</title>');
  const { ServiceToken, ArchiveKey, DistributionId } = siteFiles(template);
  expect(ArchiveKey).toMatch(/^[0-9a-f]{64}\.zip$/);
  expect(DistributionId).toEqual(ref(only(template, DISTRIBUTION)));
  const role = propertiesOf(template, FUNCTION, ServiceToken['Fn::GetAtt'][0]).Role['Fn::GetAtt'][0];
  const files = { 'Fn::Join': ['', [attribute(siteBucket(template), 'Arn'), '/*']] };
  expect(whoMay(template, 's3:PutObject')).toEqual([{ role, resource: files }]);
  // The emptying of a disposable bucket is granted by the bucket's own policy.
  expect(whoMay(template, 's3:DeleteObject')).toEqual([{ role, resource: files }]);
}

/** Closed to the public, and read by the one distribution, whose requests are signed. */
export function readByCloudFrontAlone(template: Template) {
  expect(bucket(template).PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
  const access = origin(template).OriginAccessControlId['Fn::GetAtt'][0];
  expect(propertiesOf(template, ORIGIN_ACCESS, access).OriginAccessControlConfig).toMatchObject({ OriginAccessControlOriginType: 's3', SigningBehavior: 'always', SigningProtocol: 'sigv4' });
  expect(origin(template).S3OriginConfig).toEqual({ OriginAccessIdentity: '' });
  template.resourceCountIs('AWS::CloudFront::CloudFrontOriginAccessIdentity', 0);

  const id = siteBucket(template);
  const { PolicyDocument } = propertiesOf(template, BUCKET_POLICY, only(template, BUCKET_POLICY, { Bucket: ref(id) }));
  const readers = (PolicyDocument.Statement as Array<Granted & { Principal: unknown }>).filter((statement) => allows(statement, 's3:GetObject'));
  expect(readers).toEqual([{
    Sid: expect.any(String),
    Effect: 'Allow',
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Action: 's3:GetObject',
    Resource: { 'Fn::Join': ['', [attribute(id, 'Arn'), '/*']] },
    Condition: fromThisDistribution(template),
  }]);
}

/** Nobody reads a file by a right of a role, but for the function that deploys the files. */
export function noDirectUrl(template: Template) {
  readByCloudFrontAlone(template);
  const { Role } = propertiesOf(template, FUNCTION, siteFiles(template).ServiceToken['Fn::GetAtt'][0]);
  const readers = whoMay(template, 's3:GetObject').filter(({ resource }) => text(resource).includes(`'${siteBucket(template)}'`) || resource === '*');
  expect(readers.map(({ role }) => role)).toEqual([Role['Fn::GetAtt'][0]]);
}

/** Under the site's own key, which this distribution may decrypt with. */
export function encrypted(template: Template) {
  const [{ ServerSideEncryptionByDefault }] = bucket(template).BucketEncryption.ServerSideEncryptionConfiguration;
  expect(ServerSideEncryptionByDefault.SSEAlgorithm).toBe('aws:kms');
  expect(rotatingKeys(template)).toContainEqual(ServerSideEncryptionByDefault.KMSMasterKeyID);
  const { KeyPolicy, KeySpec } = propertiesOf(template, KEY, ServerSideEncryptionByDefault.KMSMasterKeyID['Fn::GetAtt'][0]);
  expect(KeySpec ?? 'SYMMETRIC_DEFAULT').toBe('SYMMETRIC_DEFAULT');
  const ofCloudFront = KeyPolicy.Statement.filter(({ Principal }: { Principal: { Service?: string } }) => Principal.Service === 'cloudfront.amazonaws.com');
  expect(ofCloudFront).toMatchObject([{ Effect: 'Allow', Action: 'kms:Decrypt', Condition: fromThisDistribution(template) }]);
}

export function versioned(template: Template) {
  expect(bucket(template).VersioningConfiguration).toEqual({ Status: 'Enabled' });
}

/** Old versions of all files, however many, go after 90 days; current ones never do. */
export function oldVersionsGoAfter90Days(template: Template) {
  versioned(template);
  const rules = bucket(template).LifecycleConfiguration.Rules;
  expect(rules).toContainEqual({ Id: 'OldVersions', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 90 }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } });
  for (const rule of rules) {
    expect(rule).not.toHaveProperty('ExpirationInDays');
    expect(rule.NoncurrentVersionExpiration?.NoncurrentDays ?? 90).toBe(90);
  }
}

/** A file that is deleted has its versions still, which no role of the app may delete. */
export function deletionsCanBeTakenBack(template: Template) {
  oldVersionsGoAfter90Days(template);
  for (const action of ['s3:DeleteObjectVersion', 's3:PutBucketVersioning', 's3:PutLifecycleConfiguration']) expect(whoMay(template, action)).toEqual([]);
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

/** The behaviors of the API: its root, and what is below. */
const ofTheApi = (template: Template) => ['/api', '/api/*'].map((pattern) => behavior(template, pattern));

/** The one origin of both. */
function apiOrigin(template: Template) {
  const ids = new Set(ofTheApi(template).map(({ TargetOriginId }) => TargetOriginId));
  expect(ids.size).toBe(1);
  return distribution(template).Origins.find(({ Id }: { Id: string }) => ids.has(Id));
}

/** A page over HTTP is redirected. A call of the API is refused: what it carried has been sent in the clear, and a redirect would hide that. */
export function httpsRequired(template: Template) {
  for (const { ViewerProtocolPolicy } of ofFiles(template)) expect(ViewerProtocolPolicy).toBe('redirect-to-https');
  for (const { ViewerProtocolPolicy } of ofTheApi(template)) expect(ViewerProtocolPolicy).toBe('https-only');
  expect(behaviors(template)).toHaveLength(4);
  const { ResponseHeadersPolicyId } = distribution(template).DefaultCacheBehavior;
  expect(propertiesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy', ResponseHeadersPolicyId.Ref).ResponseHeadersPolicyConfig.SecurityHeadersConfig.StrictTransportSecurity)
    .toMatchObject({ AccessControlMaxAgeSec: YEAR_SECONDS, IncludeSubdomains: true, Override: true });
}

export const compresses = (encoding: 'Gzip' | 'Brotli') => (template: Template) => {
  for (const each of ofFiles(template)) {
    expect(each.Compress).toBe(true);
    const { MaxTTL, ParametersInCacheKeyAndForwardedToOrigin } = cache(template, each);
    expect(ParametersInCacheKeyAndForwardedToOrigin[`EnableAcceptEncoding${encoding}`]).toBe(true);
    // With caching off altogether CloudFront compresses nothing.
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

/** A year at the edge and in the browser: for what Vite names by its content. */
export function assetsForAYear(template: Template) {
  expect(cache(template, behavior(template, '/assets/*'))).toMatchObject({ DefaultTTL: YEAR_SECONDS, MaxTTL: YEAR_SECONDS });
  expect(siteFiles(template).ImmutablePaths).toEqual(['/assets/*']);
  for (const header of cacheControl(template, /^assets\/.*\.(js|css)$/)) expect(header).toBe(`public, max-age=${YEAR_SECONDS}, immutable`);
  for (const extension of ['png', 'svg', 'webp']) expect(headersOf(`assets/photo-Bx1_9d.${extension}`, siteFiles(template).ImmutablePaths).cacheControl).toContain('immutable');
}

/** Asked for anew each time. The second that CloudFront may keep a page is what it needs to compress it. */
export function pagesAreNotCached(template: Template) {
  const { MinTTL, DefaultTTL, MaxTTL } = cache(template, distribution(template).DefaultCacheBehavior);
  expect({ MinTTL, DefaultTTL, MaxTTL }).toEqual({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 1 });
  for (const header of cacheControl(template, /\.(html|webmanifest)$/)) expect(header).toBe('public, max-age=0, must-revalidate');
  for (const file of ['data.json', 'assets/data.json']) expect(headersOf(file, siteFiles(template).ImmutablePaths).cacheControl).toBe('public, max-age=0, must-revalidate');
}

/** Which file answers a path: the function is run as it is. */
function answered(template: Template, uri: string): string {
  const [{ EventType, FunctionARN }, ...more] = distribution(template).DefaultCacheBehavior.FunctionAssociations;
  expect({ EventType, more }).toEqual({ EventType: 'viewer-request', more: [] });
  const { FunctionCode, AutoPublish } = propertiesOf(template, 'AWS::CloudFront::Function', FunctionARN['Fn::GetAtt'][0]);
  expect(AutoPublish).toBe(true);
  const request = vm.runInNewContext(`${FunctionCode}; handler(event)`, { event: { request: { uri, headers: {}, querystring: {} } } });
  return request.uri;
}

/** Views are answered with index.html; a missing file stays missing, and an error of the API stays what it is, and is kept for nobody else. */
export function viewsAreAnsweredWithIndex(template: Template) {
  for (const view of ['/', '/therapists', '/therapists/17']) expect(answered(template, view)).toBe('/index.html');
  for (const file of ['/assets/gone-1a2b3c.js', '/favicon.ico', '/index.html']) expect(answered(template, file)).toBe(file);
  expect(distribution(template).CustomErrorResponses)
    .toEqual([400, 403, 404, 405, 414, 500, 501, 502, 503, 504].map((ErrorCode) => ({ ErrorCode, ErrorCachingMinTTL: 0 })));
  for (const each of [...ofTheApi(template), behavior(template, '/assets/*')]) expect(each).not.toHaveProperty('FunctionAssociations');
}

/** The name, the certificate for it, and the records that lead to the distribution. */
export function customDomain(template: Template) {
  const { Aliases, ViewerCertificate } = distribution(template);
  expect(Aliases).toEqual([SITE_DOMAIN]);
  expect(propertiesOf(template, CERTIFICATE, ViewerCertificate.AcmCertificateArn.Ref))
    .toMatchObject({ DomainName: SITE_DOMAIN, ValidationMethod: 'DNS', DomainValidationOptions: [{ DomainName: SITE_DOMAIN, HostedZoneId: ZONE }] });
  for (const Type of ['A', 'AAAA']) {
    const record = only(template, 'AWS::Route53::RecordSet', { Type, Name: `${SITE_DOMAIN}.` });
    expect(propertiesOf(template, 'AWS::Route53::RecordSet', record).AliasTarget.DNSName).toEqual(attribute(only(template, DISTRIBUTION), 'DomainName'));
  }
}

export function noCustomDomain(template: Template) {
  expect(distribution(template)).not.toHaveProperty('Aliases');
  expect(distribution(template)).not.toHaveProperty('ViewerCertificate');
}

export function browsersSpeakTls12(template: Template) {
  httpsRequired(template);
  expect(distribution(template).ViewerCertificate).toMatchObject({ MinimumProtocolVersion: 'TLSv1.2_2025', SslSupportMethod: 'sni-only' });
}

/** The pages call the API under the site's own name, and CloudFront calls it over TLS. */
export function apiBehindTheSite(template: Template) {
  // CachingDisabled, which AWS manages.
  for (const { CachePolicyId } of ofTheApi(template)) expect(CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
  const { DomainName, CustomOriginConfig } = apiOrigin(template);
  expect(DomainName).toBe(API_DOMAIN);
  expect(CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
}

/** Without a certificate the load balancer is called as it listens. */
export function apiBehindTheSiteInTheClear(template: Template) {
  const { DomainName, CustomOriginConfig } = apiOrigin(template);
  expect(DomainName).toEqual(attribute(only(template, LOAD_BALANCER), 'DNSName'));
  expect(CustomOriginConfig.OriginProtocolPolicy).toBe('http-only');
}

/** What makes a first page quick, as far as a template can: few bytes, near by, over one connection. */
export function servedFromNearby(template: Template) {
  compresses('Gzip')(template);
  compresses('Brotli')(template);
  assetsForAYear(template);
  const { HttpVersion, IPV6Enabled } = distribution(template);
  expect({ HttpVersion, IPV6Enabled }).toEqual({ HttpVersion: 'http2and3', IPV6Enabled: true });
}
