import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { requireStorageKey } from './fargate-storage-key';
import { clusterPlan } from './service-cluster-monitoring';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { pinFeatureFlags } from '../core/feature-flags';
import { applicationLogGroup, auditLogGroup } from '../blocks/log-group';
import { physicalName } from '../blocks/physical-name';
import { refuse } from '../core/refusal';

/** How the cluster's name begins. What follows makes it unique. */
const NAME_PREFIX = 'services';

/** Where several services run together. */
export interface ServiceClusterProps {
  /** The VPC of the services. */
  readonly vpc: ec2.IVpc;
  /**
   * The key for shell sessions and their log, for the log of Container Insights and for the disks of the tasks. Fargate takes no
   * multi-Region key and no alias: they are refused. The policy of an imported key must let CloudWatch Logs and Fargate use it.
   * @default - a rotating key of the cluster's own
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * How closely Container Insights looks: at services, or at single tasks and containers as well (`ENHANCED`). `DISABLED` is refused.
   * @default ContainerInsights.ENABLED
   */
  readonly containerInsights?: ecs.ContainerInsights;
}

/**
 * An ECS cluster that several services share: watched by Container Insights, the disks of its tasks under a key of yours, and every
 * shell session in a container kept for six years, encrypted (45 CFR 164.312(a)(2)(iv), 164.312(b), 164.316(b)(2)(i)).
 *
 * Nobody may open a shell until a service asks for `ExecAccess.audited`. The cluster has no capacity of its own: services bring Fargate.
 */
export class ServiceCluster extends Construct implements IMonitored {
  /** The cluster, as services take it. */
  public readonly cluster: ecs.Cluster;
  /** Where shell sessions are kept. */
  public readonly execLogGroup: logs.LogGroup;
  /** Where Container Insights writes what it measures, every minute. */
  public readonly insightsLogGroup: logs.LogGroup;
  /** The key, given or the cluster's own. Services may share it. */
  public readonly encryptionKey: kms.IKey;

  /** Makes the cluster, empty. */
  constructor(scope: Construct, id: string, props: ServiceClusterProps) {
    super(scope, id);
    pinFeatureFlags(this);
    this.validate(props);
    const name = physicalName(this, NAME_PREFIX);

    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, {
      description: `Shell sessions, Container Insights and task disks of the cluster ${this.node.path}`,
      users: [cloudWatchLogs],
    });
    this.execLogGroup = auditLogGroup(this, 'ExecLog', { encryptionKey: this.encryptionKey });
    this.insightsLogGroup = this.defineInsightsLog(name);
    this.cluster = this.defineCluster(name, props);
  }

  /** Widgets: tasks by service, how much of the reserved CPU and memory is used, shell sessions. No alarm: each service has its own. */
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
      change: 'leave it out',
    });
  }

  /**
   * Container Insights writes into a group of this name, and makes it without a key where it is not there:
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
      // The L2 writes it into the key's policy, too: a given key may serve several clusters, and in another stack would read that stack's own id there.
      clusterName: encryptionKey ? undefined : name,
      containerInsightsV2: containerInsights ?? ecs.ContainerInsights.ENABLED,
      executeCommandConfiguration: {
        kmsKey: this.encryptionKey,
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
        logConfiguration: { cloudWatchLogGroup: this.execLogGroup, cloudWatchEncryptionEnabled: true },
      },
      // Lets Fargate use the key: an own one for this cluster, a given one for clusters of this account.
      managedStorageConfiguration: { fargateEphemeralStorageKmsKey: this.encryptionKey },
    });
    (cluster.node.defaultChild as ecs.CfnCluster).clusterName = name;
    cluster.node.addDependency(this.insightsLogGroup);
    return cluster;
  }
}
