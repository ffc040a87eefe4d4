import { Template } from 'aws-cdk-lib/assertions';
import { bastionAccess } from './network';
import {
  AUTO_SCALING_GROUP, bastion, CAPACITY_PROVIDER, CLUSTER, container, deadLetters, EC2_INSTANCE, idOf, instanceGroup,
  jobs, KEY, KEY_PAIR, LAUNCH_TEMPLATE, partOf, QUEUE, SCALABLE, SCALING, service, task, taskRole,
} from './parts';
import { PARAMETERS } from '../../../../examples/backend/parameters';
import { all, attribute, only, propertiesOf, ref, rotatingKeys, whoMay } from '../../../support/template/reading';

const SERVICES = ['Api', 'Worker'] as const;
/** The longest retention of SQS: 14 days. */
const LONGEST_RETENTION = 1_209_600;

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
  expect(rotatingKeys(template)).toContainEqual(disk.Ebs.KmsKeyId);
  expect(MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
  for (const name of SERVICES) {
    expect(service(template, name).CapacityProviderStrategy).toEqual([{ CapacityProvider: ref(provider), Weight: 1 }]);
    expect(service(template, name).LaunchType).toBeUndefined();
    expect(task(template, name).RequiresCompatibilities).toEqual(['EC2']);
  }
}

/** The instances above the smallest number are Spot Instances, of the pools that EC2 interrupts least. */
export function spot(template: Template) {
  capacityProvider(template);
  const { MinSize, CapacityRebalance, MixedInstancesPolicy: { InstancesDistribution } } = instanceGroup(template);
  expect({ MinSize, CapacityRebalance }).toEqual({ MinSize: '2', CapacityRebalance: true });
  expect(InstancesDistribution).toMatchObject({
    OnDemandBaseCapacity: 2, OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: 'price-capacity-optimized',
  });
}

/** Without the parameter, all instances are On-Demand. */
export function withoutSpot(template: Template) {
  expect(instanceGroup(template).MixedInstancesPolicy.InstancesDistribution)
    .toMatchObject({ OnDemandPercentageAboveBaseCapacity: 100 });
}

/** Both services run on one cluster, not as root, with a read-only root file system and a health check. */
export function cluster(template: Template) {
  capacityProvider(template);
  const id = only(template, CLUSTER, { ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }] });
  for (const name of SERVICES) {
    expect(service(template, name).Cluster).toEqual(ref(id));
    expect(task(template, name).NetworkMode).toBe('awsvpc');
    expect(container(template, name)).toMatchObject({
      User: '1000:1000',
      Privileged: false,
      ReadonlyRootFilesystem: true,
      HealthCheck: { Command: ['CMD', 'node', 'healthcheck.js'] },
    });
  }
}

/** The API scales on CPU and memory. */
export function apiScales(template: Template) {
  const target = idOf(template, SCALABLE, 'Api');
  expect(propertiesOf(template, SCALABLE, target)).toMatchObject({ MinCapacity: 2, MaxCapacity: 4 });
  for (const [metric, TargetValue] of [['CPU', 70], ['Memory', 80]]) {
    only(template, SCALING, {
      ScalingTargetId: ref(target),
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue, PredefinedMetricSpecification: { PredefinedMetricType: `ECSServiceAverage${metric}Utilization` },
      },
    });
  }
}

/** The worker scales on the jobs in its queue, from zero. */
export function workerScales(template: Template) {
  const target = idOf(template, SCALABLE, 'Worker');
  expect(propertiesOf(template, SCALABLE, target)).toMatchObject({ MinCapacity: 0, MaxCapacity: 8 });
  const { ScalingTargetId, TargetTrackingScalingPolicyConfiguration: tracking } =
    partOf(template, SCALING, 'WorkerServiceTaskCountTargetBacklog');
  expect(ScalingTargetId).toEqual(ref(target));
  expect(tracking.TargetValue).toBe(10);
  const [waiting] = tracking.CustomizedMetricSpecification.Metrics;
  expect(waiting.MetricStat.Metric).toMatchObject({
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: attribute(jobs(template), 'QueueName') }],
  });
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
  expect(MetadataOptions.HttpTokens).toBe('required');
  const id = only(template, EC2_INSTANCE);
  only(template, 'AWS::EC2::EIP', { InstanceId: ref(id) });
}

/** The bastion accepts only the key pair, whose private key AWS never has. The other instances have none. */
export function keyPair(template: Template) {
  const id = only(template, KEY_PAIR, { PublicKeyMaterial: PARAMETERS.sshPublicKey });
  expect(bastion(template).KeyName).toEqual(ref(id));
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
  expect(rotatingKeys(template)).toContainEqual(propertiesOf(template, QUEUE, id).KmsMasterKeyId);
  const rolesWith = (action: string) => whoMay(template, action)
    .filter(({ resource }) => JSON.stringify(resource) === JSON.stringify(attribute(id, 'Arn')))
    .map(({ role }) => role);
  expect(rolesWith('sqs:SendMessage')).toEqual([taskRole(template, 'Api')]);
  expect(rolesWith('sqs:DeleteMessage')).toEqual([taskRole(template, 'Worker')]);
}

/** A job that fails five times waits for 14 days in the dead-letter queue, whose key is that of the queue. */
export function deadLetterQueue(template: Template) {
  const { RedrivePolicy, KmsMasterKeyId } = propertiesOf(template, QUEUE, jobs(template));
  expect(RedrivePolicy.maxReceiveCount).toBe(5);
  expect(propertiesOf(template, QUEUE, deadLetters(template))).toMatchObject({
    MessageRetentionPeriod: LONGEST_RETENTION, KmsMasterKeyId,
  });
  propertiesOf(template, KEY, KmsMasterKeyId['Fn::GetAtt'][0]);
}
