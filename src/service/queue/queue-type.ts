import * as sqs from 'aws-cdk-lib/aws-sqs';
import { checkFactory } from '../../core/check-props';
import { markChoice } from '../../core/choice';

/** Options of `QueueType.fifo`. */
export interface FifoQueueOptions {
  /**
   * Whether SQS derives the deduplication ID of a job from its body. Two jobs with the same body within five minutes
   * are then one job. Without it, the sender of a job sets the ID.
   * @default false
   */
  readonly contentBasedDeduplication?: boolean;
}

/**
 * The type of a queue, which decides the order of its jobs.
 *
 * @example
 * new JobQueue(this, 'Claims', { type: QueueType.fifo({ contentBasedDeduplication: true }) });
 */
export abstract class QueueType {
  /** SQS delivers jobs in any order, and rarely delivers a job twice. */
  public static standard(): QueueType {
    return new Standard();
  }

  /**
   * SQS delivers the jobs of a message group in order, one after the other.
   *
   * The generated names of the queue and of its dead-letter queue end with `.fifo`. A job that moves to the dead-letter
   * queue leaves its place in the order: the next job of its group follows. Amazon SNS topics must be FIFO topics, and
   * Amazon S3 cannot send to such a queue.
   */
  public static fifo(options: FifoQueueOptions = {}): QueueType {
    checkFactory('QueueType.fifo', { options });
    return new Fifo(options);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'QueueType');

  /**
   * The props of both queues.
   * @internal
   */
  public abstract _queueProps(): sqs.QueueProps;
}

class Standard extends QueueType {
  /** `fifo: false` is no valid value for a standard queue. */
  public _queueProps(): sqs.QueueProps {
    return {};
  }
}

class Fifo extends QueueType {
  constructor(private readonly options: FifoQueueOptions) {
    super();
  }

  public _queueProps(): sqs.QueueProps {
    return { fifo: true, contentBasedDeduplication: this.options.contentBasedDeduplication || undefined };
  }
}
