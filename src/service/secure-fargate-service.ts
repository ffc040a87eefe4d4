import { ArnFormat, Duration, Size, Stack, Token } from 'aws-cdk-lib';
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
import { LogMetric, LogMetricInPlace } from './log-metric';
import { DEFAULT_MAX_TASKS, DEFAULT_MIN_TASKS, ScalingPolicy } from './scaling-policy';
import { SecureFargateServiceProps } from './secure-fargate-service-props';
import { IngressTarget, ServiceIngress } from './service-ingress';
import { requireResponseTimeTarget, servicePlan } from './service-monitoring';
import { requireTaskSize } from './task-size';
import { mountInMemory, requireWritablePaths } from './writable-paths';
import { AlarmDefinition, IMonitored, MonitoringPlan } from '../monitoring/monitored';
import { acknowledge } from '../core/acknowledge';
import { cloudWatchLogs, encryptionKeyFor } from '../blocks/encryption-key';
import { pinFeatureFlags } from '../core/feature-flags';
import { applicationLogGroup } from '../blocks/log-group';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';
import { refuse, requireInteger, requireText, Situation } from '../core/refusal';
import { declareWatchable } from '../core/monitored-mark';
import { ServiceRoller } from './roller/service-roller';

/** Half a vCPU and 1 GiB: what a small API in a language with a runtime of its own needs. */
export const DEFAULT_CPU = 512;
export const DEFAULT_MEMORY_MEBIBYTES = 1024;
/** A user, and a group if one is given, neither of them root by name or number. */
const NON_ROOT = /^(?!(root|0+)(:|$))[a-z_0-9][\w.-]*(:(?!(root|0+)$)[a-z_0-9][\w.-]*)?$/i;
/** The first user that is not a system account, and the one that common base images make (`node` of the Node.js images). */
export const DEFAULT_USER = '1000:1000';
/** How many log lines may wait while CloudWatch Logs does not answer, in MiB: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
export const LOG_BUFFER_MEBIBYTES = 25;
/** All old tasks stay until the new ones are well. */
const MIN_HEALTHY_PERCENT = 100;
const MAX_HEALTHY_PERCENT = 200;
const HTTPS_PORT = 443;
const LAST_PORT = 65_535;

/**
 * A container on Fargate in private subnets: not root, on a read-only file system, with secrets by name, a log under a key, two
 * roles that may do only what is said, and deployments that roll back by themselves.
 *
 * It reaches HTTPS and what it was connected to, and is reached by its load balancer alone. Grant what the program may do to
 * the service itself (it is `iam.IGrantable`), and open further ways through its `connections`.
 */
export class SecureFargateService extends Construct implements ec2.IConnectable, iam.IGrantable, IMonitored {
  /** The service. */
  public readonly service: ecs.FargateService;
  /** The task definition. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** The container. What is added to its environment here is not screened. */
  public readonly container: ecs.ContainerDefinition;
  /** The cluster, given or the service's own. */
  public readonly cluster: ecs.ICluster;
  /** What the load balancer sends requests to. Undefined without ingress. */
  public readonly targetGroup?: elbv2.ApplicationTargetGroup;
  /** Where the container's output goes. */
  public readonly logGroup: logs.LogGroup;
  /** What the program may do: nothing, until something is granted. */
  public readonly taskRole: iam.Role;
  /** What Fargate may do to start the program: pull the image, read the named secrets, write the log. */
  public readonly executionRole: iam.Role;
  /** The ways in and out. The default port is the container's. */
  public readonly connections: ec2.Connections;
  /** The role that grants go to. */
  public readonly grantPrincipal: iam.IPrincipal;
  private readonly logMetrics: LogMetricInPlace[];
  private readonly responseTimeTarget?: Duration;
  private readonly rollerAlarms: AlarmDefinition[];

