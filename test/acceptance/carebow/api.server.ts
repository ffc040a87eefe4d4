import { spawnSync } from 'child_process';
import { readdirSync, readFileSync } from 'fs';
import * as http from 'http';
import * as https from 'https';
import { setTimeout as sleep } from 'timers/promises';
import { API_FOLDER } from './proof/parts';
import { SESSION, SESSIONS, COMPLAINT, WRONG_REQUESTS, wrongTokens } from './refusals';
import { claimsOf, containerOf, DEFINITIONS, KEYS, SomeSystem, tokenOf } from './some-system';
import { RunningProgram, until } from '../../support/running-program';
import { Json } from '../../support/template/example';

const CONSENT = { version: '2026-11-01', given: true };
const REFUSED = /permission denied|must be owner/;
const NO_RECORD = { status: 404, body: { error: 'there is no such record' } };
const INTERNAL = { status: 500, body: { error: 'internal' } };
const ADA = tokenOf(claimsOf('ada-1'));
const BEN = tokenOf(claimsOf('ben-2'));
/** Runs a command as user 1000, with a folder that is mounted read-only. */
const AS_TASK = ['unshare', '--mount', 'sh', '-c', 'mount --bind . . && mount -o remount,bind,ro . && cd "$PWD" '
  + '&& exec setpriv --reuid 1000 --regid 1000 --clear-groups "$@"', 'sh'];
/** Mounting requires root, and a capability that some containers lack. */
const canMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

let system: SomeSystem;
let api: RunningProgram;

beforeAll(async () => {
  jest.spyOn(console, 'log').mockImplementation();
  system = await SomeSystem.start();
}, 60_000);

afterAll(() => system.stop());

const sql = (text: string) => system.server.superuser(text, 'app');
/** The lines of the log after a position. Node.js itself can print warnings between them. */
const lines = (from = 0): Json[] => api.output.slice(from).split('\n')
  .filter((line) => /^\{.*\}$/.test(line)).map((line) => JSON.parse(line));

/** The first line about an event after a position of the log. It can arrive after the response. */
async function lineAfter(position: number, event: string): Promise<Json | undefined> {
  const find = () => lines(position).find((line) => line.event === event);
  for (let attempt = 0; attempt < 100 && !find(); attempt++) await sleep(10);
  return find();
}

/** Stores a session, and returns its ID. */
async function createSession(token = ADA, body: Json = SESSION): Promise<string> {
  const response = await api.call('POST', SESSIONS, body, token);
  expect(response).toEqual({ status: 201, body: { id: expect.any(String), created_at: expect.any(String) } });
  return response.body.id;
}

