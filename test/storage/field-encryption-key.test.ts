import { CfnParameter, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { policyStatements } from './some-bucket';
import { DataProtection } from '../../src/core/data-protection';
import { WorkloadMonitoring } from '../../src/monitoring/workload-monitoring';
import { FieldEncryptionKey } from '../../src/storage/field-encryption-key';
import { containerOf, onlyOne, someService } from '../service/fargate-fixtures';
import { newApp, newStack, templateOf } from '../support/app';

const KEY = 'AWS::KMS::Key';
const KEY_ARN = { 'Fn::GetAtt': ['FieldsKey3D2CE92E', 'Arn'] };
const CONTEXT = {
  Null: { 'kms:EncryptionContext:column': 'false', 'kms:EncryptionContext:table': 'false' },
};

let stack: Stack;
beforeEach(() => stack = newStack());

const fields = (contextKeys: unknown = ['table', 'column'], scope = stack) =>
  new FieldEncryptionKey(scope, 'Fields', { contextKeys: contextKeys as string[] });

interface KeyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Condition?: object;
}
const statements = (scope = stack): KeyStatement[] => onlyOne(scope, KEY).KeyPolicy.Statement;
const statement = (sid: string) => statements().find(({ Sid }) => Sid === sid);

test('the key rotates yearly, and a deletion can be canceled for 30 days', () => {
  fields();
  expect(onlyOne(stack, KEY)).toMatchObject({
    EnableKeyRotation: true, RotationPeriodInDays: 365, PendingWindowInDays: 30,
  });
});

test('the key policy denies each request without a key of the context', () => {
  fields();
  expect([1, 2].map((index) => statement(`RequireContext${index}`)!.Condition)).toEqual([
    { Null: { 'kms:EncryptionContext:column': 'true' } }, { Null: { 'kms:EncryptionContext:table': 'true' } },
  ]);
  expect(statement('RequireContext1')).toMatchObject({
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: [
      'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyPair',
      'kms:GenerateDataKeyPairWithoutPlaintext', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
  });
});

test('the order of the context keys has no effect', () => {
  fields(['column', 'table']);
  const other = newStack();
  fields(['table', 'column'], other);
  expect(statements()).toEqual(statements(other));
});

test('the key is retained, also by a rollback, and its policy denies its deletion', () => {
  fields();
  templateOf(stack).hasResource(KEY, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(statement('DenyDeletion')).toMatchObject({ Effect: 'Deny', Action: 'kms:ScheduleKeyDeletion' });
});

test('a disposable key is deleted with its stack', () => {
  DataProtection.of(stack).disposable({ reason: 'synthetic records' });
  fields();
  templateOf(stack).hasResource(KEY, { DeletionPolicy: 'Delete' });
  expect(statement('DenyDeletion')).toBeUndefined();
});

describe('use by a service', () => {
  const ofKey = () => policyStatements(stack).filter(({ Resource }) => JSON.stringify(Resource).includes('FieldsKey'));

  test('sets the variable, and allows to encrypt and decrypt with the context', () => {
    someService(stack, { uses: [fields()] });
    expect(containerOf(stack).Environment).toEqual([{ Name: 'FIELDS_KEY_ARN', Value: KEY_ARN }]);
    expect(ofKey()).toEqual([{
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:Decrypt'],
      Resource: KEY_ARN,
      Condition: CONTEXT,
    }]);
  });

  test.each([
    ['encryptOnly', ['kms:Encrypt', 'kms:GenerateDataKey']], ['decryptOnly', 'kms:Decrypt'],
  ] as const)('%s narrows the permissions', (narrow, actions) => {
    const key = fields();
    someService(stack, { uses: [key[narrow]()] });
    expect(ofKey()).toEqual([expect.objectContaining({ Action: actions, Condition: CONTEXT })]);
    expect(key[narrow]()).toBe(key[narrow]());
  });

  test('has a service in another stack without a cycle', () => {
    const app = newApp();
    const key = fields(undefined, new Stack(app, 'Data'));
    someService(new Stack(app, 'Services'), { uses: [key] });
    expect(() => app.synth()).not.toThrow();
  });
});

test('the grants for encrypt and decrypt are separate', () => {
  const key = fields();
  const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  key.grantEncrypt(role('Intake'));
  key.grantDecrypt(role('Reports'));
  expect(policyStatements(stack).map(({ Action }) => Action))
    .toEqual([['kms:Encrypt', 'kms:GenerateDataKey'], 'kms:Decrypt']);
});

test('a notification reports requests to disable or delete the key, or to change its policy', () => {
  new WorkloadMonitoring(stack, 'Monitoring').watch(fields());
  expect(onlyOne(stack, 'AWS::Events::Rule').EventPattern).toEqual({
    'source': ['aws.kms'],
    'detail-type': ['AWS API Call via CloudTrail'],
    'detail': {
      eventSource: ['kms.amazonaws.com'],
      eventName: ['DisableKey', 'PutKeyPolicy', 'ScheduleKeyDeletion'],
      requestParameters: { keyId: [{ Ref: 'FieldsKey3D2CE92E' }, KEY_ARN] },
    },
  });
});

describe('refusals', () => {
  const names = "a letter followed by up to 63 letters, digits, '.', '_' and '-', known at synthesis and not starting "
    + 'with aws';
  test.each<[string, () => unknown, string]>([
    ['no keys', () => [], 'contextKeys must be 1 to 8 names that are known at synthesis, got 0 names. Name what '
      + "identifies a field, such as 'table' and 'column'."],
    ['too many keys', () => [...'abcdefghi'], 'contextKeys must be 1 to 8 names that are known at synthesis, got 9 '
      + "names. Name what identifies a field, such as 'table' and 'column'."],
    ['a key of AWS', () => ['aws:s3:arn'], `contextKeys[0] must be ${names}, got 'aws:s3:arn'. Rename it.`],
    ['a token', () => [new CfnParameter(stack, 'Key').valueAsString],
      `contextKeys[0] must be ${names}, got a token. Rename it.`],
    ['a key in two cases', () => ['table', 'Table'], "contextKeys must differ in more than their case, but 'table' and "
      + "'Table' do not. Remove one of the two."],
  ])('%s', (_name, keys, message) => {
    expect(() => fields(keys())).toThrow(new Error(`[Stack/Fields] ${message}`));
  });
});
