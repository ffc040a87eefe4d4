import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { distributionOf, EU, site, US, WEB_ACL_ARN } from './some-cdn';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { WebFirewall } from '../../src/firewall/web-firewall';
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

describe('domain names in a zone', () => {
  const stack = newStack();
  const subject = site(
    {
      endpoint: WebEndpoint.domain({
        domainName: 'www.example.com',
        additionalDomainNames: ['example.com'],
        hostedZone: someZone(stack),
      }),
    },
    stack,
  );
  const template = templateOf(stack);

  test('have one certificate, which records in the zone validate', () => {
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'www.example.com',
      SubjectAlternativeNames: ['example.com'],
      ValidationMethod: 'DNS',
      DomainValidationOptions: [
        { DomainName: 'www.example.com', HostedZoneId: 'Z123' },
        { DomainName: 'example.com', HostedZoneId: 'Z123' },
      ],
    });
    expect(subject.certificate).toBeInstanceOf(acm.Certificate);
  });

  test('require a deployment in us-east-1, and the template refuses other regions', () => {
    expect(template.toJSON().Rules.CloudFrontNeedsUsEast1.Assertions[0].Assert).toEqual({
      'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'],
    });
  });

  test('are aliases of the distribution for clients with SNI and at least TLS 1.2 with AES-GCM', () => {
    expect(distributionOf(template)).toMatchObject({
      Aliases: ['www.example.com', 'example.com'],
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2025', SslSupportMethod: 'sni-only' },
    });
  });

  test('have alias records for IPv4 and IPv6 with IDs from the name', () => {
    const records = propertiesOf(template, 'AWS::Route53::RecordSet');
    expect(Object.values(records).map(({ Name, Type }) => [Name, Type])).toEqual([
      ['www.example.com.', 'A'], ['www.example.com.', 'AAAA'], ['example.com.', 'A'], ['example.com.', 'AAAA'],
    ]);
    expect(Object.values(records)[0].AliasTarget.DNSName).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^SiteDistribution/), 'DomainName'],
    });
    expect(Object.keys(records)[0]).toMatch(/^SiteAliasIpv4wwwexamplecom/);
  });

  test('have records that depend on the bucket and its policy', () => {
    for (const { DependsOn } of Object.values(template.findResources('AWS::Route53::RecordSet'))) {
      expect(DependsOn).toEqual(['SiteBucketPolicy45F6EBA1', 'SiteBucket978D4AEB']);
    }
  });

  test('have records that depend on the files', () => {
    const other = newStack();
    site(
      {
        source: SOME_SITE,
        endpoint: WebEndpoint.domain({ domainName: 'www.example.com', hostedZone: someZone(other) }),
      },
      other,
    );
    for (const { DependsOn } of Object.values(templateOf(other).findResources('AWS::Route53::RecordSet'))) {
      expect(DependsOn).toEqual(['SiteDeploymentFiles0F871E44']);
    }
  });

  test('set domainName and url', () => {
    expect([subject.domainName, subject.url]).toEqual(['www.example.com', 'https://www.example.com']);
  });

  test('have no rule-pack findings and no info annotations', () => {
    expect(nagFindings(stack)).toEqual([]);
    Annotations.fromStack(stack).hasNoInfo('*', Match.stringLikeRegexp('cdk-hipaa'));
  });
});

