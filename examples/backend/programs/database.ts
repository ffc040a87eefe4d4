import * as fs from 'node:fs';
import { Pool } from 'pg';
import { log } from './log';

const TIMEOUT_MILLISECONDS = 5_000;

/**
 * Connects to the database when a query needs it. pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD, and the
 * certificate bundle verifies the server.
 */
export function databasePool(max: number): Pool {
  const pool = new Pool({
    ssl: { ca: fs.readFileSync(process.env.PGSSLROOTCERT!), minVersion: 'TLSv1.2' },
    connectionTimeoutMillis: TIMEOUT_MILLISECONDS,
    max,
  });
  // An idle connection can end, for example in a failover. The next query opens another one.
  pool.on('error', ({ message }) => log('database_failed', { reason: message }));
  return pool;
}
