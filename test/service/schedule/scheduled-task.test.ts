import { CfnOutput, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { unwatched } from '../../../src/core/monitored-mark';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { JobQueue } from '../../../src/service/queue/job-queue';
import { ScheduledTask } from '../../../src/service/schedule/scheduled-task';
import { ScheduledTaskProps } from '../../../src/service/schedule/scheduled-task-props';
import { ServiceCluster } from '../../../src/service/service-cluster';
import { newStack, propertiesOf, someVpc, templateOf } from '../../support/app';
import { Dependencies } from '../../support/dependencies';
import { nagFindings } from '../../support/nag';
import { cycles } from '../../support/task-start';
import { containerOf, IMAGE, onlyOne, someService } from '../fargate-fixtures';

const SCHEDULE = 'AWS::Scheduler::Schedule';
const image = ecs.ContainerImage.fromRegistry(IMAGE);
const nightly = ScheduleExpression.cron({ hour: '3', minute: '30', timeZone: TimeZone.AMERICA_NEW_YORK });

let stack: Stack;
let vpc: ec2.IVpc;
beforeEach(() => {
  stack = newStack();
  vpc = someVpc(stack);
});

const someTask = (props: Partial<ScheduledTaskProps> = {}) => new ScheduledTask(stack, 'Report', {
  vpc: props.cluster ? undefined : vpc, image, schedule: nightly, ...props,
});

const arn = (id: RegExp) => ({ 'Fn::GetAtt': [expect.stringMatching(id), 'Arn'] });

/** The statements of the managed policy whose ID starts with a text. */
function statementsOf(start: string): unknown[] {
  const [[, { PolicyDocument }]] = Object.entries(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'))
    .filter(([id]) => id.startsWith(start));
  return PolicyDocument.Statement;
}

describe('the defaults', () => {
  test('are those of the container of a service, except for the prefix of its log streams', () => {
    const other = newStack();
    someService(other);
    someTask();
    const { LogConfiguration: serviceLog, ...expected } = containerOf(other);
    const { LogConfiguration: log, ...container } = containerOf(stack);
    expect(container).toEqual(expected);
    expect(log.Options).toEqual({
      ...serviceLog.Options,
      'awslogs-group': { Ref: expect.stringMatching(/^ReportLog/) },
      'awslogs-stream-prefix': 'scheduled',
    });
  });

  test('start a run at the scheduled time, in the time zone', () => {
    someTask();
    expect(onlyOne(stack, SCHEDULE)).toEqual({
      Description: 'Starts Stack/Report',
      GroupName: { Ref: expect.stringMatching(/^ReportScheduleGroup/) },
      ScheduleExpression: 'cron(30 3 * * ? *)',
      ScheduleExpressionTimezone: 'America/New_York',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arn(/^ReportScheduleFunction/),
        RoleArn: arn(/^ReportScheduleRole/),
        DeadLetterConfig: { Arn: arn(/^ReportScheduleFunctionDeadLetters/) },
        RetryPolicy: { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 1_800 },
        Input: '{"schedule":"<aws.scheduler.schedule-arn>","time":"<aws.scheduler.scheduled-time>"}',
      },
    });
  });

  test('start the revision in private subnets, and not while another run runs', () => {
    someTask();
    expect(onlyOne(stack, 'AWS::Lambda::Function').Environment.Variables).toEqual({
      CLUSTER: arn(/^ReportCluster/),
      TASK_DEFINITION: { Ref: expect.stringMatching(/^ReportTaskDefinition/) },
      FAMILY: expect.stringMatching(/^StackReportTaskDefinition/),
      SUBNETS: 'subnet-priv1,subnet-priv2',
      SECURITY_GROUP: { 'Fn::GetAtt': [expect.stringMatching(/^ReportSecurityGroup/), 'GroupId'] },
      ALLOW_OVERLAP: 'false',
    });
  });

  test('have an encrypted dead-letter queue, no name, no output and no finding', () => {
    someTask();
    expect(onlyOne(stack, 'AWS::SQS::Queue')).toEqual({
      KmsMasterKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^ReportKey/), 'Arn'] },
      MessageRetentionPeriod: 1_209_600,
      RedriveAllowPolicy: { redrivePermission: 'allowAll' },
    });
    expect(onlyOne(stack, 'AWS::Scheduler::ScheduleGroup')).toBeUndefined();
    expect(templateOf(stack).toJSON().Outputs).toBeUndefined();
    expect(nagFindings(stack)).toEqual([]);
  });

  test.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1'])('have no finding in %s', (region) => {
    stack = newStack({ env: { account: '111122223333', region } });
    vpc = someVpc(stack);
    someTask();
    expect(nagFindings(stack)).toEqual([]);
    expect(JSON.stringify(templateOf(stack).toJSON().Resources)).not.toContain('arn:aws:');
  });
});

describe('the role of the schedule', () => {
  test('can be assumed only by EventBridge Scheduler for the schedules of the group', () => {
    someTask();
    const [[, { AssumeRolePolicyDocument }]] = Object.entries(propertiesOf(templateOf(stack), 'AWS::IAM::Role'))
      .filter(([id]) => id.startsWith('ReportScheduleRole'));
    expect(AssumeRolePolicyDocument.Statement).toEqual([{
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'scheduler.amazonaws.com' },
      Condition: {
        StringEquals: {
          'aws:SourceAccount': { Ref: 'AWS::AccountId' },
          'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(/^ReportScheduleGroup/), 'Arn'] },
        },
      },
    }]);
  });

  test('invokes one function, and writes to one queue', () => {
    someTask();
    expect(statementsOf('ReportScheduleRolePolicy')).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arn(/^ReportScheduleFunction/) },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arn(/^ReportScheduleFunctionDeadLetters/) },
      { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: arn(/^ReportKey/) },
    ]);
  });
});

