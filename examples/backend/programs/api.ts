// The API of the jobs. Replace it with your own.
//
//   PUT /jobs/<UUID>    stores a document, and sends a job to the worker. A repetition does the job once
//   GET /jobs/<UUID>    the result of the job
import { createHash, timingSafeEqual } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import * as https from 'node:https';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ownCertificate } from './certificate';
import { databasePool } from './database';
import { Documents } from './documents';
import { beat } from './heartbeat';
import { readBody, Refusal, respond } from './http';
import { log } from './log';

const { API_KEYS = '', JOBS_QUEUE_URL, PORT = '8443', STORAGE_BUCKET_NAME } = process.env;
const JOB = /^\/jobs\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** Shorter than the time after which ECS kills the container, 30 seconds. */
const SHUTDOWN_MILLISECONDS = 25_000;
const IDLE_CHECK_MILLISECONDS = 250;
const HEARTBEAT_MILLISECONDS = 30_000;

const digest = (text: string) => createHash('sha256').update(text).digest();
/** The current key, the next one, and the previous one, which stays valid until the next rotation. */
const keys = API_KEYS.split(',').filter(Boolean).map(digest);
const pool = databasePool(5);
const documents = new Documents(STORAGE_BUCKET_NAME!);
const sqs = new SQSClient({});

function requireKey({ headers, socket }: IncomingMessage): void {
  const given = digest(/^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  if (keys.some((key) => timingSafeEqual(key, given))) return;
  const address = `${headers['x-forwarded-for'] ?? socket.remoteAddress}`.split(',').at(-1)!.trim();
  log('login_failed', { address });
  throw new Refusal(401, 'unauthorized', { 'www-authenticate': 'Bearer' });
}

async function putJob(id: string, request: IncomingMessage): Promise<object> {
  await documents.store(id, await readBody(request));
  // Only now: a worker that receives the job finds its document.
  await sqs.send(new SendMessageCommand({
    QueueUrl: JOBS_QUEUE_URL, MessageBody: JSON.stringify({ id, kind: 'document' }),
  }));
  return { id };
}

async function getJob(id: string): Promise<object> {
  const { rows: [result] } = await pool.query('SELECT sha256 FROM results WHERE job = $1', [id]);
  if (!result) throw new Refusal(404, 'the job has no result');
  return { id, ...result };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  // The check does not query the database: a slow database must not cause the replacement of every task.
  if (request.url === '/healthz') return respond(response, 200, { status: 'ok' });
  requireKey(request);
  const [, id] = JOB.exec(request.url!) ?? [];
  if (!id) throw new Refusal(404, 'there is no such resource');
  const access = { job: id, method: request.method };
  if (request.method === 'PUT') respond(response, 202, await putJob(id, request));
  else if (request.method === 'GET') respond(response, 200, await getJob(id));
  else throw new Refusal(405, 'this method is not allowed', { allow: 'GET, PUT' });
  log('audit', access);
}

/** The encrypted log receives the reason of a failure, and the client does not. */
function fail(response: ServerResponse, error: Error): void {
  if (response.headersSent) {
    response.destroy();
  } else if (error instanceof Refusal) {
    respond(response, error.status, { error: error.message }, error.headers);
  } else {
    log('request_failed', { error: error.name, reason: error.message });
    respond(response, 500, { error: 'internal' });
  }
}

if (keys.length === 0) throw new Error('API_KEYS must contain a key');
const server = https.createServer({ ...ownCertificate(), minVersion: 'TLSv1.2' }, (request, response) =>
  void answer(request, response).catch((error) => fail(response, error))).listen(Number(PORT));
// Longer than the idle timeout of the load balancer (60 s), which could otherwise use a connection that is closing.
server.keepAliveTimeout = 65_000;
beat();
setInterval(beat, HEARTBEAT_MILLISECONDS).unref();

// ECS sends SIGTERM and waits. Active requests complete first.
process.on('SIGTERM', () => {
  server.close(() => pool.end().finally(() => process.exit(0)));
  // A connection becomes idle after its last response. The load balancer would keep it open.
  setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MILLISECONDS).unref();
  setTimeout(() => process.exit(1), SHUTDOWN_MILLISECONDS).unref();
});
