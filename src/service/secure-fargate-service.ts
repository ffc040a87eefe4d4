import { Duration, Size } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { requireForeignRepository, requirePinnedImage, requirePushableImage } from './container-image';
import { ContainerSettings } from './container-settings';
import { ExecAccess } from './exec-access';
import { ExecutionRole } from './execution-role';
import { requireHealthCheck } from './health-check';
import { LogMetric, LogMetricInPlace } from './log-metric';
import { ServiceRoller } from './roller/service-roller';
import { defaultScaling, ScalingPolicy } from './scaling-policy';
import { SecureFargateServiceProps } from './secure-fargate-service-props';
import { IngressTarget, ServiceIngress } from './service-ingress';
import { requireResponseTimeTarget, servicePlan } from './service-monitoring';
import { placementOf, ServicePlacement } from './service-placement';
import { TaskRole } from './task-role';
import { requireTaskSize } from './task-size';
import { createLast } from './task-start';
import { requireUser } from './task-user';
import { mountInMemory, requireWritablePaths } from './writable-paths';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { applicationLogGroup } from '../blocks/log-group';
import { requireMaintenanceWindow } from '../blocks/maintenance-window';
import { acknowledge } from '../core/acknowledge';
import { checkProps } from '../core/check-props';
import { pinFeatureFlags } from '../core/feature-flags';
import { declareWatchable } from '../core/monitored-mark';
import { requireInteger } from '../core/refusal';
import { SecureLoadBalancer } from '../load-balancer/secure-load-balancer';
import { AlarmDefinition } from '../monitoring/alarm-definition';
import { IMonitored, MonitoringPlan } from '../monitoring/monitored';

/** Half a vCPU and 1 GiB: enough for a small API in a language with a runtime. */
const DEFAULT_CPU = 512;
const DEFAULT_MEMORY_MEBIBYTES = 1024;
/** The first user that is not a system account. Common base images create it (`node` in the Node.js images). */
const DEFAULT_USER = '1000:1000';
// The size in MiB: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
const LOG_BUFFER_MEBIBYTES = 25;
/** All old tasks keep running until the new tasks are healthy. */
const MIN_HEALTHY_PERCENT = 100;
const MAX_HEALTHY_PERCENT = 200;
const HTTPS_PORT = 443;
const LAST_PORT = 65_535;

/**
 * A container on Fargate in private subnets.
 *
 * The container does not run as root, has a read-only file system, and gets its secrets from Secrets Manager. Its log
 * is encrypted, its two roles have only the permissions that you grant, and failed deployments roll back.
 *
 * The security group allows outbound HTTPS and connections to the resources in `uses`; inbound, it allows only the load
 * balancer. Grant permissions to the service itself, which is an `iam.IGrantable`. Allow further connections through
 * `connections`.
 */
export class SecureFargateService extends Construct implements ec2.IConnectable, iam.IGrantable, IMonitored {
  /** The service. */
  public readonly service: ecs.FargateService;
  /** The scaling target, for example for scaling on a schedule. Undefined with `ScalingPolicy.constant`. */
  public readonly scaling?: ecs.ScalableTaskCount;
  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
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
  /** The role with which Fargate starts the tasks: it pulls the image, reads the secrets, and writes the log. */
  public readonly executionRole: iam.Role;
  /** The connections of the tasks. The default port is `containerPort`. */
  public readonly connections: ec2.Connections;
  /** The principal that grants apply to: the task role. */
  public readonly grantPrincipal: iam.IPrincipal;
  private readonly logMetrics: LogMetricInPlace[];
  private readonly responseTimeTarget?: Duration;
  private readonly rollerAlarms: AlarmDefinition[];

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
    this.grantPrincipal = this.taskRole = new TaskRole(this, 'TaskRole');
    this.executionRole = new ExecutionRole(this, 'ExecutionRole');
    const settings = new ContainerSettings(this, placement.vpc, props);

