import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { distributionOf, EU, site, US, WEB_ACL_ARN } from './some-cdn';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { StaticSiteCdnProps } from '../../src/site/static-site-cdn-props';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { SOME_SITE } from '../support/shapes';
import { templateFindings } from '../support/validate';

const CERTIFICATE_ARN = 'arn:aws:acm:us-east-1:111122223333:certificate/a1b2';
const firewall = WebFirewall.fromWebAclArn(WEB_ACL_ARN);

function someZone(scope: Construct): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', { hostedZoneId: 'Z123', zoneName: 'example.com' });
}

function someCertificate(scope: Construct, arn = CERTIFICATE_ARN): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(scope, 'SomeCertificate', arn);
}

describe('names in a zone', () => {
  const stack = newStack();
  const subject = site({ domainNames: ['www.example.com', 'example.com'], hostedZone: someZone(stack) }, stack);
  const template = templateOf(stack);

  test('get one certificate, validated by records in the zone', () => {
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'www.example.com',
      SubjectAlternativeNames: ['example.com'],
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: 'www.example.com', HostedZoneId: 'Z123' }, { DomainName: 'example.com', HostedZoneId: 'Z123' }],
    });
    expect(subject.certificate).toBeInstanceOf(acm.Certificate);
  });

  test('which must be a list whose length is known, since each name gets records of its own, got of us-east-1: the template is refused elsewhere', () => {
    expect(template.toJSON().Rules.CloudFrontNeedsUsEast1.Assertions[0].Assert).toEqual({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] });
  });

  test('are names of the distribution, over TLS 1.2 with AES-GCM and later, for clients that say which name they want', () => {
    expect(distributionOf(template)).toMatchObject({
      Aliases: ['www.example.com', 'example.com'],
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2025', SslSupportMethod: 'sni-only' },
    });
  });

  test('get an alias record each, for IPv4 and for IPv6, under ids that follow the name', () => {
    const records = propertiesOf(template, 'AWS::Route53::RecordSet');
    expect(Object.values(records).map(({ Name, Type }) => [Name, Type])).toEqual([
      ['www.example.com.', 'A'], ['www.example.com.', 'AAAA'], ['example.com.', 'A'], ['example.com.', 'AAAA'],
    ]);
    expect(Object.values(records)[0].AliasTarget.DNSName).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^SiteDistribution/), 'DomainName'] });
    expect(Object.keys(records)[0]).toMatch(/^SiteAliasIpv4wwwexamplecom/);
  });

  test('lead to the site once its bucket is there, with its policy', () => {
    for (const { DependsOn } of Object.values(template.findResources('AWS::Route53::RecordSet'))) {
      expect(DependsOn).toEqual(['SiteBucketPolicy45F6EBA1', 'SiteBucket978D4AEB']);
    }
  });

  test('lead to the site once its files are there', () => {
    const other = newStack();
    site({ source: SOME_SITE, domainNames: ['www.example.com'], hostedZone: someZone(other) }, other);
    for (const { DependsOn } of Object.values(templateOf(other).findResources('AWS::Route53::RecordSet'))) expect(DependsOn).toEqual(['SiteDeploymentFiles0F871E44']);
  });

  test('are where visitors go', () => {
    expect([subject.domainName, subject.url]).toEqual(['www.example.com', 'https://www.example.com']);
  });

  test('leave nothing to report, and nothing to say', () => {
    expect(nagFindings(stack)).toEqual([]);
    Annotations.fromStack(stack).hasNoInfo('*', Match.stringLikeRegexp('cdk-hipaa'));
  });
});

describe('a certificate', () => {
  test('is taken as it is, without a zone and without records', () => {
    const stack = newStack();
    const template = templateOf(site({ domainNames: ['www.example.com'], certificate: someCertificate(stack) }, stack));
    expect(distributionOf(template).ViewerCertificate.AcmCertificateArn).toBe(CERTIFICATE_ARN);
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test('beside a zone leaves the records to be made', () => {
    const stack = newStack();
    const template = templateOf(site({ domainNames: ['www.example.com'], certificate: someCertificate(stack), hostedZone: someZone(stack) }, stack));
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs('AWS::Route53::RecordSet', 2);
  });

  test('of a stack of us-east-1 is read, by a site of another region, from an output of that stack', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const edge = new Stack(app, 'Edge', { env: US });
    const stack = new Stack(app, 'Stack', { env: EU });
    site({ domainNames: ['www.example.com'], certificate: new acm.Certificate(edge, 'Certificate', { domainName: 'www.example.com' }), firewall }, stack);
    expect(templateFindings(app)).toEqual([]);
    expect(distributionOf(Template.fromStack(stack)).ViewerCertificate.AcmCertificateArn)
      .toEqual({ 'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Edge', Region: 'us-east-1' }) });
    expect(stack.dependencies).toEqual([edge]);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('of another stack of the same region is an ordinary reference', () => {
    const app = newApp();
    const edge = new Stack(app, 'Edge', { env: US });
    const certificate = new acm.Certificate(edge, 'Certificate', { domainName: 'www.example.com' });
    const template = templateOf(site({ domainNames: ['www.example.com'], certificate }, new Stack(app, 'Stack', { env: US })));
    expect(distributionOf(template).ViewerCertificate.AcmCertificateArn).toEqual({ 'Fn::ImportValue': expect.stringMatching(/^Edge:/) });
  });
});

describe('values that are known only at deployment', () => {
  test('pass', () => {
    const stack = newStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const template = templateOf(site({
      domainNames: [text('Name')],
      certificate: someCertificate(stack, text('Arn')),
      hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: text('ZoneId'), zoneName: text('ZoneName') }),
    }, stack));
    expect(Object.values(propertiesOf(template, 'AWS::Route53::RecordSet'))[0]).toMatchObject({
      Name: { 'Fn::Join': ['', [{ Ref: 'Name' }, '.']] }, HostedZoneId: { Ref: 'ZoneId' },
    });
  });

  test('are not the whole list', () => {
    const stack = newStack();
    const names = new CfnParameter(stack, 'Names', { type: 'CommaDelimitedList' }).valueAsList;
    expect(() => site({ domainNames: names, certificate: someCertificate(stack) }, stack)).toThrow(new Error(
      'Stack/Site: domainNames is a token. '
      + 'Write the list out; each name in it may be known only at deployment.'));
  });
});

