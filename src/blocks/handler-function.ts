import * as path from 'path';
import { Aws, Duration } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { cloudWatchLogs, encryptionKeyFor } from './encryption-key';
import { applicationLogGroup } from './log-group';
import { ManagedPolicyRole } from './managed-policy-role';
import { estimatedLength } from './text-size';
import { acknowledge } from '../core/acknowledge';
import { PACKAGE_ROOT } from '../core/package-root';
import { refuse, Situation } from '../core/refusal';

/** The retention of failed events, in days: the maximum of SQS. */
const DEAD_LETTER_RETENTION_DAYS = 14;
/**
 * The memory of a function that loads one or two SDK clients, in MiB.
 *
 * Node.js and one client use 55 to 65 MiB before the first call. Lambda's default of 128 MiB leaves little room, and a
 * function that runs out of memory sends no answer.
 */
const MEMORY_MEBIBYTES = 256;

/**
 * The maximum size of all environment variables of a function, in bytes: names and values.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_ENVIRONMENT_BYTES = 4_096;

/** The remedy for an environment that is too large because of its secrets. */
const DIVIDE_SECRETS = 'divide the secrets between two constructs, or give them shorter names';

/** The props of a function that runs a handler which the build of this library bundles. */
export interface HandlerFunctionProps {
  /** The handler's path below `src/`, without `.lambda.ts`: `secrets/rotator/rotate-secret`. */
  readonly handler: string;
  /** The description, starting with a verb: `Rotates generated secrets`. The console shows it. */
  readonly description: string;
  /** The time limit of one invocation. */
  readonly timeout: Duration;
  /** The memory, in MiB, which also decides the share of a processor. Default: 256. */
  readonly memorySize?: number;
  /** The environment variables. They contain no secrets. More than 4 KB are refused, with tokens estimated. */
  readonly environment?: { [name: string]: string };
  /** The permissions of the function, in addition to its log and its dead-letter queue. */
  readonly statements: iam.PolicyStatement[];
  /** The key for the log, the environment and the dead-letter queue. Default: a new key. */
  readonly encryptionKey?: kms.IKey;
  /** The network of a function that connects to a resource in a VPC. */
  readonly network?: HandlerNetwork;
  /** Why a function without `network` runs outside a VPC. */
  readonly outsideVpcReason?: string;
  /** Why the function reserves no concurrency. */
  readonly noReservedConcurrencyReason: string;
}

/** The network of a function. */
export interface HandlerNetwork {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.ISubnet[];
  readonly securityGroup: ec2.ISecurityGroup;
}

/**
 * The actions with which Lambda manages the network interfaces of a function. The first two support no resources.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
 */
const READ_NETWORK = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];
const CHANGE_INTERFACES = [
  'ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface',
  'ec2:UnassignPrivateIpAddresses',
];

