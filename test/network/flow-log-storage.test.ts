import { CfnParameter, Duration, Validations } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DataProtection } from '../../src/core/data-protection';
import { FlowLogStorage } from '../../src/network/flow-log-storage';
import { HipaaVpc, HipaaVpcProps } from '../../src/network/hipaa-vpc';
import { newStack, templateOf } from '../support/app';

function networkIn(stack = newStack(), props?: HipaaVpcProps) {
  const network = new HipaaVpc(stack, 'Network', props);
  return { network, template: templateOf(stack) };
}

describe('a log group', () => {
  const { template } = networkIn();

  test('is encrypted, retained for six years, and retained when the stack is deleted', () => {
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 2192, KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkKey'), 'Arn'] } },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('has a rotating key that CloudWatch Logs can use', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      Description: 'VPC flow logs',
      EnableKeyRotation: true,
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
  });

  test('is written by a role without other permissions', () => {
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [{
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
          Effect: 'Allow',
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkFlowLogGroup'), 'Arn'] },
        }],
      },
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('is written for flow logs of this account only', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: {
                'aws:SourceArn': {
                  'Fn::Join': [
                    '',
                    [
                      'arn:',
                      { Ref: 'AWS::Partition' },
                      ':ec2:',
                      { Ref: 'AWS::Region' },
                      ':',
                      { Ref: 'AWS::AccountId' },
                      ':vpc-flow-log/*',
                    ],
                  ],
                },
              },
            },
          },
        ],
      },
    });
  });

  test('has a role and a policy that are created before the flow log', () => {
    template.hasResource('AWS::EC2::FlowLog', {
      Properties: {
        LogDestinationType: 'cloud-watch-logs',
        LogGroupName: { Ref: Match.stringLikeRegexp('^NetworkFlowLogGroup') },
      },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('^NetworkFlowLogRolePolicy')]),
    });
  });

  test('can have another retention', () => {
    networkIn(newStack(), { flowLogs: FlowLogStorage.cloudWatchLogs({ retention: logs.RetentionDays.ONE_MONTH }) })
      .template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('can have a given key, whose policy then allows CloudWatch Logs', () => {
    const stack = newStack();
    const { network, template: own } = networkIn(stack, { encryptionKey: new kms.Key(stack, 'Own') });
    own.resourceCountIs('AWS::KMS::Key', 1);
    own.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
    expect(network.encryptionKey).toBe(stack.node.findChild('Own'));
  });

  test('can have an imported key', () => {
    const stack = newStack();
    const key = kms.Key.fromKeyArn(
      stack,
      'Imported',
      'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    );
    const { template: imported } = networkIn(stack, { encryptionKey: key });
    imported.resourceCountIs('AWS::KMS::Key', 0);
    imported.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key.keyArn });
  });
});

