import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { SecureFargateService, SecureLoadBalancer, ServiceIngress, StaticSiteCdn, WebEndpoint } from '../../src';
import { newStack, propertiesOf, someVpc, templateOf } from '../support/app';

const RECORD = 'AWS::Route53::RecordSet';

function domain(stack: Stack, createAliasRecords?: boolean) {
  const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z123',
    zoneName: 'example.com',
  });
  return { domainName: 'www.example.com', hostedZone, createAliasRecords };
}

type Made = { readonly url: string; readonly domainName: string };

/** Everything that creates alias records. */
const MAKERS: Array<[string, (stack: Stack, createAliasRecords?: boolean) => Made]> = [
  ['SecureLoadBalancer', (stack, createAliasRecords) =>
    new SecureLoadBalancer(stack, 'Web', {
      vpc: someVpc(stack),
      endpoint: WebEndpoint.domain(domain(stack, createAliasRecords)),
    })],
  ['ServiceIngress.https', (stack, createAliasRecords) =>
    new SecureFargateService(stack, 'Web', {
      vpc: someVpc(stack),
      image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx:1.29'),
      containerPort: 8080,
      ingress: ServiceIngress.https(domain(stack, createAliasRecords)),
    }).loadBalancer!],
  ['StaticSiteCdn', (stack, createAliasRecords) =>
    new StaticSiteCdn(stack, 'Web', { endpoint: WebEndpoint.domain(domain(stack, createAliasRecords)) })],
  ['StaticSiteCdn with an additional domain name', (stack, createAliasRecords) =>
    new StaticSiteCdn(stack, 'Web', {
      endpoint: WebEndpoint.domain({
        ...domain(stack, createAliasRecords),
        additionalDomainNames: ['example.com'],
      }),
    })],
];

function deployed(make: (typeof MAKERS)[number][1], createAliasRecords?: boolean): { template: Template; made: Made } {
  const stack = newStack();
  const made = make(stack, createAliasRecords);
  return { template: templateOf(stack), made };
}

describe.each(MAKERS)('createAliasRecords of %s', (_, make) => {
  const before = deployed(make, false);
  const after = deployed(make);

  test('is true by default', () => {
    expect(deployed(make, true).template.toJSON()).toEqual(after.template.toJSON());
    expect(Object.keys(after.template.findResources(RECORD))).not.toEqual([]);
  });

  test('as false creates no alias record, but the certificate with its validation records', () => {
    before.template.resourceCountIs(RECORD, 0);
    const [certificate] = Object.values(propertiesOf(before.template, 'AWS::CertificateManager::Certificate'));
    expect(certificate).toMatchObject({ DomainName: 'www.example.com', ValidationMethod: 'DNS' });
    expect(certificate.DomainValidationOptions[0]).toEqual({ DomainName: 'www.example.com', HostedZoneId: 'Z123' });
  });

  test('as false keeps the domain name and the URL', () => {
    expect([before.made.domainName, before.made.url]).toEqual(['www.example.com', 'https://www.example.com']);
    expect([after.made.domainName, after.made.url]).toEqual(['www.example.com', 'https://www.example.com']);
  });

  test('changes nothing except the records: the second deployment only adds them', () => {
    const [first, second] = [before.template.toJSON(), after.template.toJSON()];
    const added = Object.keys(second.Resources).filter((id) => !(id in first.Resources));
    expect(added.map((id) => second.Resources[id].Type)).toEqual(added.map(() => RECORD));
    expect(added.length).toBeGreaterThanOrEqual(2);
    for (const id of added) delete second.Resources[id];
    // aws-cdk-lib reads the hosted zone of CloudFront, which the records refer to, from a mapping.
    delete second.Mappings;
    expect(first.Mappings).toBeUndefined();
    expect(second).toEqual(first);
  });
});

describe('a record that CloudFormation adopts', () => {
  // A record is adopted only if its name, type and target equal those of the existing record, so docs/cut-over.md
  // states them.
  test('of a load balancer has the name with the prefix dualstack, and no other setting', () => {
    const records = Object.values(propertiesOf(deployed(MAKERS[0][1]).template, RECORD));
    expect(records.map(({ Type }) => Type)).toEqual(['A', 'AAAA']);
    for (const { Type, ...record } of records) {
      expect(record).toEqual({
        Name: 'www.example.com.',
        HostedZoneId: 'Z123',
        AliasTarget: {
          DNSName: { 'Fn::Join': ['', ['dualstack.', { 'Fn::GetAtt': [expect.any(String), 'DNSName'] }]] },
          HostedZoneId: { 'Fn::GetAtt': [expect.any(String), 'CanonicalHostedZoneID'] },
        },
      });
    }
  });

  test('of a site has the domain name and the hosted zone of CloudFront', () => {
    for (const { Type, ...record } of Object.values(propertiesOf(deployed(MAKERS[2][1]).template, RECORD))) {
      expect(['A', 'AAAA']).toContain(Type);
      expect(record).toEqual({
        Name: 'www.example.com.',
        HostedZoneId: 'Z123',
        AliasTarget: {
          DNSName: { 'Fn::GetAtt': [expect.stringMatching(/^WebDistribution/), 'DomainName'] },
          HostedZoneId: expect.anything(),
        },
      });
    }
  });
});
