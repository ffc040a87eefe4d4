import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { HandlerFunction, HandlerFunctionProps } from '../../src/blocks/handler-function';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

function create(props: Partial<HandlerFunctionProps> = {}) {
  const stack = newStack();
  const handler = new HandlerFunction(stack, 'Handler', {
    handler: 'guardrails/inspector/enable-inspector',
    description: 'Does what a test wants',
    timeout: Duration.minutes(3),
    environment: { WHAT: 'something' },
    statements: [
      new iam.PolicyStatement({ actions: ['sns:Publish'], resources: ['arn:aws:sns:eu-west-1:111122223333:topic'] }),
    ],
    outsideVpcReason: 'no network is needed in a test',
    noReservedConcurrencyReason: 'a test runs once',
    ...props,
  });
  return { stack, handler, template: templateOf(stack) };
}

describe('the function', () => {
  const { template } = create();
  const [key] = Object.keys(template.findResources('AWS::KMS::Key')).map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] }));

  test('runs the bundled handler', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Does what a test wants',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Architectures: ['arm64'],
      Timeout: 180,
    });
  });

  test('has a role whose description names the function', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      Description: 'Role of the function that does what a test wants',
    });
  });

  test('has 256 MB of memory by default, because the default of Lambda, 128 MB, is too little for an SDK client '
    + '', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 256 });
    create({ memorySize: 512 }).template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 512 });
  });

  test('encrypts its environment, log and dead letters with one key, which CloudWatch Logs can use', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { WHAT: 'something' } },
      KmsKeyArn: key,
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: key, RetentionInDays: 365 });
    template.hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: key, MessageRetentionPeriod: 14 * 24 * 3600 });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'CloudWatchLogs' })]) },
    });
  });

  test('writes JSON to a log group that is created before it', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      LoggingConfig: {
        LogFormat: 'JSON',
        LogGroup: { Ref: Object.keys(template.findResources('AWS::Logs::LogGroup'))[0] },
      },
    });
  });

  test('sends failed events to the queue, which denies requests without TLS', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      DeadLetterConfig: {
        TargetArn: { 'Fn::GetAtt': [Object.keys(template.findResources('AWS::SQS::Queue'))[0], 'Arn'] },
      },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { RedriveAllowPolicy: { redrivePermission: 'allowAll' } });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('has one managed policy, for its own statements, log, queue and key', () => {
    const [policy] = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
    expect(policy.PolicyDocument.Statement).toHaveLength(4);
    expect(
      policy.PolicyDocument.Statement.flatMap((statement: { Action: string[] }) => statement.Action).sort(),
    ).toEqual([
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sns:Publish',
      'sqs:SendMessage',
    ]);
    expect(
      JSON.stringify(policy.PolicyDocument.Statement.map((statement: { Resource: unknown }) => statement.Resource)),
    ).not.toContain('"*"');
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('is created after its policy', () => {
    const [resource] = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(resource.DependsOn).toEqual(
      expect.arrayContaining(Object.keys(template.findResources('AWS::IAM::ManagedPolicy'))),
    );
  });

  test('retains its log when the stack is deleted', () => {
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'RetainExceptOnCreate' });
  });
});

test('a given key replaces the default key', () => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'Mine');
  new HandlerFunction(stack, 'Handler', {
    handler: 'guardrails/inspector/enable-inspector',
    description: 'Test',
    timeout: Duration.minutes(1),
    statements: [],
    encryptionKey,
    outsideVpcReason: 'a',
    noReservedConcurrencyReason: 'b',
  });
  const template = templateOf(stack);
  template.resourceCountIs('AWS::KMS::Key', 1);
  template.hasResourceProperties('AWS::Lambda::Function', { KmsKeyArn: stack.resolve(encryptionKey.keyArn) });
});

test('the packs report no finding without an acknowledgement, which has the reason of the caller', () => {
  const { stack, handler } = create();
  expect(nagFindings(stack)).toEqual([]);
  const reasons = JSON.stringify(handler.function.node.defaultChild!.node.metadata);
  expect(reasons).toContain('no network is needed in a test');
  expect(reasons).toContain('a test runs once');
});
