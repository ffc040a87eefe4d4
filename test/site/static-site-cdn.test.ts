import * as fs from 'fs';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { distributionOf, distributionWith, EU, site, US, WEB_ACL_ARN } from './some-cdn';
import { guardFindings } from '../../scripts/examples/guard';
import { guardException } from '../../scripts/examples/guard-exceptions';
import { DataProtection } from '../../src/core/data-protection';
import { RelaxationOptions } from '../../src/core/relaxation';
import { HSTS_DAYS } from '../../src/endpoint/hsts';
import { FirewallScope } from '../../src/firewall/firewall-scope';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { IMMUTABLE_DAYS, PAGE_MAX_SECONDS } from '../../src/site/cache-policies';
import { ContentSecurityPolicy } from '../../src/site/content-security-policy';
import { BROKEN_UPLOAD_DAYS, OLD_VERSION_DAYS } from '../../src/site/site-bucket';
import { SiteRouting } from '../../src/site/site-routing';
import { DEFAULT_IMMUTABLE_PATHS, StaticSiteCdn } from '../../src/site/static-site-cdn';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { SOME_SITE } from '../support/shapes';
import { templateFindings } from '../support/validate';

const STACK_PART = {
  'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }],
};

/** A site with all props that create resources. */
const FULL = { source: SOME_SITE, routing: SiteRouting.singlePageApp(), api: { domainName: 'api.example.com' } };

/** The properties of the bucket of the site. */
function bucketOf(template: Template): ReturnType<typeof propertiesOf>[string] {
  return Object.entries(propertiesOf(template, 'AWS::S3::Bucket')).find(([id]) => id.startsWith('SiteBucket'))![1];
}

/** The configuration of a policy of a type, by its comment. */
function policyOf(template: Template, type: string, comment: string): ReturnType<typeof propertiesOf>[string] {
  return Object.values(propertiesOf(template, type))
    .flatMap((properties) => Object.values(properties))
    .find(({ Comment }) => Comment === comment);
}

