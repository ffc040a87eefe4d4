import { App, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { requireCovered } from '../../src/endpoint/certificate-names';
import { WebEndpoint } from '../../src/endpoint/web-endpoint';
import { SecureLoadBalancer } from '../../src/load-balancer/secure-load-balancer';
import { StaticSiteCdn } from '../../src/site/static-site-cdn';
import { newStack } from '../support/app';
import { SOME_SITE } from '../support/shapes';

function certificate(stack: Stack, domainName: string, ...subjectAlternativeNames: string[]): acm.Certificate {
  const id = `Certificate${stack.node.children.length}`;
  return new acm.Certificate(stack, id, {
    domainName, subjectAlternativeNames, validation: acm.CertificateValidation.fromDns(),
  });
}

const check = (domainName: string, ...names: [string, ...string[]]) => () => {
  const stack = newStack();
  requireCovered(stack, [domainName], [certificate(stack, ...names)]);
};

test.each<[string, [string, ...string[]]]>([
  ['www.example.com', ['www.example.com']],
  ['WWW.example.com', ['www.Example.com']],
  ['www.example.com', ['example.com', 'www.example.com']],
  ['www.example.com', ['*.example.com']],
  ['a.www.example.com', ['example.com', '*.www.example.com']],
])('%s is covered by %j', (name, names) => {
  expect(check(name, ...names)).not.toThrow();
});

test.each<[string, [string, ...string[]], string]>([
  ['www.example.com', ['example.com'], "'example.com'"],
  ['example.com', ['*.example.com'], "'*.example.com'"],
  ['a.www.example.com', ['*.example.com', 'example.com'], "'*.example.com', 'example.com'"],
  ['www.example.org', ['www.example.com'], "'www.example.com'"],
  ['wwwexample.com', ['*.example.com'], "'*.example.com'"],
])('%s is not covered by %j', (name, names, shown) => {
  expect(check(name, ...names)).toThrow(new Error(
    `[Stack] endpoint must be for domain names that the certificate covers, got '${name}' with a certificate for `
    + `${shown}. Add the name to the certificate, or pass another certificate.`));
});

test('one of several certificates is enough, for each name', () => {
  const stack = newStack();
  const certificates = [certificate(stack, 'a.example.com'), certificate(stack, '*.example.org')];
  expect(() => requireCovered(stack, ['a.example.com', 'b.example.org'], certificates)).not.toThrow();
  expect(() => requireCovered(stack, ['a.example.com', 'b.example.com'], certificates)).toThrow("got 'b.example.com'");
});

test('names that are tokens, and certificates that are imported or have such names, pass', () => {
  const stack = newStack();
  const token = new CfnParameter(stack, 'Name').valueAsString;
  const imported = acm.Certificate.fromCertificateArn(stack, 'Imported', 'arn:aws:acm:us-east-1:1:certificate/a');
  const list = new acm.Certificate(stack, 'List', {
    domainName: 'example.com',
    subjectAlternativeNames: Fn.split(',', token),
    validation: acm.CertificateValidation.fromDns(),
  });
  requireCovered(stack, [token], [certificate(stack, 'example.com')]);
  for (const unknown of [imported, list, certificate(stack, token), certificate(stack, 'example.com', token)]) {
    requireCovered(stack, ['www.example.com'], [unknown]);
    requireCovered(stack, ['www.example.com'], [certificate(stack, 'example.com'), unknown]);
  }
  requireCovered(stack, ['www.example.com'], []);
});

describe('the constructs', () => {
  const stackIn = () => new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  const refusal = (id: string) => new Error(
    `[Stack/${id}] endpoint must be for domain names that the certificate covers, got 'www.example.com' with a `
    + "certificate for 'api.example.com'. Add the name to the certificate, or pass another certificate.");
  const vpcIn = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['us-east-1a', 'us-east-1b'], publicSubnetIds: ['subnet-1', 'subnet-2'],
  });

  test('SecureLoadBalancer refuses the name, unless an additional certificate covers it', () => {
    const stack = stackIn();
    const vpc = vpcIn(stack);
    const endpoint = WebEndpoint.certificate(certificate(stack, 'api.example.com'), 'www.example.com');
    expect(() => new SecureLoadBalancer(stack, 'One', { vpc, endpoint })).toThrow(refusal('One'));
    const additionalCertificates = [certificate(stack, '*.example.com')];
    expect(() => new SecureLoadBalancer(stack, 'Two', { vpc, endpoint, additionalCertificates })).not.toThrow();
  });

  test('SecureLoadBalancer refuses the name of WebEndpoint.domain with a certificate', () => {
    const stack = stackIn();
    const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z1', zoneName: 'example.com',
    });
    const endpoint = WebEndpoint.domain({
      domainName: 'www.example.com', hostedZone, certificate: certificate(stack, 'api.example.com'),
    });
    expect(() => new SecureLoadBalancer(stack, 'One', { vpc: vpcIn(stack), endpoint })).toThrow(refusal('One'));
  });

  test('StaticSiteCdn refuses the name', () => {
    const stack = stackIn();
    const endpoint = WebEndpoint.certificate(certificate(stack, 'api.example.com'), 'www.example.com');
    expect(() => new StaticSiteCdn(stack, 'Site', { source: SOME_SITE, endpoint })).toThrow(refusal('Site'));
  });
});
