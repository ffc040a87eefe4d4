// A small API that uses every value that the stack passes to the container. Replace it with your own.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const { setTimeout: pause } = require('node:timers/promises');
const { Pool } = require('pg');

const { PGSSLROOTCERT, PORT = '8443' } = process.env;
const PAUSE_SECONDS = 5;

// pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. The certificate bundle verifies the server.
const database = new Pool({
  ssl: { ca: fs.readFileSync(PGSSLROOTCERT), minVersion: 'TLSv1.2' },
  connectionTimeoutMillis: PAUSE_SECONDS * 1000,
});
// An idle connection can end, for example in a failover. The next request opens another one.
database.on('error', (error) => log('warn', { message: error.message }));

const log = (level, fields) => console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields }));

/** Whether the database is audited and has its tables. Until then, the program answers only the health check. */
let ready = false;

const ROUTES = {
  // The check does not query the database: a slow database must not cause the replacement of every task.
  'GET /health': () => ({ status: 'ok' }),
  // Reports whether the database answers and is audited. Contains no PHI.
  'GET /api/status': async () => {
    const { rowCount } = await database.query('SELECT FROM pg_extension WHERE extname = \'pgaudit\'');
    return { database: 'ok', audited: rowCount === 1 };
  },
};

async function answer({ method, url }, response) {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  const say = (status, body) => response.writeHead(status, headers).end(JSON.stringify(body));
  const route = ROUTES[`${method} ${url.split('?')[0]}`];
  if (!route) return say(404, { error: 'there is no such resource' });
  if (!ready && route !== ROUTES['GET /health']) return say(503, { error: 'the database is not available yet' });
  try {
    return say(200, await route());
  } catch (error) {
    // The encrypted log receives the details, and the caller does not.
    log('error', { message: error.message });
    return say(500, { error: 'internal' });
  }
}

/** Prepares the database as soon as it is available. */
async function prepare() {
  while (!ready) {
    try {
      // A lock: without it, one of two tasks that start at the same time would fail to create what both find missing.
      await database.query(`
        BEGIN;
        SELECT pg_advisory_xact_lock(1);
        -- The parameter group has loaded pgAudit; a database logs by it only once the extension is there.
        CREATE EXTENSION IF NOT EXISTS pgaudit;
        CREATE TABLE IF NOT EXISTS jobs (id bigserial PRIMARY KEY, kind text NOT NULL, done_at timestamptz);
        COMMIT;
      `);
      ready = true;
    } catch (error) {
      log('warn', { message: error.message });
      await pause(PAUSE_SECONDS * 1000);
    }
  }
}

async function start() {
  // Each task creates its own certificate at start: load balancers do not verify the certificates of their targets.
  const [key, cert] = ['/tmp/key.pem', '/tmp/cert.pem'];
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
    '-subj', '/CN=task', '-keyout', key, '-out', cert,
  ], { stdio: 'ignore' });
  const server = https.createServer({
    key: fs.readFileSync(key),
    cert: fs.readFileSync(cert),
    minVersion: 'TLSv1.2',
  }, answer).listen(Number(PORT));
  // Longer than the idle timeout of the load balancer (60 s), which could otherwise use a connection that is closing.
  server.keepAliveTimeout = 65_000;
  // ECS sends SIGTERM and waits. Active requests complete first.
  process.on('SIGTERM', () => server.close(() => database.end().finally(() => process.exit(0))));

  await prepare();
}

start().catch((error) => {
  log('fatal', { message: error.message });
  process.exit(1);
});
