import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { WorkloadMonitoring } from '../../../src/monitoring/workload-monitoring';
import { JobQueue } from '../../../src/service/queue/job-queue';
import { BacklogScalingOptions, ScalingPolicy } from '../../../src/service/scaling-policy';
import { SecureFargateServiceProps } from '../../../src/service/secure-fargate-service-props';
import { ServiceIngress } from '../../../src/service/service-ingress';
import { newApp, newStack, propertiesOf, templateOf } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { containerOf, onlyOne, someListener, someService } from '../fargate-fixtures';

const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
const ALARM = 'AWS::CloudWatch::Alarm';
const NAME = { Name: 'QueueName', Value: { 'Fn::GetAtt': ['Jobs41CEEC0B', 'QueueName'] } };

let stack: Stack;
let queue: JobQueue;
beforeEach(() => {
  stack = newStack();
  queue = new JobQueue(stack, 'Jobs');
});

function someWorker(bounds: Partial<BacklogScalingOptions> = {}, props: Partial<SecureFargateServiceProps> = {}) {
  const scaling = ScalingPolicy.backlog({ queue, jobsPerTask: 10, min: 0, max: 8, ...bounds });
  return someService(stack, { uses: [queue.receiveOnly()], scaling, ...props });
}

/** The alarms that scaling or a WorkloadMonitoring creates, by the start of their IDs. */
const alarm = (part: string) => Object.entries(propertiesOf(templateOf(stack), ALARM))
  .find(([id]) => id.includes(part))![1];
const policies = (type: string) =>
  Object.values(propertiesOf(templateOf(stack), POLICY)).filter(({ PolicyType }) => PolicyType === type);

describe('tracking', () => {
  test('keeps the jobs for each task at the target, with jobs in progress and without Container Insights', () => {
    someWorker({ min: 1 });
    expect(onlyOne(stack, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject({
      MinCapacity: 1, MaxCapacity: 8,
    });
    const metric = (Id: string, Namespace: string, MetricName: string, Stat: string, Dimensions: unknown) =>
      ({ Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Stat }, ReturnData: false });
    expect(onlyOne(stack, POLICY).TargetTrackingScalingPolicyConfiguration).toEqual({
      TargetValue: 10,
      DisableScaleIn: false,
      ScaleInCooldown: 300,
      ScaleOutCooldown: 60,
      CustomizedMetricSpecification: {
        Metrics: [
          metric('waiting', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', [NAME]),
          metric('started', 'AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', 'Maximum', [NAME]),
          metric('tasks', 'AWS/ECS', 'CPUUtilization', 'SampleCount', [
            { Name: 'ClusterName', Value: { Ref: expect.stringMatching(/^ApiCluster/) } },
            { Name: 'ServiceName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^ApiService/), 'Name'] } },
          ]),
          {
            Id: 'backlog', Expression: '(waiting + started) / tasks', Label: 'Jobs for each task', ReturnData: true,
          },
        ],
      },
    });
  });

  test('with a minimum of one has no step policy and no alarm', () => {
    someWorker({ min: 1 });
    templateOf(stack).resourceCountIs(POLICY, 1);
    templateOf(stack).resourceCountIs(ALARM, 0);
  });

  test('sets no desired count, and offers the scaling target', () => {
    expect(someWorker().scaling).toBeDefined();
    expect(onlyOne(stack, 'AWS::ECS::Service')).not.toHaveProperty('DesiredCount');
  });
});

describe('a minimum of zero', () => {
  beforeEach(() => { someWorker(); });

  test('starts one task when jobs wait for three minutes without a task', () => {
    expect(onlyOne(stack, 'AWS::ApplicationAutoScaling::ScalableTarget').MinCapacity).toBe(0);
    const { AlarmActions, Metrics, ...rest } = alarm('JobsWithoutTask');
    expect(rest).toMatchObject({
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
    });
    expect(rest.DatapointsToAlarm).toBeUndefined();
    expect(Metrics[0].Expression).toBe('IF(FILL(tasks, 0) < 1, waiting + started, 0)');
    expect(propertiesOf(templateOf(stack), POLICY)[AlarmActions[0].Ref].StepScalingPolicyConfiguration).toEqual({
      AdjustmentType: 'ChangeInCapacity',
      Cooldown: 300,
      MetricAggregationType: 'Maximum',
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    });
  });

  test('stops the last task only after ten minutes without a job that waits or is in progress', () => {
    const { AlarmActions, Metrics, ...rest } = alarm('NoJobs');
    expect(rest).toMatchObject({
      ComparisonOperator: 'LessThanThreshold', Threshold: 1, EvaluationPeriods: 10, TreatMissingData: 'notBreaching',
    });
    expect(Metrics[0].Expression).toBe('waiting + started');
    expect(propertiesOf(templateOf(stack), POLICY)[AlarmActions[0].Ref].StepScalingPolicyConfiguration).toEqual({
      AdjustmentType: 'ExactCapacity',
      Cooldown: 300,
      MetricAggregationType: 'Maximum',
      StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: 0 }],
    });
  });

  test('keeps the tracking between', () => {
    expect(policies('TargetTrackingScaling')).toHaveLength(1);
    expect(policies('StepScaling')).toHaveLength(2);
  });

  test('has no finding', () => expect(nagFindings(stack)).toEqual([]));
});

describe('the alarm on running tasks', () => {
  const watch = (bounds: Partial<BacklogScalingOptions>) => {
    const worker = someWorker(bounds);
    new WorkloadMonitoring(stack, 'Monitoring').watch(worker);
    return alarm('NoRunningTask');
  };

  test('fires at a minimum of zero only while jobs wait', () => {
    const { Metrics, ...rest } = watch({ min: 0 });
    expect(rest).toMatchObject({
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 15,
      TreatMissingData: 'notBreaching',
    });
    expect(Metrics.map(({ Expression }: { Expression?: string }) => Expression))
      .toContain('IF(FILL(tasks, 0) < 1, waiting + started, 0)');
  });

  test('fires otherwise whenever no task runs', () => {
    expect(watch({ min: 1 })).toMatchObject({ Threshold: 1, TreatMissingData: 'breaching', EvaluationPeriods: 3 });
  });

  test('no other alarm fires without tasks', () => {
    watch({ min: 0 });
    const breaching = Object.values(propertiesOf(templateOf(stack), ALARM))
      .filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(breaching).toEqual([]);
  });
});

describe('protection from scale-in', () => {
  test('is allowed for the tasks of the cluster', () => {
    someWorker();
    templateOf(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([{
          Effect: 'Allow',
          Action: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
          Resource: {
            'Fn::Join': ['', [
              'arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' },
              ':task/', { Ref: Match.stringLikeRegexp('^ApiCluster') }, '/*',
            ]],
          },
        }]),
      },
    });
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('has no finding in %s', (region) => {
    stack = newStack({ env: { account: '111122223333', region } });
    queue = new JobQueue(stack, 'Jobs');
    someWorker();
    expect(nagFindings(stack)).toEqual([]);
  });

  test('is not allowed for a service that does not scale on jobs', () => {
    someService(stack);
    expect(JSON.stringify(templateOf(stack).toJSON())).not.toContain('UpdateTaskProtection');
  });
});

