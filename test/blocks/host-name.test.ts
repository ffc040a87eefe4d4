import { CfnParameter } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { requireHostName, requireInZone, requirePublicZone } from '../../src/blocks/host-name';
import { newStack } from '../support/app';

describe('a host name', () => {
  const check = (name: string) => () =>
    requireHostName(newStack(), 'domainName', name, 'api.example.com', 'correct it');

  test.each([
    ['example.com'],
    ['a.b-c.example.com'],
    ['API.EXAMPLE.COM'],
    [new CfnParameter(newStack(), 'Name').valueAsString],
  ])('can be %s', (name) => {
    expect(check(name)).not.toThrow();
  });

  test.each([
    [''],
    ['localhost'],
    ['*.example.com'],
    ['example.com.'],
    ['-a.example.com'],
    ['https://example.com'],
    ['a_b.example.com'],
  ])('cannot be %p', (name) => {
    expect(check(name)).toThrow(
      new Error(
        '[Stack] domainName must be a host name without a wildcard or trailing dot, such as \'api.example.com\', got '
          + `'${name}'. ` +
          'Correct it.',
      ),
    );
  });
});

describe('a zone', () => {
  const zone = (zoneName: string) =>
    route53.HostedZone.fromHostedZoneAttributes(newStack(), 'Zone', { hostedZoneId: 'Z1', zoneName });
  const check = (name: string, zoneName: string) => () => requireInZone(newStack(), 'domainName', name, zone(zoneName));

  test.each([
    ['example.com', 'example.com'],
    ['www.example.com', 'example.com.'],
    ['WWW.example.com', 'Example.com'],
    ['www.example.com', new CfnParameter(newStack(), 'Zone').valueAsString],
  ])('contains %s if its name is %s', (name, zoneName) => {
    expect(check(name, zoneName)).not.toThrow();
  });

  test('does not contain a name that only ends with the same characters', () => {
    expect(check('myexample.com', 'example.com')).toThrow(new Error(
      "[Stack] domainName must be a name in the hosted zone 'example.com', got 'myexample.com'. "
        + 'Correct the name, or pass its hosted zone.'));
  });

  test('must have a known name', () => {
    expect(() =>
      requireInZone(
        newStack(),
        'domainName',
        'www.example.com',
        route53.HostedZone.fromHostedZoneId(newStack(), 'Zone', 'Z1'),
      ),
    ).toThrow(
      new Error(
        '[Stack] hostedZone must be a hosted zone with a name, got a hosted zone imported by its ID alone. ' +
          'Import it with HostedZone.fromHostedZoneAttributes or HostedZone.fromLookup.',
      ),
    );
  });

  test('cannot validate a certificate if it is private', () => {
    const stack = newStack();
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] });
    expect(() =>
      requirePublicZone(stack, new route53.PrivateHostedZone(stack, 'Zone', { zoneName: 'example.com', vpc })),
    ).toThrow(
      new Error(
        '[Stack] hostedZone must be a public hosted zone, in which ACM validates the certificate, got Stack/Zone. ' +
          'Pass a public hosted zone, or also pass a certificate.',
      ),
    );
    expect(() => requirePublicZone(stack, zone('example.com'))).not.toThrow();
  });
});
