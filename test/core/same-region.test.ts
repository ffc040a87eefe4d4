import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as logs from 'aws-cdk-lib/aws-logs';
import { inOnePlace, requireSameRegion } from '../../src/core/same-region';
import { newStack, someVpc } from '../support/app';

const HOME = { account: '111122223333', region: 'us-east-1' };
const groupIn = (scope: Stack, region: string) =>
  logs.LogGroup.fromLogGroupArn(scope, `Group${region.length}`, `arn:aws:logs:${region}:111122223333:log-group:trail`);

test('refuses a resource of another region, with the prop', () => {
  const stack = newStack({ env: HOME });
  const elsewhere = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['a'], region: 'eu-west-1',
  });
  expect(() => requireSameRegion(stack, 'vpc', 'ec2.IVpc', elsewhere)).toThrow(new Error(
    '[Stack] vpc must be a VPC in us-east-1, the region of the stack, got a VPC in eu-west-1. '
      + 'Pass a VPC in us-east-1.'));
  expect(() => requireSameRegion(stack, 'trail.logGroup', 'logs.ILogGroup', groupIn(stack, 'eu-west-1'))).toThrow(
    '[Stack] trail.logGroup must be a log group in us-east-1, the region of the stack, got a log group in eu-west-1. ');
});

test('refuses a resource that the app creates in a stack of another region', () => {
  const app = new App({ analyticsReporting: false });
  const there = new Stack(app, 'There', { env: { ...HOME, region: 'eu-west-1' } });
  const here = new Stack(app, 'Here', { env: HOME, crossRegionReferences: true });
  const vpc = new ec2.Vpc(there, 'Vpc');
  expect(() => requireSameRegion(here, 'vpc', 'ec2.IVpc', vpc)).toThrow('got a VPC in eu-west-1');
});

test('accepts a resource of the region, of an unknown region, and for a stack without a region', () => {
  const stack = newStack({ env: HOME });
  expect(() => requireSameRegion(stack, 'vpc', 'ec2.IVpc', someVpc(stack))).not.toThrow();
  const unknown = groupIn(stack, new CfnParameter(stack, 'Region').valueAsString);
  expect(() => requireSameRegion(stack, 'trail.logGroup', 'logs.ILogGroup', unknown)).not.toThrow();
  const anywhere = newStack();
  expect(() => requireSameRegion(anywhere, 'trail.logGroup', 'logs.ILogGroup', groupIn(anywhere, 'eu-west-1')))
    .not.toThrow();
});

test('two constructs are in one place if they share a stack, or account and region are known and equal', () => {
  const app = new App({ analyticsReporting: false });
  const [one, same, other] = ['us-east-1', 'us-east-1', 'eu-west-1'].map((region, index) =>
    new Stack(app, `Stack${index}`, { env: { ...HOME, region } }));
  const [unknown, unknownToo] = [new Stack(app, 'A'), new Stack(app, 'B')];
  expect(inOnePlace(one, same)).toBe(true);
  expect(inOnePlace(one, other)).toBe(false);
  expect(inOnePlace(unknown, unknown)).toBe(true);
  expect(inOnePlace(unknown, unknownToo)).toBe(false);
});
