import { Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import * as library from '../../src';
import { propTypes } from '../../src/core/prop-type';
import { PROP_TYPES } from '../../src/core/prop-types';
import { requireUsableKey } from '../../src/core/usable-key';
import { newStack } from '../support/app';
import { sampleProps } from '../support/samples';

const HOME = { account: '111122223333', region: 'us-east-1' };
const arnIn = (region: string, partition = 'aws') => `arn:${partition}:kms:${region}:111122223333:key/12345678-1234`;
const NOT_USABLE = 'encryptionKey must be an enabled symmetric key, not an alias, got';

type Make = (scope: Stack) => kms.IKey;
const imported = (arn: string): Make => (scope) => kms.Key.fromKeyArn(scope, 'Theirs', arn);

/** A check of a key in a stack in us-east-1, or in a stack without a region. */
const check = (make: Make, env?: typeof HOME) => () => {
  const stack = newStack({ env });
  requireUsableKey(stack, 'encryptionKey', make(stack));
};

const REFUSED: Array<[string, Make, string]> = [
  [
    'an imported alias', (scope) => kms.Alias.fromAliasName(scope, 'A', 'alias/company'),
    `${NOT_USABLE} the alias alias/company. Pass the key behind the alias.`,
  ],
  [
    'an alias with a known key',
    (scope) => kms.Alias.fromAliasAttributes(scope, 'A', {
      aliasName: 'alias/company', aliasTargetKey: new kms.Key(scope, 'Key'),
    }),
    `${NOT_USABLE} the alias alias/company. Pass the key behind the alias.`,
  ],
  [
    'an alias that the app creates', (scope) => new kms.Key(scope, 'Key').addAlias('company'),
    'the alias ',
  ],
  ['the ARN of an alias', imported('arn:aws:kms:us-east-1:111122223333:alias/company'), 'the alias company.'],
  [
    'a key of another region', imported(arnIn('eu-west-1')),
    'encryptionKey must be a key in us-east-1, the region of the stack, got a key in eu-west-1. '
      + 'Pass a key in us-east-1.',
  ],
  [
    'a replica in another region', imported(arnIn('eu-west-1').replace('key/', 'key/mrk-')),
    'encryptionKey must be a key in us-east-1, the region of the stack, got a key in eu-west-1. ',
  ],
  [
    'a key of another partition', imported(arnIn('us-east-1', 'aws-cn')),
    'encryptionKey must be a key in aws, the partition of the stack, got a key in the partition aws-cn. '
      + 'Correct the ARN of the key.',
  ],
  [
    'the ARN of something else', imported('arn:aws:kms:us-east-1:111122223333:other/1'),
    `${NOT_USABLE} 'arn:aws:kms:us-east-1:111122223333:other/1'. Pass the ARN of a key.`,
  ],
  [
    'a key for signatures',
    (scope) => new kms.Key(scope, 'Signs', { keySpec: kms.KeySpec.RSA_2048, keyUsage: kms.KeyUsage.SIGN_VERIFY }),
    `${NOT_USABLE} Stack/Signs with the spec RSA_2048. Create the key with the spec SYMMETRIC_DEFAULT.`,
  ],
  [
    'a disabled key', (scope) => new kms.Key(scope, 'Off', { enabled: false }),
    `${NOT_USABLE} Stack/Off, which is disabled. Enable the key.`,
  ],
];

test.each(REFUSED)('refuses %s', (_name, make, text) => {
  expect(check(make, HOME)).toThrow(text);
  expect(check(make, HOME)).toThrow(/^\[Stack\] encryptionKey must be /);
});

const ACCEPTED: Array<[string, Make]> = [
  ['a key of the app', (scope) => new kms.Key(scope, 'Key')],
  ['a key of the region', imported(arnIn('us-east-1'))],
  ['a key of another account', imported(arnIn('us-east-1').replace('111122223333', '444455556666'))],
  ['a key in the partition of the stack', imported(`arn:${Aws.PARTITION}:kms:us-east-1:111122223333:key/1`)],
  ['a key with an ARN that is a parameter', (scope) => kms.Key.fromKeyArn(
    scope, 'Theirs', new CfnParameter(scope, 'KeyArn').valueAsString)],
];

test.each(ACCEPTED)('accepts %s', (_name, make) => {
  expect(check(make, HOME)).not.toThrow();
});

test('accepts any region in a stack without a region, but no alias', () => {
  expect(check(imported(arnIn('eu-west-1')))).not.toThrow();
  expect(check(imported(arnIn('us-gov-west-1', 'aws-us-gov')))).not.toThrow();
  expect(check((scope) => kms.Alias.fromAliasName(scope, 'A', 'alias/company'))).toThrow('the alias alias/company');
});

describe('every prop of a construct that takes a key', () => {
  type ConstructClass = new (scope: Construct, id: string, props: object) => Construct;
  const props = Object.keys(PROP_TYPES.fields).flatMap((name) => [...propTypes(`${name}Props`)!]
    .filter(([, type]) => type === 'kms.IKey?').map(([prop]) => [name, prop] as const));

  test('is one of more than ten', () => {
    expect(props.length).toBeGreaterThan(10);
  });

  test.each(props)('refuses an alias and a key of another region: %s.%s', (name, prop) => {
    const stack = newStack({ env: HOME });
    const base = sampleProps(`${name}Props`, new Construct(stack, 'Samples'));
    const Class = (library as unknown as Record<string, ConstructClass>)[name];
    const create = (id: string, key: kms.IKey) => () => new Class(stack, id, { ...base, [prop]: key });
    expect(create('One', kms.Alias.fromAliasName(stack, 'A', 'alias/company'))).toThrow(new Error(
      `[Stack/One] ${prop} must be an enabled symmetric key, not an alias, got the alias alias/company. `
        + 'Pass the key behind the alias.'));
    expect(create('Two', kms.Key.fromKeyArn(stack, 'K', arnIn('eu-west-1')))).toThrow(new Error(
      `[Stack/Two] ${prop} must be a key in us-east-1, the region of the stack, got a key in eu-west-1. `
        + 'Pass a key in us-east-1.'));
  });
});
