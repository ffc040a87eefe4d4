import { ChildProcess, spawn } from 'child_process';
import { once } from 'events';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { setTimeout as pause } from 'timers/promises';
import {
  CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient,
} from '@aws-sdk/client-sqs';

import { until } from '../../support/running-program';

const PROGRAM = path.join(__dirname, '..', '..', 'support', 'worker', 'program.ts');
const REPOSITORY = path.join(__dirname, '..', '..', '..');
const AWS = {
  AWS_ENDPOINT_URL: process.env.MOTO_URL!,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};
/** Seconds. A job that a worker loses is visible again after it. */
const VISIBILITY = 3;

type Point = 'received' | 'working' | 'done';

interface Settings {
  readonly jobSeconds?: number;
  readonly graceSeconds?: number;
  readonly killAt?: Point;
}

const sqs = new SQSClient({
  endpoint: AWS.AWS_ENDPOINT_URL,
  region: AWS.AWS_REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
let folder: string;
let queueUrl: string;
let deadLetterUrl: string;
let number = 0;
const workers: SomeWorker[] = [];

/** A worker in its own process. */
class SomeWorker {
  public readonly ended: Promise<{ code: number | null; signal: string | null }>;
  public output = '';
  private readonly process: ChildProcess;

  constructor({ jobSeconds = 0.2, graceSeconds = 2, killAt }: Settings = {}) {
    workers.push(this);
    this.process = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
      cwd: REPOSITORY,
      env: {
        ...AWS,
        PATH: process.env.PATH,
        TSX_TSCONFIG_PATH: path.join(REPOSITORY, 'tsconfig.dev.json'),
        QUEUE_URL: queueUrl,
        FOLDER: folder,
        JOB_SECONDS: `${jobSeconds}`,
        VISIBILITY_SECONDS: `${VISIBILITY}`,
        GRACE_SECONDS: `${graceSeconds}`,
        KILL_AT: killAt ?? '',
      },
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on('data', (text) => { this.output += text; });
    }
    this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** The IDs of jobs in lines of an event. */
  public ids(event: string): string[] {
    return this.output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
      .filter((line) => line.event === event).map(({ id }) => id);
  }

  public async until(event: string): Promise<void> {
    await until(() => this.ids(event).length > 0 || this.output.includes('Error:'), () => this.output);
    expect(this.ids(event).length).toBeGreaterThan(0);
  }

  public kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  public stop(): Promise<{ code: number | null; signal: string | null }> {
    this.kill('SIGTERM');
    return this.ended;
  }
}

async function createQueue(name: string, attributes: Record<string, string>): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return QueueUrl!;
}

/** Creates the queues of a test. */
async function createQueues(maxReceiveCount: number): Promise<void> {
  number++;
  deadLetterUrl = await createQueue(`dead-${process.pid}-${number}`, {});
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }));
  queueUrl = await createQueue(`jobs-${process.pid}-${number}`, {
    VisibilityTimeout: `${VISIBILITY}`,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes!.QueueArn, maxReceiveCount }),
  });
}

async function send(...ids: string[]): Promise<void> {
  for (const id of ids) await sendText(JSON.stringify({ id, kind: 'claim' }));
}

async function sendText(MessageBody: string): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
}

/** The number of messages in a queue that wait or that a worker has. */
async function count(QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

const isEmpty = () => until(async () => await count(queueUrl) === 0, () => workers.map(({ output }) => output).join());
/** The jobs with a result. */
const results = () => fs.readdirSync(folder).filter((name) => !name.endsWith('.tmp')).sort();
/** The jobs whose result a worker wrote, in all workers of the test. */
const ids = (event: string) => workers.flatMap((worker) => worker.ids(event)).sort();

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'worker-'));
  workers.length = 0;
  await createQueues(4);
});
afterEach(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(workers.map(({ ended }) => ended));
  fs.rmSync(folder, { recursive: true });
});

test('processes each job once, and removes it from the queue', async () => {
  await send('1', '2', '3');
  const worker = new SomeWorker();
  await isEmpty();
  expect(await worker.stop()).toEqual({ code: 0, signal: null });
  expect(results()).toEqual(['1', '2', '3']);
  expect(ids('job_done')).toEqual(['1', '2', '3']);
});

