// A small API that uses everything the stack hands to a container. Put your own in its place.
const { execFileSync } = require('node:child_process');
const { createHmac, timingSafeEqual } = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const express = require('express');
const mysql = require('mysql2/promise');

const { MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_DATABASE, MYSQL_USER, MYSQL_PWD, MYSQL_SSL_CA, JWT_SECRET, PORT = '8443' } = process.env;

const database = mysql.createPool({
  host: MYSQL_HOST,
  port: Number(MYSQL_TCP_PORT),
  database: MYSQL_DATABASE,
  user: MYSQL_USER,
  password: MYSQL_PWD,
  ssl: { ca: fs.readFileSync(MYSQL_SSL_CA), minVersion: 'TLSv1.2' },
});

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '8kb' }));

// Shallow on purpose: a slow database must not make the load balancer replace every task.
app.get('/health', (_request, response) => response.json({ status: 'ok' }));

app.post('/sessions', (_request, response) => response.json({ token: sign({ sub: 'demo', exp: Math.floor(Date.now() / 1000) + 900 }) }));

app.get('/records', authenticated, async (_request, response) => {
  const [rows] = await database.query('SELECT CURRENT_USER() AS user, NOW() AS now');
  response.json({ records: rows });
});

// Details of a failure go to the log, which is encrypted, and not to the caller.
app.use((error, _request, response, _next) => {
  console.error(JSON.stringify({ level: 'ERROR', message: error.message }));
  response.status(500).json({ error: 'internal' });
});

// One key at a time: a token of 15 minutes does not outlive the rotation of the key. Longer sessions need the previous key as well,
// which is in Secrets Manager under the stage AWSPREVIOUS.
function sign(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${unsigned}.${createHmac('sha256', JWT_SECRET).update(unsigned).digest('base64url')}`;
}

function authenticated(request, response, next) {
  const [header, claims, signature = ''] = (request.headers.authorization ?? '').replace(/^Bearer /, '').split('.');
  const expected = createHmac('sha256', JWT_SECRET).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return response.status(401).json({ error: 'unauthorized' });
  if (JSON.parse(Buffer.from(claims, 'base64url')).exp < Date.now() / 1000) return response.status(401).json({ error: 'expired' });
  return next();
}

// Each task makes its own certificate when it starts: load balancers encrypt to their targets without verifying names.
const [key, cert] = ['/tmp/key.pem', '/tmp/cert.pem'];
execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
  '-subj', '/CN=task', '-keyout', key, '-out', cert], { stdio: 'ignore' });
const server = https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert), minVersion: 'TLSv1.2' }, app).listen(Number(PORT));

// Longer than the load balancer keeps a silent connection (60 s): else it sends a request into one that is just being closed.
server.keepAliveTimeout = 65_000;

// ECS sends SIGTERM and waits; requests under way are answered first.
process.on('SIGTERM', () => server.close(() => database.end().finally(() => process.exit(0))));
