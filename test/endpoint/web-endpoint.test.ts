import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { IWebFirewall } from '../../src/firewall/web-firewall-interface';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { StaticSiteCdn } from '../../src/site/static-site-cdn';
import { newStack, someVpc, templateOf } from '../support/app';

function someZone(scope: Construct): route53.IHostedZone {
  return route53.HostedZone.fromHostedZoneAttributes(scope, 'Zone', { hostedZoneId: 'Z123', zoneName: 'example.com' });
}

function someCertificate(scope: Construct): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(
    scope,
    'SomeCertificate',
    'arn:aws:acm:us-east-1:111122223333:certificate/a1b2',
  );
}

/** The constructs that have an endpoint and a firewall. */
const CONSTRUCTS: Array<[string, (scope: Construct, endpoint: WebEndpoint, firewall?: IWebFirewall) => Construct]> = [
  [
    'SecureLoadBalancer',
    (scope, endpoint, firewall) => new SecureLoadBalancer(scope, 'Web', { vpc: someVpc(scope), endpoint, firewall }),
  ],
  ['StaticSiteCdn', (scope, endpoint, firewall) => new StaticSiteCdn(scope, 'Web', { endpoint, firewall })],
];

test('a domain without a hosted zone is refused', () => {
  const hostedZone = undefined as unknown as route53.IHostedZone;
  expect(() => WebEndpoint.domain({ domainName: 'api.example.com', hostedZone })).toThrow(new Error(
    '[WebEndpoint.domain] hostedZone must be a route53.IHostedZone, got undefined. Pass a route53.IHostedZone.'));
});

test('an undefined certificate is refused', () => {
  expect(() => WebEndpoint.certificate(undefined as unknown as acm.ICertificate, 'api.example.com')).toThrow(new Error(
    '[WebEndpoint.certificate] certificate must be an acm.ICertificate, got undefined. Pass an acm.ICertificate.'));
});

