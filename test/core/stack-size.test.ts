import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { pinFeatureFlags } from '../../src/core/feature-flags';
import { newStack } from '../support/app';

/** A stack with a construct of this library and this many resources. */
function stackWith(counts: Record<string, number>, context: Record<string, unknown> = {}): Stack {
  const stack = newStack({ context });
  for (const [id, count] of Object.entries(counts)) {
    const construct = new Construct(stack, id);
    pinFeatureFlags(construct);
    for (let index = 0; index < count; index++) new CfnResource(construct, `R${index}`, { type: 'Test::Some::Thing' });
  }
  return stack;
}

const synth = (stack: Stack) => (stack.node.root as App).synth();

test('a stack with 399 resources has no warning', () => {
  Annotations.fromStack(stackWith({ Network: 399 })).hasNoWarning('*', Match.anyValue());
});

test('a stack with 400 resources has a warning that names the constructs with the most resources', () => {
  const warning = 'The stack has 400 resources, and CloudFormation accepts 500 (the quota "Resources"). The constructs '
    + 'with the most resources are Network (300), Web (60), Api (40). Move some of them to another stack.';
  const stack = stackWith({ Api: 40, Network: 300, Web: 60 });
  Annotations.fromStack(stack).hasWarning('/Stack', Match.stringLikeRegexp('^The stack has 400 resources'));
  expect(stack.node.metadata.some(({ data }) => String(data).startsWith(warning))).toBe(true);
});

test('a stack with more than 500 resources is refused with the constructs, not only with the types', () => {
  const stack = stackWith({ Network: 320, Web: 335 });
  expect(() => synth(stack)).toThrow('The stack has 655 resources, and CloudFormation accepts 500 (the quota '
    + '"Resources"). The constructs with the most resources are Web (335), Network (320).');
});

test('a stack of an app with its own limit has only the warning', () => {
  const stack = stackWith({ Network: 655 }, { '@aws-cdk/core:stackResourceLimit': 0 });
  expect(() => synth(stack)).not.toThrow();
  expect(stack.node.metadata.some(({ data }) => String(data).startsWith('The stack has 655 resources'))).toBe(true);
});
