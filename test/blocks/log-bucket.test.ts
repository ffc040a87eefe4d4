import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { LOG_TIER_DOWN_DAYS, LOG_UNDELETE_DAYS, logBucket, LogBucketOptions } from '../../src/blocks/log-bucket';
import { AUDIT_LOG_RETENTION_DAYS } from '../../src/blocks/log-group';
import { DataProtection } from '../../src/core/data-protection';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';
import { templateFindings } from '../support/validate';

const withoutKey: LogBucketOptions = { holds: 'logs of a test', encryption: { noKeyReason: 'required by the test' } };

function withKey(stack: Stack): LogBucketOptions {
  return { holds: 'logs of a test', encryption: { key: new kms.Key(stack, 'Key', { enableKeyRotation: true }) } };
}

function bucketProperties(template: Template) {
  return Object.values(propertiesOf(template, 'AWS::S3::Bucket'))[0];
}

describe('a log bucket', () => {
  const stack = newStack();
  logBucket(stack, 'Logs', withoutKey);
  const template = templateOf(stack);
  const properties = bucketProperties(template);

  test('blocks public access and access control lists', () => {
    expect(properties.PublicAccessBlockConfiguration)
      .toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    expect(properties.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
  });

  test('is encrypted with S3 managed keys if no key is given', () => {
    expect(properties.BucketEncryption).toEqual({
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    });
  });

  test('keeps versions, and supports legal holds without a default retention', () => {
    expect(properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(properties.ObjectLockEnabled).toBe(true);
    expect(properties.ObjectLockConfiguration).toBeUndefined();
  });

  test('moves files to a cheaper storage class after 90 days, and deletes them after six years', () => {
    expect([LOG_TIER_DOWN_DAYS, LOG_UNDELETE_DAYS, AUDIT_LOG_RETENTION_DAYS]).toEqual([90, 90, 2192]);
    expect(properties.LifecycleConfiguration.Rules).toEqual([
      {
        Id: 'Retention',
        Status: 'Enabled',
        Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
        ExpirationInDays: 2192,
        NoncurrentVersionExpiration: { NoncurrentDays: 90 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      { Id: 'DeleteMarkers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
    ]);
  });

  test('sends events of new files to EventBridge, without a function', () => {
    expect(properties.NotificationConfiguration).toEqual({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('denies requests without TLS', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ],
      },
    });
  });

  test('is retained together with its policy, also by a rollback, because a load balancer writes a file', () => {
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.hasResource('AWS::S3::BucketPolicy', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('has the logical ID that its files depend on', () => {
    expect(Object.keys(template.findResources('AWS::S3::Bucket'))).toEqual(['Logs6819BB44']);
  });

  test('has no findings, but a sibling bucket has', () => {
    expect(nagFindings(stack)).toEqual([]);
    new s3.Bucket(stack, 'Sibling');
    expect(nagFindings(stack)).toEqual(expect.arrayContaining([
      'HIPAA.Security-S3BucketLoggingEnabled at Stack/Sibling/Resource',
      'HIPAA.Security-S3BucketReplicationEnabled at Stack/Sibling/Resource',
      'HIPAA.Security-S3DefaultEncryptionKMS at Stack/Sibling/Resource',
    ]));
  });
});

describe('encryption', () => {
  test('uses the given key, with a bucket key to reduce the number of requests', () => {
    const stack = newStack();
    logBucket(stack, 'Logs', withKey(stack));
    expect(bucketProperties(templateOf(stack)).BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: {
          SSEAlgorithm: 'aws:kms',
          KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
        },
      },
    ]);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('with a key is retained, but an empty bucket is deleted when its creation is rolled back', () => {
    const stack = newStack();
    logBucket(stack, 'Logs', withKey(stack));
    const template = templateOf(stack);
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    // S3 deletes a policy with its bucket. A bucket with files remains after a rollback, and still requires TLS.
    template.hasResource('AWS::S3::BucketPolicy', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });
});

test('a service can deliver with access control lists, without public access and without owning the files', () => {
  const stack = newStack();
  logBucket(stack, 'Logs', { ...withoutKey, aclDelivery: true });
  const properties = bucketProperties(templateOf(stack));
  expect(properties.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] });
  expect(properties.PublicAccessBlockConfiguration)
    .toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
  expect(nagFindings(stack)).toEqual([]);
});

test('a bucket for S3 server access logs has no Object Lock, but has versions', () => {
  const stack = newStack();
  logBucket(stack, 'Logs', { ...withoutKey, takesServerAccessLogs: true });
  const properties = bucketProperties(templateOf(stack));
  expect([properties.ObjectLockEnabled, properties.ObjectLockConfiguration]).toEqual([false, undefined]);
  expect(properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  expect(nagFindings(stack)).toEqual([]);
});

describe('retention', () => {
  test.each([
    { days: 400, transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }] },
    { days: 90, transitions: undefined },
  ])('of $days days moves files to a cheaper class only if it is longer than 90 days', ({ days, transitions }) => {
    const stack = newStack();
    logBucket(stack, 'Logs', { ...withoutKey, retention: Duration.days(days) });
    const [rule] = bucketProperties(templateOf(stack)).LifecycleConfiguration.Rules;
    expect(rule.ExpirationInDays).toBe(days);
    expect(rule.Transitions).toEqual(transitions);
  });
});

describe('disposable data', () => {
  const stack = newStack();
  DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
  logBucket(stack, 'Logs', withoutKey);
  const template = templateOf(stack);

  test('deletes the bucket and its policy with the stack', () => {
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template.hasResource('AWS::S3::BucketPolicy', { DeletionPolicy: 'Delete' });
  });

  test('empties the bucket first, because S3 deletes only empty buckets', () => {
    template.hasResource('Custom::S3AutoDeleteObjects', {
      Properties: { BucketName: { Ref: 'Logs6819BB44' } },
      DependsOn: ['LogsPolicy90DB40C9'],
    });
  });
});

describe('locked files', () => {
  const locked = (stack: Stack) => {
    logBucket(stack, 'Logs', { ...withoutKey, retention: Duration.days(400), objectLock: true });
    return bucketProperties(templateOf(stack)).ObjectLockConfiguration;
  };

  test('cannot be deleted before their retention ends', () => {
    expect(locked(newStack())).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } },
    });
  });

  test('do not exist if data is disposable', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    expect(locked(stack)).toBeUndefined();
  });
});

test('each file has a separate data key if disableBucketKey is true', () => {
  const stack = newStack();
  logBucket(stack, 'Logs', { ...withKey(stack), disableBucketKey: true });
  expect(bucketProperties(templateOf(stack)).BucketEncryption.ServerSideEncryptionConfiguration[0]).not.toHaveProperty(
    'BucketKeyEnabled',
  );
});

test('the template is valid', () => {
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
  const stack = new Stack(app, 'Stack');
  logBucket(stack, 'Logs', withoutKey);
  logBucket(stack, 'UnderKey', withKey(stack));
  expect(templateFindings(app)).toEqual([]);
});
