// The worker. Replace `work` with your own: it changes the database only with the client of the transaction.
import { createHash } from 'node:crypto';
import { databasePool } from './database';
import { Documents } from './documents';
import { beat } from './heartbeat';
import { PostgresStore } from './postgres-store';
import { runUntilStopped } from './worker';

const { JOBS_QUEUE_URL, STORAGE_BUCKET_NAME } = process.env;

const pool = databasePool(1);
const documents = new Documents(STORAGE_BUCKET_NAME!);

void runUntilStopped({
  queueUrl: JOBS_QUEUE_URL!,
  store: new PostgresStore(pool),
  work: async ({ id }, client, signal) => {
    const document = await documents.read(id, signal);
    const sha256 = createHash('sha256').update(document).digest('hex');
    await client.query('INSERT INTO results (job, sha256) VALUES ($1, $2)', [id, sha256]);
  },
  visibilitySeconds: 120,
  // The service has a stopTimeout of two minutes.
  graceSeconds: 90,
  waitSeconds: 20,
  restSeconds: 60,
  onProgress: beat,
}).then(() => pool.end());
