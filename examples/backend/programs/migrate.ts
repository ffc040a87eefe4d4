// Creates the tables. The stack runs this program, with the login of the owner, before it deploys the services.
import { databasePool } from './database';
import { log } from './log';

// Append statements. Every run executes all of them, so each must accept that it ran before. The previous versions of
// the programs use the tables until they are replaced, so do not remove what they need.
const STATEMENTS = [
  'CREATE TABLE IF NOT EXISTS done_jobs (id text PRIMARY KEY, done_at timestamptz NOT NULL)',
  'CREATE INDEX IF NOT EXISTS done_jobs_done_at ON done_jobs (done_at)',
  'CREATE TABLE IF NOT EXISTS results (job text PRIMARY KEY, sha256 text NOT NULL)',
];
/** Any number: runs that use the same one wait for each other. */
const LOCK = 1;

async function migrate(): Promise<void> {
  const pool = databasePool(1);
  const client = await pool.connect();
  try {
    // All statements take effect, or none.
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    for (const statement of STATEMENTS) await client.query(statement);
    await client.query('COMMIT');
  } finally {
    client.release(true);
    await pool.end();
  }
}

migrate().then(() => log('migrated', { statements: STATEMENTS.length }), ({ message }) => {
  log('migration_failed', { reason: message });
  process.exitCode = 1;
});
