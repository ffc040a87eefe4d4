import { Duration, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { bindQueue, JobQueueAccess, RECEIVE, SEND } from './job-queue-access';
import { queuePlan } from './job-queue-monitoring';
import { JobQueueProps } from './job-queue-props';
import { DEAD_LETTER_RETENTION_DAYS, JobQueueSettings, settingsOf } from './job-queue-validation';
import { QueueType } from './queue-type';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { encryptionKeyFor } from '../../blocks/encryption-key';
import { checkArguments, checkProps } from '../../core/check-props';
import { protectionOf } from '../../core/data-protection';
import { pinFeatureFlags } from '../../core/feature-flags';
import { declareWatchable } from '../../core/monitored-mark';
import { IMonitored, MonitoringPlan } from '../../monitoring/monitored';

/** The longest wait of a receive request, in seconds: SQS answers as soon as a job arrives. */
const LONG_POLLING_SECONDS = 20;

/**
 * An encrypted Amazon SQS queue for jobs, with a dead-letter queue.
 *
 * Both queues are encrypted with a customer managed key and refuse requests without TLS. A job that fails too often
 * moves to the dead-letter queue, and an alarm reports it.
 *
 * `uses: [queue]` allows a service to send and to receive. `sendOnly()` and `receiveOnly()` narrow it. The container
 * gets the URL in `<ID>_QUEUE_URL`: `JOBS_QUEUE_URL` for a queue with the ID `Jobs`. For other senders, such as an
 * EventBridge rule, use the grants and targets of aws-cdk-lib with the `queue` field.
 *
 * @example
 * declare const network: HipaaVpc;
 * declare const images: HardenedRepository;
 *
 * const jobs = new JobQueue(this, 'Jobs');
 * new SecureFargateService(this, 'Worker', {
 *   vpc: network,
 *   image: images.image('1.4.2'),
 *   uses: [jobs.receiveOnly()],
 *   scaling: ScalingPolicy.backlog({ queue: jobs, jobsPerTask: 10, min: 1, max: 8 }),
 * });
 */
export class JobQueue extends Construct implements IServiceBindable, IMonitored {
  /** The queue of the jobs. */
  public readonly queue: sqs.Queue;
  /** The queue of the jobs that failed too often. */
  public readonly deadLetterQueue: sqs.Queue;
  /** The key that encrypts both queues. */
  public readonly encryptionKey: kms.IKey;
  /**
   * The AWS CLI command that moves all dead letters back to the queue, for an output of your stack.
   *
   * It is one line for a POSIX shell. The caller needs `sqs:StartMessageMoveTask`, `sqs:ReceiveMessage`,
   * `sqs:DeleteMessage` and `sqs:GetQueueAttributes` on the dead-letter queue, `sqs:SendMessage` on the queue, and
   * `kms:Decrypt` and `kms:GenerateDataKey` on the key.
   */
  public readonly redriveCommand: string;
  private readonly maxAge: Duration;

  /** Creates the queue, its dead-letter queue and, without `encryptionKey`, their key. */
  constructor(scope: Construct, id: string, props: JobQueueProps = {}) {
    super(scope, id);
    checkProps(this, 'JobQueueProps', props);
    pinFeatureFlags(this);
    declareWatchable(this);
    const settings = settingsOf(this, props);
    this.encryptionKey = encryptionKeyFor(this, props.encryptionKey, { description: `Jobs of ${this.node.path}` });
    const type = props.type ?? QueueType.standard();
    this.deadLetterQueue = this.defineDeadLetterQueue(type, settings);
    this.queue = this.defineQueue(type, settings);
    this.retainPolicies();
    this.maxAge = settings.maxAge;
    this.redriveCommand = [
      'aws sqs start-message-move-task',
      `--region ${Stack.of(this).region}`,
      `--source-arn ${this.deadLetterQueue.queueArn}`,
      '--query TaskHandle --output text',
    ].join(' ');
  }

  /** Allows the service to send and to receive jobs, and sets the variable with the URL of the queue. */
  public bindToService(context: ServiceBindingContext): ServiceBinding {
    checkArguments(this, 'JobQueue.bindToService', { context });
    return bindQueue(this, context, [SEND, RECEIVE]);
  }

  /** Returns this queue for a service that only sends jobs: `uses: [queue.sendOnly()]`. */
  public sendOnly(): IServiceBindable {
    return this.access('SendOnly') ?? new JobQueueAccess(this, 'SendOnly', SEND);
  }

  /** Returns this queue for a worker that only receives and completes jobs: `uses: [queue.receiveOnly()]`. */
  public receiveOnly(): IServiceBindable {
    return this.access('ReceiveOnly') ?? new JobQueueAccess(this, 'ReceiveOnly', RECEIVE);
  }

  /**
   * Alarms and widgets of the queue.
   *
   * Alarms fire when the oldest job is older than `maxAge`, and on any dead letter.
   */
  public monitoringPlan(): MonitoringPlan {
    const { queue, deadLetterQueue, maxAge } = this;
    return queuePlan({ path: this.node.path, queue, deadLetterQueue, maxAge });
  }

  private access(id: string): JobQueueAccess | undefined {
    return this.node.tryFindChild(id) as JobQueueAccess | undefined;
  }

  private defineQueue(type: QueueType, settings: JobQueueSettings): sqs.Queue {
    const { visibilityTimeout, retention, maxReceiveCount } = settings;
    return new sqs.Queue(this, 'Resource', {
      ...this.sharedProps(type, settings),
      visibilityTimeout,
      retentionPeriod: retention,
      receiveMessageWaitTime: Duration.seconds(LONG_POLLING_SECONDS),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount },
    });
  }

  private defineDeadLetterQueue(type: QueueType, settings: JobQueueSettings): sqs.Queue {
    return new sqs.Queue(this, 'DeadLetters', {
      ...this.sharedProps(type, settings),
      retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
      // The queue refers to this one, so a list with the ARN of the queue would be a dependency cycle. With ALLOW_ALL,
      // the queues of this account and region can use it. Control Tower control CT.SQS.PR.1 recognizes it by this.
      redriveAllowPolicy: { redrivePermission: sqs.RedrivePermission.ALLOW_ALL },
    });
  }

  /** Retains the policies with the queues: without its policy, a retained queue accepts requests without TLS. */
  private retainPolicies(): void {
    for (const { node } of [this.queue, this.deadLetterQueue]) {
      const policy = node.findChild('Policy').node.defaultChild as sqs.CfnQueuePolicy;
      policy.applyRemovalPolicy(protectionOf(this).removalPolicy);
    }
  }

  private sharedProps(type: QueueType, { dataKeyReuse }: JobQueueSettings): sqs.QueueProps {
    return {
      encryption: sqs.QueueEncryption.KMS,
      encryptionMasterKey: this.encryptionKey,
      dataKeyReuse,
      enforceSSL: true,
      ...type._queueProps(),
      removalPolicy: protectionOf(this).removalPolicy,
    };
  }
}