describe('a site with defaults', () => {
  const stack = newStack();
  const subject = site({}, stack);
  const template = templateOf(stack);
  const config = distributionOf(template);

  test('redirects HTTP to HTTPS and accepts only GET and HEAD requests', () => {
    expect(config.DefaultCacheBehavior).toMatchObject({
      ViewerProtocolPolicy: 'redirect-to-https',
      AllowedMethods: ['GET', 'HEAD'],
      CachedMethods: ['GET', 'HEAD'],
      Compress: true,
    });
  });

  test('supports HTTP/2 and HTTP/3 over IPv4 and IPv6 from North America and Europe', () => {
    expect(config).toMatchObject({
      Enabled: true,
      HttpVersion: 'http2and3',
      IPV6Enabled: true,
      PriceClass: 'PriceClass_100',
    });
  });

  test('returns index.html for /', () => {
    expect(config.DefaultRootObject).toBe('index.html');
  });

  test('rewrites no path and maps no error, and CloudFront uses its default error caching', () => {
    expect(config.DefaultCacheBehavior.FunctionAssociations).toBeUndefined();
    expect(config.CustomErrorResponses).toBeUndefined();
    template.resourceCountIs('AWS::CloudFront::Function', 0);
  });

  test('has the domain name and certificate of CloudFront, with an annotation '
    + 'that patients must not use them', () => {
    expect([config.Aliases, config.ViewerCertificate]).toEqual([undefined, undefined]);
    expect(stack.resolve(subject.domainName)).toEqual({ 'Fn::GetAtt': ['SiteDistribution390DED28', 'DomainName'] });
    expect(stack.resolve(subject.url)).toEqual({
      'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['SiteDistribution390DED28', 'DomainName'] }]],
    });
    Annotations.fromStack(stack).hasInfo('/Stack/Site/Distribution', 'the CloudFront domain name and certificate '
      + 'allow TLS 1.0; '
      + 'set endpoint to a domain name before patients use the site [ack: cdk-hipaa:site-without-domain]');
  });

  test('deploys no files', () => {
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('allows every country', () => {
    expect(config.Restrictions).toBeUndefined();
  });

  test('has no rule-pack findings, while another distribution is reported', () => {
    expect(nagFindings(stack)).toEqual([]);
    new cloudfront.CfnDistribution(stack, 'Sibling', {
      distributionConfig: {
        enabled: true,
        defaultCacheBehavior: { targetOriginId: 'a', viewerProtocolPolicy: 'https-only' },
        origins: [{ id: 'a', domainName: 'a.example.com' }],
      },
    });
    expect(nagFindings(stack)).toEqual(
      ['CFR1', 'CFR2', 'CFR3', 'CFR4'].map((rule) => `AwsSolutions-${rule} at Stack/Sibling`),
    );
  });
});

describe('the bucket', () => {
  const stack = newStack();
  const subject = site({}, stack);
  const template = templateOf(stack);
  const bucket = bucketOf(template);

  test('is private, versioned and encrypted with the key', () => {
    expect(bucket.PublicAccessBlockConfiguration)
      .toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    expect(bucket.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
    expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(bucket.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: {
          SSEAlgorithm: 'aws:kms',
          KMSMasterKeyID: stack.resolve(subject.encryptionKey.keyArn),
        },
      },
    ]);
  });

  test('expires old versions after 90 days and incomplete uploads after a week', () => {
    expect([OLD_VERSION_DAYS, BROKEN_UPLOAD_DAYS]).toEqual([90, 7]);
    expect(bucket.LifecycleConfiguration.Rules).toEqual([
      {
        Id: 'OldVersions',
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: 90 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      { Id: 'DeleteMarkers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
    ]);
  });

  test('allows legal holds and sends events of new files to EventBridge without a function', () => {
    expect([bucket.ObjectLockEnabled, bucket.ObjectLockConfiguration]).toEqual([true, undefined]);
    expect(bucket.NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
  });

  test('has a name in the account namespace, which the distribution knows before the bucket exists', () => {
    expect(bucket).toMatchObject({
      BucketNamespace: 'account-regional',
      BucketNamePrefix: { 'Fn::Join': ['', ['site-ea874ca4-', STACK_PART]] },
    });
    expect(distributionOf(template).Origins[0].DomainName).toEqual({
      'Fn::Join': [
        '',
        [
          'site-ea874ca4-',
          STACK_PART,
          '-',
          { Ref: 'AWS::AccountId' },
          '-',
          { Ref: 'AWS::Region' },
          '-an.s3.',
          { Ref: 'AWS::Region' },
          '.',
          { Ref: 'AWS::URLSuffix' },
        ],
      ],
    });
  });

  test('is read with signed requests', () => {
    template.hasResourceProperties('AWS::CloudFront::OriginAccessControl', {
      OriginAccessControlConfig: {
        OriginAccessControlOriginType: 's3',
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
      },
    });
    const [origin] = distributionOf(template).Origins;
    expect(origin).toMatchObject({
      OriginAccessControlId: { 'Fn::GetAtt': [expect.stringMatching(/^SiteOriginAccess/), 'Id'] },
      S3OriginConfig: { OriginAccessIdentity: '' },
    });
  });

  test('allows only this distribution to read and list, and refuses requests without TLS', () => {
    const policy = Object.entries(propertiesOf(template, 'AWS::S3::BucketPolicy')).find(([id]) =>
      id.startsWith('SiteBucketPolicy'),
    )![1];
    const arn = {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':cloudfront::',
          { Ref: 'AWS::AccountId' },
          ':distribution/',
          { Ref: 'SiteDistribution390DED28' },
        ],
      ],
    };
    const own = {
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceArn': arn } },
    };
    expect(policy.PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      {
        ...own,
        Sid: 'DistributionReads',
        Action: 's3:GetObject',
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['SiteBucket978D4AEB', 'Arn'] }, '/*']] },
      },
      {
        ...own,
        Sid: 'DistributionLearnsWhatIsMissing',
        Action: 's3:ListBucket',
        Resource: { 'Fn::GetAtt': ['SiteBucket978D4AEB', 'Arn'] },
      },
    ]);
  });

  test('cannot be listed by visitors: / is mapped to a file, and no query string is forwarded', () => {
    const config = distributionOf(templateOf(site(FULL)));
    const toBucket = [config.DefaultCacheBehavior, ...config.CacheBehaviors].filter(
      ({ TargetOriginId }) => TargetOriginId === config.Origins[0].Id,
    );
    expect(toBucket).toHaveLength(2);
    expect(config.DefaultRootObject).toBe('index.html');
    for (const { OriginRequestPolicyId, CachePolicyId } of toBucket) {
      expect(OriginRequestPolicyId).toBeUndefined();
      expect(CachePolicyId.Ref).toMatch(/^Site(Page|Immutable)Cache/);
    }
    for (const { CachePolicyConfig } of Object.values(
      propertiesOf(templateOf(site(FULL)), 'AWS::CloudFront::CachePolicy'),
    )) {
      expect(CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.QueryStringsConfig).toEqual({
        QueryStringBehavior: 'none',
      });
    }
  });
});

