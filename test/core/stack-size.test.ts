import * as fs from 'fs';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
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

/** A stack with resources of this size in the template. */
function stackOfBytes(sizes: Record<string, number>, context: Record<string, unknown> = {}): Stack {
  const stack = newStack({ context });
  for (const [id, bytes] of Object.entries(sizes)) {
    const construct = new Construct(stack, id);
    pinFeatureFlags(construct);
    for (let index = 0; index < 60; index++) {
      new CfnResource(construct, `R${index}`, {
        type: 'Test::Some::Thing', properties: { Text: 'x'.repeat(Math.round(bytes / 60) - 100) },
      });
    }
  }
  return stack;
}

test('a template of 790 KB has no warning of its size', () => {
  Annotations.fromStack(stackOfBytes({ Api: 400_000, Web: 390_000 })).hasNoWarning('*', Match.anyValue());
});

test('a template of 900 KB has a warning that names the constructs with the most bytes', () => {
  Annotations.fromStack(stackOfBytes({ Api: 300_000, Web: 600_000 })).hasWarning('/Stack', Match.stringLikeRegexp(
    'The stack has a template of 900 KB, and CloudFormation accepts 1 MB \\(the quota "Template body size in an Amazon '
      + 'S3 object"\\). The constructs with the most bytes are Web \\(600 KB\\), Api \\(300 KB\\). Move some'));
});

test('a template of more than 1 MB is refused', () => {
  expect(() => synth(stackOfBytes({ Api: 500_000, Web: 520_000 }))).toThrow('The stack has a template of 1020 KB');
});

test('a construct with nearly all bytes is shown with its parts', () => {
  const stack = newStack();
  const monitoring = new Construct(stack, 'Monitoring');
  pinFeatureFlags(monitoring);
  for (let index = 0; index < 100; index++) {
    new CfnResource(monitoring, `Alarm${index}`, {
      type: 'Test::Some::Thing', properties: { Text: 'x'.repeat(index === 42 ? 60_000 : 7_900) },
    });
  }
  Annotations.fromStack(stack).hasWarning('/Stack', Match.stringLikeRegexp('are Monitoring/Alarm42 \\(60 KB\\), '));
});

test('the measured size is that of the template within half a percent', () => {
  const stack = stackOfBytes({ Api: 500_000, Web: 400_000 });
  const [{ templateFullPath }] = synth(stack).stacks;
  const measured = /a template of (\d+) KB/.exec(JSON.stringify(stack.node.metadata))!;
  expect(Number(measured[1]) * 1_000 / fs.statSync(templateFullPath).size).toBeCloseTo(1, 2);
});

test('a template of more than 1 MB with few resources is refused', () => {
  const stack = newStack();
  const construct = new Construct(stack, 'Monitoring');
  pinFeatureFlags(construct);
  for (let index = 0; index < 3; index++) new CfnResource(construct, `R${index}`, { type: 'Test::Some::Thing' });
  new cloudwatch.CfnDashboard(construct, 'Dashboard', { dashboardBody: 'x'.repeat(1_000_000) });
  expect(() => synth(stack)).toThrow(
    '[Stack] The stack has a template of 1000 KB, and CloudFormation accepts 1 MB (the quota "Template body size in an '
      + 'Amazon S3 object"). The constructs with the most bytes are Monitoring/Dashboard (1000 KB). Move some of them '
      + 'to another stack.');
});