describe('the migration', () => {
  test('has an owner, and the API a user that changes data', () => {
    expect([...DEFINITIONS].sort((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
      { name: 'api', privileges: 'readWrite', iamToken: false },
      { name: 'migrations', privileges: 'owner', iamToken: false },
    ]);
  });

  test('creates the tables, and can run again, also with the other login after a rotation', async () => {
    for (const rotate of [false, false, true]) {
      if (rotate) await system.users.migrations.rotate();
      expect(await system.migrate()).toEqual({ code: 0, output: expect.stringContaining('5 statements ran') });
    }
    const tables = 'SELECT tablename, tableowner FROM pg_tables WHERE schemaname = \'public\' ORDER BY 1';
    expect(sql(tables)).toBe('consents|app_owner\nreports|app_owner\nsymptom_sessions|app_owner');
  });

  test('is refused to the login of the API', async () => {
    const login = (await system.users.api.login())!;
    const refused = ['CREATE TABLE mine (id int)', 'DROP TABLE consents', 'TRUNCATE reports', 'SET ROLE app_owner'];
    for (const text of refused) {
      const outcome = await system.users.api.run(login, text).then(() => 'done', (error: Error) => error.message);
      expect({ text, outcome }).toEqual({ text, outcome: expect.stringMatching(REFUSED) });
    }
  });
});

describe('the API', () => {
  beforeAll(async () => { api = await system.startApi(); });

  test('reports which secrets have no value yet, and that it is healthy', async () => {
    expect(lines()).toEqual([expect.objectContaining({
      level: 'warn', event: 'secret_missing', message: 'OPENAI_API_KEY has no value yet: see OPERATIONS.md, Account',
    })]);
    const { status, headers, text } = await api.send({ method: 'GET', path: '/healthz' });
    expect({ status, text }).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
  });

  test('needs a consent to the current version before it stores a record', async () => {
    const needed = { status: 403, body: { error: 'consent to version 2026-11-01 is needed' } };
    expect(await api.call('POST', SESSIONS, SESSION, ADA)).toEqual(needed);
    expect(await api.call('POST', '/api/v1/reports', { bytes: 3 }, ADA)).toEqual(needed);
    expect((await api.call('POST', '/api/v1/consent', { version: '2020-01-01', given: true }, ADA)).status).toBe(400);
    expect((await api.call('POST', '/api/v1/consent', CONSENT, ADA)).status).toBe(201);
    expect(await api.call('GET', '/api/v1/me', undefined, ADA)).toEqual({
      status: 200, body: { id: 'ada-1', consent: { required: '2026-11-01', given: '2026-11-01' } },
    });
    await createSession();
    // A withdrawn consent stays in the history, and protects new records only.
    expect((await api.call('POST', '/api/v1/consent', { ...CONSENT, given: false }, ADA)).status).toBe(201);
    expect(await api.call('POST', SESSIONS, SESSION, ADA)).toEqual(needed);
    expect((await api.call('POST', '/api/v1/consent', CONSENT, ADA)).status).toBe(201);
    const { body } = await api.call('GET', '/api/v1/consent', undefined, ADA);
    expect(body.map(({ version, given }: Json) => ({ version, given })))
      .toEqual([CONSENT, { ...CONSENT, given: false }, CONSENT]);
  });

  test('stores the complaint encrypted, and returns it only to its user', async () => {
    const id = await createSession();
    expect(sql(`SELECT primary_complaint FROM symptom_sessions WHERE id = '${id}'`)).toMatch(/^v1\.[\w-]+\.[\w-]+$/);
    expect(sql('SELECT * FROM symptom_sessions')).not.toContain('headache');
    expect(await api.call('GET', `${SESSIONS}/${id}`, undefined, ADA)).toEqual({
      status: 200, body: { id, primary_complaint: COMPLAINT, created_at: expect.any(String) },
    });
    const { body } = await api.call('GET', SESSIONS, undefined, ADA);
    expect(body[0]).toEqual({ id, created_at: expect.any(String) });
    expect(await api.call('GET', `${SESSIONS}/${id}`, undefined, BEN)).toEqual(NO_RECORD);
    expect(await api.call('GET', SESSIONS, undefined, BEN)).toEqual({ status: 200, body: [] });
    for (const other of ['00000000-0000-0000-0000-000000000000', "1'%20OR%20'1'='1", '..%2f..']) {
      expect(await api.call('GET', `${SESSIONS}/${other}`, undefined, ADA)).toEqual(NO_RECORD);
    }
  });

  test('does not decrypt a complaint that was changed or moved', async () => {
    const [one, other] = [await createSession(), await createSession(ADA, { primary_complaint: 'a cough' })];
    expect((await api.call('POST', '/api/v1/consent', CONSENT, BEN)).status).toBe(201);
    const bens = await createSession(BEN);
    const stored = (id: string) => sql(`SELECT primary_complaint FROM symptom_sessions WHERE id = '${id}'`);
    const [version, dataKey, body] = stored(one).split('.');
    const flipped = Buffer.from(body, 'base64url');
    flipped[15] = 255 - flipped[15];
    const shortened = Buffer.from(body, 'base64url').subarray(0, -12).toString('base64url');
    const changes: Record<string, [id: string, value: string]> = {
      'a changed bit': [one, [version, dataKey, flipped.toString('base64url')].join('.')],
      'a shorter tag': [one, [version, dataKey, shortened].join('.')],
      'another version': [one, ['v0', dataKey, body].join('.')],
      'no ciphertext': [one, COMPLAINT],
      'the data key of another row': [one, [version, stored(other).split('.')[1], body].join('.')],
      'the field of another row': [other, stored(one)],
      'the field of another user': [bens, stored(one)],
    };
    for (const [what, [id, value]] of Object.entries(changes)) {
      const before = stored(id);
      sql(`UPDATE symptom_sessions SET primary_complaint = '${value}' WHERE id = '${id}'`);
      const token = id === bens ? BEN : ADA;
      const response = await api.call('GET', `${SESSIONS}/${id}`, undefined, token);
      expect({ what, response }).toEqual({ what, response: INTERNAL });
      sql(`UPDATE symptom_sessions SET primary_complaint = '${before}' WHERE id = '${id}'`);
      expect((await api.call('GET', `${SESSIONS}/${id}`, undefined, token)).status).toBe(200);
    }
    // A row that an attacker assigns to another user does not decrypt either: the owner is in the context.
    sql(`UPDATE symptom_sessions SET owner = 'ben-2' WHERE id = '${one}'`);
    expect(await api.call('GET', `${SESSIONS}/${one}`, undefined, BEN)).toEqual(INTERNAL);
  });

  test('creates URLs with which a report of its user can be uploaded and downloaded', async () => {
    const file = '%PDF-1.7 a report';
    const { status, body } = await api.call('POST', '/api/v1/reports', { bytes: file.length }, ADA);
    expect({ status, body }).toMatchObject({ status: 201, body: { content_type: 'application/pdf', expires_in: 300 } });
    const upload = new URL(body.upload_url);
    expect(upload.searchParams.get('X-Amz-Expires')).toBe('300');
    expect(upload.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
    expect(upload.pathname).toBe(`/reports/${body.id}`);
    expect([...upload.searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
    expect((await transfer('PUT', upload, file)).status).toBe(200);
    const answer = await api.call('GET', `/api/v1/reports/${body.id}`, undefined, ADA);
    const download = new URL(answer.body.download_url);
    expect(download.searchParams.get('X-Amz-Expires')).toBe('300');
    expect(await transfer('GET', download)).toEqual({ status: 200, text: file });
    expect(await api.call('GET', `/api/v1/reports/${body.id}`, undefined, BEN)).toEqual(NO_RECORD);
  });

  test('accepts a token of each key of the secret', async () => {
    for (const key of KEYS) {
      const token = tokenOf(claimsOf('ada-1'), undefined, key);
      expect((await api.call('GET', '/api/v1/me', undefined, token)).status).toBe(200);
    }
    const several = tokenOf({ ...claimsOf('ada-1'), aud: ['another', claimsOf('ada-1').aud] });
    expect((await api.call('GET', '/api/v1/me', undefined, several)).status).toBe(200);
  });

  test.each(wrongTokens(ADA, BEN))('refuses a token with %s', async (_what, reason, token) => {
    const { length } = api.output;
    const { status, headers, text } = await api.send({
      method: 'GET', path: '/api/v1/me', headers: token ? { authorization: `Bearer ${token}` } : {},
    });
    expect({ status, text }).toEqual({ status: 401, text: '{"error":"unauthorized"}' });
    expect(headers['www-authenticate']).toBe('Bearer');
    expect(await lineAfter(length, 'login_failed')).toMatchObject({ level: 'warn', reason });
  });

  test.each(WRONG_REQUESTS)('refuses a request with %s', async (_what, request, status, error) => {
    const headers = { 'content-type': 'application/json', ...request.headers, 'authorization': `Bearer ${ADA}` };
    const usual = { method: 'POST', path: SESSIONS, body: JSON.stringify(SESSION) };
    const response = await api.send({ ...usual, ...request, headers });
    expect({ status: response.status, text: response.text }).toEqual({ status, text: JSON.stringify({ error }) });
  });

  test('records each access without health information, tokens or stack traces', async () => {
    const id = await createSession();
    await api.call('GET', `${SESSIONS}/${id}`, undefined, ADA);
    await api.call('GET', `${SESSIONS}/${id}`, undefined, BEN);
    const audited = () => lines().filter((line) => line.record === id);
    await until(() => audited().length === 3, () => api.output);
    const of = (action: string, actor: string, status: number) => expect.objectContaining({
      level: 'info', event: 'audit', action, actor, status, request: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(audited()).toEqual([
      of(`POST ${SESSIONS}`, 'ada-1', 201),
      of(`GET ${SESSIONS}/:id`, 'ada-1', 200),
      of(`GET ${SESSIONS}/:id`, 'ben-2', 404),
    ]);
    expect(lines().filter(({ level }) => level === 'error').length).toBeGreaterThan(5);
    expect(api.output).not.toMatch(/headache|cough|%PDF|eyJ|\bat .+:\d+:\d+|OR '1'|aaaaaaaa|PGPASSWORD/);
  });

  test('stays healthy without KMS and without the database, and returns no details', async () => {
    const environment = { FIELDS_KEY_ARN: system.keyArn.replace(/.{12}$/, '000000000000') };
    const keyless = await system.startApi({ environment });
    expect(await keyless.call('POST', SESSIONS, SESSION, ADA)).toEqual(INTERNAL);
    expect((await keyless.call('GET', '/api/v1/me', undefined, ADA)).status).toBe(200);
    const elsewhere = await system.startApi({ environment: { PGHOST: 'another.example' } });
    expect(await elsewhere.call('GET', '/api/v1/me', undefined, ADA)).toEqual(INTERNAL);
    await elsewhere.logs('does not match certificate');
    for (const each of [keyless, elsewhere]) expect((await each.call('GET', '/healthz')).status).toBe(200);
  });

  test('completes active requests when it must stop, and ends with 0', async () => {
    const stopping = await system.startApi();
    const agent = new https.Agent({ keepAlive: true });
    const headers = { 'authorization': `Bearer ${ADA}`, 'content-type': 'application/json' };
    // An idle connection, which must not delay the end.
    expect((await stopping.send({ method: 'GET', path: '/api/v1/me', headers, agent })).status).toBe(200);
    const requests = Array.from({ length: 10 }, () =>
      stopping.send({ method: 'POST', path: SESSIONS, body: JSON.stringify(SESSION), headers }));
    await sleep(20);
    const start = Date.now();
    const ended = stopping.stop();
    const results = await Promise.allSettled(requests);
    expect(await ended).toBe(0);
    expect(Date.now() - start).toBeLessThan(5_000);
    // A request that arrived gets its response. Later connections are refused, and no request is stored without one.
    const stored = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value.status);
    expect(stored).toEqual(stored.map(() => 201));
    agent.destroy();
  });

  test('after a rotation, a new task logs in with the other login, and the running task still can', async () => {
    await system.users.api.rotate();
    const after = await system.startApi();
    for (const each of [api, after]) expect((await each.call('GET', '/api/v1/me', undefined, ADA)).status).toBe(200);
  });
});

describe('the container', () => {
  const healthCheck = async (port: string) => (await RunningProgram.finish({
    folder: API_FOLDER, command: containerOf('Api').HealthCheck.Command.slice(1), environment: { PORT: port },
  })).code;

  test('has a health check that succeeds only while the program responds', async () => {
    const { environment } = await system.programOf('Api', (await system.users.api.login())!);
    expect(await healthCheck(environment.PORT)).toBe(1);
    const checked = await system.startApi({ environment });
    expect(await healthCheck(environment.PORT)).toBe(0);
    await checked.stop();
    expect(await healthCheck(environment.PORT)).toBe(1);
  });

  (canMount ? test : test.skip)('runs as user 1000 with read-only files', async () => {
    const before = readdirSync(API_FOLDER);
    const restricted = await system.startApi({ wrapper: AS_TASK });
    const status = readFileSync(`/proc/${restricted.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    const mounts = readFileSync(`/proc/${restricted.pid}/mountinfo`, 'utf8').split('\n');
    expect(mounts.filter((line) => line.includes(` ${API_FOLDER} `) && / ro[, ]/.test(line))).toHaveLength(1);
    expect((await restricted.call('POST', SESSIONS, SESSION, ADA)).status).toBe(201);
    expect(await restricted.stop()).toBe(0);
    expect(readdirSync(API_FOLDER)).toEqual(before);
  });
});

/** Uses a presigned URL. The name of the bucket in the host resolves to no address here. */
async function transfer(method: 'GET' | 'PUT', url: URL, body?: string): Promise<{ status?: number; text: string }> {
  const headers = { host: url.host, ...body && { 'content-type': 'application/pdf', 'content-length': body.length } };
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: 'localhost', port: url.port, path: `${url.pathname}${url.search}`, method, headers, agent: false,
    }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject).end(body);
  });
}
