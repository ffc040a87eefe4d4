import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { someDatabase } from './database/instance/some-database';
import { IMAGE } from './service/fargate-fixtures';
import { newStack, propertiesOf, someVpc, templateOf } from './support/app';
import { deployed, expectSmallPolicies } from './support/quotas';
import { SshBastion } from '../src/bastion/ssh-bastion';
import { MAX_INPUT_LENGTH } from '../src/blocks/event-sizes';
import { POLICY_QUOTAS } from '../src/core/resource-policy-size';
import { DatabaseAccess } from '../src/database/access/database-access';
import { DatabaseProxy } from '../src/database/shared/database-proxy';
import { JobQueue } from '../src/service/queue/job-queue';
import { ScheduledTask } from '../src/service/schedule/scheduled-task';
import { FieldEncryptionKey } from '../src/storage/field-encryption-key';
import { PhiBucket } from '../src/storage/phi-bucket';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** The text of an error, with `N` for a measured number of bytes. */
function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message.replace(/[\d,]+ bytes(?!, the limit| \()/, 'N bytes');
  }
  return 'nothing was refused';
}

/** The sizes of the policies of a type in bytes, with the longest values. */
function policySizes(stack: Stack, type: string): number[] {
  const template = templateOf(stack);
  return Object.values(propertiesOf(template, type))
    .map((properties) => deployed(template, properties[POLICY_QUOTAS[type].property]).length);
}

describe('a queue', () => {
  const withTopics = (count: number) => {
    const stack = newStack();
    const { queue } = new JobQueue(stack, 'Jobs');
    for (const index of numbers(count)) {
      new sns.Topic(stack, `Topic${index}`).addSubscription(new subscriptions.SqsSubscription(queue));
    }
    return stack;
  };

  test('has one statement for each of 19 topics', () => {
    expect(() => templateOf(withTopics(19))).not.toThrow();
  });

  test('has one statement for any number of rules', () => {
    const stack = newStack();
    const { queue } = new JobQueue(stack, 'Jobs');
    for (const index of numbers(30)) {
      new events.Rule(stack, `Rule${index}`, {
        eventPattern: { source: ['clinic'] }, targets: [new targets.SqsQueue(queue)],
      });
    }
    expect(() => templateOf(stack)).not.toThrow();
  });

  test('is refused with a twentieth topic, with the name of the quota', () => {
    expect(() => templateOf(withTopics(20))).toThrow('The policy of Stack/Jobs has 21 statements, and Amazon SQS '
      + 'accepts 20 statements (the quota "Statements"). Let fewer resources use it, or divide it into two.');
  });
});

describe('a log bucket', () => {
  test('that 30 buckets share has one statement for all of them', () => {
    const stack = newStack();
    const { accessLogBucket } = new PhiBucket(stack, 'First');
    for (const index of numbers(29)) new PhiBucket(stack, `Next${index}`, { accessLogBucket });
    const [writers, ...others] = Object.values(propertiesOf(templateOf(stack), 'AWS::S3::BucketPolicy'))
      .map(({ PolicyDocument }) => PolicyDocument.Statement.filter((statement: { Principal: { Service?: string } }) =>
        statement.Principal.Service === 'logging.s3.amazonaws.com')).filter(({ length }) => length > 0);
    expect([writers.length, others]).toEqual([1, []]);
  });

  test('with a policy of more than 20 KB is refused with the name of the quota', () => {
    const stack = newStack();
    const { accessLogBucket } = new PhiBucket(stack, 'Records');
    for (const index of numbers(150)) {
      accessLogBucket.addToResourcePolicy(new iam.PolicyStatement({
        principals: [new iam.ArnPrincipal(`arn:aws:iam::${111122223333 + index}:role/${'Auditor'.repeat(9)}`)],
        actions: ['s3:GetObject'],
        resources: [accessLogBucket.arnForObjects(`${index}/*`)],
      }));
    }
    expect(refusalOf(() => templateOf(stack))).toContain('The policy of Stack/Records/AccessLogs has at least N bytes, '
      + 'and Amazon S3 accepts 20,480 bytes (the quota "Bucket policy"). Let fewer resources use it, or divide it into '
      + 'two.');
  });
});

test('a bucket with a hundred VPC endpoints has a policy below the quota', () => {
  const stack = newStack();
  const vpcEndpoints = numbers(100).map((index) => ec2.GatewayVpcEndpoint.fromGatewayVpcEndpointId(
    stack, `Endpoint${index}`, `vpce-0123456789abc${String(index).padStart(4, '0')}`));
  new PhiBucket(stack, 'Charts', { vpcEndpoints });
  const sizes = policySizes(stack, 'AWS::S3::BucketPolicy');
  expect(Math.max(...sizes)).toBeLessThanOrEqual(POLICY_QUOTAS['AWS::S3::BucketPolicy'].bytes);
});

