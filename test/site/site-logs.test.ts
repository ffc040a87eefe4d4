import { CfnParameter, Stack, Token } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { distributionOf, site } from './some-cdn';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

const NAME = [
  'site-ea874ca4-',
  { 'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }] },
  '-',
  { Ref: 'AWS::AccountId' },
  '-',
  { Ref: 'AWS::Region' },
  '-an',
];

function logBucket(scope: Stack, objectOwnership: s3.ObjectOwnership): s3.Bucket {
  return new s3.Bucket(scope, 'Logs', { objectOwnership });
}

/** The statement that allows S3 to write its access logs. */
function logDeliveryStatements(stack: Stack): unknown[] {
  return Object.values(propertiesOf(templateOf(stack), 'AWS::S3::BucketPolicy'))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Principal }: { Principal: { Service?: string } }) => Principal.Service === 'logging.s3.amazonaws.com');
}

describe('a created log bucket', () => {
  const stack = newStack();
  const subject = site({}, stack);
  const template = templateOf(stack);
  const [logsId] = Object.keys(propertiesOf(template, 'AWS::S3::Bucket'));

  test('receives the requests to the distribution, without cookies', () => {
    expect(distributionOf(template).Logging).toEqual({
      Bucket: { 'Fn::GetAtt': [logsId, 'RegionalDomainName'] },
      IncludeCookies: false,
      Prefix: 'distribution/',
    });
    expect(stack.resolve(subject.accessLogBucket.bucketName)).toEqual({ Ref: logsId });
  });

  test('receives the requests to the bucket of the site', () => {
    expect(Object.values(propertiesOf(template, 'AWS::S3::Bucket'))[1].LoggingConfiguration).toEqual({
      DestinationBucketName: { Ref: logsId },
      LogFilePrefix: 'bucket/',
    });
  });

  test('has versions and no Object Lock, because S3 would write no access log to a locked bucket', () => {
    const [logs] = Object.values(propertiesOf(template, 'AWS::S3::Bucket'));
    expect(logs.ObjectLockEnabled).toBe(false);
    expect(logs.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  });

  test('has access control lists, which CloudFront needs to write, and the account owns its objects', () => {
    const [logs] = Object.values(propertiesOf(template, 'AWS::S3::Bucket'));
    expect(logs.OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] });
    expect(logs.AccessControl).toBeUndefined();
    expect(logs.PublicAccessBlockConfiguration)
      .toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
  });

  test('allows S3 to write on behalf of the one bucket', () => {
    expect(logDeliveryStatements(stack)).toEqual([
      expect.objectContaining({
        Action: 's3:PutObject',
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [logsId, 'Arn'] }, '/bucket/*']] },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnEquals: {
            'aws:SourceArn': {
              'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:s3:::${NAME[0]}`, ...NAME.slice(1)]],
            },
          },
        },
      }),
    ]);
  });

  test('has its policy before the distribution and the bucket of the site exist', () => {
    for (const type of ['AWS::CloudFront::Distribution', 'AWS::S3::Bucket']) {
      template.hasResource(type, { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^SiteAccessLogsPolicy')]) });
    }
  });
});

