import { Template } from 'aws-cdk-lib/assertions';
import { queueMetrics } from './monitoring';
import { bastionAccess } from './network';
import {
  ALARM, AUTO_SCALING_GROUP, bastion, CAPACITY_PROVIDER, CLUSTER, container, deadLetters, EC2_INSTANCE, FUNCTION, idOf,
  instanceGroup, jobs, KEY_PAIR, LAUNCH_TEMPLATE, LOG_GROUP, partOf, QUEUE, SCALABLE, SCALING, SERVICE, service, task,
  TASK, taskRole,
} from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import { above, below, fires, MINUTE, of, quiet, Row, rowOf } from '../../../support/template/alarms';
import {
  all, attribute, only, propertiesOf, ref, rotatingKeys, storesTakeTlsAlone, text, whoMay,
} from '../../../support/template/reading';
import { COOLDOWNS, scalesService, tracks } from '../../../support/template/scaling';

const SERVICES = ['Api', 'Worker'] as const;
/** The metadata of an instance requires a token, which no container can get. */
const METADATA = {
  HttpEndpoint: 'enabled', HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'disabled',
};
/** The program of each service. */
const COMMANDS = { Api: 'api.js', Worker: 'process-jobs.js' };
/** The longest retention of SQS: 14 days. */
const LONGEST_RETENTION = 1_209_600;
const FOUR_DAYS = 345_600;
const SCHEDULED = 'AWS::Scheduler::Schedule';

/** The provider scales a group of encrypted instances for the tasks, and empties an instance before it ends. */
export function capacityProvider(template: Template) {
  const provider = only(template, CAPACITY_PROVIDER, {
    AutoScalingGroupProvider: {
      AutoScalingGroupArn: ref(only(template, AUTO_SCALING_GROUP)),
      ManagedScaling: { Status: 'ENABLED', TargetCapacity: 100 },
      ManagedTerminationProtection: 'ENABLED',
      ManagedDraining: 'ENABLED',
    },
  });
  only(template, 'AWS::ECS::ClusterCapacityProviderAssociations', {
    Cluster: ref(only(template, CLUSTER)), CapacityProviders: [ref(provider)],
  });
  const { LaunchTemplateSpecification } = instanceGroup(template).MixedInstancesPolicy.LaunchTemplate;
  const { BlockDeviceMappings: [disk], MetadataOptions } =
    propertiesOf(template, LAUNCH_TEMPLATE, LaunchTemplateSpecification.LaunchTemplateId.Ref).LaunchTemplateData;
  expect(disk.Ebs.Encrypted).toBe(true);
  expect(rotatingKeys(template)).toContainEqual(disk.Ebs.KmsKeyId);
  expect(MetadataOptions).toEqual(METADATA);
  for (const name of SERVICES) {
    expect(service(template, name).CapacityProviderStrategy).toEqual([{ CapacityProvider: ref(provider), Weight: 1 }]);
    expect(service(template, name).LaunchType).toBeUndefined();
    expect(task(template, name).RequiresCompatibilities).toEqual(['EC2']);
  }
}

/** The instances above the smallest number are Spot Instances, of the pools that EC2 interrupts least. */
export function spot(template: Template) {
  capacityProvider(template);
  const { MinSize, MaxSize, CapacityRebalance, MixedInstancesPolicy } = instanceGroup(template);
  expect({ MinSize, MaxSize, CapacityRebalance }).toEqual({ MinSize: '2', MaxSize: '10', CapacityRebalance: true });
  const { InstancesDistribution, LaunchTemplate: { Overrides } } = MixedInstancesPolicy;
  expect(Overrides).toEqual([{ InstanceType: 'c7i.large' }, { InstanceType: 'c6i.large' }]);
  expect(InstancesDistribution).toEqual({
    OnDemandAllocationStrategy: 'prioritized',
    OnDemandBaseCapacity: 2,
    OnDemandPercentageAboveBaseCapacity: 0,
    SpotAllocationStrategy: 'price-capacity-optimized',
  });
}