test('the function starts only this revision in this cluster, and passes only its two roles', () => {
  someTask();
  const Condition = { ArnEquals: { 'ecs:cluster': arn(/^ReportCluster/) } };
  const Effect = 'Allow';
  expect(statementsOf('ReportScheduleFunctionRolePolicy')).toEqual(expect.arrayContaining([
    { Effect, Action: 'ecs:RunTask', Resource: { Ref: expect.stringMatching(/^ReportTaskDefinition/) }, Condition },
    { Effect, Action: 'ecs:ListTasks', Resource: '*', Condition },
    {
      Effect,
      Action: 'iam:PassRole',
      Resource: [arn(/^ReportTaskRole/), arn(/^ReportExecutionRole/)],
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  ]));
});

describe('the props', () => {
  test('set a rate and a window', () => {
    someTask({ schedule: ScheduleExpression.rate(Duration.hours(6)), window: Duration.minutes(15) });
    expect(onlyOne(stack, SCHEDULE)).toMatchObject({
      ScheduleExpression: 'rate(6 hours)', FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    });
  });

  test('allow runs that overlap', () => {
    someTask({ allowOverlap: true });
    expect(onlyOne(stack, 'AWS::Lambda::Function').Environment.Variables.ALLOW_OVERLAP).toBe('true');
  });

  test('set the command, the resources and the secrets', () => {
    const token = secretsmanager.Secret.fromSecretNameV2(stack, 'Token', 'token');
    someTask({
      command: ['node', 'report.js'],
      uses: [new JobQueue(stack, 'Jobs').sendOnly()],
      secrets: { TOKEN: ecs.Secret.fromSecretsManager(token) },
    });
    expect(containerOf(stack)).toMatchObject({
      Command: ['node', 'report.js'], Environment: [{ Name: 'JOBS_QUEUE_URL' }], Secrets: [{ Name: 'TOKEN' }],
    });
  });

  test('set the cluster, whose VPC and key the task then uses', () => {
    const cluster = new ServiceCluster(stack, 'Services', { vpc });
    expect(someTask({ cluster }).cluster).toBe(cluster);
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
    templateOf(stack).resourceCountIs('AWS::ECS::Cluster', 1);
  });

  test('set the key', () => {
    someTask({ encryptionKey: new kms.Key(stack, 'Own') });
    templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
  });

  test('a command for an output of the app', () => {
    new CfnOutput(stack, 'Run', { value: someTask().runCommand });
    expect(JSON.stringify(templateOf(stack).toJSON().Outputs.Run.Value)).toContain('aws ecs run-task');
  });
});

test('the schedule is created after everything that a run needs', () => {
  const queue = new JobQueue(stack, 'Jobs');
  someTask({ uses: [queue] });
  const json = templateOf(stack).toJSON() as never;
  const [schedule] = Object.keys(templateOf(stack).findResources(SCHEDULE));
  const before = [...new Dependencies(json).reachedFrom(schedule)];
  for (const type of ['AWS::IAM::ManagedPolicy', 'AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'AWS::Logs::LogGroup']) {
    for (const id of Object.keys(templateOf(stack).findResources(type))) {
      expect(before).toContain(id);
    }
  }
  expect(cycles(json)).toEqual([]);
});

describe('the monitoring plan', () => {
  test('reports failed runs, and runs that did not start', () => {
    const task = someTask();
    expect(unwatched(stack)).toContain(task);
    new WorkloadMonitoring(stack, 'Monitoring').watch(task);
    const alarms = Object.entries(propertiesOf(templateOf(stack), 'AWS::CloudWatch::Alarm'));
    const metrics = alarms.map(([, { Metrics, MetricName }]) => MetricName ?? Metrics[0].MetricStat.Metric.MetricName);
    expect(metrics.sort()).toEqual([
      'ApproximateNumberOfMessagesVisible', 'FailedInvocations', 'InvocationsFailedToBeSentToDeadLetterCount',
    ]);
    templateOf(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        'source': ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        'detail': {
          $or: [{ containers: { exitCode: [{ 'anything-but': [0] }] } }, { stopCode: ['TaskFailedToStart'] }],
          taskDefinitionArn: [{ prefix: Match.anyValue() }],
        },
      },
      Targets: [Match.objectLike({ InputTransformer: { InputTemplate: Match.anyValue() } })],
    });
    expect(JSON.stringify(templateOf(stack).findResources('AWS::Events::Rule'))).toContain('The scheduled task <');
  });
});

test.each([
  [
    { schedule: ScheduleExpression.at(new Date('2030-01-01T00:00:00Z')) },
    "[Stack/Report] schedule must be a recurring schedule, got 'at(2030-01-01T00:00:00)'. Use "
      + 'ScheduleExpression.cron or ScheduleExpression.rate, or run a MigrationTask by its command.',
  ],
  [
    { window: Duration.seconds(30) },
    '[Stack/Report] window must be from 1 to 1440 whole minutes, got 30 seconds. Use a duration in this range, or '
      + 'leave window out.',
  ],
  [
    { window: Duration.days(2) },
    '[Stack/Report] window must be from 1 to 1440 whole minutes, got 2 days. Use a duration in this range, or '
      + 'leave window out.',
  ],
  [{ user: 'root' }, /^\[Stack\/Report\] user must be /],
])('refuses invalid props (%#)', (props, sentence) => {
  expect(() => someTask(props)).toThrow(typeof sentence === 'string' ? new Error(sentence) : sentence);
});
