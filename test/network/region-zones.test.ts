import { Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { zoneCountOf } from '../../src/network/region-zones';
import { newStack } from '../support/app';

const inRegion = (region: string) => newStack({ env: { account: '111122223333', region } });

test.each([['us-east-1', 6], ['us-west-2', 4], ['eu-west-1', 3], ['us-gov-west-1', 3], ['cn-north-1', 3]])(
  '%s has %d zones, and one more is refused', (region, count) => {
    expect(zoneCountOf(region)).toBe(count);
    expect(() => new HipaaVpc(inRegion(region), 'Network', { maxAzs: count })).not.toThrow();
    if (count === 6) return;
    expect(() => new HipaaVpc(inRegion(region), 'Network', { maxAzs: count + 1 })).toThrow(new Error(
      `[Stack/Network] maxAzs must be at most ${count}, the number of zones in ${region}, got ${count + 1}. `
      + 'Use fewer zones, or name the zones with availabilityZones if the region has a new one.'));
  },
);

test('every region of aws-cdk-lib has the three zones that AWS documents as the minimum', () => {
  const counts = RegionInfo.regions.map(({ name }) => zoneCountOf(name)!);
  expect(counts.length).toBeGreaterThan(40);
  expect(counts.every((count) => count >= 3 && count <= 6)).toBe(true);
});

test('a region that aws-cdk-lib does not know, and a token, have an unknown number of zones', () => {
  expect(zoneCountOf('eu-nowhere-1')).toBeUndefined();
  expect(zoneCountOf(Token.asString({ Ref: 'AWS::Region' }))).toBeUndefined();
  expect(() => new HipaaVpc(inRegion('eu-nowhere-1'), 'Network', { maxAzs: 6 })).not.toThrow();
  expect(() => new HipaaVpc(newStack(), 'Network', { maxAzs: 6 })).not.toThrow();
});

test('named zones of a new region are accepted if the stack names the region', () => {
  const availabilityZones = ['eu-nowhere-1a', 'eu-nowhere-1b'];
  expect(() => new HipaaVpc(inRegion('eu-nowhere-1'), 'Network', { availabilityZones })).not.toThrow();
  expect(() => new HipaaVpc(newStack(), 'Network', { availabilityZones })).toThrow(new Error(
    '[Stack/Network] availabilityZones must be zones of a region that aws-cdk-lib knows, got zones of eu-nowhere-1. '
    + 'Correct the region, or set it in env of the stack if it is a new one.'));
});

test('a zone that no region has is refused', () => {
  expect(() => new HipaaVpc(inRegion('us-east-1'), 'Network', { availabilityZones: ['us-east-1a', 'us-east-1g'] }))
    .toThrow("availabilityZones must be names of zones, such as 'us-east-1a', got 'us-east-1g'.");
});
