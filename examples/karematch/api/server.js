// A small API that uses every value that the stack passes to the container. Replace it with your own.
const { execFileSync } = require('node:child_process');
const { createHash, randomBytes, scryptSync, timingSafeEqual } = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const express = require('express');
const { Pool } = require('pg');
const { connection } = require('./database');
const { KeyRing } = require('./key-ring');
const { sessions } = require('./sessions');

const { SESSION_SECRET, ENCRYPTION_KEYS, PORT = '5000' } = process.env;

// migrate.js creates the tables. The login of the API can read and change data, and cannot change the schema.
const database = new Pool(connection);
const ring = new KeyRing(ENCRYPTION_KEYS);
const session = sessions(SESSION_SECRET);

// One JSON object per line: CloudWatch counts `level` "error" and `event` "login_failed". Never log names or records.
const log = (level, fields) => console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields }));

// An idle connection can end, for example in a failover. The next request opens another one.
database.on('error', (error) => log('warn', { message: error.message }));

const THERAPISTS = [{ id: '1', name: 'Ada Rivera' }, { id: '2', name: 'Noor Haddad' }];

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '8kb' }));

// No response may be cached: CloudFront would return the same response to two simultaneous callers.
app.use((_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
});

// The check does not query the database: a slow database must not cause the replacement of every task.
app.get('/health', (_request, response) => response.json({ status: 'ok' }));

app.get('/api/therapists', (_request, response) => response.json(THERAPISTS));
app.get('/api/therapists/:id', ({ params }, response) => {
  const therapist = THERAPISTS.find(({ id }) => id === params.id);
  return therapist ? response.json(therapist) : response.status(404).json({ error: 'there is no such therapist' });
});

app.post('/api/users', credentials, async ({ body: { user, password } }, response) => {
  const salt = randomBytes(16);
  const { rowCount } = await database.query(
    'INSERT INTO users (name, salt, hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [user, salt, scryptSync(password, salt, 32)],
  );
  return rowCount === 1
    ? response.status(201).json({ user })
    : response.status(409).json({ error: 'that name is taken' });
});

app.post('/api/sessions', credentials, async (request, response) => {
  const { user, password } = request.body;
  const { rows: [found] } = await database.query('SELECT salt, hash FROM users WHERE name = $1', [user]);
  if (!found || !timingSafeEqual(scryptSync(password, found.salt, 32), found.hash)) {
    log('warn', { event: 'login_failed', account: accountOf(user), address: addressOf(request) });
    return response.status(401).json({ error: 'unknown user or wrong password' });
  }
  return response.json({ token: session.sign(user) });
});

app.post('/api/notes', authenticated, async ({ body, user }, response) => {
  const text = body?.text;
  if (typeof text !== 'string') return response.status(400).json({ error: 'text is needed' });
  await database.query('INSERT INTO notes (owner, note) VALUES ($1, $2)', [user, ring.encrypt(text, `notes/${user}`)]);
  return response.status(201).end();
});

app.get('/api/notes', authenticated, async ({ user }, response) => {
  const { rows } = await database.query('SELECT note FROM notes WHERE owner = $1 ORDER BY id', [user]);
  return response.json(rows.map(({ note }) => ring.decrypt(note, `notes/${user}`)));
});

app.use('/api', (_request, response) => response.status(404).json({ error: 'there is no such resource' }));

// The encrypted log receives the details of a failure, and the caller does not. A client error is not a failure, so
// that bots cannot fire the alarm.
app.use((error, _request, response, _next) => {
  if (error.status >= 400 && error.status < 500) return response.status(error.status).json({ error: 'bad request' });
  log('error', { message: error.message });
  return response.status(500).json({ error: 'internal' });
});

function credentials({ body }, response, next) {
  const texts = [body?.user, body?.password]
    .every((text) => typeof text === 'string' && text.length > 0 && text.length <= 200);
  return texts ? next() : response.status(400).json({ error: 'user and password are needed' });
}

/** Distinguishes attempts on one account from attempts on many, without its name. */
function accountOf(user) {
  return createHash('sha256').update(user).digest('hex').slice(0, 12);
}

/**
 * The client address. The load balancer appends the address that it sees. Behind the site, this is CloudFront, which
 * appended the address of the client before.
 */
function addressOf({ headers, socket }) {
  const hops = (headers['x-forwarded-for'] ?? '').split(',').map((hop) => hop.trim()).filter(Boolean);
  const throughSite = headers.via?.includes('CloudFront');
  return hops.at(throughSite ? -2 : -1) ?? socket.remoteAddress;
}

function authenticated(request, response, next) {
  request.user = session.verify((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  return request.user === undefined ? response.status(401).json({ error: 'unauthorized' }) : next();
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
  }, app).listen(Number(PORT));

  // Longer than the idle timeout of the load balancer (60 s), which could otherwise use a connection that is closing.
  server.keepAliveTimeout = 65_000;

  // ECS sends SIGTERM and waits. Active requests complete first.
  process.on('SIGTERM', () => server.close(() => database.end().finally(() => process.exit(0))));
}

try {
  start();
} catch (error) {
  log('fatal', { message: error.message });
  process.exit(1);
}