describe.each(CONSTRUCTS)('%s', (_name, make) => {
  test('domain requests a certificate and creates alias records for IPv4 and IPv6', () => {
    const stack = newStack();
    make(stack, WebEndpoint.domain({ domainName: 'api.example.com', hostedZone: someZone(stack) }));
    const template = templateOf(stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'api.example.com', DomainValidationOptions: [{ DomainName: 'api.example.com', HostedZoneId: 'Z123' }],
    });
    for (const Type of ['A', 'AAAA']) {
      template.hasResourceProperties('AWS::Route53::RecordSet', {
        Type,
        Name: 'api.example.com.',
        HostedZoneId: 'Z123',
      });
    }
  });

  test('domain with a certificate creates only the records', () => {
    const stack = newStack();
    make(
      stack,
      WebEndpoint.domain({
        domainName: 'api.example.com',
        hostedZone: someZone(stack),
        certificate: someCertificate(stack),
      }),
    );
    templateOf(stack).resourceCountIs('AWS::CertificateManager::Certificate', 0);
    templateOf(stack).resourceCountIs('AWS::Route53::RecordSet', 2);
  });

  test('certificate creates no certificate and no records', () => {
    const stack = newStack();
    make(stack, WebEndpoint.certificate(someCertificate(stack), 'api.example.com'));
    templateOf(stack).resourceCountIs('AWS::CertificateManager::Certificate', 0);
    templateOf(stack).resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test.each<[string, (stack: Stack) => unknown, string]>([
    ['the web ACL of a firewall', (stack) => new WebFirewall(stack, 'Firewall').webAcl,
      'a CfnWebACL at Stack/Firewall/Resource. Pass the construct that contains it, Stack/Firewall.'],
    ['null', () => null, 'null. Leave it out.'],
  ])('refuses %s as the firewall', (_, firewall, given) => {
    const stack = newStack();
    const endpoint = WebEndpoint.certificate(someCertificate(stack), 'api.example.com');
    expect(() => make(stack, endpoint, firewall(stack) as IWebFirewall)).toThrow(new Error(
      `[Stack/Web] firewall must be an IWebFirewall, got ${given}`));
  });

  test('accepts a private zone with a certificate', () => {
    const stack = newStack();
    const hostedZone = new route53.PrivateHostedZone(stack, 'Zone', { zoneName: 'example.com', vpc: vpcOf(stack) });
    expect(() =>
      make(
        stack,
        WebEndpoint.domain({ domainName: 'api.example.com', hostedZone, certificate: someCertificate(stack) }),
      ),
    ).not.toThrow();
  });

  test('does not check the region of an imported certificate whose ARN is a token', () => {
    const stack = newStack({ env: { account: '111122223333', region: 'us-east-1' } });
    const abroad = new Stack(stack.node.root as Construct, 'Abroad', {
      env: { account: '111122223333', region: 'eu-west-1' },
    });
    const certificate = acm.Certificate.fromCertificateArn(abroad, 'C', new CfnParameter(stack, 'Arn').valueAsString);
    expect(() => make(stack, WebEndpoint.certificate(certificate, 'api.example.com'))).not.toThrow();
  });

  test.each<[string, (stack: Stack) => WebEndpoint, string]>([
    [
      'a value of another type',
      () => ({ domainName: 'api.example.com' }) as unknown as WebEndpoint,
      'endpoint must be a WebEndpoint, got an object with domainName. ' +
        'Use WebEndpoint.domain(…), .certificate(…) or .plainHttp(…).',
    ],
    [
      'null',
      () => null as unknown as WebEndpoint,
      `endpoint must be a WebEndpoint, got null. ${
        _name === 'StaticSiteCdn' ? 'Leave it out.' : 'Use WebEndpoint.domain(…), .certificate(…) or .plainHttp(…).'
      }`,
    ],
    [
      'a domain of another zone',
      (stack) => WebEndpoint.domain({ domainName: 'api.example.org', hostedZone: someZone(stack) }),
      "domainName must be a name in the hosted zone 'example.com', got 'api.example.org'. Correct the name, or pass "
        + 'its hosted zone.',
    ],
    [
      'a domain that only ends with the same characters as the zone',
      (stack) => WebEndpoint.domain({ domainName: 'badexample.com', hostedZone: someZone(stack) }),
      "domainName must be a name in the hosted zone 'example.com', got 'badexample.com'. Correct the name, or pass "
        + 'its hosted zone.',
    ],
    [
      'a wildcard',
      (stack) => WebEndpoint.domain({ domainName: '*.example.com', hostedZone: someZone(stack) }),
      "domainName must be a host name without a wildcard or trailing dot, such as 'www.example.com', got "
        + "'*.example.com'. Correct the name.",
    ],
    [
      'a dot at the end',
      (stack) => WebEndpoint.domain({ domainName: 'api.example.com.', hostedZone: someZone(stack) }),
      "domainName must be a host name without a wildcard or trailing dot, such as 'www.example.com', got "
        + "'api.example.com.'. Correct the name.",
    ],
    [
      'a blank name beside a certificate',
      (stack) => WebEndpoint.certificate(someCertificate(stack), ''),
      "domainName must be a host name without a wildcard or trailing dot, such as 'www.example.com', got ''. Correct "
        + 'the name.',
    ],
    [
      'a name twice',
      (stack) =>
        WebEndpoint.domain({
          domainName: 'www.example.com',
          additionalDomainNames: ['WWW.example.com'],
          hostedZone: someZone(stack),
        }),
      "endpoint must be for different domain names, got 'WWW.example.com' twice. Remove one of the two.",
    ],
    [
      'a list token of names',
      (stack) =>
        WebEndpoint.domain({
          domainName: 'www.example.com',
          additionalDomainNames: new CfnParameter(stack, 'Names', { type: 'CommaDelimitedList' }).valueAsList,
          hostedZone: someZone(stack),
        }),
      'endpoint must be for a list of single domain names, because each name gets DNS records of its own, got a list ' +
        'token. Write the list out; each name in it can be a token.',
    ],
    [
      'a list token of names beside a certificate',
      (stack) =>
        WebEndpoint.certificate(
          someCertificate(stack),
          ...new CfnParameter(stack, 'Names', { type: 'CommaDelimitedList' }).valueAsList,
        ),
      'endpoint must be for a list of single domain names, because each name gets DNS records of its own, got a list ' +
        'token. Write the list out; each name in it can be a token.',
    ],
    [
      'a private zone without a certificate',
      (stack) =>
        WebEndpoint.domain({
          domainName: 'api.example.com',
          hostedZone: new route53.PrivateHostedZone(stack, 'Zone', { zoneName: 'example.com', vpc: vpcOf(stack) }),
        }),
      'hostedZone must be a public hosted zone, in which ACM validates the certificate, got ' +
        'Stack/Zone. ' +
        'Pass a public hosted zone, or also pass a certificate.',
    ],
    [
      'a zone without a known name',
      (stack) =>
        WebEndpoint.domain({
          domainName: 'api.example.com',
          hostedZone: route53.HostedZone.fromHostedZoneId(stack, 'Zone', 'Z123'),
        }),
      'hostedZone must be a hosted zone with a name, got a hosted zone imported by its ID alone. ' +
        'Import it with HostedZone.fromHostedZoneAttributes or HostedZone.fromLookup.',
    ],
  ])('refuses %s', (_, endpoint, sentence) => {
    const stack = newStack();
    expect(() => make(stack, endpoint(stack))).toThrow(new Error(`[Stack/Web] ${sentence}`));
  });
});

function vpcOf(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'ZoneVpc', { vpcId: 'vpc-1', availabilityZones: ['a'] });
}
