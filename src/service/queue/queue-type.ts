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

/** The type of a queue, which decides the order of its jobs. */
export abstract class QueueType {
  /** SQS delivers jobs in any order, and rarely delivers a job twice. */
  public static standard(): QueueType {
    return new TypeOfQueue(false, false);
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
    return new TypeOfQueue(true, options.contentBasedDeduplication ?? false);
  }

  /** @internal */
  public readonly _choiceClass: string = markChoice(this, 'QueueType');

  /** @internal Whether the queue is a FIFO queue. */
  public abstract readonly _fifo: boolean;

  /** @internal Whether SQS derives the deduplication ID from the body. */
  public abstract readonly _contentBasedDeduplication: boolean;
}

class TypeOfQueue extends QueueType {
  constructor(public readonly _fifo: boolean, public readonly _contentBasedDeduplication: boolean) {
    super();
  }
}
