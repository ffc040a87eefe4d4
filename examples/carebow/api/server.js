// A small API that uses every value that the stack passes to the container. Replace it with your own.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const { KMSClient } = require('@aws-sdk/client-kms');
const { Pool } = require('pg');
const { createApp } = require('./app');
const { connection } = require('./database');
const { Fields } = require('./fields');
const { log } = require('./log');
const { Reports } = require('./reports');
const { routes } = require('./routes');
const { Tokens } = require('./tokens');

const { FIELDS_KEY_ARN, JWT_AUDIENCE, JWT_ISSUER, JWT_KEYS, PORT = '8443', REPORTS_BUCKET_NAME } = process.env;

/** Shorter than the time after which ECS kills the container, 30 seconds. */
const SHUTDOWN_SECONDS = 25;
const IDLE_CHECK_MILLISECONDS = 250;
/** The value of an external secret until a person enters another one. */
const NOT_ENTERED = 'not-entered-yet';

/** The secrets of third parties. The sample does not call them. */
function warnAboutMissingSecrets() {
  for (const name of ['OPENAI_API_KEY', 'STRIPE_SECRET_KEY']) {
    if (process.env[name] === NOT_ENTERED) {
      log('warn', { event: 'secret_missing', message: `${name} has no value yet: see OPERATIONS.md, Account` });
    }
  }
}

/** Each task creates its own certificate at start: load balancers do not verify the certificates of their targets. */
function certificate() {
  const folder = fs.mkdtempSync('/tmp/tls-');
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
    '-subj', '/CN=task', '-keyout', key, '-out', cert,
  ], { stdio: 'ignore' });
  const pair = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
  fs.rmSync(folder, { recursive: true });
  return pair;
}

function start() {
  // migrate.js creates the tables. The login of the API can read and change data, and cannot change the schema.
  const database = new Pool(connection);
  // An idle connection can end, for example in a failover. The next request opens another one.
  database.on('error', (error) => log('warn', { message: error.message }));
  const app = createApp({
    tokens: new Tokens({ keys: JWT_KEYS, issuer: JWT_ISSUER, audience: JWT_AUDIENCE }),
    routes: routes({
      database, fields: new Fields(new KMSClient({}), FIELDS_KEY_ARN), reports: new Reports(REPORTS_BUCKET_NAME),
    }),
  });
  const server = https.createServer({ ...certificate(), minVersion: 'TLSv1.2' }, app).listen(Number(PORT));
  // Longer than the idle timeout of the load balancer (60 s), which could otherwise use a connection that is closing.
  server.keepAliveTimeout = 65_000;
  warnAboutMissingSecrets();

  // ECS sends SIGTERM and waits. Active requests complete first.
  process.on('SIGTERM', () => {
    server.close(() => database.end().finally(() => process.exit(0)));
    // A connection becomes idle after its last response. The load balancer would keep it open.
    setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MILLISECONDS).unref();
    setTimeout(() => process.exit(1), SHUTDOWN_SECONDS * 1000).unref();
  });
}

/** Ends the task, which ECS replaces. The log contains no stack trace. */
function end(error) {
  log('fatal', { error: error?.name, message: error?.message });
  process.exit(1);
}

process.on('uncaughtException', end);
process.on('unhandledRejection', end);
start();