  /** Makes the service. The deployment waits until its tasks are well, or rolls back. */
  constructor(scope: Construct, id: string, props: SecureFargateServiceProps) {
    super(scope, id);
    pinFeatureFlags(this);
    declareWatchable(this);
    this.validate(props);
    const { ingress = ServiceIngress.none(), exec = ExecAccess.none() } = props;
    const settings = new ContainerSettings(this, props);

    const key = encryptionKeyFor(this, props.encryptionKey, { description: `Log of the service ${this.node.path}`, users: [cloudWatchLogs] });
    this.logGroup = applicationLogGroup(this, 'Log', { encryptionKey: key, retention: props.logRetention });
    this.logMetrics = this.defineLogMetrics(props.logMetrics ?? []);
    this.cluster = props.cluster ?? this.defineCluster(props.vpc, exec._clusterConfiguration(this, key));
    this.grantPrincipal = this.taskRole = this.defineTaskRole();
    this.executionRole = new ExecutionRole(this, 'ExecutionRole');
    this.taskDefinition = this.defineTask(props);
    this.container = this.defineContainer(props, settings, exec);
    requireForeignRepository(this, this.container.imageName);
    requirePinnedImage(this, this.container.imageName);

    const target = ingress._attach(this, props.vpc, props.containerPort);
    this.connections = this.defineConnections(props, settings);
    this.service = this.defineService(props, exec, target);
    this.targetGroup = target?.targetGroup;
    this.responseTimeTarget = requireResponseTimeTarget(this, props.responseTimeTarget, this.targetGroup);
    this.rollerAlarms = this.rollAfterRotation(settings, key);
  }

  /**
   * Alarms on high CPU and memory, on no running task, and with ingress on unhealthy tasks, on no healthy one, on answers with 5XX and on slow
   * ones where a target is given; on what is counted in the log; where a secret rotates, on tasks that could not be replaced afterwards.
   */
  public monitoringPlan(): MonitoringPlan {
    const { service, logGroup, targetGroup, logMetrics, responseTimeTarget } = this;
    const plan = servicePlan({ path: this.node.path, service, logGroup, targetGroup, logMetrics, responseTimeTarget });
    return { ...plan, alarms: [...plan.alarms, ...this.rollerAlarms] };
  }

  private validate(props: SecureFargateServiceProps): void {
    const { cpu = DEFAULT_CPU, memory = Size.mebibytes(DEFAULT_MEMORY_MEBIBYTES), user = DEFAULT_USER } = props;
    requireTaskSize(this, cpu, memory);
    requireInteger(this, 'containerPort', props.containerPort, 1, LAST_PORT);
    requireWritablePaths(this, props.writablePaths ?? [], props.writablePathSize, memory);
    requireText(this, 'user', user, 'name the user that the program runs as');
    if (!Token.isUnresolved(user) && !NON_ROOT.test(user)) {
      refuse(this, {
        prop: 'user',
        given: user,
        allowed: 'a user and perhaps a group that are not root, by name or number',
        change: 'name a user of the image, or a number above 0',
      });
    }
    this.validateCluster(props.cluster);
    (props.scaling ?? defaultScaling())._validate(this);
    props.ingress?._validate(this, props.containerPort);
    props.exec?._validate(this);
    LogMetric._validate(this, props.logMetrics ?? []);
    requirePushableImage(this, props.image);
  }

  private defineLogMetrics(metrics: LogMetric[]): LogMetricInPlace[] {
    const filters = new Construct(this, 'LogMetrics');
    return metrics.map((metric) => metric._place(filters, this.logGroup));
  }

