import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { HandlerFunction, HandlerFunctionProps } from '../../src/blocks/handler-function';
import { newStack, propertiesOf, templateOf } from '../support/app';
import { nagFindings } from '../support/nag';

function made(props: Partial<HandlerFunctionProps> = {}) {
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
  const { template } = made();
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

  test('has a role that says whose it is', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      Description: 'Role of the function that does what a test wants',
    });
  });

  test("has the memory that it is given, and enough for a client of the SDK otherwise: Lambda's own 128 would leave "
    + 'little', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 256 });
    made({ memorySize: 512 }).template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 512 });
  });

  test('has its environment, its log and its dead letters under one key, which CloudWatch Logs may use', () => {
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

  test('writes JSON to a log group that exists before it', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      LoggingConfig: {
        LogFormat: 'JSON',
        LogGroup: { Ref: Object.keys(template.findResources('AWS::Logs::LogGroup'))[0] },
      },
    });
  });

  test('puts what it failed to do into the queue, which refuses what is not encrypted on the way', () => {
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

  test('has one managed policy: what it was given, its log, its queue, its key', () => {
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

  test('waits for its policy', () => {
    const [resource] = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(resource.DependsOn).toEqual(
      expect.arrayContaining(Object.keys(template.findResources('AWS::IAM::ManagedPolicy'))),
    );
  });

  test('keeps its log when the stack goes', () => {
    template.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain' });
  });
});

test('a given key takes the place of the own one', () => {
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

test('the packs find nothing that is not acknowledged with the reason of the caller', () => {
  const { stack, handler } = made();
  expect(nagFindings(stack)).toEqual([]);
  const reasons = JSON.stringify(handler.function.node.defaultChild!.node.metadata);
  expect(reasons).toContain('no network is needed in a test');
  expect(reasons).toContain('a test runs once');
});
