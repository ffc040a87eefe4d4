import { App, CfnResource, PropertyInjectors, Stack, StackProps, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { HipaaVpc } from '../../src/network/hipaa-vpc';
import { newApp, newStack, templateOf } from '../support/app';

const ENV = { account: '123456789012', region: 'eu-west-1' };

/** A stack that refuses to tell its zones. */
class SilentStack extends Stack {
  public get availabilityZones(): string[] {
    throw new Error('the zones of the stack were read');
  }
}

/** The properties of a stack and its metadata, to compare before and after. */
function stateOf(stack: Stack) {
  return {
    properties: Object.getOwnPropertyNames(stack),
    metadata: stack.node.metadata.map(({ type, data }) => JSON.stringify([type, data])),
    hasOwnPrototype: Object.getPrototypeOf(stack) === Stack.prototype,
  };
}

describe.each<[string, StackProps]>([['with account and region', { env: ENV }], ['without them', {}]])(
  'in a stack %s, a network',
  (_, props) => {
    test.each<[string, string[] | undefined]>([
      ['of the first zones', undefined], ['of named zones', ['eu-west-1a', 'eu-west-1b']],
    ])('%s does not read the zones of the stack', (__, availabilityZones) => {
      const app = newApp();
      const stack = new SilentStack(app, 'Stack', props);
      new HipaaVpc(stack, 'Network', { availabilityZones });
      expect(app.synth().manifest.missing).toBeUndefined();
      templateOf(stack).resourceCountIs('AWS::EC2::Subnet', 6);
    });

    test('does not change the stack', () => {
      const stack = new Stack(newApp(), 'Stack', props);
      // A second definition of the property would throw.
      Object.defineProperty(stack, 'availabilityZones', { configurable: false, get: () => ['mine'] });
      const before = stateOf(stack);
      new HipaaVpc(stack, 'Network');
      expect(stateOf(stack)).toEqual(before);
      expect(stack.availabilityZones).toEqual(['mine']);
    });
  },
);

test('the stack still looks its zones up when the app reads them', () => {
  const app = newApp();
  const stack = new Stack(app, 'Stack', { env: ENV });
  new HipaaVpc(stack, 'Network');
  expect(stack.availabilityZones).toEqual(['dummy1a', 'dummy1b', 'dummy1c']);
  expect(app.synth().manifest.missing).toHaveLength(1);
});

test('the zones in cdk.context.json do not change the template', () => {
  const context = { [`availability-zones:account=${ENV.account}:region=${ENV.region}`]: ['eu-west-1c'] };
  const zones = [newStack({ env: ENV, context }), newStack({ env: ENV })].map((stack) => {
    new HipaaVpc(stack, 'Network', { availabilityZones: ['eu-west-1a', 'eu-west-1b'] });
    return templateOf(stack).toJSON();
  });
  expect(zones[0]).toEqual(zones[1]);
});

test('the VPC and everything in it are in the stack itself, and in no view of it', () => {
  const stack = newStack({ env: ENV });
  const { vpc } = new HipaaVpc(stack, 'Network');
  expect(vpc.stack === stack).toBe(true);
  expect(Stack.of(vpc) === stack).toBe(true);
  expect(vpc.env).toEqual(ENV);
  const children = vpc.node.findAll();
  expect(children.length).toBeGreaterThan(20);
  expect(children.every((child) => Stack.of(child) === stack)).toBe(true);
  expect(children.filter((child) => CfnResource.isCfnResource(child)).every((child) => child.stack === stack))
    .toBe(true);
});

test('the injectors of the app see the zones of the stack', () => {
  const stack = newStack();
  const seen: unknown[] = [];
  PropertyInjectors.of(stack).add({
    constructUniqueId: ec2.PublicSubnet.PROPERTY_INJECTION_ID,
    inject: (given, { scope }) => {
      seen.push(Stack.of(scope).availabilityZones.length);
      return given;
    },
  });
  new HipaaVpc(stack, 'Network');
  expect(new Set(seen)).toEqual(new Set([2]));
});

test('a VPC of the app in the same stack behaves as before', () => {
  const app: App = newApp();
  const stack = new Stack(app, 'Stack', { env: ENV });
  new HipaaVpc(stack, 'Network');
  new ec2.Vpc(stack, 'Own', { maxAzs: 2, restrictDefaultSecurityGroup: false });
  expect(app.synth().manifest.missing).toHaveLength(1);
});

test('only the subnets of named zones have an acknowledgement, and not the stack', () => {
  const stack = newStack({ env: ENV });
  new HipaaVpc(stack, 'Network', { availabilityZones: ['eu-west-1a', 'eu-west-1b'] });
  expect(stack.node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)).toEqual([]);
});
