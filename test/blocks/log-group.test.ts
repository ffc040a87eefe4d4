import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { applicationLogGroup, auditLogGroup, LogGroupOptions } from '../../src/blocks/log-group';
import { DataProtection } from '../../src/core/data-protection';
import { newStack, templateOf } from '../support/app';

function made(make: typeof auditLogGroup, options: Partial<LogGroupOptions> = {}, disposable = false) {
  const stack = newStack();
  if (disposable) DataProtection.of(stack).disposable({ reason: 'test' });
  make(stack, 'Log', { encryptionKey: new kms.Key(stack, 'Key'), ...options });
  return templateOf(stack);
}

test.each<[string, typeof auditLogGroup, number]>([
  ['audit logs are kept for six years', auditLogGroup, 2192],
  ['application logs are kept for one year', applicationLogGroup, 365],
])('%s, encrypted under the key', (_, make, RetentionInDays) => {
  const template = made(make);
  template.hasResourceProperties('AWS::Logs::LogGroup', {
    RetentionInDays,
    KmsKeyId: { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::KMS::Key'))[0], 'Arn'] },
  });
});

test('another retention can be given', () => {
  made(applicationLogGroup, { retention: logs.RetentionDays.ONE_MONTH }).hasResourceProperties('AWS::Logs::LogGroup', {
    RetentionInDays: 30,
  });
});

test.each<[string, Partial<LogGroupOptions>, boolean, string]>([
  ['is kept', {}, false, 'Retain'],
  [
    'with a fixed name is kept, but for a creation that is rolled back',
    { logGroupName: 'fixed' },
    false,
    'RetainExceptOnCreate',
  ],
  ['goes with its stack where data is disposable', {}, true, 'Delete'],
  ['with a fixed name goes, too', { logGroupName: 'fixed' }, true, 'Delete'],
])('a log group %s', (_, options, disposable, DeletionPolicy) => {
  made(auditLogGroup, options, disposable).hasResource('AWS::Logs::LogGroup', { DeletionPolicy });
});

test('it has a name of its own only where a service demands one', () => {
  made(auditLogGroup, { logGroupName: 'aws-waf-logs-x' }).hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: 'aws-waf-logs-x',
  });
  expect(Object.values(made(auditLogGroup).findResources('AWS::Logs::LogGroup'))[0].Properties).not.toHaveProperty(
    'LogGroupName',
  );
});
