import { createHash, randomUUID } from 'crypto';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { BUCKET, KEYS, s3, SomeSystem, SomeWorker, sqs } from './some-system';
import { RawRequest, RawResponse, RunningProgram, until } from '../../support/running-program';

const DOCUMENT = 'Ada Lovelace has a cold';
const SHA_256 = createHash('sha256').update(DOCUMENT).digest('hex');
const INTERNAL = { status: 500, text: '{"error":"internal"}' };

let system: SomeSystem;
let api: RunningProgram;

beforeAll(async () => {
  jest.spyOn(console, 'log').mockImplementation();
  system = await SomeSystem.start();
}, 60_000);
afterAll(() => system.stop());

const send = (request: Partial<RawRequest>, key = KEYS[0]): Promise<RawResponse> =>
  api.send({ method: 'GET', path: '/healthz', headers: { authorization: `Bearer ${key}` }, ...request });
const put = (id: string, body = DOCUMENT) => send({ method: 'PUT', path: `/jobs/${id}`, body });
const get = (id: string) => send({ path: `/jobs/${id}` });

/** The number of jobs that wait or are in progress. */
async function jobs(): Promise<number> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({
    QueueUrl: system.queueUrl, AttributeNames: ['All'],
  }));
  return Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible);
}

describe('the migration', () => {
  test('creates the tables, and can run again', async () => {
    for (let run = 0; run < 2; run++) expect(await system.finish('Migrations')).toMatchObject({ code: 0 });
    expect(system.sql('SELECT count(*) FROM pg_tables WHERE schemaname = \'public\'').trim()).toBe('2');
  });

  test('fails with a code if it cannot connect', async () => {
    const program = await system.programOf('Migrations', { PGPORT: '1' });
    expect((await RunningProgram.finish(program)).code).toBe(1);
  });
});

describe('the API', () => {
  beforeAll(async () => {
    api = await RunningProgram.serve(await system.programOf('Api'));
  });
  afterAll(async () => {
    expect(await api.stop()).toBe(0);
  });

  test('stores the document of a job, and sends the job', async () => {
    const id = randomUUID();
    expect(await put(id)).toMatchObject({ status: 202, text: `{"id":"${id}"}` });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: `jobs/${id}` }));
    expect(await Body!.transformToString()).toBe(DOCUMENT);
    expect(await jobs()).toBe(1);
  });

  test('accepts each key of the secret', async () => {
    for (const key of KEYS) expect(await send({ path: `/jobs/${randomUUID()}` }, key)).toMatchObject({ status: 404 });
  });

  test.each<[what: string, key: string]>([
    ['no key', ''], ['another key', 'd'.repeat(88)], ['the list of keys', KEYS.join()], ['a part', KEYS[0].slice(1)],
  ])('refuses %s', async (_what, key) => {
    expect(await send({ path: `/jobs/${randomUUID()}` }, key)).toMatchObject({
      status: 401, text: '{"error":"unauthorized"}', headers: { 'www-authenticate': 'Bearer' },
    });
  });

  test.each<[what: string, request: Partial<RawRequest>, status: number, error: string]>([
    ['another method', { method: 'DELETE', path: `/jobs/${randomUUID()}` }, 405, 'this method is not allowed'],
    ['another path', { path: '/jobs' }, 404, 'there is no such resource'],
    ['an ID that is no UUID', { method: 'PUT', path: '/jobs/..', body: 'a' }, 404, 'there is no such resource'],
    ['no document', { method: 'PUT', path: `/jobs/${randomUUID()}`, body: '' }, 400, 'the document is empty'],
    ['a large document', { method: 'PUT', path: `/jobs/${randomUUID()}`, body: 'a'.repeat(8_193) }, 413,
      'the document is too large'],
    ['an unknown job', { path: `/jobs/${randomUUID()}` }, 404, 'the job has no result'],
  ])('refuses %s', async (_what, request, status, error) => {
    expect(await send(request)).toMatchObject({ status, text: JSON.stringify({ error }) });
  });

  test('lets no cache store a response', async () => {
    expect((await send({})).headers).toMatchObject({
      'cache-control': 'no-store', 'strict-transport-security': 'max-age=31536000', 'x-content-type-options': 'nosniff',
    });
  });

  test('starts and answers its health check while the database is unavailable', async () => {
    const alone = await RunningProgram.serve(await system.programOf('Api', { PGPORT: '1' }));
    const headers = { authorization: `Bearer ${KEYS[0]}` };
    expect(await alone.send({ method: 'GET', path: `/jobs/${randomUUID()}`, headers })).toMatchObject(INTERNAL);
    expect(await alone.send({ method: 'GET', path: '/healthz' })).toMatchObject({ status: 200 });
    await alone.logs('"event":"request_failed"');
    expect(await alone.stop()).toBe(0);
  });

  test('does not start without a key', async () => {
    const program = await system.programOf('Api', { API_KEYS: '' });
    await expect(RunningProgram.serve(program)).rejects.toThrow('API_KEYS must contain a key');
  });
});

describe('the worker', () => {
  let worker: SomeWorker;

  beforeAll(async () => {
    api = await RunningProgram.serve(await system.programOf('Api'));
    worker = new SomeWorker(await system.programOf('Worker'));
  });
  afterAll(async () => {
    expect([await worker.stop(), await api.stop()]).toEqual([0, 0]);
  });

  test('does the job, whose result the API returns', async () => {
    const id = randomUUID();
    await put(id);
    await until(async () => (await get(id)).status === 200, () => worker.output);
    expect(JSON.parse((await get(id)).text)).toEqual({ id, sha256: SHA_256 });
  }, 40_000);

  test('does a job once that the client sends twice', async () => {
    const id = randomUUID();
    await put(id);
    await put(id);
    await until(async () => await jobs() === 0, () => worker.output);
    expect(system.sql(`SELECT count(*) FROM results WHERE job = '${id}'`).trim()).toBe('1');
    // The worker deletes the message before it writes the line.
    const line = `"event":"job_was_done_before","id":"${id}"`;
    await until(() => worker.output.includes(line), () => worker.output);
  }, 40_000);

  test('writes no document into a log, and neither does the API', async () => {
    await api.logs('"event":"audit"');
    expect(`${worker.output}${api.output}`).not.toContain('Ada');
  });
});

describe('the cleanup', () => {
  test('deletes the records of jobs that no queue can contain, and no other', async () => {
    for (const [id, days] of [['old', 31], ['new', 29]]) {
      system.sql(`INSERT INTO done_jobs VALUES ('${id}', now() - interval '${days} days')`);
    }
    expect(await system.finish('Cleanup')).toMatchObject({
      code: 0, output: expect.stringContaining('"event":"cleaned_up","jobs":1'),
    });
    expect(system.sql('SELECT id FROM done_jobs WHERE id IN (\'old\', \'new\')').trim()).toBe('new');
  });

  test('fails with a code if it cannot connect', async () => {
    const program = await system.programOf('Cleanup', { PGPORT: '1' });
    expect((await RunningProgram.finish(program)).code).toBe(1);
  });
});
