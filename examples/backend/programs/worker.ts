// A worker that processes one job of an Amazon SQS queue at a time. Any number of workers can share the queue.
import { setTimeout as pause } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand, DeleteMessageCommand, Message, ReceiveMessageCommand, SQSClient,
} from '@aws-sdk/client-sqs';
import { JobStore } from './job-store';
import { log } from './log';
import { endLongProtection, protectTask } from './task-protection';

/** A job in the body of a message. The sender sets `id`, and keeps it when it sends the same job again. */
export interface Job {
  readonly id: string;
  readonly kind: string;
}

/** The queue, the store and the times of a worker. */
export interface WorkerOptions<Transaction> {
  readonly queueUrl: string;
  readonly store: JobStore<Transaction>;
  /** Does the job in the transaction. It must end soon after the signal is aborted. */
  readonly work: (job: Job, transaction: Transaction, signal: AbortSignal) => Promise<void>;
  /** For how long a job is invisible to other workers. The worker extends it while it works. */
  readonly visibilitySeconds: number;
  /** How long a job can continue after SIGTERM. It must be shorter than `stopTimeout` of the service. */
  readonly graceSeconds: number;
  /** How long a request waits for a job. It must be shorter than `graceSeconds`. */
  readonly waitSeconds: number;
  /** How long a worker with many jobs regularly begins no job, so that ECS can stop its task. */
  readonly restSeconds: number;
  /** Called before each request for a job and each rest, and with each extension of a job. For a health check. */
  readonly onProgress?: () => void;
}

/** Waits after a failed request, such as one that AWS throttles. */
const PAUSE_SECONDS = 2;

export class Worker<Transaction> {
  private readonly sqs = new SQSClient({});
  private readonly options: WorkerOptions<Transaction>;
  /** Aborted when the job in progress must end. */
  private readonly deadline = new AbortController();
  /** Aborted when the worker must begin no further job. */
  private readonly stopped = new AbortController();

  constructor(options: WorkerOptions<Transaction>) {
    this.options = options;
  }

  /** Receives no further job. The job in progress can continue for `graceSeconds`. */
  public stop(): void {
    if (this.stopping) return;
    this.stopped.abort();
    log('stopping');
    setTimeout(() => this.deadline.abort(new Error('the task must stop')), this.options.graceSeconds * 1000).unref();
  }

  private get stopping(): boolean {
    return this.stopped.signal.aborted;
  }

  /** Processes jobs until `stop` is called. */
  public async run(): Promise<void> {
    log('started');
    while (!this.stopping) {
      this.options.onProgress?.();
      try {
        const message = await this.receive();
        if (message) await this.process(message);
        else await protectTask(false);
        if (await endLongProtection()) await this.rest(this.options.restSeconds);
      } catch (error) {
        log('request_failed', { reason: (error as Error).name });
        await this.rest(PAUSE_SECONDS);
      }
    }
    await protectTask(false);
    log('stopped');
  }

  /** Waits, but not after `stop` is called. */
  private async rest(seconds: number): Promise<void> {
    this.options.onProgress?.();
    await pause(seconds * 1000, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }

  private async receive(): Promise<Message | undefined> {
    const { queueUrl: QueueUrl, visibilitySeconds: VisibilityTimeout, waitSeconds: WaitTimeSeconds } = this.options;
    const { Messages: [message] = [] } = await this.sqs.send(new ReceiveMessageCommand({
      QueueUrl, VisibilityTimeout, WaitTimeSeconds, MaxNumberOfMessages: 1,
    }));
    return message;
  }

  private async process(message: Message): Promise<void> {
    // A job that arrived with or after SIGTERM has not begun.
    if (this.stopping) return this.makeVisible(message, 'job_returned');
    await protectTask(true);
    const extension = setInterval(() => void this.extend(message), this.options.visibilitySeconds * 1000 / 3);
    try {
      const job = parse(message.Body);
      log('job_started', { id: job.id });
      const isNew = await this.options.store.once(job.id, (transaction) =>
        this.options.work(job, transaction, this.deadline.signal));
      // Only now: a worker that stops before this line leaves the job in the queue.
      await this.delete(message);
      log(isNew ? 'job_done' : 'job_was_done_before', { id: job.id });
    } catch (error) {
      if (this.deadline.signal.aborted) return await this.makeVisible(message, 'job_returned');
      // The job waits for the visibility timeout, and becomes a dead letter after some attempts.
      log('job_failed', { message: message.MessageId, reason: (error as Error).name });
    } finally {
      clearInterval(extension);
    }
  }

  private async delete({ ReceiptHandle }: Message): Promise<void> {
    await this.sqs.send(new DeleteMessageCommand({ QueueUrl: this.options.queueUrl, ReceiptHandle }));
  }

  private async extend(message: Message): Promise<void> {
    this.options.onProgress?.();
    await this.setVisibility(message, this.options.visibilitySeconds)
      .catch((error) => log('extension_failed', { message: message.MessageId, reason: error.name }));
  }

  /** Returns a job at once, so that another worker does not wait for the visibility timeout. */
  private async makeVisible(message: Message, event: string): Promise<void> {
    await this.setVisibility(message, 0);
    log(event, { message: message.MessageId });
  }

  private async setVisibility({ ReceiptHandle }: Message, VisibilityTimeout: number): Promise<void> {
    const { queueUrl: QueueUrl } = this.options;
    await this.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
  }
}

/** Reads a job. An error never quotes the body. */
function parse(body = ''): Job {
  let job: Partial<Job> | null = null;
  try {
    job = JSON.parse(body);
  } catch {
    // Reported below.
  }
  if (typeof job?.id === 'string' && job.id !== '' && typeof job.kind === 'string') return job as Job;
  throw Object.assign(new Error('the message is not a job'), { name: 'InvalidJob' });
}

/** Runs a worker until ECS sends SIGTERM: in a deployment, at scale-in, and before a Spot interruption. */
export async function runUntilStopped<Transaction>(options: WorkerOptions<Transaction>): Promise<void> {
  const worker = new Worker(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => worker.stop());
  await worker.run();
}