/** Without the parameter, all instances are On-Demand. */
export function withoutSpot(template: Template) {
  expect(instanceGroup(template).MixedInstancesPolicy.InstancesDistribution)
    .toMatchObject({ OnDemandPercentageAboveBaseCapacity: 100 });
}

/** Both services run their programs on one cluster, not as root, with a read-only root file system and checks. */
export function cluster(template: Template) {
  capacityProvider(template);
  const id = only(template, CLUSTER, { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] });
  for (const name of SERVICES) {
    expect(service(template, name).Cluster).toEqual(ref(id));
    expect(task(template, name).NetworkMode).toBe('awsvpc');
    expect(service(template, name)).toMatchObject({
      TaskDefinition: ref(idOf(template, TASK, `${name}TaskDefinition`)),
      EnableExecuteCommand: false,
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true }, MinimumHealthyPercent: 100,
      },
    });
    expect(container(template, name)).toMatchObject({
      Command: ['node', COMMANDS[name]],
      Essential: true,
      User: '1000:1000',
      Privileged: false,
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
      HealthCheck: { Command: ['CMD', 'node', 'healthcheck.js'], Interval: 30, Timeout: 5, Retries: 3 },
      LogConfiguration: {
        LogDriver: 'awslogs', Options: { 'awslogs-group': ref(idOf(template, LOG_GROUP, `${name}Log`)) },
      },
    });
    expect(text(container(template, name).Image)).toMatch(/\.dkr\.ecr\..*Fn::ImportValue.*:1\.0\.0$/);
  }
}

/** The API scales on CPU and memory. */
export function apiScales(template: Template) {
  const target = idOf(template, SCALABLE, 'Api');
  expect(propertiesOf(template, SCALABLE, target)).toMatchObject({ MinCapacity: 2, MaxCapacity: 4 });
  for (const [metric, TargetValue] of [['CPU', 70], ['Memory', 80]]) {
    tracks(template, target, {
      TargetValue, PredefinedMetricSpecification: { PredefinedMetricType: `ECSServiceAverage${metric}Utilization` },
    });
  }
  scalesService(template, target, idOf(template, SERVICE, 'Api'));
}

/** A step of the worker, which an alarm on its jobs takes. */
function step(template: Template, policy: string, adjustment: object, alarm: string, row: Row) {
  const name = `WorkerServiceTaskCountTarget${policy}`;
  expect(partOf(template, SCALING, name)).toMatchObject({
    PolicyType: 'StepScaling',
    ScalingTargetId: ref(idOf(template, SCALABLE, 'Worker')),
    StepScalingPolicyConfiguration: { Cooldown: 300, MetricAggregationType: 'Maximum', ...adjustment },
  });
  const { Tags: _tags, ActionsEnabled = true, ...fields } =
    partOf(template, ALARM, `WorkerServiceTaskCountTarget${alarm}`);
  expect(fields.AlarmActions).toEqual([ref(idOf(template, SCALING, name))]);
  expect(rowOf({ ...fields, ActionsEnabled })).toEqual(row);
}

/** The first job starts a task, and ten minutes without a job stop the last one. */
function startsFromZero(template: Template) {
  const queue_ = (name: string) => of('AWS/SQS', { QueueName: `${jobs(template)}.QueueName` })(name, 'Maximum', MINUTE);
  const waiting = queue_('ApproximateNumberOfMessagesVisible').compared;
  const started = queue_('ApproximateNumberOfMessagesNotVisible').compared;
  const tasks = of('AWS/ECS', {
    ClusterName: only(template, CLUSTER), ServiceName: `${idOf(template, SERVICE, 'Worker')}.Name`,
  })('CPUUtilization', 'SampleCount', MINUTE).compared;
  step(template, 'FromZero', {
    AdjustmentType: 'ChangeInCapacity', StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
  }, 'JobsWithoutTask', {
    metrics: { compared: 'IF(FILL(tasks, 0) < 1, waiting + started, 0)', waiting, started, tasks },
    threshold: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    periods: 3,
    ...quiet,
  });
  step(template, 'ToZero', {
    AdjustmentType: 'ExactCapacity', StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: 0 }],
  }, 'NoJobs', { metrics: { compared: 'waiting + started', waiting, started }, ...below(1, 10), ...quiet });
}

