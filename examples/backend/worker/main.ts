import * as fs from 'node:fs';
import { Pool } from 'pg';
import { beat } from './heartbeat';
import { PostgresStore } from './postgres-store';
import { log, runUntilStopped } from './worker';

const { JOBS_QUEUE_URL, PGSSLROOTCERT } = process.env;
const SECONDS = 1000;

// pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. The certificate bundle verifies the server.
const pool = new Pool({
  ssl: { ca: fs.readFileSync(PGSSLROOTCERT!), minVersion: 'TLSv1.2' },
  connectionTimeoutMillis: 5 * SECONDS,
  max: 1,
});
pool.on('error', ({ message }) => log('database_failed', { reason: message }));

/** Replace it with your own work. It changes the database only with the client of the transaction. */
void runUntilStopped({
  queueUrl: JOBS_QUEUE_URL!,
  store: new PostgresStore(pool),
  work: async ({ id, kind }, client) => {
    await client.query('INSERT INTO results (job, kind) VALUES ($1, $2)', [id, kind]);
  },
  visibilitySeconds: 120,
  // The service has a stopTimeout of two minutes.
  graceSeconds: 90,
  waitSeconds: 20,
  onProgress: beat,
}).then(() => pool.end());
