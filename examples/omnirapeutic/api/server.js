// A small API that uses every value that the stack passes to the container. Replace it with your own.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const { Pool } = require('pg');

const { PGSSLROOTCERT, PORT = '8443' } = process.env;
const CONNECT_SECONDS = 5;

// pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. The certificate bundle verifies the server.
const database = new Pool({
  ssl: { ca: fs.readFileSync(PGSSLROOTCERT), minVersion: 'TLSv1.2' },
  connectionTimeoutMillis: CONNECT_SECONDS * 1000,
});
// An idle connection can end, for example in a failover. The next request opens another one.
database.on('error', (error) => log('warn', { message: error.message }));

const log = (level, fields) => console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields }));

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
  try {
    return say(200, await route());
  } catch (error) {
    // The encrypted log receives the details, and the caller does not.
    log('error', { message: error.message });
    return say(500, { error: 'internal' });
  }
}

function start() {
  // Each task creates its own certificate at start: load balancers do not verify the certificates of their targets.
  const folder = fs.mkdtempSync('/tmp/tls-');
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
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
}

start();
