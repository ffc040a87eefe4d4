import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { relax, RELAXATION_METADATA } from '../../src/core/relaxation';
import { newStack } from '../support/app';

const relaxation = { id: 'one-nat', what: 'one NAT gateway serves all zones', reason: 'development' };

test('a warning contains the effect of the relaxation and the reason', () => {
  const stack = newStack();
  relax(stack, relaxation);
  Annotations.fromStack(stack).hasWarning('/Stack', Match.stringLikeRegexp(
    '^one NAT gateway serves all zones \\(reason given: development\\) \\[ack: cdk-hipaa:one-nat\\]$'));
});

test('the metadata for the report has the ID of the warning', () => {
  const stack = newStack();
  relax(stack, relaxation);
  expect(stack.node.metadata.filter((entry) => entry.type === RELAXATION_METADATA).map((entry) => entry.data)).toEqual([
    { ...relaxation, id: 'cdk-hipaa:one-nat' },
  ]);
});

test('two relaxations of one construct are both recorded', () => {
  const stack = newStack();
  relax(stack, relaxation);
  relax(stack, { ...relaxation, id: 'other' });
  expect(stack.node.metadata.filter((entry) => entry.type === RELAXATION_METADATA)).toHaveLength(2);
});

test('a blank reason is refused', () => {
  expect(() => relax(newStack(), { ...relaxation, reason: ' ' })).toThrow(
    new Error("[Stack] reason must be a non-blank string, got ' '. "
      + 'Say why it is acceptable that one NAT gateway serves all zones.'));
});

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [true, 'true'],
])('the reason %p, which JavaScript can pass, is refused', (reason, shown) => {
  expect(() => relax(newStack(), { ...relaxation, reason: reason as unknown as string })).toThrow(
    new Error(
      `[Stack] reason must be a non-blank string, got ${shown}. ` +
        'Say why it is acceptable that one NAT gateway serves all zones.',
    ),
  );
});
