import { Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { applicationLogGroup, auditLogGroup, LogGroupOptions, protectAuditLog } from '../../src/blocks/log-group';
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

const protectedLogGroup: typeof auditLogGroup = (...args) => protectAuditLog(applicationLogGroup(...args));

test.each<[string, typeof auditLogGroup, Partial<LogGroupOptions>, string]>([
  ['of an application is retained, except when its creation is rolled back', applicationLogGroup, {},
    'RetainExceptOnCreate'],
  ['of an application with a fixed name is retained in the same way', applicationLogGroup, { logGroupName: 'fixed' },
    'RetainExceptOnCreate'],
  ['for audit logs is retained', auditLogGroup, {}, 'Retain'],
  // A rollback could not delete a protected log group.
  ['for audit logs with a fixed name is retained', auditLogGroup, { logGroupName: 'fixed' }, 'Retain'],
  ['that is protected is retained', protectedLogGroup, { logGroupName: 'fixed' }, 'Retain'],
])('a log group %s, and deleted with its stack if data is disposable', (_, make, options, DeletionPolicy) => {
  synth(make, options).hasResource('AWS::Logs::LogGroup', { DeletionPolicy, UpdateReplacePolicy: 'Retain' });
  synth(make, options, true).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
});

test.each([['for audit logs', auditLogGroup], ['that is protected', protectedLogGroup]])(
  'a log group %s has deletion protection, which is turned off if data becomes disposable', (_, make) => {
    synth(make).hasResourceProperties('AWS::Logs::LogGroup', { DeletionProtectionEnabled: true });
    synth(make, {}, true).hasResourceProperties('AWS::Logs::LogGroup', { DeletionProtectionEnabled: false });
  });

test.each([
  ['one year has no', logs.RetentionDays.ONE_YEAR, Match.absent()],
  ['five years has no', logs.RetentionDays.FIVE_YEARS, Match.absent()],
  ['six years has', logs.RetentionDays.SIX_YEARS, true],
  ['no end has', logs.RetentionDays.INFINITE, true],
])('a log group of an application with a retention of %s deletion protection', (_, retention, expected) => {
  synth(applicationLogGroup, { retention }).hasResourceProperties('AWS::Logs::LogGroup', {
    DeletionProtectionEnabled: expected,
  });
});

test('a log group has a physical name only if the service requires one', () => {
  synth(auditLogGroup, { logGroupName: 'aws-waf-logs-x' }).hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: 'aws-waf-logs-x',
  });
  expect(Object.values(synth(auditLogGroup).findResources('AWS::Logs::LogGroup'))[0].Properties).not.toHaveProperty(
    'LogGroupName',
  );
});
