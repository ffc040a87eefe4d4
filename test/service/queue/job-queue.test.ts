import { CfnOutput, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as s3n from 'aws-cdk-lib/aws-s3-notifications';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { variableName } from '../../../src/binding/variable-name';
import { DataProtection } from '../../../src/core/data-protection';
import { unwatched } from '../../../src/core/monitored-mark';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { JobQueue } from '../../../src/service/queue/job-queue';
import { QueueType } from '../../../src/service/queue/queue-type';
import { newApp, newStack, propertiesOf, templateOf } from '../../support/app';
import { Dependencies } from '../../support/dependencies';
import { nagFindings } from '../../support/nag';
import { containerOf, onlyOne, someService } from '../fargate-fixtures';

const QUEUE = 'AWS::SQS::Queue';
const JOBS = 'Jobs41CEEC0B';
const DEAD = 'JobsDeadLetters8D991969';

let stack: Stack;
beforeEach(() => stack = newStack());

const queues = () => Object.entries(propertiesOf(templateOf(stack), QUEUE))
  .sort(([one], [other]) => one.length - other.length).map(([, properties]) => properties);

/** The statements in the policies of the task role, without those of others. */
function taskStatements(scope: Stack): Array<{ Action: string | string[]; Resource: unknown }> {
  return Object.entries(propertiesOf(templateOf(scope), 'AWS::IAM::ManagedPolicy'))
    .filter(([id]) => id.startsWith('ApiTaskRole')).flatMap(([, { PolicyDocument }]) => PolicyDocument.Statement);
}

describe('the defaults', () => {
  beforeEach(() => { new JobQueue(stack, 'Jobs'); });

  test('are a queue with a dead-letter queue', () => {
    const [jobs, dead] = queues();
    expect(jobs).toEqual({
      KmsMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^JobsKey/), 'Arn'] },
      KmsDataKeyReusePeriodSeconds: 300,
      MessageRetentionPeriod: 345_600,
      ReceiveMessageWaitTimeSeconds: 20,
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^JobsDeadLetters/), 'Arn'] }, maxReceiveCount: 5,
      },
      VisibilityTimeout: 120,
    });
    expect(dead).toEqual({
      KmsMasterKeyId: jobs.KmsMasterKeyId,
      KmsDataKeyReusePeriodSeconds: 300,
      MessageRetentionPeriod: 1_209_600,
      RedriveAllowPolicy: { redrivePermission: 'allowAll' },
    });
  });

  test('refuse requests without TLS on both queues', () => {
    const policies = Object.values(propertiesOf(templateOf(stack), 'AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(2);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument.Statement).toEqual([expect.objectContaining({
        Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      })]);
    }
  });

  test('create one key, which rotates', () => {
    expect(onlyOne(stack, 'AWS::KMS::Key')).toMatchObject({ EnableKeyRotation: true, RotationPeriodInDays: 365 });
  });

  test('retain the queues, their policies and the key', () => {
    for (const type of [QUEUE, 'AWS::SQS::QueuePolicy', 'AWS::KMS::Key']) {
      templateOf(stack).allResources(type, {
        DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain',
      });
    }
  });

  test('have stable logical IDs', () => {
    expect(Object.keys(templateOf(stack).findResources(QUEUE)).sort()).toEqual([JOBS, DEAD].sort());
  });

  test('have no name, no output and no finding', () => {
    expect(JSON.stringify(queues())).not.toContain('QueueName');
    expect(templateOf(stack).toJSON().Outputs).toBeUndefined();
    expect(nagFindings(stack)).toEqual([]);
  });
});

test('disposable data is deleted with the stack', () => {
  DataProtection.of(stack).disposable({ reason: 'tests' });
  new JobQueue(stack, 'Jobs');
  for (const type of [QUEUE, 'AWS::SQS::QueuePolicy', 'AWS::KMS::Key']) {
    templateOf(stack).allResources(type, { DeletionPolicy: 'Delete' });
  }
});

