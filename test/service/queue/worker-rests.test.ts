import { createHash } from 'crypto';
import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import type { Job, Worker as AnyWorker } from '../../../examples/backend/programs/worker';

const MINUTE = 60_000;
const JOB_MINUTES = 4;

/** An endpoint of SQS whose queue is never empty, and the agent of ECS. */
let server: Server;
let steps: string[];
/** The number of steps at each beat for the health check. */
let beats: number[];
let time: number;
let worker: AnyWorker<undefined>;
let released: () => void;
const environment = { ...process.env };

function serve(target: string, body: string): object {
  if (!target) {
    const isProtected = JSON.parse(body).ProtectionEnabled;
    steps.push(isProtected ? 'protected' : 'released');
    if (!isProtected) released();
    return { protection: { ProtectionEnabled: isProtected } };
  }
  if (!target.endsWith('.ReceiveMessage')) return {};
  const Body = JSON.stringify({ id: 'a', kind: 'test' });
  const MD5OfBody = createHash('md5').update(Body).digest('hex');
  return { Messages: [{ MessageId: '1', ReceiptHandle: '1', Body, MD5OfBody }] };
}

beforeEach(async () => {
  steps = [];
  beats = [];
  released = () => undefined;
  time = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => time);
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; }).on('end', () => response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(serve(String(request.headers['x-amz-target'] ?? ''), body))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    ECS_AGENT_URI: url,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'a',
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  process.env = { ...environment };
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Runs a worker for a number of jobs, each of four minutes, and stops it at its next rest. */
async function run(jobs: number, restSeconds: number): Promise<void> {
  jest.resetModules();
  const { Worker } = jest.requireActual('../../../examples/backend/programs/worker');
  let done = 0;
  const work = async (_: Job) => {
    steps.push('job');
    time += JOB_MINUTES * MINUTE;
    if (++done === jobs) worker.stop();
  };
  worker = new Worker({
    queueUrl: `${process.env.AWS_ENDPOINT_URL}/1/jobs`,
    store: { once: (_: string, action: (transaction: undefined) => Promise<void>) => action(undefined) },
    work,
    visibilitySeconds: 120,
    graceSeconds: 90,
    waitSeconds: 1,
    restSeconds,
    onProgress: () => beats.push(steps.length),
  });
  await worker.run();
}

test('a worker whose queue is never empty lets ECS stop its task every 15 minutes', async () => {
  await run(9, 0.1);
  const quarter = ['protected', 'job', 'job', 'job', 'job', 'released'];
  expect(steps).toEqual([...quarter, ...quarter, 'protected', 'job', 'released']);
});

test('a worker that rests stops at once', async () => {
  released = () => setTimeout(() => worker.stop(), 100);
  await run(100, 3_600);
  expect(steps).toEqual(['protected', 'job', 'job', 'job', 'job', 'released']);
  // The last beat is after the release: with a long request and a short job before it, a rest would look like a hang.
  expect(beats.at(-1)).toBe(steps.length);
});