describe('refusals', () => {
  const NAMES = 'allowed must be a certificate for domainNames, or hostedZone to request one, got the host names of the site, where a list, a certificate or a zone is passed for them; pass the names, or leave';
  test.each<[string, (stack: Stack) => StaticSiteCdnProps, string]>([
    ['an empty list', () => ({ domainNames: [] }), `domainNames is [], ${NAMES} domainNames out`],
    ['a certificate without names', (stack) => ({ certificate: someCertificate(stack) }), `domainNames is not given, ${NAMES} certificate out`],
    ['a zone without names', (stack) => ({ hostedZone: someZone(stack) }), `domainNames is not given, ${NAMES} hostedZone out`],
    ['names without a certificate and a zone', () => ({ domainNames: ['www.example.com'] }),
      'certificate must be a certificate for domainNames, or hostedZone to request one, got undefined. Pass one of the two'],
    ['a wildcard', (stack) => ({ domainNames: ['*.example.com'], hostedZone: someZone(stack) }),
      "domainNames must be one host name without wildcard and without a dot at its end, as 'www.example.com', got '*.example.com'. Correct the name"],
    ['a name of another zone', (stack) => ({ domainNames: ['www.example.org'], hostedZone: someZone(stack) }),
      "domainNames must be a name in the zone 'example.com', got 'www.example.org'. Correct the name, or pass the zone that it must be each name once, got in"],
    ['a name twice', (stack) => ({ domainNames: ['www.example.com', 'WWW.example.com'], hostedZone: someZone(stack) }),
      "domainNames is a list that has 'WWW.example.com' twice. Remove one of the two"],
    ['eleven names', (stack) => ({ domainNames: Array.from({ length: 11 }, (_, index) => `w${index}.example.com`), hostedZone: someZone(stack) }),
      'domainNames must be at most 10 names, got a list of 11 names. Make another site for the others'],
    ['a certificate of another region', (stack) => ({ domainNames: ['www.example.com'], certificate: someCertificate(stack, CERTIFICATE_ARN.replace('us-east-1', 'eu-west-1')) }),
      'certificate must be a certificate of us-east-1, where CloudFront looks for them, got a certificate of eu-west-1. Request or import it in us-east-1'],
    ['a private zone to validate a certificate in', (stack) => ({
      domainNames: ['www.example.com'],
      hostedZone: new route53.PrivateHostedZone(stack, 'Private', { zoneName: 'example.com', vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] }) }),
    }), 'hostedZone must be a public hosted zone, since AWS looks there before it issues a certificate, got Stack/Private. Pass a public zone, or the certificate beside the private one'],
    ['a zone that does not know its name', (stack) => ({ domainNames: ['www.example.com'], hostedZone: route53.HostedZone.fromHostedZoneId(stack, 'Nameless', 'Z1') }),
      'hostedZone must be a zone that knows its name, got imported without its name. Import it with HostedZone.fromHostedZoneAttributes or HostedZone.fromLookup'],
  ])('%s', (_name, props, message) => {
    const stack = newStack();
    expect(() => site(props(stack), stack)).toThrow(new Error(`Stack/Site: ${message}.`));
  });

  test('a certificate that a stack of another region makes', () => {
    const app = newApp();
    const certificate = new acm.Certificate(new Stack(app, 'Europe', { env: EU }), 'Certificate', { domainName: 'www.example.com' });
    expect(() => site({ domainNames: ['www.example.com'], certificate }, new Stack(app, 'Stack', { env: US }))).toThrow(new Error(
      '[Stack/Site] certificate must be a certificate of us-east-1, where CloudFront looks for them, got a certificate of eu-west-1. Request or import it in us-east-1.'));
  });

  test('a certificate to be requested in a stack of another region', () => {
    const stack = newStack({ env: EU });
    expect(() => site({ domainNames: ['www.example.com'], hostedZone: someZone(stack), firewall }, stack)).toThrow(new Error(
      'Stack/Site: certificate is to be requested in a stack of eu-west-1, allowed is a certificate of us-east-1, where CloudFront looks for them; '
      + "make it in a stack with env: { region: 'us-east-1' } and pass it, or move the site there."));
  });
});