describe('associateDomainNames', () => {
  const endpoint = (stack: Stack, createAliasRecords: boolean) =>
    WebEndpoint.domain({ domainName: 'www.example.com', hostedZone: someZone(stack), createAliasRecords });
  const withNames = (associateDomainNames?: boolean) => {
    const stack = newStack();
    const subject = site({ endpoint: endpoint(stack, false), associateDomainNames }, stack);
    return { stack, subject, template: templateOf(stack) };
  };

  test('is true by default', () => {
    expect(withNames(true).template.toJSON()).toEqual(withNames().template.toJSON());
    expect(distributionOf(withNames().template).Aliases).toEqual(['www.example.com']);
  });

  test('as false leaves the names to another distribution, and keeps the certificate that a move requires', () => {
    const { template, subject, stack } = withNames(false);
    expect(distributionOf(template)).toMatchObject({
      ViewerCertificate: {
        AcmCertificateArn: { Ref: expect.stringMatching(/^SiteCertificate/) },
        MinimumProtocolVersion: 'TLSv1.2_2025',
        SslSupportMethod: 'sni-only',
      },
    });
    expect(distributionOf(template).Aliases).toBeUndefined();
    expect([subject.domainName, subject.url]).toEqual(['www.example.com', 'https://www.example.com']);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('changes only the names of the distribution', () => {
    const [before, after] = [withNames(false).template.toJSON(), withNames().template.toJSON()];
    const [id] = Object.keys(withNames().template.findResources('AWS::CloudFront::Distribution'));
    delete after.Resources[id].Properties.DistributionConfig.Aliases;
    expect(after).toEqual(before);
  });

  test('as false is accepted with a certificate, whose names have no records', () => {
    const stack = newStack();
    const certificate = WebEndpoint.certificate(someCertificate(stack), 'www.example.com');
    const template = templateOf(site({ endpoint: certificate, associateDomainNames: false }, stack));
    expect(distributionOf(template).Aliases).toBeUndefined();
    expect(distributionOf(template).ViewerCertificate.AcmCertificateArn).toBe(CERTIFICATE_ARN);
  });

  test.each<[string, (stack: Stack) => WebEndpoint | undefined, string]>([
    [
      'an endpoint',
      () => undefined,
      'associateDomainNames: false requires an endpoint with domain names. Pass the endpoint, or remove '
        + 'associateDomainNames.',
    ],
    [
      'createAliasRecords: false',
      (stack) => endpoint(stack, true),
      'associateDomainNames is false, but the endpoint creates alias records to a distribution that does not serve the '
        + 'domain names. Set createAliasRecords: false in WebEndpoint.domain, or remove associateDomainNames.',
    ],
  ])('as false is refused without %s', (_, given, sentence) => {
    const stack = newStack();
    expect(() => site({ endpoint: given(stack), associateDomainNames: false }, stack)).toThrow(
      new Error(`[Stack/Site] ${sentence}`),
    );
  });
});

describe('a certificate', () => {
  test('is used without a zone and without records', () => {
    const stack = newStack();
    const template = templateOf(
      site({ endpoint: WebEndpoint.certificate(someCertificate(stack), 'www.example.com') }, stack),
    );
    expect(distributionOf(template).ViewerCertificate.AcmCertificateArn).toBe(CERTIFICATE_ARN);
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test('with a zone only adds the records', () => {
    const stack = newStack();
    const template = templateOf(
      site(
        {
          endpoint: WebEndpoint.domain({
            domainName: 'www.example.com',
            certificate: someCertificate(stack),
            hostedZone: someZone(stack),
          }),
        },
        stack,
      ),
    );
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs('AWS::Route53::RecordSet', 2);
  });

  test('in a stack in us-east-1 is referenced through an output by a site in another region', () => {
    const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
    const edge = new Stack(app, 'Edge', { env: US });
    const stack = new Stack(app, 'Stack', { env: EU });
    const certificate = new acm.Certificate(edge, 'Certificate', { domainName: 'www.example.com' });
    site({ endpoint: WebEndpoint.certificate(certificate, 'www.example.com'), firewall }, stack);
    expect(templateFindings(app)).toEqual([]);
    expect(distributionOf(Template.fromStack(stack)).ViewerCertificate.AcmCertificateArn)
      .toEqual({ 'Fn::GetStackOutput': expect.objectContaining({ StackName: 'Edge', Region: 'us-east-1' }) });
    expect(stack.dependencies).toEqual([edge]);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('in another stack in the same region is a normal reference', () => {
    const app = newApp();
    const edge = new Stack(app, 'Edge', { env: US });
    const certificate = new acm.Certificate(edge, 'Certificate', { domainName: 'www.example.com' });
    const template = templateOf(
      site({ endpoint: WebEndpoint.certificate(certificate, 'www.example.com') }, new Stack(app, 'Stack', { env: US })),
    );
    expect(distributionOf(template).ViewerCertificate.AcmCertificateArn).toEqual({
      'Fn::ImportValue': expect.stringMatching(/^Edge:/),
    });
  });
});

describe('tokens', () => {
  test('are accepted', () => {
    const stack = newStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const template = templateOf(
      site(
        {
          endpoint: WebEndpoint.domain({
            domainName: text('Name'),
            certificate: someCertificate(stack, text('Arn')),
            hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
              hostedZoneId: text('ZoneId'),
              zoneName: text('ZoneName'),
            }),
          }),
        },
        stack,
      ),
    );
    expect(Object.values(propertiesOf(template, 'AWS::Route53::RecordSet'))[0]).toMatchObject({
      Name: { 'Fn::Join': ['', [{ Ref: 'Name' }, '.']] }, HostedZoneId: { Ref: 'ZoneId' },
    });
  });
});

describe('StaticSiteCdn refuses', () => {
  test.each<[string, (stack: Stack) => WebEndpoint, string]>([
    [
      'plain HTTP',
      () => WebEndpoint.plainHttp({ reason: 'development' }),
      'endpoint must be for HTTPS, the only protocol of a StaticSiteCdn, got WebEndpoint.plainHttp. ' +
        'Leave endpoint out: CloudFront then serves the site over HTTPS at the domain name that it assigns.',
    ],
    [
      'a certificate without names',
      (stack) => WebEndpoint.certificate(someCertificate(stack)),
      'endpoint must be for a domain name, because CloudFront uses a certificate only for domain names of the ' +
        'distribution, got a certificate without a domain name. ' +
        "Pass the names: WebEndpoint.certificate(certificate, 'www.example.com').",
    ],
    [
      'eleven names',
      (stack) =>
        WebEndpoint.domain({
          domainName: 'www.example.com',
          additionalDomainNames: Array.from({ length: 10 }, (_, index) => `w${index}.example.com`),
          hostedZone: someZone(stack),
        }),
      'endpoint must be for at most 10 domain names, the limit of an ACM certificate, got 11 domain names. Create ' +
        'another StaticSiteCdn for the other names.',
    ],
    [
      'a certificate of another region',
      (stack) =>
        WebEndpoint.certificate(
          someCertificate(stack, CERTIFICATE_ARN.replace('us-east-1', 'eu-west-1')),
          'www.example.com',
        ),
      'certificate must be a certificate in us-east-1, the only region whose certificates CloudFront uses, got a ' +
        'certificate in eu-west-1. ' +
        'Request or import it in us-east-1.',
    ],
  ])('%s', (_name, endpoint, message) => {
    const stack = newStack();
    expect(() => site({ endpoint: endpoint(stack) }, stack)).toThrow(new Error(`[Stack/Site] ${message}`));
  });

  test('a certificate that the app creates in another region', () => {
    const app = newApp();
    const certificate = new acm.Certificate(new Stack(app, 'Europe', { env: EU }), 'Certificate', {
      domainName: 'www.example.com',
    });
    expect(() =>
      site({ endpoint: WebEndpoint.certificate(certificate, 'www.example.com') }, new Stack(app, 'Stack', { env: US })),
    ).toThrow(
      new Error(
        '[Stack/Site] certificate must be a certificate in us-east-1, the only region whose certificates CloudFront ' +
          'uses, got a certificate in eu-west-1. ' +
          'Request or import it in us-east-1.',
      ),
    );
  });

  test('a new certificate in a stack in another region', () => {
    const stack = newStack({ env: EU });
    expect(() =>
      site(
        { endpoint: WebEndpoint.domain({ domainName: 'www.example.com', hostedZone: someZone(stack) }), firewall },
        stack,
      ),
    ).toThrow(
      new Error(
        '[Stack/Site] certificate must be a certificate in us-east-1, the only region whose certificates CloudFront ' +
          'uses, got none, in a stack in eu-west-1. ' +
          "Create it in a stack with env: { region: 'us-east-1' } and pass it to WebEndpoint.domain, or move the site "
            + 'to that region.',
      ),
    );
  });
});