  private defineCluster(vpc: ec2.IVpc, executeCommandConfiguration: ecs.ExecuteCommandConfiguration | undefined): ecs.Cluster {
    return new ecs.Cluster(this, 'Cluster', { vpc, containerInsightsV2: ecs.ContainerInsights.ENABLED, executeCommandConfiguration });
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html */
  private defineTaskRole(): ManagedPolicyRole {
    const stack = Stack.of(this);
    return new ManagedPolicyRole(this, 'TaskRole', {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'ecs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME }) },
        },
      }),
      description: 'What the program in the container may do',
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

  /** A cluster that was imported by its ARN alone throws when it is asked for its network, which aws-cdk-lib's service does. */
  private validateCluster(cluster: ecs.ICluster | undefined): void {
    try {
      void cluster?.vpc;
    } catch {
      refuse(this, {
        prop: 'cluster',
        given: new Situation('imported by its ARN alone'),
        allowed: 'a cluster whose VPC is known',
        change: 'import it by ecs.Cluster.fromClusterAttributes, with its name and vpc',
      });
    }
  }

  private defineContainer(props: SecureFargateServiceProps, settings: ContainerSettings, exec: ExecAccess): ecs.ContainerDefinition {
    const linuxParameters = new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: exec._enabled });
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
      portMappings: props.containerPort === undefined ? undefined : [{ containerPort: props.containerPort, protocol: ecs.Protocol.TCP }],
      environment: settings.environment,
      secrets: settings.secrets,
      healthCheck: props.healthCheck,
      linuxParameters,
      logging: this.defineLogging(),
    });
    exec._prepare(container, this.taskRole, this.cluster);
    if (Object.keys(settings.environment).length > 0) this.acknowledgeEnvironment();
    return container;
  }

  /** A program that waits for its log to be taken stops answering; so lines wait in memory, and are lost if they do not fit. */
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
      reason: `The rule reports every environment variable. Those of ${this.node.path} were screened when it was made: names and values that look like secrets are refused, and secrets come from Secrets Manager.`,
    });
  }

  private defineConnections({ vpc, containerPort }: SecureFargateServiceProps, settings: ContainerSettings): ec2.Connections {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Service: what may reach its tasks, and what they may reach',
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    // Image layers come from S3, whose addresses are outside of the VPC even behind a gateway endpoint.
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT), 'HTTPS to AWS services and partners');
    const connections = new ec2.Connections({
      securityGroups: [securityGroup],
      defaultPort: containerPort === undefined ? undefined : ec2.Port.tcp(containerPort),
    });
    for (const connectable of settings.connectables) connections.allowToDefaultPort(connectable, 'What the service uses');
    return connections;
  }

  private defineService(props: SecureFargateServiceProps, exec: ExecAccess, target: IngressTarget | undefined): ecs.FargateService {
    const scaling = props.scaling ?? defaultScaling();
    const service = new ecs.FargateService(this, 'Service', {
      cluster: this.cluster,
      taskDefinition: this.taskDefinition,
      desiredCount: scaling._desiredCount(),
      // Chosen from the VPC of the service: a cluster that is there already may have been imported with a VPC that knows no subnets.
      vpcSubnets: { subnets: props.vpc.selectSubnets(this.subnets(props)).subnets },
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
    // Not the L2's own prop: it would give the task role wildcards that the exec policy does without.
    (service.node.defaultChild as ecs.CfnService).enableExecuteCommand = exec._enabled;
    if (target) service.attachToApplicationTargetGroup(target.targetGroup);
    // The roles include their policies: a task that starts before it may read its secrets fails the deployment.
    service.node.addDependency(this.taskRole, this.executionRole);
    // Before its subnets reach the internet, a task could not pull its image; on deletion it leaves before they stop to.
    service.node.addDependency(props.vpc.selectSubnets(this.subnets(props)).internetConnectivityEstablished);
    scaling._scale(service);
    return service;
  }

  private subnets({ vpc, vpcSubnets }: SecureFargateServiceProps): ec2.SubnetSelection {
    if (vpcSubnets && vpc.selectSubnets(vpcSubnets).hasPublic) {
      refuse(this, {
        prop: 'vpcSubnets',
        given: new Situation('a selection of public subnets'),
        allowed: 'private or isolated subnets',
        change: 'select private subnets, and let a load balancer face the internet',
      });
    }
    if (vpcSubnets) return vpcSubnets;
    if (vpc.privateSubnets.length > 0) return { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS };
    if (vpc.isolatedSubnets.length > 0) return { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
    return refuse(this, { prop: 'vpc', given: vpc, allowed: 'a VPC with private or isolated subnets', change: 'add private subnets to the VPC' });
  }

  private rollAfterRotation(settings: ContainerSettings, encryptionKey: kms.IKey): AlarmDefinition[] {
    const secrets = settings.rotatedSecrets;
    return secrets.length === 0 ? [] : new ServiceRoller(this, 'Roller', { service: this.service, secrets, encryptionKey }).alarms;
  }
}

function defaultScaling(): ScalingPolicy {
  return ScalingPolicy.between({ min: DEFAULT_MIN_TASKS, max: DEFAULT_MAX_TASKS });
}
