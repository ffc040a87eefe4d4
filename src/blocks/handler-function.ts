import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { cloudWatchLogs, encryptionKeyFor } from './encryption-key';
import { applicationLogGroup } from './log-group';
import { ManagedPolicyRole } from './managed-policy-role';

/** How long a failed event waits for a person, in days: the longest that SQS offers. */
const DEAD_LETTER_RETENTION_DAYS = 14;
/**
 * The memory of a function that loads one or two clients of the SDK, in MiB. Node.js and one client take 55 to 65 MiB before the first call; Lambda's own
 * 128 would leave little, and a function that is killed for want of memory answers nobody.
 */
const MEMORY_MEBIBYTES = 256;

/** A function made of one of the handlers that are bundled at this library's build. */
export interface HandlerFunctionProps {
  /** The handler's path below `src/`, without `.lambda.ts`: `secrets/rotator/rotate-secret`. */
  readonly handler: string;
  /** What the function does, as the console shows it, begun with its verb: `Rotates generated secrets`. */
  readonly description: string;
  /** How long one invocation may take. */
  readonly timeout: Duration;
  /** The memory, in MiB, and with it the share of a processor. Default: 256. */
  readonly memorySize?: number;
  /** What the handler reads from its environment. Never a secret. */
  readonly environment?: { [name: string]: string };
  /** What the function may do beyond writing its own log. */
  readonly statements: iam.PolicyStatement[];
  /** The key for its log, its environment and its dead letters. Default: one of its own. */
  readonly encryptionKey?: kms.IKey;
  /** Why this function stands outside of the VPC. */
  readonly outsideVpcReason: string;
  /** Why this function reserves no concurrency. */
  readonly noReservedConcurrencyReason: string;
}

/** A small function of the library's own: one managed policy, an encrypted log, and a queue for what it failed to do. */
export class HandlerFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly deadLetterQueue: sqs.Queue;
  public readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const key = encryptionKeyFor(this, props.encryptionKey, { description: `${props.description}: log, environment, dead letters`, users: [cloudWatchLogs] });
    this.logGroup = applicationLogGroup(this, 'Log', { encryptionKey: key });
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
      // What SQS does anyway, said aloud: it marks the queue as one for dead letters, which needs none itself (Control Tower control CT.SQS.PR.1).
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
    const role = this.defineRole(props, key);
    this.function = new lambda.Function(this, 'Resource', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, '..', '..', 'assets', `${props.handler}.lambda`)),
      timeout: props.timeout,
      memorySize: props.memorySize ?? MEMORY_MEBIBYTES,
      environment: props.environment,
      environmentEncryption: key,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      deadLetterQueue: this.deadLetterQueue,
      role,
    });
    this.function.node.addDependency(role);
    acknowledge(this.function,
      { rules: ['HIPAA.Security-LambdaInsideVPC', 'NIST.800.53.R5-LambdaInsideVPC'], reason: props.outsideVpcReason },
      { rules: ['HIPAA.Security-LambdaConcurrency', 'NIST.800.53.R5-LambdaConcurrency'], reason: props.noReservedConcurrencyReason },
    );
  }

  private defineRole(props: HandlerFunctionProps, key: kms.IKey): ManagedPolicyRole {
    const { description } = props;
    const role = new ManagedPolicyRole(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Role of the function that ${description.charAt(0).toLowerCase()}${description.slice(1)}`,
    });
    const allow = (actions: string[], resources: string[]) => role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }));
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    allow(['sqs:SendMessage'], [this.deadLetterQueue.queueArn]);
    allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
    props.statements.forEach((statement) => role.addToPrincipalPolicy(statement));
    return role;
  }
}
