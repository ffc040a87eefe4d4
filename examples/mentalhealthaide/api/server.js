// A small API that uses every value that the stack passes to the container. Replace it with your own.
const { execFileSync } = require('node:child_process');
const { createHmac, timingSafeEqual } = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const express = require('express');
const mysql = require('mysql2/promise');

const {
  MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_DATABASE, MYSQL_USER, MYSQL_PWD, MYSQL_SSL_CA, JWT_SECRET, PORT = '8443',
} = process.env;

const database = mysql.createPool({
  host: MYSQL_HOST,
  port: Number(MYSQL_TCP_PORT),
  database: MYSQL_DATABASE,
  user: MYSQL_USER,
  password: MYSQL_PWD,
  // Without verifyIdentity, mysql2 does not compare the host name with the certificate.
  ssl: { ca: fs.readFileSync(MYSQL_SSL_CA), minVersion: 'TLSv1.2', verifyIdentity: true },
});

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '8kb' }));

// The check does not query the database: a slow database must not cause the replacement of every task.
app.get('/health', (_request, response) => response.json({ status: 'ok' }));

app.post('/sessions', (_request, response) => {
  response.json({ token: sign({ sub: 'demo', exp: Math.floor(Date.now() / 1000) + 900 }) });
});

app.get('/records', authenticated, async (_request, response) => {
  const [rows] = await database.query('SELECT CURRENT_USER() AS user, NOW() AS now');
  response.json({ records: rows });
});

// The encrypted log receives the details of a failure, and the caller does not.
app.use((error, _request, response, _next) => {
  console.error(JSON.stringify({ level: 'ERROR', message: error.message }));
  response.status(500).json({ error: 'internal' });
});

// One key is valid at a time, so a rotation ends tokens, which expire after 15 minutes. Longer sessions also need the
// previous key, which Secrets Manager keeps under the stage AWSPREVIOUS.
function sign(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${unsigned}.${createHmac('sha256', JWT_SECRET).update(unsigned).digest('base64url')}`;
}

function authenticated(request, response, next) {
  const [header, claims, signature = ''] = (request.headers.authorization ?? '').replace(/^Bearer /, '').split('.');
  const expected = createHmac('sha256', JWT_SECRET).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return response.status(401).json({ error: 'unauthorized' });
  }
  if (JSON.parse(Buffer.from(claims, 'base64url')).exp < Date.now() / 1000) {
    return response.status(401).json({ error: 'expired' });
  }
  return next();
}

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
}, app).listen(Number(PORT));

// Longer than the idle timeout of the load balancer (60 s), which could otherwise use a connection that is closing.
server.keepAliveTimeout = 65_000;

// ECS sends SIGTERM and waits. Active requests complete first.
process.on('SIGTERM', () => server.close(() => database.end().finally(() => process.exit(0))));