/** The worker scales on the jobs in its queue, from zero. */
export function workerScales(template: Template) {
  const target = idOf(template, SCALABLE, 'Worker');
  expect(propertiesOf(template, SCALABLE, target)).toMatchObject({ MinCapacity: 0, MaxCapacity: 8 });
  const { ScalingTargetId, TargetTrackingScalingPolicyConfiguration: tracking } =
    partOf(template, SCALING, 'WorkerServiceTaskCountTargetBacklog');
  expect(ScalingTargetId).toEqual(ref(target));
  const Dimensions = [{ Name: 'QueueName', Value: attribute(jobs(template), 'QueueName') }];
  const ofQueue = (Id: string, MetricName: string) => ({
    Id, MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions }, Stat: 'Maximum' }, ReturnData: false,
  });
  expect(tracking).toEqual({
    ...COOLDOWNS,
    TargetValue: 10,
    CustomizedMetricSpecification: {
      Metrics: [
        ofQueue('waiting', 'ApproximateNumberOfMessagesVisible'),
        ofQueue('started', 'ApproximateNumberOfMessagesNotVisible'),
        {
          Id: 'tasks',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/ECS',
              MetricName: 'CPUUtilization',
              Dimensions: [
                { Name: 'ClusterName', Value: ref(only(template, CLUSTER)) },
                { Name: 'ServiceName', Value: attribute(idOf(template, SERVICE, 'Worker'), 'Name') },
              ],
            },
            Stat: 'SampleCount',
          },
          ReturnData: false,
        },
        {
          Id: 'backlog', Expression: '(waiting + started) / tasks', Label: 'Jobs for each task', ReturnData: true,
        },
      ],
    },
  });
  scalesService(template, target, idOf(template, SERVICE, 'Worker'));
  startsFromZero(template);
}

/** No service has a fixed count, which a deployment would restore. */
export function scales(template: Template) {
  apiScales(template);
  workerScales(template);
  for (const name of SERVICES) expect(service(template, name)).not.toHaveProperty('DesiredCount');
}

/** An encrypted instance with an address of its own, whose metadata requires a token. */
export function secureBastion(template: Template) {
  bastionAccess(template);
  const { BlockDeviceMappings: [disk], MetadataOptions } = bastion(template);
  expect(disk.Ebs.Encrypted).toBe(true);
  expect(rotatingKeys(template)).toContainEqual(disk.Ebs.KmsKeyId);
  expect(MetadataOptions).toEqual(METADATA);
  const id = only(template, EC2_INSTANCE);
  only(template, 'AWS::EC2::EIP', { InstanceId: ref(id) });
}

/** Each Sunday, Auto Scaling replaces the instances of the cluster with the latest image. */
function renewedWeekly(template: Template) {
  const { State = 'ENABLED', ScheduleExpression, Target } = partOf(template, SCHEDULED, 'InstancesRenewal');
  expect({ State, ScheduleExpression }).toEqual({ State: 'ENABLED', ScheduleExpression: 'cron(0 6 ? * SUN *)' });
  expect(text(Target.Arn)).toMatch(/:scheduler:::aws-sdk:autoscaling:startInstanceRefresh$/);
  expect(JSON.parse(text(Target.Input).replace(/\$\{\{'Ref':'(\w+)'\}\}/, '$1'))).toEqual({
    AutoScalingGroupName: only(template, AUTO_SCALING_GROUP),
    Strategy: 'Rolling',
    Preferences: {
      MinHealthyPercentage: 100, MaxHealthyPercentage: 110, ScaleInProtectedInstances: 'Refresh', SkipMatching: false,
    },
  });
  expect(partOf(template, LAUNCH_TEMPLATE, 'Instances').LaunchTemplateData.ImageId)
    .toBe('resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id');
}

