import { Duration } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { QueueType } from './queue-type';

/** Properties of a `JobQueue`. All are optional. */
export interface JobQueueProps {
  /**
   * The type of the queue. A change replaces both queues, and the jobs in the old ones stay there.
   * @default QueueType.standard()
   */
  readonly type?: QueueType;
  /**
   * How long a received job is invisible to other workers: 1 second to 12 hours, in whole seconds.
   *
   * A worker extends the time while it works. When a worker is killed, its job waits for the rest of the time.
   * `maxReceiveCount` times this time must be shorter than `retention`. Otherwise SQS deletes a failing job before it
   * moves to the dead-letter queue.
   * @default Duration.minutes(2)
   */
  readonly visibilityTimeout?: Duration;
  /**
   * How long SQS keeps a job that nobody completes: 1 hour to 13 days, in whole seconds. Then SQS deletes it.
   *
   * The dead-letter queue keeps jobs for 14 days, counted from when the job was sent. The limit of 13 days leaves at
   * least a day in the dead-letter queue.
   * @default Duration.days(4)
   */
  readonly retention?: Duration;
  /**
   * The number of receives after which a job moves to the dead-letter queue: 1 to 1,000.
   *
   * Each receive counts, also of a worker that returned the job because it had to stop. With 1, a single stopped task
   * makes a dead letter.
   * @default 5
   */
  readonly maxReceiveCount?: number;
  /**
   * The age of the oldest job above which an alarm fires: at least 1 minute and shorter than `retention`, in whole
   * seconds.
   * @default Duration.minutes(30)
   */
  readonly maxAge?: Duration;
  /**
   * How long SQS uses a data key before it requests a new one from AWS KMS: 1 minute to 24 hours, in whole seconds. A
   * shorter time means more requests to AWS KMS, and costs.
   * @default Duration.minutes(5)
   */
  readonly dataKeyReuse?: Duration;
  /**
   * The key that encrypts the jobs in both queues. An alias and a key of another region are refused.
   *
   * The policy of an imported key must allow the AWS services that send jobs, such as Amazon EventBridge.
   * @default - the construct creates a key that rotates every year
   */
  readonly encryptionKey?: kms.IKey;
}
