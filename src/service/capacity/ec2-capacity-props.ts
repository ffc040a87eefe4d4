import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type { ServiceCluster } from '../service-cluster';

/** The share of Spot Instances of an `Ec2Capacity`. */
export interface SpotShareOptions {
  /**
   * The number of instances that are always On-Demand, 0 to 999 and less than `maxInstances`. The percentage applies to
   * the instances above it.
   */
  readonly onDemandInstances: number;
  /** The percentage of Spot Instances among the instances above `onDemandInstances`: 1 to 100. */
  readonly spotPercentage: number;
}

/** Properties of `Ec2Capacity`. */
export interface Ec2CapacityProps {
  /** The cluster whose services run on the instances. A cluster in another stack is refused. */
  readonly cluster: ServiceCluster;
  /**
   * The instance types that the group can launch, in the order of preference: 1 to 40 different types.
   *
   * Use types of the families m, c and r from the fifth generation. Burstable types, `metal` and types with different
   * CPU architectures are refused.
   *
   * Choose types with the same number of vCPUs and about the same memory. ECS starts instances only for tasks that fit
   * on the smallest type, so a service whose task does not fit there is refused.
   * @default - m7i.large and m6i.large, with two vCPUs and 8 GiB of memory
   */
  readonly instanceTypes?: ec2.InstanceType[];
  /**
   * The minimum number of instances, 0 to 1,000 and at most `maxInstances`. With 0, no instance runs while the cluster
   * has no task for it.
   * @default 2
   */
  readonly minInstances?: number;
  /**
   * The maximum number of instances, 1 to 1,000. A deployment runs old and new tasks at the same time, and needs room
   * for both.
   * @default 6
   */
  readonly maxInstances?: number;
  /**
   * The share of Spot Instances. Services must tolerate an interruption, which EC2 announces two minutes before.
   * @default - all instances are On-Demand
   */
  readonly spot?: SpotShareOptions;
  /**
   * When the group replaces all its instances, and so renews their image: a recurring schedule of EventBridge
   * Scheduler. A schedule that runs once is refused.
   * @default - every Sunday at 06:00 UTC
   */
  readonly renewal?: scheduler.ScheduleExpression;
  /**
   * The subnets of the instances. Public subnets are refused.
   * @default - the private subnets of the VPC of the cluster, or its isolated subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * The key that encrypts the disks of the instances. The policy of an imported key must allow Amazon EC2 Auto Scaling
   * to use it. An alias and a key of another region are refused.
   * @default - the key of the cluster
   */
  readonly encryptionKey?: kms.IKey;
}