describe('a given log bucket', () => {
  test.each([[s3.ObjectOwnership.BUCKET_OWNER_PREFERRED], [s3.ObjectOwnership.OBJECT_WRITER]])(
    'is accepted with the ownership %s',
    (ownership) => {
      const stack = newStack();
      const given = logBucket(stack, ownership);
      expect(site({ accessLogBucket: given }, stack).accessLogBucket).toBe(given);
      expect(logDeliveryStatements(stack)).toHaveLength(1);
      templateOf(stack).resourceCountIs('AWS::S3::Bucket', 2);
    },
  );

  test('can have a token as its ownership', () => {
    const stack = newStack();
    const given = logBucket(stack, s3.ObjectOwnership.BUCKET_OWNER_ENFORCED);
    (given.node.defaultChild as s3.CfnBucket).ownershipControls = {
      rules: [{ objectOwnership: new CfnParameter(stack, 'Ownership').valueAsString }],
    };
    expect(() => site({ accessLogBucket: given }, stack)).not.toThrow();
  });

  test('in another stack allows S3 to write on behalf of the account, because it cannot reference the site', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    site({ accessLogBucket: logBucket(shared, s3.ObjectOwnership.BUCKET_OWNER_PREFERRED) }, new Stack(app, 'Stack'));
    expect(logDeliveryStatements(shared)).toEqual([
      expect.objectContaining({ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }),
    ]);
  });

  test('that is imported is accepted, and a warning contains the required policy', () => {
    const stack = newStack();
    site({ accessLogBucket: s3.Bucket.fromBucketName(stack, 'Logs', 'clinic-logs') }, stack);
    Annotations.fromStack(stack).hasWarning('/Stack/Site', 'the app cannot change the policy of the imported bucket '
      + 'Stack/Logs: it must allow '
      + 'logging.s3.amazonaws.com to put objects with the prefix bucket/, and the bucket must have access control '
      + 'lists enabled; '
      + 'otherwise the logs stay empty or the deployment fails [ack: cdk-hipaa:site-log-bucket-policy]');
    expect(nagFindings(stack)).toEqual([]);
  });

  const LISTS = '[Stack/Site] accessLogBucket must be a bucket with access control lists, which CloudFront needs to '
    + 'write its logs, '
    + 'got Stack/Logs without them. Create it with objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED, '
    + 'or leave accessLogBucket out: the construct then creates one.';

  test('is refused without access control lists, explicitly or by default', () => {
    const explicit = newStack();
    const enforced = logBucket(explicit, s3.ObjectOwnership.BUCKET_OWNER_ENFORCED);
    expect(() => site({ accessLogBucket: enforced }, explicit)).toThrow(
      new Error(LISTS),
    );
    const byDefault = newStack();
    expect(() => site({ accessLogBucket: new s3.Bucket(byDefault, 'Logs') }, byDefault)).toThrow(new Error(LISTS));
  });

  test('is refused with Object Lock', () => {
    const stack = newStack();
    const given = new s3.Bucket(stack, 'Logs', {
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      objectLockEnabled: true,
    });
    expect(() => site({ accessLogBucket: given }, stack)).toThrow(new Error(
      '[Stack/Site] accessLogBucket must be a bucket without object lock, which S3 does not support for access logs, '
      + 'got Stack/Logs with object lock. '
      + 'Create it without objectLockEnabled, or leave accessLogBucket out: the construct then creates one.'));
  });

  test('can have a token as its Object Lock setting', () => {
    const stack = newStack();
    const given = logBucket(stack, s3.ObjectOwnership.BUCKET_OWNER_PREFERRED);
    (given.node.defaultChild as s3.CfnBucket).objectLockEnabled = Token.asAny(new CfnParameter(stack, 'Lock').value);
    expect(() => site({ accessLogBucket: given }, stack)).not.toThrow();
  });

  test('is refused in another region', () => {
    const stack = newStack({ env: { account: '111122223333', region: 'us-east-1' } });
    const bucketIn = (region: string) =>
      s3.Bucket.fromBucketAttributes(stack, `Logs-${region}`, { bucketName: 'clinic-logs', region });
    expect(() => site({ accessLogBucket: bucketIn('eu-west-1') }, stack)).toThrow(new Error(
      '[Stack/Site] accessLogBucket must be a bucket in us-east-1, the region of the stack, got a bucket in eu-west-1. '
        + 'Pass a bucket in us-east-1.'));
    stack.node.tryRemoveChild('Site');
    expect(() => site({ accessLogBucket: bucketIn('us-east-1') }, stack)).not.toThrow();
  });

  test('is refused with a KMS key', () => {
    const stack = newStack();
    const given = new s3.Bucket(stack, 'Logs', { encryptionKey: new kms.Key(stack, 'Key') });
    expect(() => site({ accessLogBucket: given }, stack)).toThrow(new Error(
      '[Stack/Site] accessLogBucket must be a bucket with S3 managed keys (SSE-S3), the only keys that S3 supports '
        + 'for access logs, '
      + 'got a bucket with the key Stack/Key. Pass another bucket, or leave accessLogBucket out: the construct then '
      + 'creates one.'));
  });
});