describe('caching', () => {
  const template = templateOf(site());
  const encodings = { EnableAcceptEncodingGzip: true, EnableAcceptEncodingBrotli: true };
  const nothing = {
    CookiesConfig: { CookieBehavior: 'none' },
    HeadersConfig: { HeaderBehavior: 'none' },
    QueryStringsConfig: { QueryStringBehavior: 'none' },
  };

  test('keeps files below /assets/ for a year, compressed', () => {
    expect([DEFAULT_IMMUTABLE_PATHS, IMMUTABLE_DAYS]).toEqual([['/assets/*'], 365]);
    expect(distributionOf(template).CacheBehaviors).toEqual([
      expect.objectContaining({
        PathPattern: '/assets/*',
        Compress: true,
        ViewerProtocolPolicy: 'redirect-to-https',
        CachePolicyId: { Ref: expect.stringMatching(/^SiteImmutableCache/) },
      }),
    ]);
    expect(
      policyOf(template, 'AWS::CloudFront::CachePolicy', 'Files with a hash in their names: one year'),
    ).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 31_536_000,
      MaxTTL: 31_536_000,
      ParametersInCacheKeyAndForwardedToOrigin: { ...nothing, ...encodings },
    });
  });

  test('keeps pages for at most one second, because CloudFront compresses no response with caching disabled', () => {
    expect(PAGE_MAX_SECONDS).toBe(1);
    expect(policyOf(template, 'AWS::CloudFront::CachePolicy', 'Pages: not cached')).toMatchObject({
      MinTTL: 0, DefaultTTL: 0, MaxTTL: 1, ParametersInCacheKeyAndForwardedToOrigin: { ...nothing, ...encodings },
    });
  });

  test('accepts other paths or none', () => {
    expect(
      distributionWith({ immutablePaths: ['/static/*', '/fonts/*'] }).CacheBehaviors.map(
        ({ PathPattern }: { PathPattern: string }) => PathPattern,
      ),
    ).toEqual(['/static/*', '/fonts/*']);
    const none = templateOf(site({ immutablePaths: [] }));
    expect(distributionOf(none).CacheBehaviors).toBeUndefined();
    none.resourceCountIs('AWS::CloudFront::CachePolicy', 1);
  });
});