describe('stopTimeout', () => {
  test('is that of ECS by default', () => {
    someService(stack);
    expect(containerOf(stack)).not.toHaveProperty('StopTimeout');
  });

  test('can be up to two minutes', () => {
    someService(stack, { stopTimeout: Duration.minutes(2) });
    expect(containerOf(stack).StopTimeout).toBe(120);
  });

  test.each([
    Duration.seconds(0), Duration.seconds(121), Duration.millis(1_500),
  ])('is refused otherwise (%#)', (stopTimeout) => {
    expect(() => someService(stack, { stopTimeout })).toThrow(new Error(
      `[Stack/Api] stopTimeout must be from 1 to 120 whole seconds, got ${stopTimeout.toHumanString()}. Use a duration `
      + 'in this range.'));
  });
});

test('refuses a queue of another region', () => {
  const app = newApp();
  const account = '111122223333';
  const elsewhere = new JobQueue(new Stack(app, 'Elsewhere', { env: { account, region: 'us-west-2' } }), 'Jobs');
  const scaling = ScalingPolicy.backlog({ queue: elsewhere, jobsPerTask: 10, min: 1, max: 2 });
  const here = new Stack(app, 'Here', { env: { account, region: 'us-east-1' } });
  expect(() => someService(here, { scaling })).toThrow(new Error(
    '[Here/Api] scaling.queue must be a queue in us-east-1, the region of the stack, got a queue in us-west-2. Pass a '
    + 'queue in us-east-1.'));
});

test('refuses a token as the minimum', () => {
  const min = new CfnParameter(stack, 'Min', { type: 'Number' }).valueAsNumber;
  expect(() => someWorker({ min })).toThrow(new Error(
    '[Stack/Api] scaling.min must be a number that is known at synthesis, because 0 needs other resources, got a '
    + 'token. Pass a number.'));
});

test('refuses a minimum of zero with ingress', () => {
  const ingress = ServiceIngress.listener(someListener(stack), { healthCheckPath: '/', path: '/*', priority: 1 });
  expect(() => someWorker({}, { ingress, containerPort: 8080 })).toThrow(new Error(
    '[Stack/Api] scaling.min is 0, and the service has ingress: requests fail while no task runs. Set scaling.min to 1 '
    + 'or more, or process the jobs in a service without ingress.'));
});

test.each([
  [{ min: -1 }, '[Stack/Api] scaling.min must be an integer from 0 to 5000, got -1. Use an integer in this range.'],
  [{ max: 0 }, '[Stack/Api] scaling.max must be an integer from 1 to 5000, got 0. Use an integer in this range.'],
  [
    { jobsPerTask: 0 },
    '[Stack/Api] scaling.jobsPerTask must be an integer from 1 to 120000, got 0. Use an integer in this range.',
  ],
  [
    { min: 3, max: 2 },
    '[Stack/Api] scaling.min must be at most scaling.max (2), got 3. Swap the two, or raise scaling.max.',
  ],
])('refuses invalid bounds (%#)', (bounds, sentence) => {
  expect(() => someWorker(bounds)).toThrow(new Error(sentence));
});
