import { CfnParameter, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { requireUsEast1, US_EAST_1 } from '../../src/blocks/us-east-1';
import { Refusal } from '../../src/core/refusal';
import { newApp, newStack, templateOf } from '../support/app';

const refusal: Refusal = {
  prop: 'certificate',
  given: undefined,
  allowed: 'a certificate of us-east-1',
  change: 'make it there',
};

const RULE = {
  Assertions: [
    {
      Assert: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      AssertDescription:
        'CloudFront accepts web ACLs and certificates of us-east-1 only. Deploy this stack in us-east-1, or create ' +
        "these resources in a stack with env: { region: 'us-east-1' }, and set the region of the other stacks.",
    },
  ],
};

/** The rules of the template of a stack, without the rule that aws-cdk-lib adds. */
function rulesOf(stack: Stack): Record<string, unknown> {
  const { CheckBootstrapVersion, ...rules } = templateOf(stack).toJSON().Rules ?? {};
  return rules;
}

test('us-east-1 is accepted and needs no rule', () => {
  const stack = newStack({ env: { region: US_EAST_1 } });
  requireUsEast1(new Construct(stack, 'Site'), refusal);
  expect(rulesOf(stack)).toEqual({});
});

test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('%s is refused with the text of the caller', (region) => {
  const site = new Construct(newStack({ env: { region } }), 'Site');
  expect(() => requireUsEast1(site, refusal)).toThrow(
    new Error('[Stack/Site] certificate must be a certificate of us-east-1, got undefined. Make it there.'));
});

test('the region of a stage is checked', () => {
  const stage = new Stage(newApp(), 'Production', { env: { region: 'eu-west-1' } });
  expect(() => requireUsEast1(new Stack(stage, 'Stack'), refusal)).toThrow(
    '[Production/Stack] certificate must be a certificate of us-east-1, got undefined');
});

describe('without a region', () => {
  test('CloudFormation refuses the template in other regions and names the remedy', () => {
    const stack = newStack();
    requireUsEast1(new Construct(stack, 'Site'), refusal);
    expect(rulesOf(stack)).toEqual({ CloudFrontNeedsUsEast1: RULE });
  });

  test('a stack has one rule for all constructs', () => {
    const stack = newStack();
    requireUsEast1(new Construct(stack, 'Site'), refusal);
    requireUsEast1(new Construct(stack, 'Other'), { ...refusal, prop: 'scope' });
    expect(rulesOf(stack)).toEqual({ CloudFrontNeedsUsEast1: RULE });
  });

  test('the rule of a nested stack is in the deployed stack', () => {
    const stack = newStack();
    const nested = new NestedStack(stack, 'Nested');
    requireUsEast1(new Construct(nested, 'Site'), refusal);
    expect(rulesOf(nested)).toEqual({});
    expect(rulesOf(stack)).toEqual({ CloudFrontNeedsUsEast1: RULE });
  });

  test('a region that is a parameter is checked at deployment', () => {
    const app = newApp();
    const region = new CfnParameter(new Stack(app, 'Elsewhere'), 'Region').valueAsString;
    const stack = new Stack(app, 'Stack', { env: { region } });
    requireUsEast1(new Construct(stack, 'Site'), refusal);
    expect(Object.keys(rulesOf(stack))).toEqual(['CloudFrontNeedsUsEast1']);
  });
});
