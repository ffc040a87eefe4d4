import { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import {
  cloudWatchAlarms,
  cloudWatchLogs,
  encryptionKeyFor,
  KeyUser,
  logDelivery,
} from '../../src/blocks/encryption-key';
import { DataProtection } from '../../src/core/data-protection';
import { newStack, propertiesOf, templateOf } from '../support/app';

/** The statements of the only key of a stack, except the first two, which every key has. */
function statementsFor(user: KeyUser, env?: { account?: string; region?: string }): Array<Record<string, unknown>> {
  const stack = newStack({ env });
  encryptionKeyFor(stack, undefined, { description: 'Test', users: [user] });
  const [key] = Object.values(propertiesOf(templateOf(stack), 'AWS::KMS::Key'));
  return key.KeyPolicy.Statement.slice(2);
}

function keyOf(prepare: (stack: Stack) => void = () => undefined) {
  const stack = newStack();
  prepare(stack);
  encryptionKeyFor(stack, undefined, { description: 'Test' });
  return templateOf(stack);
}

describe('a created key', () => {
  test('rotates yearly, can be recovered for thirty days, and is retained except in a rolled-back creation', () => {
    keyOf().hasResource('AWS::KMS::Key', {
      Properties: { Description: 'Test', EnableKeyRotation: true, RotationPeriodInDays: 365, PendingWindowInDays: 30 },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('is deleted with its stack if data is disposable', () => {
    keyOf((stack) => DataProtection.of(stack).disposable({ reason: 'test' })).hasResource('AWS::KMS::Key', {
      DeletionPolicy: 'Delete',
    });
  });

  test('is governed by IAM, allows grants by AWS services only, and serves the named services only', () => {
    const [key] = Object.values(propertiesOf(keyOf(), 'AWS::KMS::Key'));
    expect(key.KeyPolicy.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: {
          AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']] },
        },
        Action: 'kms:*',
        Resource: '*',
      },
      {
        Sid: 'OnlyServicesCreateGrants',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'kms:CreateGrant',
        Resource: '*',
        Condition: { BoolIfExists: { 'kms:GrantIsForAWSResource': 'false', 'aws:PrincipalIsAWSService': 'false' } },
      },
    ]);
  });

  test('has the ID Key', () => {
    expect(Object.keys(keyOf().findResources('AWS::KMS::Key'))).toEqual(['Key961B73FD']);
  });
});

describe('a given key', () => {
  test('is used, and its policy allows the services', () => {
    const stack = newStack();
    const given = new kms.Key(stack, 'Mine');
    expect(encryptionKeyFor(stack, given, { description: 'Test', users: [cloudWatchAlarms] })).toBe(given);
    const template = templateOf(stack);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchAlarms' })]) },
    });
  });

  test('is not changed if it is imported', () => {
    const stack = newStack();
    const given = kms.Key.fromKeyArn(
      stack,
      'Mine',
      'arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-1111-1111-111111111111',
    );
    expect(encryptionKeyFor(stack, given, { description: 'Test', users: [cloudWatchLogs] })).toBe(given);
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 0);
  });
});

describe('services that use a key', () => {
  test('CloudWatch Logs can use it for the log groups of this account and region', () => {
    expect(statementsFor(cloudWatchLogs)).toEqual([
      {
        Sid: 'CloudWatchLogs',
        Effect: 'Allow',
        Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] } },
        Action: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:GenerateDataKeyWithoutPlaintext',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        Resource: '*',
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': {
              'Fn::Join': [
                '',
                [
                  'arn:',
                  { Ref: 'AWS::Partition' },
                  ':logs:',
                  { Ref: 'AWS::Region' },
                  ':',
                  { Ref: 'AWS::AccountId' },
                  ':log-group:*',
                ],
              ],
            },
          },
        },
      },
    ]);
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('the CloudWatch Logs principal in %s has the suffix of its partition '
    + '', (region) => {
    expect(statementsFor(cloudWatchLogs, { region })[0].Principal).toEqual({
      Service: { 'Fn::Join': ['', [`logs.${region}.`, { Ref: 'AWS::URLSuffix' }]] },
    });
  });

  test('CloudWatch alarms can use it for this account', () => {
    expect(statementsFor(cloudWatchAlarms, { account: '111122223333' })).toEqual([{
      Sid: 'CloudWatchAlarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    }]);
  });

  test('the log delivery service can use it for this account', () => {
    expect(statementsFor(logDelivery, { account: '111122223333' })).toEqual([
      {
        Sid: 'LogDelivery',
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: [
          'kms:Decrypt',
          'kms:DescribeKey',
          'kms:Encrypt',
          'kms:GenerateDataKey',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
        ],
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      },
    ]);
  });
});
