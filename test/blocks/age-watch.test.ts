import { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { AgeWatch } from '../../src/blocks/age-watch';
import { newStack, propertiesOf, templateOf } from '../support/app';

const watchIn = (stack: Stack) => new AgeWatch(stack, 'Age', {
  what: 'some secrets', dimension: 'SecretArn', encryptionKey: new kms.Key(stack, 'Key'),
});
/** A secret whose ARN has this length. */
const secretOf = (stack: Stack, index: number, length: number) => {
  const start = `arn:aws:secretsmanager:us-east-1:111122223333:secret:${index}-`;
  return secretsmanager.Secret.fromSecretCompleteArn(stack, `Secret${index}`,
    `${start}${'x'.repeat(length - start.length - 7)}-a1b2c3`);
};
const rulesOf = (stack: Stack) => Object.values(propertiesOf(templateOf(stack), 'AWS::Events::Rule'));
const inputsOf = (stack: Stack): string[] => rulesOf(stack)[0].Targets.map(({ Input }: { Input: string }) => Input);

test('the input of a target has at most 8,192 characters, and the other secrets are in the next target', () => {
  const stack = newStack();
  const watch = watchIn(stack);
  for (let index = 0; index < 60; index++) watch.add(secretOf(stack, index, 200));
  const inputs = inputsOf(stack);
  // 203 characters for each ARN with its quotes and comma, and 40 for the rest of the object.
  expect(inputs.map((input) => [input.length, JSON.parse(input).secretArns.length])).toEqual([
    [40 * 203 + 40, 40], [20 * 203 + 40, 20],
  ]);
  expect(Object.values(propertiesOf(templateOf(stack), 'AWS::Lambda::Permission'))).toHaveLength(1);
});

test('a rule has at most five targets', () => {
  const stack = newStack();
  const watch = watchIn(stack);
  for (let index = 0; index < 5; index++) watch.add(secretOf(stack, index, 8_000));
  expect(inputsOf(stack)).toHaveLength(5);
  const other = newStack();
  const full = watchIn(other);
  for (let index = 0; index < 5; index++) full.add(secretOf(other, index, 5_000));
  expect(() => full.add(secretOf(other, 5, 5_000))).toThrow(new Error(
    '[Stack] the number of some secrets must be a number whose ARNs fit into 5 targets of a rule (the EventBridge '
      + 'quota "Targets per rule"), got more than fit into 5 targets. Divide the secrets between two constructs, or '
      + 'give them shorter names.',
  ));
});