/** A Lambda function of the library, with one managed policy, an encrypted log and a dead-letter queue. */
export class HandlerFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly deadLetterQueue: sqs.Queue;
  public readonly logGroup: logs.LogGroup;
  /** The policy of the function's role, on which rules are acknowledged. */
  public readonly policy: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    this.requireSmallEnvironment(props.environment ?? {});
    const key = encryptionKeyFor(this, props.encryptionKey, {
      description: `${props.description}: log, environment, dead letters`,
      users: [cloudWatchLogs],
    });
    this.logGroup = applicationLogGroup(this, 'Log', { encryptionKey: key });
    this.deadLetterQueue = this.defineDeadLetterQueue(key);
    const role = this.defineRole(props, key);
    this.policy = role.node.findChild('Policy') as iam.ManagedPolicy;
    this.function = new lambda.Function(this, 'Resource', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(PACKAGE_ROOT, 'assets', `${props.handler}.lambda`)),
      timeout: props.timeout,
      memorySize: props.memorySize ?? MEMORY_MEBIBYTES,
      environment: props.environment,
      environmentEncryption: key,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      deadLetterQueue: this.deadLetterQueue,
      role,
      ...networkProps(props.network),
    });
    this.function.node.addDependency(role);
    this.acknowledgeRules(props);
  }

  /** Refuses an environment that exceeds the quota. For one that grows: call it again with the new environment. */
  public requireSmallEnvironment(environment: { [name: string]: string }, change = DIVIDE_SECRETS): void {
    const bytes = environmentLength(this, environment);
    if (bytes <= MAX_ENVIRONMENT_BYTES) return;
    refuse(this.node.scope!, {
      prop: 'environment of the function',
      given: new Situation(`about ${bytes} bytes`),
      allowed: `at most ${MAX_ENVIRONMENT_BYTES} bytes (the Lambda quota "Environment variables")`,
      change,
    });
  }

  private defineDeadLetterQueue(key: kms.IKey): sqs.Queue {
    return new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
      // The default of SQS, set explicitly: it marks a dead-letter queue, which needs no dead-letter queue of its own.
      // Source: Control Tower control CT.SQS.PR.1.
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
  }

  private acknowledgeRules(props: HandlerFunctionProps): void {
    acknowledge(this.function, {
      rules: ['HIPAA.Security-LambdaConcurrency', 'NIST.800.53.R5-LambdaConcurrency'],
      reason: props.noReservedConcurrencyReason,
    });
    if (props.outsideVpcReason !== undefined) {
      acknowledge(this.function, {
        rules: ['HIPAA.Security-LambdaInsideVPC', 'NIST.800.53.R5-LambdaInsideVPC'],
        reason: props.outsideVpcReason,
      });
    }
  }

  private defineRole(props: HandlerFunctionProps, key: kms.IKey): ManagedPolicyRole {
    const { description } = props;
    const role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Role of the function that ${description.charAt(0).toLowerCase()}${description.slice(1)}`,
    });
    const allow = (actions: string[], resources: string[]) =>
      role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }));
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    allow(['sqs:SendMessage'], [this.deadLetterQueue.queueArn]);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
    props.statements.forEach((statement) => role.addToPrincipalPolicy(statement));
    if (props.network) this.allowNetworkInterfaces(role, props.network);
    return role;
  }

  /**
   * Allows Lambda to manage the network interfaces of the function.
   *
   * Lambda uses the role before the function exists, so the policy names the subnets and the security group, and cannot
   * name an interface.
   */
  private allowNetworkInterfaces(role: ManagedPolicyRole, { subnets, securityGroup }: HandlerNetwork): void {
    // Pseudo parameters: the acknowledgement then matches in a stack with an explicit environment too.
    const arn = (resource: string) =>
      `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
    const allow = (actions: string[], resources: string[]) =>
      role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }));
    allow(READ_NETWORK, ['*']);
    allow(CHANGE_INTERFACES, [
      arn('network-interface/*'),
      arn(`security-group/${securityGroup.securityGroupId}`),
      ...subnets.map(({ subnetId }) => arn(`subnet/${subnetId}`)),
    ]);
    acknowledge(role.node.findChild('Policy'), {
      rules: [
        'AwsSolutions-IAM5[Resource::*]',
        'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:network-interface/*]',
      ],
      reason: 'Lambda creates the network interfaces of the function, whose IDs are unknown before, and the actions '
        + 'that describe interfaces and subnets support no resources',
    });
  }
}

function networkProps(network: HandlerNetwork | undefined): Partial<lambda.FunctionProps> {
  return network
    ? { vpc: network.vpc, vpcSubnets: { subnets: network.subnets }, securityGroups: [network.securityGroup] }
    : {};
}

/** Estimates the size of environment variables, in bytes. */
export function environmentLength(scope: Construct, environment: { [name: string]: string }): number {
  return Object.entries(environment)
    .reduce((sum, [name, value]) => sum + name.length + estimatedLength(scope, value) - 2, 0);
}