describe('a bucket', () => {
  const { network, template } = networkIn(newStack(), { flowLogs: FlowLogStorage.bucket() });

  test('is encrypted, versioned, private, and retained with its policy', () => {
    template.hasResource('AWS::S3::Bucket', {
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkKey'), 'Arn'] },
              },
            },
          ],
        },
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    template.hasResource('AWS::S3::BucketPolicy', { DeletionPolicy: 'Retain' });
  });

  test('retains the flow logs for six years', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 2192, Status: 'Enabled' })]),
      },
    });
  });

  test('denies requests without TLS, and allows log delivery for this account', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 's3:PutObject',
            Principal: { Service: 'delivery.logs.amazonaws.com' },
            Condition: Match.objectLike({
              StringEquals: Match.objectLike({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }),
            }),
          }),
        ]),
      },
    });
  });

  test('has a key that log delivery can use', () => {
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'LogDelivery' })]) },
    });
  });

  test('receives the flow log without a role or a log group', () => {
    template.hasResource('AWS::EC2::FlowLog', {
      Properties: {
        LogDestinationType: 's3',
        LogDestination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NetworkFlowLogBucket'), 'Arn'] },
        DeliverLogsPermissionArn: Match.absent(),
      },
      DependsOn: [Match.stringLikeRegexp('^NetworkFlowLogBucketPolicy')],
    });
    // The function that closes the default security group has a log of its own.
    expect(Object.keys(template.findResources('AWS::Logs::LogGroup'))).toEqual([
      expect.stringContaining('DefaultSecurityGroupFunctionLog'),
    ]);
    expect(network.flowLogGroup).toBeUndefined();
    expect(network.flowLogBucket).toBeInstanceOf(s3.Bucket);
  });

  test('states its content in its acknowledgements', () => {
    const reasons = (network.flowLogBucket as s3.Bucket).node.defaultChild!.node.metadata
      .filter((entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .map((entry) => Object.values(entry.data)[0]);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).toContain('This bucket holds the flow logs of Stack/Network');
  });

  test('keeps its ID', () => {
    expect(Object.keys(template.findResources('AWS::S3::Bucket'))).toEqual(['NetworkFlowLogBucket879F01A6']);
  });

  test('can have another retention and a prefix', () => {
    const { template: own } = networkIn(newStack(), {
      flowLogs: FlowLogStorage.bucket({ retention: Duration.days(400), prefix: 'network' }),
    });
    own.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 400 })]) },
    });
    own.hasResourceProperties('AWS::EC2::FlowLog', {
      LogDestination: { 'Fn::Join': ['', [Match.anyValue(), '/network']] },
    });
  });

  test('can have a retention that is a token', () => {
    const stack = newStack();
    const days = new CfnParameter(stack, 'Days', { type: 'Number' }).valueAsNumber;
    networkIn(stack, {
      flowLogs: FlowLogStorage.bucket({ retention: Duration.days(days) }),
    }).template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: { Ref: 'Days' } })]) },
    });
  });

  test('can be given, and gets the policy that log delivery needs', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Own');
    const { network: own, template: result } = networkIn(stack, { flowLogs: FlowLogStorage.bucket({ bucket }) });
    result.resourceCountIs('AWS::S3::Bucket', 1);
    expect(Object.keys(result.findResources('AWS::KMS::Key'))).toEqual([
      expect.stringContaining('DefaultSecurityGroup'),
    ]);
    result.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:PutObject' })]) },
    });
    expect(own.flowLogBucket).toBe(bucket);
    expect(own.encryptionKey).toBeUndefined();
  });

  test('can be imported', () => {
    const stack = newStack();
    networkIn(stack, {
      flowLogs: FlowLogStorage.bucket({ bucket: s3.Bucket.fromBucketName(stack, 'Imported', 'log-archive') }),
    }).template.hasResourceProperties('AWS::EC2::FlowLog', {
      LogDestination: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::log-archive']] },
    });
  });
});

describe('refusals', () => {
  test('a retention for a given bucket', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Own');
    expect(() =>
      networkIn(stack, { flowLogs: FlowLogStorage.bucket({ bucket, retention: Duration.days(30) }) }),
    ).toThrow(
      '[Stack/Network] flowLogs.retention does not apply to a bucket of your own. Remove flowLogs.retention, and ' +
        'configure that bucket.',
    );
  });

  test('a key for a given bucket', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Own');
    expect(() =>
      networkIn(stack, { flowLogs: FlowLogStorage.bucket({ bucket }), encryptionKey: new kms.Key(stack, 'Key') }),
    ).toThrow(
      '[Stack/Network] encryptionKey does not apply to a bucket of your own. Remove encryptionKey, and configure ' +
        'that bucket.',
    );
  });

  test.each([
    [Duration.hours(12), '0.5'],
    [Duration.days(0), '0'],
    [Duration.days(36_501), '36501'],
  ])('a retention of %s', (retention, shown) => {
    expect(() => networkIn(newStack(), { flowLogs: FlowLogStorage.bucket({ retention }) })).toThrow(
      `[Stack/Network] flowLogs.retention in days must be an integer from 1 to 36500, got ${shown}. `
        + 'Use an integer in this range.',
    );
  });
});

describe('disposable flow logs', () => {
  test('in a log group are deleted with the stack and the key', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    const { template } = networkIn(stack);
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete' });
    template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Delete' });
  });

  test('in a bucket are deleted with the stack and the bucket', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    const { template } = networkIn(stack, { flowLogs: FlowLogStorage.bucket() });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
  });

  test('in a bucket are deleted only after the flow log, which would write more files', () => {
    const stack = newStack();
    DataProtection.of(stack).disposable({ reason: 'synthetic records only' });
    const { template } = networkIn(stack, { flowLogs: FlowLogStorage.bucket() });
    const [emptier] = Object.keys(template.findResources('Custom::S3AutoDeleteObjects'));
    template.hasResource('AWS::EC2::FlowLog', { DependsOn: Match.arrayWith([emptier]) });
  });
});
