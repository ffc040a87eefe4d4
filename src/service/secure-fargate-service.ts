import { Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ServiceCapacity } from './capacity/service-capacity';
import { ContainerSettings } from './container-settings';
import { requireSeconds } from './duration-bounds';
import { ExecAccess } from './exec-access';
import {
  defineOwnCluster, defineTaskConnections, defineTaskRoles, HardenedTask, hardenTask, requireProgram, TaskRoles,
  taskSizeOf,
} from './hardened-task';
import { requireHealthCheck } from './health-check';
import { LogMetric, LogMetricInPlace } from './log-metric';
import { ServiceRoller } from './roller/service-roller';
import { defaultScaling } from './scaling-policy';
import { SecureFargateServiceProps } from './secure-fargate-service-props';
import { IngressTarget, ServiceIngress } from './service-ingress';
import { requireResponseTimeTarget, servicePlan } from './service-monitoring';
import { placementOf, ServicePlacement } from './service-placement';
import { createLast } from './task-start';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { applicationLogGroup } from '../blocks/log-group';
import { requireMaintenanceWindow } from '../blocks/maintenance-window';
import { checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { requireInteger } from '../core/refusal';
import { SecureLoadBalancer } from '../load-balancer/secure-load-balancer';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** All old tasks keep running until the new tasks are healthy. */
const MIN_HEALTHY_PERCENT = 100;
const MAX_HEALTHY_PERCENT = 200;
const LAST_PORT = 65_535;
/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
const MAX_STOP_TIMEOUT_SECONDS = 120;

/**
 * A container in private subnets, on Fargate or on the EC2 instances of its cluster.
 *
 * The container does not run as root, has a read-only file system, and gets its secrets from Secrets Manager. Its log
 * is encrypted, its two roles have only the permissions that you grant, and failed deployments roll back.
 *
 * The security group allows outbound HTTPS and connections to the resources in `uses`; inbound, it allows only the load
 * balancer. Grant permissions to the service itself, which is an `iam.IGrantable`. Allow further connections through
 * `connections`.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 * declare const database: EncryptedDatabaseInstance;
 * declare const zone: route53.IHostedZone;
 *
 * new SecureFargateService(this, 'Api', {
 *   vpc: network,
 *   image: images.image('1.4.2'),
 *   containerPort: 8080,
 *   ingress: ServiceIngress.https({ domainName: 'api.example.com', hostedZone: zone }),
 *   uses: [database],
 * });
 */
export class SecureFargateService extends Construct implements ec2.IConnectable, iam.IGrantable, IMonitored {
  /** The service: an `ecs.FargateService`, or an `ecs.Ec2Service` with `ServiceCapacity.ec2`. */
  public readonly service: ecs.BaseService;
  /** The scaling target, for example for scaling on a schedule. Undefined with `ScalingPolicy.constant`. */
  public readonly scaling?: ecs.ScalableTaskCount;
  /** The task definition: an `ecs.FargateTaskDefinition`, unless the service runs on EC2. */
  public readonly taskDefinition: ecs.TaskDefinition;
  /** The container. The construct does not check environment variables that you add to it here. */
  public readonly container: ecs.ContainerDefinition;
  /** The cluster: the `cluster` prop, or the service's own cluster. */
  public readonly cluster: ecs.ICluster;
  /** The target group. Undefined without ingress. */
  public readonly targetGroup?: elbv2.ApplicationTargetGroup;
  /** The load balancer that `ServiceIngress.https` creates. Undefined with any other ingress. */
  public readonly loadBalancer?: SecureLoadBalancer;
  /** The log group of the container's output. */
  public readonly logGroup: logs.LogGroup;
  /** The role of the program. It has no permissions until you grant some. */
  public readonly taskRole: iam.Role;
  /** The role with which ECS starts the tasks: it pulls the image, reads the secrets, and writes the log. */
  public readonly executionRole: iam.Role;
  /** The connections of the tasks. The default port is `containerPort`. */
  public readonly connections: ec2.Connections;
  /** The principal that grants apply to: the task role. */
  public readonly grantPrincipal: iam.IPrincipal;
  private readonly logMetrics: LogMetricInPlace[];
  private readonly responseTimeTarget?: Duration;
  private readonly rollerAlarms: AlarmDefinition[];
  private readonly idleQueue?: sqs.IQueue;

  /** Creates the service. The deployment waits until the tasks are healthy, or rolls back. */
  constructor(scope: Construct, id: string, props: SecureFargateServiceProps) {
    super(scope, id);
    checkProps(this, 'SecureFargateServiceProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.validate(props);
    const placement = placementOf(this, props);
    const exec = props.exec ?? ExecAccess.none();
    // The items of `uses` can grant permissions to the roles.
    const roles = defineTaskRoles(this);
    this.grantPrincipal = this.taskRole = roles.taskRole;
    this.executionRole = roles.executionRole;
    const settings = new ContainerSettings(this, placement.vpc, props);
    const description = `Data at rest of the service ${this.node.path}`;
    const key = encryptionKeyFor(this, placement.encryptionKey, { description, users: [cloudWatchLogs] });
    this.logGroup = applicationLogGroup(this, 'Log', { encryptionKey: key, retention: props.logRetention });
    this.logMetrics = this.defineLogMetrics(props.logMetrics ?? []);
    this.cluster = placement.cluster ?? defineOwnCluster(this, placement.vpc, exec._clusterConfiguration(this, key));
    const task = this.defineTask(props, roles, settings, exec);
    ({ taskDefinition: this.taskDefinition, container: this.container } = task);
    const target = (props.ingress ?? ServiceIngress.none())._attach(this, { vpc: placement.vpc, encryptionKey: key });
    this.connections = this.defineConnections(placement.vpc, props, settings);
    this.service = this.defineService(props, placement, exec, target);
    this.scaling = (props.scaling ?? defaultScaling())._scale(this.service, target !== undefined);
    this.idleQueue = props.scaling?._idleQueue();
    const { service: starts, connections } = this;
    createLast({ starts, connections, ...task }, { placement, source: target?.source, ...settings.prerequisites });
    this.targetGroup = target?.targetGroup;
    this.loadBalancer = target?.loadBalancer;
    this.responseTimeTarget = requireResponseTimeTarget(this, props.responseTimeTarget, this.targetGroup);
    this.rollerAlarms = this.rollAfterRotation(settings, key, props.maintenanceWindow);
  }

  /**
   * Alarms, widgets and notifications of the service.
   *
   * Alarms fire on high CPU and memory utilization, when no task runs, and on the log metrics. With
   * `ScalingPolicy.backlog` and a minimum of 0, the alarm on tasks fires only while jobs wait. With ingress they also
   * fire on unhealthy tasks, when no task is healthy, on 5XX responses, and on slow responses if the service has a
   * target; with rotating secrets, when a rotation does not replace the tasks. A notification reports each
   * failed deployment. The plan includes the load balancer that `ServiceIngress.https` creates.
   */
  public monitoringPlan(): MonitoringPlan {
    const { service, logGroup, targetGroup, logMetrics, responseTimeTarget, idleQueue, node: { path } } = this;
    const plan = servicePlan({ path, service, logGroup, targetGroup, logMetrics, responseTimeTarget, idleQueue });
    const loadBalancerPlan = this.loadBalancer?.monitoringPlan();
    return {
      ...plan,
      alarms: [...plan.alarms, ...this.rollerAlarms, ...(loadBalancerPlan?.alarms ?? [])],
      widgets: [...plan.widgets, ...(loadBalancerPlan?.widgets ?? [])],
    };
  }

  private validate(props: SecureFargateServiceProps): void {
    requireProgram(this, props);
    requireInteger(this, 'containerPort', props.containerPort, 1, LAST_PORT);
    requireHealthCheck(this, props.healthCheck);
    requireSeconds(this, 'stopTimeout', props.stopTimeout, 1, MAX_STOP_TIMEOUT_SECONDS);
    (props.scaling ?? defaultScaling())._validate(this);
    props.ingress?._validate(this, props.containerPort);
    props.exec?._validate(this);
    const exec = props.exec?._enabled ?? false;
    const user = { cpuArchitecture: props.cpuArchitecture, exec, ...taskSizeOf(props) };
    (props.capacity ?? ServiceCapacity.fargate())._validate(this, user);
    LogMetric._validate(this, props.logMetrics ?? []);
    requireMaintenanceWindow(this, props.maintenanceWindow);
  }

  private defineLogMetrics(metrics: LogMetric[]): LogMetricInPlace[] {
    const filters = new Construct(this, 'LogMetrics');
    return metrics.map((metric) => metric._place(filters, this.logGroup));
  }

  private defineTask(
    props: SecureFargateServiceProps, roles: TaskRoles, settings: ContainerSettings, exec: ExecAccess,
  ): HardenedTask<ecs.TaskDefinition> {
    const { containerPort, healthCheck, stopTimeout, capacity = ServiceCapacity.fargate() } = props;
    const task = hardenTask(this, capacity._defineTask(this, props, roles), {
      program: props,
      roles,
      settings,
      logGroup: this.logGroup,
      streamPrefix: 'service',
      containerPort,
      healthCheck,
      stopTimeout,
      initProcess: exec._enabled,
    });
    exec._prepare(task.container, task.taskRole, this.cluster);
    return task;
  }

  private defineConnections(
    vpc: ec2.IVpc, { containerPort, capacity = ServiceCapacity.fargate() }: SecureFargateServiceProps,
    { connectables }: ContainerSettings,
  ): ec2.Connections {
    return defineTaskConnections(this, {
      vpc,
      description: capacity._tasks,
      ruleDescription: `Connections of the service ${this.node.id}`,
      connectables,
      defaultPort: containerPort === undefined ? undefined : ec2.Port.tcp(containerPort),
    });
  }

  private defineService(
    { scaling = defaultScaling(), capacity = ServiceCapacity.fargate() }: SecureFargateServiceProps,
    { subnets }: ServicePlacement, exec: ExecAccess, target: IngressTarget | undefined,
  ): ecs.BaseService {
    const service = capacity._defineService(this, this.taskDefinition, {
      cluster: this.cluster,
      desiredCount: scaling._desiredCount(),
      // From the VPC of the service: an imported cluster can have a VPC without known subnets.
      vpcSubnets: { subnets: subnets.subnets },
      securityGroups: this.connections.securityGroups,
      assignPublicIp: false,
      circuitBreaker: { enable: true, rollback: true },
      minHealthyPercent: MIN_HEALTHY_PERCENT,
      maxHealthyPercent: MAX_HEALTHY_PERCENT,
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.ENABLED,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      healthCheckGracePeriod: target?.healthCheckGracePeriod,
    });
    // The L2's own prop gives the task role wildcards that the policy of ExecAccess does not need.
    (service.node.defaultChild as ecs.CfnService).enableExecuteCommand = exec._enabled;
    if (target) service.attachToApplicationTargetGroup(target.targetGroup);
    return service;
  }

  private rollAfterRotation(
    { rotatedSecrets: secrets }: ContainerSettings, key: kms.IKey, maintenanceWindow: string | undefined,
  ): AlarmDefinition[] {
    if (secrets.length === 0) return [];
    return ServiceRoller.of(this, key).follow(this, { service: this.service, secrets, maintenanceWindow });
  }
}