describe('the props', () => {
  test('set the times, the count and the key', () => {
    const encryptionKey = new kms.Key(stack, 'Own');
    new JobQueue(stack, 'Jobs', {
      visibilityTimeout: Duration.hours(1),
      retention: Duration.days(10),
      maxReceiveCount: 3,
      dataKeyReuse: Duration.hours(1),
      encryptionKey,
    });
    const [jobs, dead] = queues();
    expect(jobs).toMatchObject({
      VisibilityTimeout: 3_600,
      MessageRetentionPeriod: 864_000,
      RedrivePolicy: { maxReceiveCount: 3 },
      KmsDataKeyReusePeriodSeconds: 3_600,
    });
    expect(dead.KmsDataKeyReusePeriodSeconds).toBe(3_600);
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
  });

  test('make two FIFO queues without names', () => {
    new JobQueue(stack, 'Jobs', { type: QueueType.fifo({ contentBasedDeduplication: true }) });
    expect(queues()).toHaveLength(2);
    templateOf(stack).allResourcesProperties(QUEUE, {
      FifoQueue: true, ContentBasedDeduplication: true, QueueName: Match.absent(),
    });
  });

  test('leave the deduplication ID to the sender', () => {
    new JobQueue(stack, 'Jobs', { type: QueueType.fifo() });
    templateOf(stack).allResourcesProperties(QUEUE, { FifoQueue: true, ContentBasedDeduplication: Match.absent() });
  });

  test('accept tokens', () => {
    const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
    new JobQueue(stack, 'Jobs', {
      visibilityTimeout: Duration.seconds(seconds), retention: Duration.seconds(seconds), maxReceiveCount: seconds,
    });
    expect(queues()[0]).toMatchObject({
      VisibilityTimeout: { Ref: 'Seconds' }, MessageRetentionPeriod: { Ref: 'Seconds' },
    });
  });

  test('a redrive command for an output of the app', () => {
    new CfnOutput(stack, 'Redrive', { value: new JobQueue(stack, 'Jobs').redriveCommand });
    expect(templateOf(stack).toJSON().Outputs.Redrive.Value['Fn::Join'][1]).toEqual([
      'aws sqs start-message-move-task --region ', { Ref: 'AWS::Region' }, ' --source-arn ',
      { 'Fn::GetAtt': [DEAD, 'Arn'] }, ' --query TaskHandle --output text',
    ]);
  });
});

