import { Duration, Size, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { requireForeignRepository, requirePinnedImage, requirePlatform, requirePushableImage } from './container-image';
import { ContainerSettings } from './container-settings';
import { ExecutionRole } from './execution-role';
import { requireCommand } from './task-command';
import { TaskProps } from './task-props';
import { TaskRole } from './task-role';
import { requireTaskSize } from './task-size';
import { requireUser } from './task-user';
import { mountInMemory, requireWritablePaths } from './writable-paths';
import { acknowledge } from '../core/acknowledge';

/** Half a vCPU and 1 GiB: enough for a small API in a language with a runtime. */
const DEFAULT_CPU = 512;
const DEFAULT_MEMORY_MEBIBYTES = 1024;
/** A function, because a constant would load the classes of ECS with the package. */
export const defaultArchitecture = () => ecs.CpuArchitecture.X86_64;
/** The first user that is not a system account. Common base images create it (`node` in the Node.js images). */
const DEFAULT_USER = '1000:1000';
// The size in MiB: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
const LOG_BUFFER_MEBIBYTES = 25;
const HTTPS_PORT = 443;

/** The name of the only container of a task. */
export const CONTAINER_NAME = 'app';

/** The program of a task and its size. */
export interface TaskProgram extends TaskProps {
  readonly command?: string[];
}

/** Properties of a hardened task. */
export interface HardenedTaskProps {
  readonly roles: TaskRoles;
  readonly program: TaskProgram;
  /** The environment variables and secrets. */
  readonly settings: ContainerSettings;
  readonly logGroup: logs.ILogGroup;
  /** The first part of the names of log streams: `service`. */
  readonly streamPrefix: string;
  /** Default: the container receives no requests. */
  readonly containerPort?: number;
  /** Default: ECS considers the task healthy while its program runs. */
  readonly healthCheck?: ecs.HealthCheck;
  /** The time between SIGTERM and SIGKILL. Default: that of ECS, 30 seconds. */
  readonly stopTimeout?: Duration;
  /** Whether a process reaps the children of the program, as ECS Exec needs it. Default: false. */
  readonly initProcess?: boolean;
}

/** The role of the program, and the role with which ECS starts it. */
export interface TaskRoles {
  readonly taskRole: TaskRole;
  readonly executionRole: ExecutionRole;
}

/** A task definition with one container, and its roles. */
export interface HardenedTask<Definition extends ecs.TaskDefinition = ecs.FargateTaskDefinition> extends TaskRoles {
  readonly taskDefinition: Definition;
  readonly container: ecs.ContainerDefinition;
}

/** The size of the task of a program. */
export function taskSizeOf({ cpu = DEFAULT_CPU, memory = Size.mebibytes(DEFAULT_MEMORY_MEBIBYTES) }: TaskProps) {
  return { cpu, memory };
}

/** Refuses a program that Fargate cannot run, that runs as root, or whose image nobody can push. */
export function requireProgram(scope: Construct, program: TaskProgram): void {
  const { user = DEFAULT_USER } = program;
  const { cpu, memory } = taskSizeOf(program);
  requireTaskSize(scope, cpu, memory);
  requireWritablePaths(scope, program.writablePaths ?? [], program.writablePathSize, memory);
  requireUser(scope, user);
  requireCommand(scope, program.command);
  requirePushableImage(scope, program.image);
  requirePlatform(scope, program.image, program.cpuArchitecture ?? defaultArchitecture());
}

/** Creates the roles of a task. They have no permissions except those to start it. */
export function defineTaskRoles(scope: Construct): TaskRoles {
  return { taskRole: new TaskRole(scope, 'TaskRole'), executionRole: new ExecutionRole(scope, 'ExecutionRole') };
}

/** Defines a task on Fargate with one hardened container. */
export function defineHardenedTask(scope: Construct, props: HardenedTaskProps): HardenedTask {
  return hardenTask(scope, defineFargateTask(scope, props.program, props.roles), props);
}

/**
 * Adds the hardened container to a task.
 *
 * The container does not run as root, has a read-only file system and no Linux capabilities.
 */
export function hardenTask<Definition extends ecs.TaskDefinition>(
  scope: Construct, taskDefinition: Definition, props: HardenedTaskProps,
): HardenedTask<Definition> {
  const container = defineContainer(scope, taskDefinition, props);
  if (Object.keys(props.settings.environment).length > 0) acknowledgeEnvironment(scope, taskDefinition);
  requireForeignRepository(scope, container.imageName);
  requirePinnedImage(scope, container.imageName);
  return { ...props.roles, taskDefinition, container };
}

/** Creates the definition of a task on Fargate. */
export function defineFargateTask(
  scope: Construct, { cpu, memory, cpuArchitecture }: TaskProps, roles: TaskRoles,
): ecs.FargateTaskDefinition {
  return new ecs.FargateTaskDefinition(scope, 'TaskDefinition', {
    cpu: cpu ?? DEFAULT_CPU,
    memoryLimitMiB: memoryOf(memory),
    runtimePlatform: {
      cpuArchitecture: cpuArchitecture ?? defaultArchitecture(),
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
    ...roles,
  });
}

/** Creates the definition of a task on EC2 instances. It has its own network interface and security group. */
export function defineEc2Task(scope: Construct, { cpu, memory }: TaskProps, roles: TaskRoles): ecs.TaskDefinition {
  return new ecs.TaskDefinition(scope, 'TaskDefinition', {
    compatibility: ecs.Compatibility.EC2,
    networkMode: ecs.NetworkMode.AWS_VPC,
    // A number that is a token is not its digits.
    cpu: Tokenization.stringifyNumber(cpu ?? DEFAULT_CPU),
    memoryMiB: Tokenization.stringifyNumber(memoryOf(memory)),
    ...roles,
  });
}

function memoryOf(memory: Size | undefined): number {
  return memory?.toMebibytes() ?? DEFAULT_MEMORY_MEBIBYTES;
}

function defineContainer(
  scope: Construct, taskDefinition: ecs.TaskDefinition, props: HardenedTaskProps,
): ecs.ContainerDefinition {
  const { program, settings, containerPort, initProcess = false } = props;
  const linuxParameters = new ecs.LinuxParameters(scope, 'LinuxParameters', { initProcessEnabled: initProcess });
  // Fargate limits which capabilities a task can add, not which it can drop.
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
  linuxParameters.dropCapabilities(ecs.Capability.ALL);
  mountInMemory(linuxParameters, program.writablePaths ?? [], program.writablePathSize);
  return taskDefinition.addContainer('Container', {
    containerName: CONTAINER_NAME,
    image: program.image,
    command: program.command,
    user: program.user ?? DEFAULT_USER,
    privileged: false,
    readonlyRootFilesystem: true,
    essential: true,
    memoryLimitMiB: memoryOf(program.memory),
    portMappings: containerPort ? [{ containerPort, protocol: ecs.Protocol.TCP }] : [],
    environment: settings.environment,
    secrets: settings.secrets,
    healthCheck: props.healthCheck,
    stopTimeout: props.stopTimeout,
    linuxParameters,
    logging: defineLogging(props),
  });
}

/**
 * A program that waits for CloudWatch Logs stops responding. Therefore log lines wait in a buffer in memory, and lines
 * that do not fit are lost.
 */
function defineLogging({ logGroup, streamPrefix }: HardenedTaskProps): ecs.LogDriver {
  return ecs.LogDrivers.awsLogs({
    logGroup,
    streamPrefix,
    mode: ecs.AwsLogDriverMode.NON_BLOCKING,
    maxBufferSize: Size.mebibytes(LOG_BUFFER_MEBIBYTES),
  });
}

function acknowledgeEnvironment(scope: Construct, taskDefinition: ecs.TaskDefinition): void {
  acknowledge(taskDefinition, {
    rules: ['AwsSolutions-ECS2'],
    reason:
      `The rule reports every environment variable. ${scope.node.path} refuses names and values that look like ` +
      'secrets, and gets its secrets from Secrets Manager.',
  });
}

/** The network access of tasks. */
export interface TaskConnectionsProps {
  readonly vpc: ec2.IVpc;
  /** The description of the security group. A change replaces the group. */
  readonly description: string;
  /** The description of the rules to the resources in `uses`. */
  readonly ruleDescription: string;
  /** The resources in `uses`. */
  readonly connectables: ec2.IConnectable[];
  /** Default: the tasks receive no requests. */
  readonly defaultPort?: ec2.Port;
}

/** Creates the security group of tasks. It allows outbound HTTPS and connections to the resources in `uses`. */
export function defineTaskConnections(scope: Construct, props: TaskConnectionsProps): ec2.Connections {
  const securityGroup = new ec2.SecurityGroup(scope, 'SecurityGroup', {
    vpc: props.vpc,
    description: props.description,
    allowAllOutbound: false,
    allowAllIpv6Outbound: false,
  });
  // Image layers come from S3, whose addresses are outside the VPC even with a gateway endpoint.
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(HTTPS_PORT), 'HTTPS to AWS services and partners');
  const connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: props.defaultPort });
  for (const connectable of props.connectables) connections.allowToDefaultPort(connectable, props.ruleDescription);
  return connections;
}

/** Creates a cluster for the tasks of one construct. */
export function defineOwnCluster(
  scope: Construct, vpc: ec2.IVpc, executeCommandConfiguration?: ecs.ExecuteCommandConfiguration,
): ecs.Cluster {
  return new ecs.Cluster(scope, 'Cluster', {
    vpc,
    containerInsightsV2: ecs.ContainerInsights.ENABLED,
    executeCommandConfiguration,
  });
}
