// A small API that uses everything the stack hands to a container. Put your own in its place.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const { Pool } = require('pg');

const { PGSSLROOTCERT, PORT = '8443' } = process.env;

// pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD by itself; the bundle lets it verify whom it talks to.
const database = new Pool({ ssl: { ca: fs.readFileSync(PGSSLROOTCERT), minVersion: 'TLSv1.2' } });
// A connection that ends while nobody uses it, as in a failover, is no reason to end: the next request opens another.
database.on('error', (error) => log('warn', { message: error.message }));

const log = (level, fields) => console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields }));

const ROUTES = {
  // Shallow on purpose: a slow database must not make the load balancer replace every task.
  'GET /health': () => ({ status: 'ok' }),
  // What an operator asks first: does the database answer, and is it audited? Nothing about anybody.
  'GET /api/status': async () => {
    const { rowCount } = await database.query('SELECT FROM pg_extension WHERE extname = \'pgaudit\'');
    return { database: 'ok', audited: rowCount === 1 };
  },
};

async function answer({ method, url }, response) {
  const say = (status, body) => response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
  const route = ROUTES[`${method} ${url.split('?')[0]}`];
  if (!route) return say(404, { error: 'there is no such resource' });
  try {
    return say(200, await route());
  } catch (error) {
    // Details go to the log, which is encrypted, and not to the caller.
    log('error', { message: error.message });
    return say(500, { error: 'internal' });
  }
}

async function start() {
  // One at a time: of two tasks that start together, and both see that something is not there, one would fail to make it.
  await database.query(`
    BEGIN;
    SELECT pg_advisory_xact_lock(1);
    -- The parameter group has loaded pgAudit; a database logs by it only once the extension is there.
    CREATE EXTENSION IF NOT EXISTS pgaudit;
    CREATE TABLE IF NOT EXISTS jobs (id bigserial PRIMARY KEY, kind text NOT NULL, done_at timestamptz);
    COMMIT;
  `);

  // Each task makes its own certificate when it starts: load balancers encrypt to their targets without verifying names.
  const [key, cert] = ['/tmp/key.pem', '/tmp/cert.pem'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
    '-subj', '/CN=task', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert), minVersion: 'TLSv1.2' }, answer).listen(Number(PORT));
  // Longer than the load balancer keeps a silent connection (60 s): else it sends a request into one that is just being closed.
  server.keepAliveTimeout = 65_000;
  // ECS sends SIGTERM and waits; requests under way are answered first.
  process.on('SIGTERM', () => server.close(() => database.end().finally(() => process.exit(0))));
}

start().catch((error) => {
  log('fatal', { message: error.message });
  process.exit(1);
});