describe('a service that uses the queue', () => {
  const queueArn = { 'Fn::GetAtt': [JOBS, 'Arn'] };
  const url = { Name: 'JOBS_QUEUE_URL', Value: { Ref: JOBS } };
  const permissions = (): Array<[string[], unknown]> =>
    taskStatements(stack).map(({ Action, Resource }) => [[Action].flat(), Resource]);
  const keyArn = { 'Fn::GetAtt': [expect.stringMatching(/^JobsKey/), 'Arn'] };

  test('sends and receives', () => {
    someService(stack, { uses: [new JobQueue(stack, 'Jobs')] });
    expect(containerOf(stack).Environment).toEqual([url]);
    expect(permissions()).toEqual([
      [[
        'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ], queueArn],
      [['kms:Decrypt', 'kms:GenerateDataKey'], keyArn],
    ]);
  });

  test('only sends', () => {
    const queue = new JobQueue(stack, 'Jobs');
    someService(stack, { uses: [queue.sendOnly()] });
    expect(containerOf(stack).Environment).toEqual([url]);
    expect(permissions()).toEqual([[['sqs:SendMessage'], queueArn], [['kms:Decrypt', 'kms:GenerateDataKey'], keyArn]]);
  });

  test('only receives', () => {
    someService(stack, { uses: [new JobQueue(stack, 'Jobs').receiveOnly()] });
    expect(permissions()).toEqual([
      [['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], queueArn],
      [['kms:Decrypt'], keyArn],
    ]);
  });

  test('several services use the same part', () => {
    const queue = new JobQueue(stack, 'Jobs');
    expect(queue.sendOnly()).toBe(queue.sendOnly());
    expect(queue.receiveOnly()).toBe(queue.receiveOnly());
  });

  test('is created after both queues, their policies and its own permissions', () => {
    someService(stack, { uses: [new JobQueue(stack, 'Jobs').receiveOnly()] });
    const template = templateOf(stack);
    const [service] = Object.keys(template.findResources('AWS::ECS::Service'));
    const before = new Dependencies(template.toJSON() as never).reachedFrom(service);
    for (const type of [QUEUE, 'AWS::SQS::QueuePolicy', 'AWS::KMS::Key', 'AWS::IAM::ManagedPolicy']) {
      for (const id of Object.keys(template.findResources(type))) expect([...before]).toContain(id);
    }
  });

  test('has no inline policy and no finding', () => {
    someService(stack, { uses: [new JobQueue(stack, 'Jobs')] });
    templateOf(stack).resourceCountIs('AWS::IAM::Policy', 0);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('can be in another stack than the queue', () => {
    const app = newApp();
    const data = new Stack(app, 'Data');
    const queue = new JobQueue(data, 'Jobs');
    stack = new Stack(app, 'Application');
    someService(stack, { uses: [queue] });
    expect(containerOf(stack).Environment).toMatchObject([{ Name: 'JOBS_QUEUE_URL' }]);
    expect(stack.dependencies.map(({ node }) => node.id)).toEqual(['Data']);
    expect(data.dependencies).toHaveLength(0);
  });

  test('cannot use the same variable twice', () => {
    const queue = new JobQueue(stack, 'Jobs');
    expect(() => someService(stack, { uses: [queue.sendOnly(), queue.receiveOnly()] })).toThrow(new Error(
      '[Stack/Api] JOBS_QUEUE_URL is set both in the binding of Stack/Jobs/SendOnly and in the binding of '
      + 'Stack/Jobs/ReceiveOnly. Remove or rename one of the two.'));
  });

  test('must accept grants', () => {
    const queue = new JobQueue(stack, 'Jobs');
    expect(() => queue.bindToService({ service: new Construct(stack, 'Own') })).toThrow(new Error(
      '[Stack/Jobs] Stack/Own must be an iam.IGrantable to use this resource, which grants it permissions. Implement '
      + 'iam.IGrantable in the service, or grant the actions to its role yourself.'));
  });

  test.each([
    ['Jobs', 'JOBS_QUEUE_URL'], ['ClaimJobs', 'CLAIM_JOBS_QUEUE_URL'], ['PDFJobs2', 'PDF_JOBS2_QUEUE_URL'],
    ['my-jobs.fast', 'MY_JOBS_FAST_QUEUE_URL'], ['2ndJobs', '_2ND_JOBS_QUEUE_URL'],
  ])('gets the URL of %s in %s', (id, name) => {
    expect(variableName(new Construct(stack, id), 'QUEUE_URL')).toBe(name);
  });
});

describe('another sender', () => {
  const keyStatements = () => {
    const [[, { KeyPolicy }]] = Object.entries(propertiesOf(templateOf(stack), 'AWS::KMS::Key'))
      .filter(([id]) => id.startsWith('JobsKey'));
    return KeyPolicy.Statement as unknown[];
  };
  const allowed = (service: string) => expect(keyStatements()).toContainEqual(expect.objectContaining({
    Effect: 'Allow',
    Principal: { Service: service },
    Action: expect.arrayContaining([expect.stringMatching(/^kms:GenerateDataKey/), 'kms:Decrypt']),
  }));

  test('an EventBridge rule is allowed by the policies of the queue and of the key', () => {
    const queue = new JobQueue(stack, 'Jobs');
    new events.Rule(stack, 'Rule', {
      eventPattern: { source: ['clinic'] },
      targets: [new targets.SqsQueue(queue.queue, { deadLetterQueue: queue.deadLetterQueue })],
    });
    allowed('events.amazonaws.com');
    expect(nagFindings(stack)).toEqual([]);
  });

  test('a bucket is allowed by the policies of the queue and of the key', () => {
    const queue = new JobQueue(stack, 'Jobs');
    new s3.Bucket(stack, 'Uploads')
      .addEventNotification(s3.EventType.OBJECT_CREATED, new s3n.SqsDestination(queue.queue));
    allowed('s3.amazonaws.com');
  });

  test('a topic is allowed by the policies of the queue and of the key', () => {
    const queue = new JobQueue(stack, 'Jobs');
    new sns.Topic(stack, 'Topic').addSubscription(new subscriptions.SqsSubscription(queue.queue));
    allowed('sns.amazonaws.com');
  });
});

describe('the monitoring plan', () => {
  test('has an alarm on the age of the oldest job and one on dead letters', () => {
    const queue = new JobQueue(stack, 'Jobs', { maxAge: Duration.hours(2) });
    const monitoring = new WorkloadMonitoring(stack, 'Monitoring');
    expect(unwatched(stack)).toContain(queue);
    monitoring.watch(queue);
    expect(unwatched(stack)).not.toContain(queue);
    const alarm = (metric: string, id: string, threshold: number) =>
      templateOf(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: threshold,
        TreatMissingData: 'notBreaching',
        Metrics: [Match.objectLike({
          MetricStat: {
            Metric: { MetricName: metric, Dimensions: [{ Value: { 'Fn::GetAtt': [id, 'QueueName'] } }] },
            Stat: 'Maximum',
          },
        })],
      });
    alarm('ApproximateAgeOfOldestMessage', JOBS, 7_200);
    alarm('ApproximateNumberOfMessagesVisible', DEAD, 0);
  });

  test('has widgets for the jobs and their age', () => {
    const { title, widgets } = new JobQueue(stack, 'Jobs').monitoringPlan();
    expect(title).toBe('Queue Stack/Jobs');
    expect(widgets.map((each) => stack.resolve(each.toJson())[0].properties.title)).toEqual([
      'Jobs', 'Age of the oldest job (s)',
    ]);
  });
});

const range = (prop: string, min: number, max: number, given: string) =>
  `[Stack/Jobs] ${prop} must be from ${min} to ${max} whole seconds, got ${given}. Use a duration in this range.`;

test.each([
  [{ visibilityTimeout: Duration.seconds(0) }, range('visibilityTimeout', 1, 43_200, '0 seconds')],
  [{ visibilityTimeout: Duration.hours(13) }, range('visibilityTimeout', 1, 43_200, '13 hours')],
  [{ visibilityTimeout: Duration.millis(1_500) }, range('visibilityTimeout', 1, 43_200, '1 second 500 millis')],
  [{ retention: Duration.minutes(59) }, range('retention', 3_600, 1_123_200, '59 minutes')],
  [{ retention: Duration.days(14) }, range('retention', 3_600, 1_123_200, '14 days')],
  [{ maxAge: Duration.seconds(59) }, range('maxAge', 60, 1_123_200, '59 seconds')],
  [{ dataKeyReuse: Duration.seconds(59) }, range('dataKeyReuse', 60, 86_400, '59 seconds')],
  [{ dataKeyReuse: Duration.hours(25) }, range('dataKeyReuse', 60, 86_400, '1 day 1 hour')],
  [
    { maxReceiveCount: 0 },
    '[Stack/Jobs] maxReceiveCount must be an integer from 1 to 1000, got 0. Use an integer in this range.',
  ],
  [
    { maxReceiveCount: 1_001 },
    '[Stack/Jobs] maxReceiveCount must be an integer from 1 to 1000, got 1001. Use an integer in this range.',
  ],
  [
    { visibilityTimeout: Duration.hours(12), retention: Duration.days(2), maxReceiveCount: 4 },
    '[Stack/Jobs] visibilityTimeout must be shorter than retention (2 days) divided by maxReceiveCount (4), because '
      + 'SQS otherwise deletes a failing job before it moves to the dead-letter queue, got 12 hours. Shorten '
      + 'visibilityTimeout and extend it in the worker, or lengthen retention.',
  ],
  [
    { retention: Duration.hours(1), maxAge: Duration.hours(1) },
    '[Stack/Jobs] maxAge must be shorter than retention (1 hour), because SQS then deletes the job, got 1 hour. '
      + 'Shorten maxAge, or lengthen retention.',
  ],
])('refuses invalid props (%#)', (props, sentence) => {
  expect(() => new JobQueue(stack, 'Jobs', props)).toThrow(new Error(sentence));
});
