import { Duration, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { warnIfIsolated } from './agent-endpoints';
import { capacityPlan } from './capacity-monitoring';
import { DEFAULT_MAX_INSTANCES, DEFAULT_MIN_INSTANCES, requireCapacity } from './capacity-validation';
import { Ec2CapacityProps } from './ec2-capacity-props';
import { InstanceRenewal, renewCommandOf } from './instance-renewal';
import { instanceRole } from './instance-role';
import { instanceTemplate } from './instance-template';
import { ReleasedInstances } from './released-instances';
import { dependencyOn, endpointsOf, resourcesAround } from '../../binding/readiness';
import { autoScaling, encryptionKeyFor } from '../../blocks/encryption-key';
import { acknowledge } from '../../core/acknowledge';
import { checkProps } from '../../core/check-props';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
import { IMonitored, MonitoringPlan } from '../../monitoring/monitored';
import { placementOf, ServicePlacement } from '../service-placement';

/** Two vCPUs and 8 GiB. The older type is available where the newer one is not. */
const DEFAULT_TYPES = ['m7i.large', 'm6i.large'];
const HTTPS_PORT = 443;
/** The time from the launch of an instance until the ECS agent has registered it. */
const WARMUP_MINUTES = 2;
const ALL_PERCENT = 100;

/**
 * EC2 instances on which the services of a `ServiceCluster` run: an Auto Scaling group in private subnets.
 *
 * ECS starts instances for tasks that wait, and stops instances without tasks. An instance with tasks is protected from
 * scale-in, and its tasks stop and start elsewhere before it is replaced. Before CloudFormation deletes the group, a
 * function removes the protection. Each week, the group replaces its instances with the latest image of Amazon ECS
 * (45 CFR 164.308(a)(5)(ii)(B)).
 *
 * Disks are encrypted with a customer managed key, the instances require IMDSv2, and containers cannot read the
 * credentials of the instance. No inbound connection to an instance is possible: the tasks have their own network
 * interfaces and security groups. The instances are managed by Systems Manager and have no SSH key.
 *
 * A service uses the capacity with `ServiceCapacity.ec2`.
 *
 * @example
 * declare const services: ServiceCluster;
 * declare const images: HardenedRepository;
 *
 * const instances = new Ec2Capacity(this, 'Instances', { cluster: services });
 * services.addService(this, 'Worker', {
 *   image: images.image('1.4.2'),
 *   capacity: ServiceCapacity.ec2(instances),
 * });
 */
export class Ec2Capacity extends Construct implements IMonitored {
  /** The Auto Scaling group. */
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  /** The capacity provider, which scales the group for the tasks of the cluster. */
  public readonly capacityProvider: ecs.AsgCapacityProvider;
  /** The cluster to which the instances belong. */
  public readonly cluster: ecs.ICluster;
  /** The launch template of the instances. */
  public readonly launchTemplate: ec2.LaunchTemplate;
  /** The role of the instances. Tasks cannot use it. */
  public readonly role: iam.Role;
  /** The security group of the instances, which allows outbound HTTPS. Tasks do not use it. */
  public readonly securityGroup: ec2.SecurityGroup;
  /** The key that encrypts the disks. */
  public readonly encryptionKey: kms.IKey;
  /** The CPU architecture of the instances. */
  public readonly architecture: ec2.InstanceArchitecture;
  /**
   * The AWS CLI command that replaces the instances at once, for an output of your stack.
   *
   * Use it after a change of the instances, such as another instance type, or for an urgent patch. The caller needs
   * `autoscaling:StartInstanceRefresh` on the group.
   */
  public readonly renewCommand: string;
  /** @internal The types of the instances. */
  public readonly _instanceTypes: ec2.InstanceType[];
  private readonly renewal: InstanceRenewal;

  /** Creates the group, and adds it to the cluster. */
  constructor(scope: Construct, id: string, props: Ec2CapacityProps) {
    super(scope, id);
    checkProps(this, 'Ec2CapacityProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    const types = this._instanceTypes = props.instanceTypes ?? DEFAULT_TYPES.map((name) => new ec2.InstanceType(name));
    requireCapacity(this, props, types);
    const placement = placementOf(this, props);
    warnIfIsolated(this, placement);
    this.cluster = props.cluster;
    this.architecture = types[0].architecture;
    this.encryptionKey = encryptionKeyFor(this, placement.encryptionKey, {
      description: `Disks of the instances of ${this.node.path}`, users: autoScaling,
    });
    this.role = instanceRole(this, 'Role', this.cluster);
    this.securityGroup = this.defineSecurityGroup(placement.vpc);
    const { architecture, role, securityGroup, encryptionKey } = this;
    this.launchTemplate = instanceTemplate(this, 'Template', { architecture, role, securityGroup, encryptionKey });
    this.autoScalingGroup = this.defineGroup(props, placement, types);
    this.capacityProvider = this.defineProvider(props.cluster.cluster);
    this.renewal = new InstanceRenewal(this, 'Renewal', { group: this.autoScalingGroup, expression: props.renewal });
    this.renewCommand = renewCommandOf(this.autoScalingGroup);
  }

  /**
   * Alarms, widgets and notifications of the capacity.
   *
   * Alarms fire when tasks wait for instances, when instances do not start, and when a renewal does not start. A
   * notification reports a renewal that fails.
   */
  public monitoringPlan(): MonitoringPlan {
    const { autoScalingGroup: group, capacityProvider: provider, cluster, node: { path } } = this;
    return capacityPlan({ path, group, provider, cluster, scheduleGroup: this.renewal.scheduleGroup });
  }

  private defineSecurityGroup(vpc: ec2.IVpc): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'ECS instances; tasks have their own security groups',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    group.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT), 'HTTPS to AWS services');
    return group;
  }

  private defineGroup(
    { minInstances = DEFAULT_MIN_INSTANCES, maxInstances = DEFAULT_MAX_INSTANCES, spot }: Ec2CapacityProps,
    { vpc, subnets }: ServicePlacement, types: ec2.InstanceType[],
  ): autoscaling.AutoScalingGroup {
    const group = new autoscaling.AutoScalingGroup(this, 'Group', {
      vpc,
      vpcSubnets: { subnets: subnets.subnets },
      minCapacity: minInstances,
      maxCapacity: maxInstances,
      mixedInstancesPolicy: {
        launchTemplate: this.launchTemplate,
        launchTemplateOverrides: types.map((instanceType) => ({ instanceType })),
        instancesDistribution: {
          onDemandAllocationStrategy: autoscaling.OnDemandAllocationStrategy.PRIORITIZED,
          onDemandBaseCapacity: spot?.onDemandInstances ?? 0,
          onDemandPercentageAboveBaseCapacity: ALL_PERCENT - (spot?.spotPercentage ?? 0),
          spotAllocationStrategy: autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
        },
      },
      // EC2 Auto Scaling replaces a Spot Instance at risk before EC2 interrupts it.
      capacityRebalance: spot !== undefined,
      newInstancesProtectedFromScaleIn: true,
      healthChecks: autoscaling.HealthChecks.ec2({ gracePeriod: Duration.minutes(WARMUP_MINUTES) }),
      defaultInstanceWarmup: Duration.minutes(WARMUP_MINUTES),
      groupMetrics: [autoscaling.GroupMetrics.all()],
    });
    const endpoints = dependencyOn(() => endpointsOf(vpc, resourcesAround(Stack.of(this))));
    // The agents use the role, the key and the network when an instance starts.
    group.node.addDependency(this.role, this.encryptionKey, subnets.internetConnectivityEstablished, endpoints);
    acknowledgeGroup(this, group);
    return group;
  }

  private defineProvider(cluster: ecs.Cluster): ecs.AsgCapacityProvider {
    const provider = new ecs.AsgCapacityProvider(this, 'Provider', {
      autoScalingGroup: this.autoScalingGroup,
      enableManagedScaling: true,
      enableManagedTerminationProtection: true,
      enableManagedDraining: true,
      targetCapacityPercent: ALL_PERCENT,
    });
    const { autoScalingGroup: group, encryptionKey } = this;
    // CloudFormation deletes the provider, releases the instances, and then deletes the group.
    provider.node.addDependency(new ReleasedInstances(this, 'Release', { group, encryptionKey }));
    cluster.addAsgCapacityProvider(provider);
    return provider;
  }
}

function acknowledgeGroup(scope: Construct, group: autoscaling.AutoScalingGroup): void {
  acknowledge(group,
    {
      rules: ['AwsSolutions-AS3'],
      reason: `WorkloadMonitoring reports failed launches of ${scope.node.path} by an alarm on missing instances; a `
        + 'notification for each launch and termination would hide them',
    },
    {
      rules: ['AwsSolutions-EC26', 'HIPAA.Security-EC2IMDSv2Enabled', 'NIST.800.53.R5-EC2IMDSv2Enabled'],
      reason: `The launch template of ${scope.node.path} encrypts the disk and requires IMDSv2. The group names it in `
        + 'its mixed instances policy, and the rules read only the property LaunchTemplate',
    },
  );
}
