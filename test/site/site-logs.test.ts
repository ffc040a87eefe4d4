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

function writable(scope: Stack, objectOwnership: s3.ObjectOwnership): s3.Bucket {
  return new s3.Bucket(scope, 'Logs', { objectOwnership });
}

/** The statement that lets S3 write its access logs. */
function writers(stack: Stack): unknown[] {
  return Object.values(propertiesOf(templateOf(stack), 'AWS::S3::BucketPolicy'))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Principal }: { Principal: { Service?: string } }) => Principal.Service === 'logging.s3.amazonaws.com');
}

describe('a log bucket of its own', () => {
  const stack = newStack();
  const subject = site({}, stack);
  const template = templateOf(stack);
  const [logsId] = Object.keys(propertiesOf(template, 'AWS::S3::Bucket'));

  test('gets the requests to the distribution, without cookies', () => {
    expect(distributionOf(template).Logging).toEqual({
      Bucket: { 'Fn::GetAtt': [logsId, 'RegionalDomainName'] },
      IncludeCookies: false,
      Prefix: 'distribution/',
    });
    expect(stack.resolve(subject.accessLogBucket.bucketName)).toEqual({ Ref: logsId });
  });

  test('gets the requests to the bucket of the site', () => {
    expect(Object.values(propertiesOf(template, 'AWS::S3::Bucket'))[1].LoggingConfiguration).toEqual({
      DestinationBucketName: { Ref: logsId },
      LogFilePrefix: 'bucket/',
    });
  });

  test('has no object lock, since S3 would write no access log to it, but keeps versions', () => {
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

  test('lets S3 write on behalf of the one bucket', () => {
    expect(writers(stack)).toEqual([
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

  test('has its policy before anybody writes', () => {
    for (const type of ['AWS::CloudFront::Distribution', 'AWS::S3::Bucket']) {
      template.hasResource(type, { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^SiteAccessLogsPolicy')]) });
    }
  });
});

describe('a log bucket that is given', () => {
  test.each([[s3.ObjectOwnership.BUCKET_OWNER_PREFERRED], [s3.ObjectOwnership.OBJECT_WRITER]])(
    'is written to under the ownership %s',
    (ownership) => {
      const stack = newStack();
      const given = writable(stack, ownership);
      expect(site({ accessLogBucket: given }, stack).accessLogBucket).toBe(given);
      expect(writers(stack)).toHaveLength(1);
      templateOf(stack).resourceCountIs('AWS::S3::Bucket', 2);
    },
  );

  test('may have an ownership that is known only at deployment', () => {
    const stack = newStack();
    const given = writable(stack, s3.ObjectOwnership.BUCKET_OWNER_ENFORCED);
    (given.node.defaultChild as s3.CfnBucket).ownershipControls = {
      rules: [{ objectOwnership: new CfnParameter(stack, 'Ownership').valueAsString }],
    };
    expect(() => site({ accessLogBucket: given }, stack)).not.toThrow();
  });

  test('of another stack lets S3 write on behalf of the account, since it cannot know the name of the site', () => {
    const app = newApp();
    const shared = new Stack(app, 'Shared');
    site({ accessLogBucket: writable(shared, s3.ObjectOwnership.BUCKET_OWNER_PREFERRED) }, new Stack(app, 'Stack'));
    expect(writers(shared)).toEqual([
      expect.objectContaining({ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }),
    ]);
  });

  test('that is imported is written to, and its owner told what it has to allow', () => {
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

  test('is refused if it obeys no lists, said or by default', () => {
    const said = newStack();
    expect(() => site({ accessLogBucket: writable(said, s3.ObjectOwnership.BUCKET_OWNER_ENFORCED) }, said)).toThrow(
      new Error(LISTS),
    );
    const unsaid = newStack();
    expect(() => site({ accessLogBucket: new s3.Bucket(unsaid, 'Logs') }, unsaid)).toThrow(new Error(LISTS));
  });

  test('is refused if it has object lock', () => {
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

  test('may have an object lock that is known only at deployment', () => {
    const stack = newStack();
    const given = writable(stack, s3.ObjectOwnership.BUCKET_OWNER_PREFERRED);
    (given.node.defaultChild as s3.CfnBucket).objectLockEnabled = Token.asAny(new CfnParameter(stack, 'Lock').value);
    expect(() => site({ accessLogBucket: given }, stack)).not.toThrow();
  });

  test('is refused under a key', () => {
    const stack = newStack();
    const given = new s3.Bucket(stack, 'Logs', { encryptionKey: new kms.Key(stack, 'Key') });
    expect(() => site({ accessLogBucket: given }, stack)).toThrow(new Error(
      '[Stack/Site] accessLogBucket must be a bucket with S3 managed keys (SSE-S3), the only keys that S3 supports '
        + 'for access logs, '
      + 'got a bucket with the key Stack/Key. Pass another bucket, or leave accessLogBucket out: the construct then '
      + 'creates one.'));
  });
});