describe('security headers', () => {
  const headersOf = (template: Template) =>
    policyOf(template, 'AWS::CloudFront::ResponseHeadersPolicy', 'Security headers');

  test('are sent with every response and override those of the origin', () => {
    const template = templateOf(site(FULL));
    const config = distributionOf(template);
    const policies = [config.DefaultCacheBehavior, ...config.CacheBehaviors].map(
      ({ ResponseHeadersPolicyId }) => ResponseHeadersPolicyId.Ref,
    );
    expect(new Set(policies)).toEqual(
      new Set(Object.keys(propertiesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy'))),
    );
    expect(headersOf(template).SecurityHeadersConfig).toEqual({
      StrictTransportSecurity: {
        AccessControlMaxAgeSec: 31_536_000,
        IncludeSubdomains: true,
        Preload: false,
        Override: true,
      },
      ContentSecurityPolicy: {
        ContentSecurityPolicy: ContentSecurityPolicy.strict()._render(newStack()),
        Override: true,
      },
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY', Override: true },
      ReferrerPolicy: { ReferrerPolicy: 'same-origin', Override: true },
    });
  });

  test('exclude subdomains from HSTS only with a reason, which a warning contains', () => {
    expect(HSTS_DAYS).toBe(365);
    const subject = site({ hstsDomainOnly: { reason: 'status.example.com still serves HTTP' } });
    const { StrictTransportSecurity } = headersOf(templateOf(subject)).SecurityHeadersConfig;
    expect(StrictTransportSecurity).toMatchObject({ IncludeSubdomains: false, AccessControlMaxAgeSec: 31_536_000 });
    Annotations.fromStack(Stack.of(subject)).hasWarning('/Stack/Site', 'browsers may use plain HTTP for the '
      + 'subdomains of the site '
      + '(HSTS without includeSubDomains) (reason given: status.example.com still serves HTTP) [ack: '
      + 'cdk-hipaa:hsts-domain-only]');
  });

  test.each<[unknown, string]>([
    [null, 'hstsDomainOnly must be a RelaxationOptions object, got null. Leave it out.'],
    [{}, 'hstsDomainOnly.reason must be a string, got undefined. State why the safeguard is not needed.'],
    [{ reason: ' ' }, "reason must be a non-blank string, got ' '. "],
  ])('refuse to exclude subdomains from HSTS without a reason: %j', (hstsDomainOnly, text) => {
    expect(() => site({ hstsDomainOnly: hstsDomainOnly as RelaxationOptions })).toThrow(`[Stack/Site] ${text}`);
  });

  test('accept additional content sources', () => {
    const contentSecurityPolicy = ContentSecurityPolicy.strict({ 'connect-src': ['https://api.example.com'] });
    expect(
      headersOf(templateOf(site({ contentSecurityPolicy }))).SecurityHeadersConfig.ContentSecurityPolicy
        .ContentSecurityPolicy,
    ).toContain("connect-src 'self' https://api.example.com;");
  });
});

describe('routing', () => {
  test('uses a function only for pages, in the current runtime', () => {
    const template = templateOf(site(FULL));
    const [[id, properties]] = Object.entries(propertiesOf(template, 'AWS::CloudFront::Function'));
    expect(properties).toMatchObject({
      AutoPublish: true,
      FunctionCode: FULL.routing._functionCode,
      FunctionConfig: { Runtime: 'cloudfront-js-2.0' },
    });
    const { DefaultCacheBehavior, CacheBehaviors } = distributionOf(template);
    expect(DefaultCacheBehavior.FunctionAssociations).toEqual([
      { EventType: 'viewer-request', FunctionARN: { 'Fn::GetAtt': [id, 'FunctionARN'] } },
    ]);
    expect(CacheBehaviors).toHaveLength(3);
    for (const { FunctionAssociations } of CacheBehaviors) expect(FunctionAssociations).toBeUndefined();
  });
});

describe('props of the distribution', () => {
  test('include geoRestriction', () => {
    expect(distributionWith({ geoRestriction: cloudfront.GeoRestriction.allowlist('US', 'CA') }).Restrictions)
      .toEqual({ GeoRestriction: { RestrictionType: 'whitelist', Locations: ['US', 'CA'] } });
  });

  test('include priceClass', () => {
    expect(distributionWith({ priceClass: cloudfront.PriceClass.PRICE_CLASS_ALL }).PriceClass).toBe('PriceClass_All');
  });
});

describe('the firewall', () => {
  test('is created with the scope CLOUDFRONT, and the stack can be deployed only in us-east-1', () => {
    const subject = site();
    const template = templateOf(subject);
    template.hasResourceProperties('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT' });
    expect(distributionOf(template).WebACLId).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^SiteFirewall/), 'Arn'],
    });
    expect(template.toJSON().Rules.CloudFrontNeedsUsEast1).toBeDefined();
    expect(subject.firewall).toBeInstanceOf(WebFirewall);
  });

  test('needs no template rule if the region is known', () => {
    expect(templateOf(site({}, newStack({ env: US }))).toJSON().Rules?.CloudFrontNeedsUsEast1).toBeUndefined();
  });

  test('in a stack in us-east-1 protects a site in another region', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const edge = new Stack(app, 'Edge', { env: US });
    const stack = new Stack(app, 'Stack', { env: EU });
    site({ ...FULL, firewall: new WebFirewall(edge, 'Firewall', { webAclScope: FirewallScope.CLOUDFRONT }) }, stack);
    expect(templateFindings(app)).toEqual([]);
    expect(distributionOf(Template.fromStack(stack)).WebACLId).toEqual({
      'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Edge', Region: 'us-east-1' }),
    });
    expect(stack.dependencies).toEqual([edge]);
  });

  test('can be an existing one', () => {
    expect(distributionWith({ firewall: WebFirewall.fromWebAclArn(WEB_ACL_ARN) }).WebACLId).toBe(WEB_ACL_ARN);
  });

  test('can be none with a reason', () => {
    const stack = newStack();
    const reason = 'a public marketing page';
    site({ firewall: WebFirewall.none({ reason }) }, stack);
    expect(distributionOf(templateOf(stack)).WebACLId).toBeUndefined();
    Annotations.fromStack(stack).hasWarning('/Stack/Site/Distribution', 'no web firewall inspects the requests '
      + `(reason given: ${reason}) [ack: cdk-hipaa:no-firewall]`);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('cannot have the scope REGIONAL', () => {
    const stack = newStack();
    expect(() => site({ firewall: new WebFirewall(stack, 'Regional') }, stack)).toThrow(new Error(
      '[Stack/Site/Distribution] firewall must be a firewall with the scope CLOUDFRONT, got Stack/Regional with the '
        + 'scope REGIONAL. '
      + 'Create one with webAclScope: FirewallScope.CLOUDFRONT in us-east-1.'));
  });
});