/** The clean-up runs each day, and a run that cannot start is kept in a queue. */
export function cleansUpDaily(template: Template) {
  const { State = 'ENABLED', ScheduleExpression, Target } = partOf(template, SCHEDULED, 'CleanupSchedule');
  expect({ State, ScheduleExpression }).toEqual({ State: 'ENABLED', ScheduleExpression: 'rate(1 day)' });
  expect(Target.Arn).toEqual(attribute(idOf(template, FUNCTION, 'CleanupScheduleFunction'), 'Arn'));
  const deadLetters_ = idOf(template, QUEUE, 'CleanupScheduleFunctionDeadLetters');
  expect(Target.DeadLetterConfig).toEqual({ Arn: attribute(deadLetters_, 'Arn') });
  fires(template, 'CleanupRunNotStarted', {
    metrics: of('AWS/SQS', { QueueName: `${deadLetters_}.QueueName` })('ApproximateNumberOfMessagesVisible', 'Maximum'),
    ...above(0),
    ...quiet,
  });
  expect(container(template, 'Cleanup').Command).toEqual(['node', 'clean-up.js']);
}

/** The bastion accepts only the key pair, whose private key AWS never has. The other instances have none. */
export function keyPair(template: Template) {
  const id = only(template, KEY_PAIR, { PublicKeyMaterial: PARAMETERS.sshPublicKey });
  expect(bastion(template).KeyName).toEqual(ref(id));
  renewedWeekly(template);
  for (const { Properties } of all(template, LAUNCH_TEMPLATE)) {
    expect(Properties.LaunchTemplateData.KeyName).toBeUndefined();
  }
  const script = JSON.stringify(bastion(template).UserData);
  for (const line of ['PasswordAuthentication no', 'PermitRootLogin no', 'AuthenticationMethods publickey']) {
    expect(script).toContain(line);
  }
}

/** The API sends jobs, and the worker receives them. A key of the stack encrypts them. */
export function queue(template: Template) {
  const id = jobs(template);
  const { Tags: _tags, KmsMasterKeyId, RedrivePolicy: _redrive, ...settings } = propertiesOf(template, QUEUE, id);
  expect(rotatingKeys(template)).toContainEqual(KmsMasterKeyId);
  expect(settings).toEqual({
    KmsDataKeyReusePeriodSeconds: 300,
    MessageRetentionPeriod: FOUR_DAYS,
    ReceiveMessageWaitTimeSeconds: 20,
    VisibilityTimeout: 120,
  });
  storesTakeTlsAlone(template);
  const rolesWith = (action: string) => whoMay(template, action)
    .filter(({ resource }) => JSON.stringify(resource) === JSON.stringify(attribute(id, 'Arn')))
    .map(({ role }) => role);
  expect(rolesWith('sqs:SendMessage')).toEqual([taskRole(template, 'Api')]);
  expect(rolesWith('sqs:DeleteMessage')).toEqual([taskRole(template, 'Worker')]);
}

/** A job that fails five times waits for 14 days in the dead-letter queue, and an alarm fires. */
export function deadLetterQueue(template: Template) {
  queueMetrics(template);
  const { RedrivePolicy, KmsMasterKeyId } = propertiesOf(template, QUEUE, jobs(template));
  expect(RedrivePolicy).toEqual({ maxReceiveCount: 5, deadLetterTargetArn: attribute(deadLetters(template), 'Arn') });
  const { Tags: _tags, ...settings } = propertiesOf(template, QUEUE, deadLetters(template));
  expect(settings).toEqual({
    KmsDataKeyReusePeriodSeconds: 300,
    KmsMasterKeyId,
    MessageRetentionPeriod: LONGEST_RETENTION,
    RedriveAllowPolicy: { redrivePermission: 'allowAll' },
  });
  expect(rotatingKeys(template)).toContainEqual(KmsMasterKeyId);
  storesTakeTlsAlone(template);
}
