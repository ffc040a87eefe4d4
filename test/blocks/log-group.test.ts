import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { applicationLogGroup, auditLogGroup, LogGroupOptions } from '../../src/blocks/log-group';
import { DataProtection } from '../../src/core/data-protection';
import { newStack, templateOf } from '../support/app';

function synth(make: typeof auditLogGroup, options: Partial<LogGroupOptions> = {}, disposable = false) {
  const stack = newStack();
  if (disposable) DataProtection.of(stack).disposable({ reason: 'test' });
  make(stack, 'Log', { encryptionKey: new kms.Key(stack, 'Key'), ...options });
  return templateOf(stack);
}

test.each<[string, typeof auditLogGroup, number]>([
  ['audit logs are retained for six years', auditLogGroup, 2192],
  ['application logs are retained for one year', applicationLogGroup, 365],
])('%s and encrypted with the key', (_, make, RetentionInDays) => {
  const template = synth(make);
  template.hasResourceProperties('AWS::Logs::LogGroup', {
    RetentionInDays,
    KmsKeyId: { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::KMS::Key'))[0], 'Arn'] },
  });
});

test('another retention can be set', () => {
  synth(applicationLogGroup, { retention: logs.RetentionDays.ONE_MONTH }).hasResourceProperties('AWS::Logs::LogGroup', {
    RetentionInDays: 30,
  });
});

test.each<[string, Partial<LogGroupOptions>, boolean, string]>([
  ['is retained, except when its creation is rolled back', {}, false, 'RetainExceptOnCreate'],
  ['with a fixed name is retained in the same way', { logGroupName: 'fixed' }, false, 'RetainExceptOnCreate'],
  ['is deleted with its stack if data is disposable', {}, true, 'Delete'],
  ['with a fixed name is also deleted if data is disposable', { logGroupName: 'fixed' }, true, 'Delete'],
])('a log group %s', (_, options, disposable, DeletionPolicy) => {
  synth(auditLogGroup, options, disposable).hasResource('AWS::Logs::LogGroup', { DeletionPolicy });
});

test('a log group has a physical name only if the service requires one', () => {
  synth(auditLogGroup, { logGroupName: 'aws-waf-logs-x' }).hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: 'aws-waf-logs-x',
  });
  expect(Object.values(synth(auditLogGroup).findResources('AWS::Logs::LogGroup'))[0].Properties).not.toHaveProperty(
    'LogGroupName',
  );
});