describe('a source', () => {
  const stack = newStack();
  site(FULL, stack);
  const template = templateOf(stack);

  test('is deployed to the bucket with the immutable paths', () => {
    template.hasResourceProperties('Custom::SiteFiles', {
      Bucket: { Ref: 'SiteBucket978D4AEB' },
      DistributionId: { Ref: 'SiteDistribution390DED28' },
      ImmutablePaths: ['/assets/*'],
    });
  });

  test('has no rule-pack findings', () => {
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('retained data', () => {
  const template = templateOf(site(FULL));

  const policies = (type: string, prefix: string) => {
    const own = Object.entries(template.findResources(type)).find(([id]) => id.startsWith(prefix))!;
    return [own[1].DeletionPolicy, own[1].UpdateReplacePolicy];
  };

  test('is retained; a rolled-back creation deletes the bucket, unless it contains files, and the key', () => {
    expect(policies('AWS::S3::Bucket', 'SiteBucket')).toEqual(['RetainExceptOnCreate', 'Retain']);
    template.allResources('AWS::KMS::Key', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('survives a rollback if a service writes to the bucket, and keeps the policy of a bucket with files', () => {
    expect(policies('AWS::S3::Bucket', 'SiteAccessLogs')).toEqual(['Retain', 'Retain']);
    template.allResources('AWS::S3::BucketPolicy', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });
});

describe('disposable data', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  site(FULL, stack);
  const template = templateOf(stack);
  const emptierOf = (prefix: string) =>
    Object.keys(template.findResources('Custom::S3AutoDeleteObjects')).find((id) => id.startsWith(prefix))!;

  test('is deleted with the stack', () => {
    template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template.allResources('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
  });

  test('is emptied after the resources that write it are deleted', () => {
    template.hasResource('Custom::SiteFiles', { DependsOn: Match.arrayWith([emptierOf('SiteBucket')]) });
    template.hasResource('AWS::CloudFront::Distribution', {
      DependsOn: Match.arrayWith([emptierOf('SiteAccessLogs')]),
    });
    expect(template.findResources('AWS::S3::Bucket').SiteBucket978D4AEB.DependsOn).toContain(
      emptierOf('SiteAccessLogs'),
    );
  });
});

describe.each([['kept', false], ['disposable', true]])('the template with the data %s', (_name, disposable) => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  const stack = new Stack(app, 'Stack');
  if (disposable) DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  for (const id of ['Site', 'Second']) new StaticSiteCdn(stack, id, FULL);

  test('of two sites passes CloudFormation validation', () => {
    expect(templateFindings(app)).toEqual([]);
  });

  test('has no cycle', () => {
    expect(cycleIn(Template.fromStack(stack).toJSON().Resources)).toBeUndefined();
  });

  test('has unique names', () => {
    const template = Template.fromStack(stack);
    const names = [
      ...Object.values(propertiesOf(template, 'AWS::CloudFront::CachePolicy')).map(
        ({ CachePolicyConfig }) => CachePolicyConfig.Name,
      ),
      ...Object.values(propertiesOf(template, 'AWS::CloudFront::ResponseHeadersPolicy')).map(
        ({ ResponseHeadersPolicyConfig }) => ResponseHeadersPolicyConfig.Name,
      ),
      ...Object.values(propertiesOf(template, 'AWS::CloudFront::OriginAccessControl')).map(
        ({ OriginAccessControlConfig }) => OriginAccessControlConfig.Name,
      ),
      ...Object.values(propertiesOf(template, 'AWS::CloudFront::Function')).map(({ Name }) => Name),
    ].map((name) => JSON.stringify(name));
    expect(names).toHaveLength(10);
    expect(new Set(names).size).toBe(10);
    // The names of CloudFront resources are unique in an account, across regions. Each name contains the stack.
    expect(names.filter((name) => !name.includes('AWS::StackId'))).toEqual([]);
  });
});

test('the helper cycleIn finds a cycle', () => {
  expect(cycleIn({ A: { Ref: 'B' }, B: { 'Fn::GetAtt': ['C', 'Arn'] }, C: { DependsOn: ['A'] } })).toEqual([
    'A',
    'B',
    'C',
    'A',
  ]);
});

/** The first cycle of references among resources, by logical ID. */
function cycleIn(resources: Record<string, unknown>): string[] | undefined {
  const edges = Object.fromEntries(Object.entries(resources).map(([id, resource]) => {
    const { DependsOn } = resource as { DependsOn?: string[] };
    const text = JSON.stringify(resource);
    const named = [...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"/g)].map(
      ([, ref, attribute]) => ref ?? attribute,
    );
    return [id, [...new Set([...named, ...DependsOn ?? []])].filter((other) => other in resources)];
  }));
  const done = new Set<string>();
  const visit = (id: string, visited: string[]): string[] | undefined => {
    if (visited.includes(id)) return [...visited.slice(visited.indexOf(id)), id];
    if (done.has(id)) return undefined;
    for (const next of edges[id]) {
      const cycle = visit(next, [...visited, id]);
      if (cycle) return cycle;
    }
    done.add(id);
    return undefined;
  };
  return Object.keys(edges).map((id) => visit(id, [])).find((cycle) => cycle !== undefined);
}

test('a site in a stage has the same logical IDs', () => {
  const stack = new Stack(new Stage(newApp(), 'Production', { env: US }), 'Stack');
  site(FULL, stack);
  expect(Object.keys(Template.fromStack(stack).findResources('AWS::CloudFront::Distribution'))).toEqual([
    'SiteDistribution390DED28',
  ]);
  expect(nagFindings(stack)).toEqual([]);
});

test.each([
  ['API over HTTPS', FULL],
  [
    'API over plain HTTP',
    { ...FULL, api: { domainName: 'api.example.com', plainHttp: { reason: 'development has no certificate' } } },
  ],
])('the template has an exception for each broken Control Tower rule: %s', (_name, props) => {
  const stack = newStack();
  site(props, stack);
  const template = `${fs.mkdtempSync('/tmp/site-guard-')}/Stack.template.json`;
  fs.writeFileSync(template, JSON.stringify(Template.fromStack(stack).toJSON()));
  const pathOf = (logicalId?: string) =>
    stack.node.findAll().find((node) => Stack.of(node).resolve((node as s3.CfnBucket).logicalId) === logicalId)?.node
      .path ?? '';
  // The site of the example with the fewest safeguards.
  const inExample = (logicalId?: string) => pathOf(logicalId).replace(/^Stack\//, 'KareMatchDevelopment/');
  expect(
    guardFindings(template).filter(
      ({ rule, logicalId }) => guardException(rule, inExample(logicalId), 'karematch') === undefined,
    ),
  ).toEqual([]);
});

test('logical IDs of stateful resources are stable', () => {
  const template = templateOf(site(FULL));
  expect(Object.keys(template.findResources('AWS::S3::Bucket'))).toEqual([
    'SiteAccessLogs536C0B75',
    'SiteBucket978D4AEB',
  ]);
  expect(Object.keys(template.findResources('AWS::KMS::Key'))).toEqual(['SiteKey28264800']);
  expect(Object.keys(template.findResources('AWS::CloudFront::Distribution'))).toEqual(['SiteDistribution390DED28']);
});
