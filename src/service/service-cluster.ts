import { RemovalPolicy, ResourceEnvironment, Stack } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as cloudmap from 'aws-cdk-lib/aws-servicediscovery';
import { aws_ecs as refs } from 'aws-cdk-lib/interfaces';
import { Construct } from 'constructs';
import { requireStorageKey } from './fargate-storage-key';
import { SecureFargateService } from './secure-fargate-service';
import { SecureFargateServiceProps } from './secure-fargate-service-props';
import { markServiceCluster } from './service-cluster-mark';
import { clusterPlan } from './service-cluster-monitoring';
import { fargateStorage } from '../blocks/aws-cdk-key-users';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { applicationLogGroup, auditLogGroup } from '../blocks/log-group';
import { physicalName } from '../blocks/physical-name';
import { checkArguments, checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { refuse, refuseUse } from '../core/refusal';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** The prefix of the cluster's name. A suffix makes the name unique. */
const NAME_PREFIX = 'services';

/** Properties of a `ServiceCluster`. */
export interface ServiceClusterProps {
  /** The VPC of the services. */
  readonly vpc: ec2.IVpc;
  /**
   * The key that encrypts the data of the cluster and of its tasks.
   *
   * It encrypts the sessions of ECS Exec and their log, the log of Container Insights, and the disks of the tasks.
   * Services of the cluster use it too, unless they have their own key. Fargate accepts no multi-Region key and
   * no alias, so both are refused. The policy of an imported key must allow CloudWatch Logs and Fargate to use it.
   * @default - the cluster creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * The level of Container Insights: `ENABLED` for metrics of services, or `ENHANCED` for metrics of tasks and
   * containers too. `DISABLED` is refused.
   * @default ContainerInsights.ENABLED
   */
  readonly containerInsights?: ecs.ContainerInsights;
}

/**
 * An ECS cluster that several services share. It is an `ecs.ICluster`.
 *
 * Container Insights monitors the cluster. A customer managed key encrypts the disks of its tasks, and an encrypted log
 * records every session of ECS Exec for six years (45 CFR 164.312(a)(2)(iv), 164.312(b), 164.316(b)(2)(i)). No session
 * is possible until a service enables `ExecAccess.audited`. Services run on Fargate, or on the instances of an
 * `Ec2Capacity`.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 *
 * const services = new ServiceCluster(this, 'Services', { vpc: network });
 * services.addService(this, 'Worker', { image: images.image('1.4.2') });
 */
export class ServiceCluster extends Construct implements ecs.ICluster, IMonitored {
  /** The wrapped cluster. */
  public readonly cluster: ecs.Cluster;
  /** The log group that records sessions of ECS Exec. */
  public readonly execLogGroup: logs.LogGroup;
  /** The log group to which Container Insights writes its measurements every minute. */
  public readonly insightsLogGroup: logs.LogGroup;
  /** The key of the cluster, which its services share. */
  public readonly encryptionKey: kms.IKey;

  /** Creates an empty cluster. */
  constructor(scope: Construct, id: string, props: ServiceClusterProps) {
    super(scope, id);
    checkProps(this, 'ServiceClusterProps', props);
    pinFeatureFlags(this);
    this.validate(props);
    const name = physicalName(this, NAME_PREFIX);

    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Shell sessions, Container Insights and task disks of the cluster ${this.node.path}`,
      users: [cloudWatchLogs],
      usersOfAwsCdk: fargateStorage,
    });
    this.execLogGroup = auditLogGroup(this, 'ExecLog', { encryptionKey: this.encryptionKey });
    this.insightsLogGroup = this.defineInsightsLog(name);
    this.cluster = this.defineCluster(name, props);
    markServiceCluster(this);
  }

  /** The stack of the cluster. */
  public get stack(): Stack {
    return this.cluster.stack;
  }

  /** The account and the region of the cluster. */
  public get env(): ResourceEnvironment {
    return this.cluster.env;
  }

  /** The name of the cluster. */
  public get clusterName(): string {
    return this.cluster.clusterName;
  }

  /** The ARN of the cluster. */
  public get clusterArn(): string {
    return this.cluster.clusterArn;
  }

  /** A reference to the cluster. */
  public get clusterRef(): refs.ClusterReference {
    return this.cluster.clusterRef;
  }

  /** The VPC of the cluster, which its services use. */
  public get vpc(): ec2.IVpc {
    return this.cluster.vpc;
  }

  /** The connections of instances that you add to `cluster`. Those of an `Ec2Capacity` are not part of it. */
  public get connections(): ec2.Connections {
    return this.cluster.connections;
  }

  /** Whether the cluster has EC2 capacity: an `Ec2Capacity`, or instances that you add to `cluster`. */
  public get hasEc2Capacity(): boolean {
    return this.cluster.hasEc2Capacity;
  }

  /** The Cloud Map namespace. Undefined unless you add one to `cluster`. */
  public get defaultCloudMapNamespace(): cloudmap.INamespace | undefined {
    return this.cluster.defaultCloudMapNamespace;
  }

  /** The Auto Scaling group. Undefined unless you add one to `cluster`. */
  public get autoscalingGroup(): autoscaling.IAutoScalingGroup | undefined {
    return this.cluster.autoscalingGroup;
  }

  /** The key and the log group for sessions of ECS Exec. */
  public get executeCommandConfiguration(): ecs.ExecuteCommandConfiguration | undefined {
    return this.cluster.executeCommandConfiguration;
  }

  /** Sets the removal policy of the wrapped cluster. */
  public applyRemovalPolicy(policy: RemovalPolicy): void {
    checkArguments(this, 'ServiceCluster.applyRemovalPolicy', { policy });
    this.cluster.applyRemovalPolicy(policy);
  }

  /**
   * Creates a service that runs on this cluster, in its VPC, and with its encryption key.
   *
   * @param scope the scope in which the service is created, such as your stack: the service does not become a child of
   * the cluster
   * @param id the ID of the service in that scope
   * @param props the properties of the service; `encryptionKey` overrides that of the cluster; `cluster` and
   * another VPC than that of the cluster are refused
   */
  public addService(scope: Construct, id: string, props: SecureFargateServiceProps): SecureFargateService {
    checkArguments(this, 'ServiceCluster.addService', { scope, id, props });
    if (props.cluster) {
      refuseUse(this, `addService must be called without cluster, got ${props.cluster.node.path}`,
        'leave cluster out: the service runs on this cluster');
    }
    return new SecureFargateService(scope, id, { ...props, cluster: this });
  }

  /**
   * Returns widgets and no alarms.
   *
   * The widgets are for the tasks of each service, the used share of reserved CPU and memory, and shell sessions.
   */
  public monitoringPlan(): MonitoringPlan {
    return clusterPlan(this.node.path, this.cluster, this.execLogGroup);
  }

  private validate({ containerInsights, encryptionKey }: ServiceClusterProps): void {
    if (encryptionKey) requireStorageKey(this, encryptionKey);
    if (containerInsights !== ecs.ContainerInsights.DISABLED) return;
    refuse(this, {
      prop: 'containerInsights',
      given: containerInsights,
      allowed: 'ContainerInsights.ENABLED or ContainerInsights.ENHANCED',
      change: 'leave containerInsights out',
    });
  }

  /**
   * Container Insights writes to the log group of this name. If the group does not exist, AWS creates it without a key:
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-ECS.html
   */
  private defineInsightsLog(clusterName: string): logs.LogGroup {
    return applicationLogGroup(this, 'InsightsLog', {
      encryptionKey: this.encryptionKey,
      logGroupName: `/aws/ecs/containerinsights/${clusterName}/performance`,
    });
  }

  private defineCluster(name: string, { vpc, containerInsights, encryptionKey }: ServiceClusterProps): ecs.Cluster {
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc,
      // The L2 also writes the name into the policy of the key. A given key can serve several clusters, and in another
      // stack the name would contain the ID of that stack.
      clusterName: encryptionKey ? undefined : name,
      containerInsightsV2: containerInsights ?? ecs.ContainerInsights.ENABLED,
      executeCommandConfiguration: {
        kmsKey: this.encryptionKey,
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
        logConfiguration: { cloudWatchLogGroup: this.execLogGroup, cloudWatchEncryptionEnabled: true },
      },
      // Allows Fargate to use the key: the cluster's own key for this cluster, a given key for clusters of this
      // account.
      managedStorageConfiguration: { fargateEphemeralStorageKmsKey: this.encryptionKey },
    });
    (cluster.node.defaultChild as ecs.CfnCluster).clusterName = name;
    cluster.node.addDependency(this.insightsLogGroup);
    return cluster;
  }
}