describe('a key', () => {
  test('with the longest context has a policy below the quota', () => {
    const stack = newStack();
    new FieldEncryptionKey(stack, 'Fields', {
      contextKeys: numbers(8).map((index) => `${index}`.padStart(2, 'x').padEnd(64, 'x')),
    });
    const [size] = policySizes(stack, 'AWS::KMS::Key');
    expect(size).toBeLessThan(POLICY_QUOTAS['AWS::KMS::Key'].bytes / 2);
  });

  test('with a policy of more than 32 KB is refused with the name of the quota', () => {
    const stack = newStack();
    const { encryptionKey } = new JobQueue(stack, 'Jobs');
    for (const index of numbers(300)) {
      encryptionKey.addToResourcePolicy(new iam.PolicyStatement({
        sid: `Reader${index}`,
        principals: [new iam.ArnPrincipal(`arn:aws:iam::${111122223333 + index}:role/Reader`)],
        actions: ['kms:Decrypt'],
        resources: ['*'],
      }));
    }
    expect(refusalOf(() => templateOf(stack))).toContain('The policy of Stack/Jobs/Key has at least N bytes, and AWS '
      + 'KMS accepts 32,768 bytes (the quota "Key policy document size"). Let fewer resources use it, or divide it '
      + 'into two.');
  });
});

describe('a scheduled task that uses 20 buckets, queues and keys', () => {
  const stack = newStack();
  const some = numbers(20);
  new ScheduledTask(stack, 'Report', {
    vpc: someVpc(stack),
    image: ecs.ContainerImage.fromRegistry(IMAGE),
    schedule: scheduler.ScheduleExpression.cron({ hour: '3', minute: '0' }),
    uses: [
      ...some.map((index) => new PhiBucket(stack, `Documents${index}`)),
      ...some.map((index) => new JobQueue(stack, `Jobs${index}`)),
      ...some.map((index) => new FieldEncryptionKey(stack, `Fields${index}`, { contextKeys: ['table', 'column'] })),
    ],
  });
  const template = templateOf(stack);

  test('has policies below the quotas of IAM', () => expectSmallPolicies(template));

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
  test('has a task definition below the 64 KB of ECS', () => {
    const [definition] = Object.values(propertiesOf(template, 'AWS::ECS::TaskDefinition'));
    expect(deployed(template, definition).length).toBeLessThan(65_536);
  });

  test('has a schedule whose input is below the quota of a target', () => {
    const [{ Target }] = Object.values(propertiesOf(template, 'AWS::Scheduler::Schedule'));
    expect(deployed(template, Target.Input ?? '').length).toBeLessThanOrEqual(MAX_INPUT_LENGTH);
  });
});

describe('a database behind a proxy with passwords', () => {
  const withUsers = (count: number) => {
    const stack = newStack();
    const database = someDatabase(stack, { proxy: DatabaseProxy.withPassword() });
    for (const index of numbers(count)) database.access(`Team${index}`, DatabaseAccess.readOnly());
    return stack;
  };

  test('has a role with policies below the quotas of IAM for 50 users', () => {
    expectSmallPolicies(templateOf(withUsers(50)));
  });

  test('is refused with more secrets than a proxy accepts', () => {
    expect(() => withUsers(100)).toThrow(new Error(
      '[Stack/Database] the secrets of the proxy must be at most 200 (the quota of Secrets Manager secrets per RDS '
        + 'Proxy): two for each user with a password, one for the master user, and those of proxy.secrets, got 201 '
        + 'secrets. Use DatabaseAccess.iamToken() for some users, or DatabaseProxy.withIamToken().'));
  });
});

test('a bastion whose packages do not fit into the user data is refused', () => {
  const stack = newStack();
  const packages = numbers(400).map((index) => `${'client-of-a-database'.repeat(2)}-${index}`);
  expect(refusalOf(() => new SshBastion(stack, 'Bastion', {
    vpc: someVpc(stack),
    allowedAddress: '203.0.113.7/32',
    keyPair: ec2.KeyPair.fromKeyPairName(stack, 'Analysts', 'analysts'),
    reason: 'the client of the analysts supports SSH only',
    packages,
  }))).toBe('[Stack/Bastion] packages must be a list with which the user data has at most 16384 bytes, the limit of '
    + 'Amazon EC2, got packages whose names make a script of N bytes. Pass only the clients that people need, or an '
    + 'image that contains them.');
});
