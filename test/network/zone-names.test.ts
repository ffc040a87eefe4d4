import { CfnParameter } from 'aws-cdk-lib';
import { FlowLogStorage } from '../../src/network/flow-log-storage';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { newStack } from '../support/app';

const inUsEast1 = () => newStack({ env: { account: '111122223333', region: 'us-east-1' } });
const zones = (availabilityZones: string[], stack = inUsEast1()) =>
  () => new HipaaVpc(stack, 'Network', { availabilityZones });

test('zones of two regions, or of another region than that of the stack, are refused', () => {
  const text = '[Stack/Network] availabilityZones must be zones of us-east-1, the region of the stack, got';
  const change = 'Use zones of the region in which the stack is deployed.';
  expect(zones(['eu-west-1a', 'us-east-1b'])).toThrow(new Error(`${text} ['eu-west-1a', 'us-east-1b']. ${change}`));
  expect(zones(['eu-west-1a', 'eu-west-1b'])).toThrow(new Error(`${text} ['eu-west-1a', 'eu-west-1b']. ${change}`));
  expect(zones(['eu-west-1a', 'us-east-1b'], newStack())).toThrow(new Error(
    `[Stack/Network] availabilityZones must be zones of one region, got ['eu-west-1a', 'us-east-1b']. ${change}`));
});

test.each([['us-east-1'], ['use1-az1'], [''], [' us-east-1a'], ['US-EAST-1A']])("'%s' is not a zone", (zone) => {
  expect(zones([zone, 'us-east-1b'])).toThrow(new Error(
    `[Stack/Network] availabilityZones must be names of zones, such as 'us-east-1a', got '${zone}'. `
      + 'Use the names that aws ec2 describe-availability-zones lists.'));
});

test.each([
  [['us-east-1a', 'us-east-1b']], [['us-gov-west-1a', 'us-gov-west-1b']], [['cn-north-1a', 'cn-north-1b']],
  [['us-iso-east-1a', 'us-iso-east-1b']], [['ap-southeast-2a', 'ap-southeast-2c']],
])('%s are accepted in a stack without a region', (names) => {
  expect(zones(names, newStack())).not.toThrow();
});

test('zones that are tokens are accepted', () => {
  const stack = inUsEast1();
  expect(zones(['us-east-1a', new CfnParameter(stack, 'Zone').valueAsString], stack)).not.toThrow();
});

describe('the prefix of flow logs in a bucket', () => {
  const prefix = (text: string) =>
    () => new HipaaVpc(newStack(), 'Network', { flowLogs: FlowLogStorage.bucket({ prefix: text }) });

  test.each([
    'AWSLogs', 'clinic/AWSLogs', 'clinic/', '/clinic', '', ' ', 'a//b', '*', '../a', '${a}', 'a'.repeat(513),
  ])("'%s' is refused", (text) => {
    const shown = text.length > 300 ? `'${text.slice(0, 300)}…' (${text.length} characters)` : `'${text}'`;
    expect(prefix(text)).toThrow(new Error(
      '[Stack/Network] flowLogs.prefix must be folder names with slashes between them, none of them AWSLogs, which is '
        + `reserved, got ${shown}. Use a name such as 'flow-logs', or leave prefix out.`));
  });

  test.each(['clinic', 'clinic/production', 'AWSLogsOfClinic'])("'%s' is accepted", (text) => {
    expect(prefix(text)).not.toThrow();
  });
});

test.each(['us-west-2-lax-1a', 'us-east-1-bos-1a', 'us-east-1-wl1-bos-wlz-1', 'eu-west-2-wl2-man-wlz-1'])(
  '%s is not an Availability Zone', (zone) => {
    expect(zones([zone, 'us-east-1b'])).toThrow(new Error(
      `[Stack/Network] availabilityZones must be Availability Zones of the region, got '${zone}'. `
        + 'Use no Local Zone or Wavelength Zone, because they do not have all services of the network.'));
  },
);
