import { Pool, PoolClient } from 'pg';
import { PostgresStore } from '../../../examples/backend/programs/postgres-store';
import { ADMINISTRATOR, SERVER_NAME, StartedServer, startPostgres } from '../../support/database-servers';

let server: StartedServer;
let pool: Pool;
let store: PostgresStore;

beforeAll(async () => {
  server = await startPostgres();
  pool = new Pool({
    host: SERVER_NAME,
    port: server.port,
    database: 'app',
    user: ADMINISTRATOR.username,
    password: ADMINISTRATOR.password,
    ssl: { ca: server.ca },
    max: 4,
  });
  // A test ends a connection.
  pool.on('error', () => undefined);
  store = new PostgresStore(pool);
  await pool.query('CREATE TABLE done_jobs (id text PRIMARY KEY, done_at timestamptz NOT NULL)');
  await pool.query('CREATE TABLE results (job text NOT NULL)');
});
afterAll(async () => {
  await pool.end();
  await server.stop();
});
beforeEach(() => pool.query('TRUNCATE done_jobs, results'));

const work = (id: string) => async (client: PoolClient) => {
  await client.query('INSERT INTO results (job) VALUES ($1)', [id]);
};
const rows = async (table: string) => (await pool.query(`SELECT * FROM ${table}`)).rowCount;

test('the work of a job and its record are stored', async () => {
  expect(await store.once('1', work('1'))).toBe(true);
  expect([await rows('results'), await rows('done_jobs')]).toEqual([1, 1]);
});

test('the work of a job that is done does not run', async () => {
  await store.once('1', work('1'));
  expect(await store.once('1', work('1'))).toBe(false);
  expect([await rows('results'), await rows('done_jobs')]).toEqual([1, 1]);
});

test('neither the result nor the record is stored if the work fails, and the next attempt succeeds', async () => {
  const failing = store.once('1', async (client) => {
    await work('1')(client);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect([await rows('results'), await rows('done_jobs')]).toEqual([0, 0]);
  expect(await store.once('1', work('1'))).toBe(true);
});

test('two workers with the same job at the same time do it once', async () => {
  const all = await Promise.all([1, 2, 3].map(() => store.once('1', work('1'))));
  expect(all.sort()).toEqual([false, false, true]);
  expect(await rows('results')).toBe(1);
});

test('the second worker does the job if the first one loses its connection', async () => {
  let begun: () => void;
  const hasBegun = new Promise<void>((resolve) => { begun = resolve; });
  const first = store.once('1', async (client) => {
    await work('1')(client);
    begun();
    const { rows: [{ pid }] } = await client.query('SELECT pg_backend_pid() AS pid');
    await pool.query('SELECT pg_sleep(0.3)');
    server.superuser(`SELECT pg_terminate_backend(${pid})`);
    await client.query('SELECT 1');
  });
  const lost = expect(first).rejects.toThrow();
  await hasBegun;
  expect(await store.once('1', work('1'))).toBe(true);
  await lost;
  expect([await rows('results'), await rows('done_jobs')]).toEqual([1, 1]);
});
