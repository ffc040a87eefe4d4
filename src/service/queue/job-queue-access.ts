import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { JobQueue } from './job-queue';
import { granteeOf } from '../../binding/grantee-of';
import { IServiceBindable, ServiceBinding, ServiceBindingContext } from '../../binding/service-binding';
import { variableName } from '../../binding/variable-name';
import { managedGrantee } from '../../blocks/managed-grantee';

/** Actions on a queue, and on the key that encrypts its jobs. */
interface QueueActions {
  readonly queue: string[];
  readonly key: string[];
}

/**
 * The actions that send a job. SQS decrypts its cached data key, and requests a new one.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export const SEND: QueueActions = { queue: ['sqs:SendMessage'], key: ['kms:Decrypt', 'kms:GenerateDataKey'] };
/** The actions of a worker, which receives a job, extends its time or returns it, and deletes it. */
export const RECEIVE: QueueActions = {
  queue: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  key: ['kms:Decrypt'],
};

/** Grants actions on a queue to the role of a service. Returns the variable with the URL of the queue. */
export function bindQueue(jobs: JobQueue, context: ServiceBindingContext, actions: QueueActions[]): ServiceBinding {
  const grantee = managedGrantee(granteeOf(jobs, context));
  const all = (read: (each: QueueActions) => string[]) => [...new Set(actions.flatMap(read))].sort();
  iam.Grant.addToPrincipal({ grantee, actions: all(({ queue }) => queue), resourceArns: [jobs.queue.queueArn] });
  // The policy of the key delegates to IAM. A statement in it would make a cycle if the service is in another stack.
  iam.Grant.addToPrincipal({ grantee, actions: all(({ key }) => key), resourceArns: [jobs.encryptionKey.keyArn] });
  return { environment: { [variableName(jobs, 'QUEUE_URL')]: jobs.queue.queueUrl }, waitFor: [jobs] };
}

/** The part of a queue that a service uses: sending or receiving. */
export class JobQueueAccess extends Construct implements IServiceBindable {
  constructor(private readonly jobs: JobQueue, id: string, private readonly actions: QueueActions) {
    super(jobs, id);
  }

  public bindToService(context: ServiceBindingContext): ServiceBinding {
    return bindQueue(this.jobs, context, [this.actions]);
  }
}