    const key = encryptionKeyFor(this, placement.encryptionKey, {
      description: `Data at rest of the service ${this.node.path}`,
      users: [cloudWatchLogs],
    });
    this.logGroup = applicationLogGroup(this, 'Log', { encryptionKey: key, retention: props.logRetention });
    this.logMetrics = this.defineLogMetrics(props.logMetrics ?? []);
    this.cluster = placement.cluster ?? this.defineCluster(placement, exec._clusterConfiguration(this, key));
    this.taskDefinition = this.defineTask(props);
    this.container = this.defineContainer(props, settings, exec);

    const target = (props.ingress ?? ServiceIngress.none())._attach(this, { vpc: placement.vpc, encryptionKey: key });
    this.connections = this.defineConnections(placement.vpc, props.containerPort, settings);
    this.service = this.defineService(placement, props.scaling ?? defaultScaling(), exec, target);
    this.scaling = (props.scaling ?? defaultScaling())._scale(this.service);
    createLast(this, { placement, source: target?.source, ...settings.prerequisites });
    this.targetGroup = target?.targetGroup;
    this.loadBalancer = target?.loadBalancer;
    this.responseTimeTarget = requireResponseTimeTarget(this, props.responseTimeTarget, this.targetGroup);
    this.rollerAlarms = this.rollAfterRotation(settings, key, props.maintenanceWindow);
  }

  /**
   * Alarms, widgets and notifications of the service.
   *
   * Alarms fire on high CPU and memory utilization, when no task runs, and on the log metrics. With ingress they also
   * fire on unhealthy tasks, when no task is healthy, on 5XX responses, and on slow responses if the service has a
   * target; with rotating secrets, when a rotation does not replace the tasks. A notification reports each
   * failed deployment. The plan includes the load balancer that `ServiceIngress.https` creates.
   */
  public monitoringPlan(): MonitoringPlan {
    const { service, logGroup, targetGroup, logMetrics, responseTimeTarget } = this;
    const plan = servicePlan({ path: this.node.path, service, logGroup, targetGroup, logMetrics, responseTimeTarget });
    const loadBalancerPlan = this.loadBalancer?.monitoringPlan();
    return {
      ...plan,
      alarms: [...plan.alarms, ...this.rollerAlarms, ...(loadBalancerPlan?.alarms ?? [])],
      widgets: [...plan.widgets, ...(loadBalancerPlan?.widgets ?? [])],
    };
  }

  private validate(props: SecureFargateServiceProps): void {
    const { cpu = DEFAULT_CPU, memory = Size.mebibytes(DEFAULT_MEMORY_MEBIBYTES), user = DEFAULT_USER } = props;
    requireTaskSize(this, cpu, memory);
    requireInteger(this, 'containerPort', props.containerPort, 1, LAST_PORT);
    requireWritablePaths(this, props.writablePaths ?? [], props.writablePathSize, memory);
    requireUser(this, user);
    requireHealthCheck(this, props.healthCheck);
    (props.scaling ?? defaultScaling())._validate(this);
    props.ingress?._validate(this, props.containerPort);
    props.exec?._validate(this);
    LogMetric._validate(this, props.logMetrics ?? []);
    requireMaintenanceWindow(this, props.maintenanceWindow);
    requirePushableImage(this, props.image);
  }

  private defineLogMetrics(metrics: LogMetric[]): LogMetricInPlace[] {
    const filters = new Construct(this, 'LogMetrics');
    return metrics.map((metric) => metric._place(filters, this.logGroup));
  }

  private defineCluster(
    { vpc }: ServicePlacement,
    executeCommandConfiguration: ecs.ExecuteCommandConfiguration | undefined,
  ): ecs.Cluster {
    return new ecs.Cluster(this, 'Cluster', {
      vpc,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
      executeCommandConfiguration,
    });
  }

  private defineTask({ cpu, memory, cpuArchitecture }: SecureFargateServiceProps): ecs.FargateTaskDefinition {
    return new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: cpu ?? DEFAULT_CPU,
      memoryLimitMiB: memory?.toMebibytes() ?? DEFAULT_MEMORY_MEBIBYTES,
      runtimePlatform: {
        cpuArchitecture: cpuArchitecture ?? ecs.CpuArchitecture.X86_64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
      taskRole: this.taskRole,
      executionRole: this.executionRole,
    });
  }

  private defineContainer(
    props: SecureFargateServiceProps,
    settings: ContainerSettings,
    exec: ExecAccess,
  ): ecs.ContainerDefinition {
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: exec._enabled });
    // Fargate limits which capabilities a task can add, not which it can drop.
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
    linuxParameters.dropCapabilities(ecs.Capability.ALL);
    mountInMemory(linuxParameters, props.writablePaths ?? [], props.writablePathSize);
    const container = this.taskDefinition.addContainer('Container', {
      containerName: 'app',
      image: props.image,
      command: props.command,
      user: props.user ?? DEFAULT_USER,
      privileged: false,
      readonlyRootFilesystem: true,
      essential: true,
      memoryLimitMiB: this.taskDefinition.memoryMiB,
      portMappings: props.containerPort ? [{ containerPort: props.containerPort, protocol: ecs.Protocol.TCP }] : [],
      environment: settings.environment,
      secrets: settings.secrets,
      healthCheck: props.healthCheck,
      linuxParameters,
      logging: this.defineLogging(),
    });
    exec._prepare(container, this.taskRole, this.cluster);
    if (Object.keys(settings.environment).length > 0) this.acknowledgeEnvironment();
    requireForeignRepository(this, container.imageName);
    requirePinnedImage(this, container.imageName);
    return container;
  }

  /**
   * A program that waits for CloudWatch Logs stops responding. Therefore log lines wait in a buffer in memory, and
   * lines that do not fit are lost.
   */
  private defineLogging(): ecs.LogDriver {
    return ecs.LogDrivers.awsLogs({
      logGroup: this.logGroup,
      streamPrefix: 'service',
      mode: ecs.AwsLogDriverMode.NON_BLOCKING,
      maxBufferSize: Size.mebibytes(LOG_BUFFER_MEBIBYTES),
    });
  }

  private acknowledgeEnvironment(): void {
    acknowledge(this.taskDefinition, {
      rules: ['AwsSolutions-ECS2'],
      reason:
        `The rule reports every environment variable. ${this.node.path} refuses names and values that look like ` +
        'secrets, and gets its secrets from Secrets Manager.',
    });
  }

  private defineConnections(
    vpc: ec2.IVpc, containerPort: number | undefined, settings: ContainerSettings,
  ): ec2.Connections {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Tasks of a Fargate service',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    // Image layers come from S3, whose addresses are outside the VPC even with a gateway endpoint.
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT), 'HTTPS to AWS services and partners');
    const connections = new ec2.Connections({
      securityGroups: [securityGroup],
      defaultPort: containerPort === undefined ? undefined : ec2.Port.tcp(containerPort),
    });
    const description = `Connections of the service ${this.node.id}`;
    for (const connectable of settings.connectables) connections.allowToDefaultPort(connectable, description);
    return connections;
  }

  private defineService(
    { subnets }: ServicePlacement,
    scaling: ScalingPolicy,
    exec: ExecAccess,
    target: IngressTarget | undefined,
  ): ecs.FargateService {
    const service = new ecs.FargateService(this, 'Service', {
      cluster: this.cluster,
      taskDefinition: this.taskDefinition,
      desiredCount: scaling._desiredCount(),
      // From the VPC of the service: an imported cluster can have a VPC without known subnets.
      vpcSubnets: { subnets: subnets.subnets },
      securityGroups: this.connections.securityGroups,
      assignPublicIp: false,
      platformVersion: ecs.FargatePlatformVersion.LATEST,
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