describe('SIGTERM', () => {
  test('ends a worker without a job', async () => {
    const worker = new SomeWorker();
    await worker.until('started');
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
  });

  test('lets the job in progress end, and leaves the next one to another worker', async () => {
    await send('1', '2');
    const worker = new SomeWorker({ jobSeconds: 1.5, graceSeconds: 5 });
    await worker.until('job_started');
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    expect(worker.ids('job_started')).toHaveLength(1);
    expect(results()).toEqual(worker.ids('job_done'));
    expect(await count(queueUrl)).toBe(1);
    const next = new SomeWorker();
    await isEmpty();
    await next.stop();
    expect(results()).toEqual(['1', '2']);
    expect(ids('job_was_done_before')).toEqual([]);
  });

  test('returns a job that takes too long, without a wait for the visibility timeout', async () => {
    await send('1');
    const worker = new SomeWorker({ jobSeconds: 20, graceSeconds: 1 });
    await worker.until('job_started');
    expect(await worker.stop()).toEqual({ code: 0, signal: null });
    expect(worker.output).toContain('job_returned');
    expect(results()).toEqual([]);
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({
      QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'],
    }));
    expect(Attributes).toEqual({ ApproximateNumberOfMessages: '1' });
    const next = new SomeWorker();
    await isEmpty();
    await next.stop();
    expect(results()).toEqual(['1']);
    expect(ids('job_done')).toEqual(['1']);
  });
});

describe('a worker that is killed', () => {
  test.each<Point>(['received', 'working'])('with a job (%s) leaves it to another worker', async (killAt) => {
    await send('1', '2');
    const killed = new SomeWorker({ killAt });
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(results()).toEqual([]);
    expect(await count(queueUrl)).toBe(2);
    const next = new SomeWorker();
    await isEmpty();
    await next.stop();
    expect(results()).toEqual(['1', '2']);
    expect(next.ids('job_done').sort()).toEqual(['1', '2']);
    expect(ids('job_was_done_before')).toEqual([]);
  });

  test('after the job is done causes a second delivery, which the next worker recognizes', async () => {
    await send('1');
    const killed = new SomeWorker({ killAt: 'done' });
    expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' });
    const [result] = results().map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
    expect(await count(queueUrl)).toBe(1);
    const next = new SomeWorker();
    await isEmpty();
    await next.stop();
    expect(next.ids('job_was_done_before')).toEqual(['1']);
    expect(next.ids('job_done')).toEqual([]);
    expect(fs.readFileSync(path.join(folder, '1'), 'utf8')).toBe(result);
  });
});

test('a job that takes longer than the visibility timeout stays with its worker', async () => {
  await send('1');
  const [one, other] = [new SomeWorker({ jobSeconds: 3 * VISIBILITY }), new SomeWorker({ jobSeconds: 3 * VISIBILITY })];
  await isEmpty();
  await Promise.all([one.stop(), other.stop()]);
  expect(ids('job_started')).toEqual(['1']);
  expect(ids('job_done')).toEqual(['1']);
});

test('a job that its sender sent twice is done once', async () => {
  await send('1', '1');
  const worker = new SomeWorker();
  await isEmpty();
  await worker.stop();
  expect(worker.ids('job_done')).toEqual(['1']);
  expect(worker.ids('job_was_done_before')).toEqual(['1']);
});

test('a message that is no job becomes a dead letter, and no line of the log quotes it', async () => {
  await sendText('Ada Lovelace has a cold');
  await send('1');
  const worker = new SomeWorker();
  await until(async () => await count(deadLetterUrl) === 1, () => worker.output);
  await worker.stop();
  expect(results()).toEqual(['1']);
  expect(worker.output).toContain('InvalidJob');
  expect(worker.output).not.toContain('Ada');
});

test('no job is lost, and none is done twice without being recognized, while workers end at random', async () => {
  // Each end of a worker costs a receive.
  await createQueues(50);
  const all = Array.from({ length: 20 }, (_, index) => `${index}`.padStart(2, '0'));
  await send(...all);
  const random = numbers(7);
  for (let round = 0; round < 8; round++) {
    const pair = [0, 1].map(() => new SomeWorker({ jobSeconds: 0.3, graceSeconds: 0.1 }));
    await pause(800 + random() * 1_000);
    for (const worker of pair) worker.kill(random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
    await Promise.all(pair.map(({ ended }) => ended));
  }
  const last = new SomeWorker();
  await isEmpty();
  await last.stop();
  expect(results()).toEqual(all);
  // A job without its own line was killed between its result and the line.
  const done = ids('job_done');
  expect(done).toEqual([...new Set(done)]);
  expect(await count(deadLetterUrl)).toBe(0);
});

/** The same pseudorandom numbers from 0 to 1 in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
