// Deletes the records of jobs that SQS can no longer deliver. The stack runs this program each day.
import { databasePool } from './database';
import { log } from './log';

/** Longer than a job can be in both queues: 4 days, 14 days as a dead letter, and 4 days after its return. */
const DAYS = 30;

async function cleanUp(): Promise<void> {
  const pool = databasePool(1);
  try {
    const { rowCount } =
      await pool.query('DELETE FROM done_jobs WHERE done_at < now() - make_interval(days => $1)', [DAYS]);
    log('cleaned_up', { jobs: rowCount });
  } finally {
    await pool.end();
  }
}

cleanUp().catch(({ message }) => {
  log('cleanup_failed', { reason: message });
  process.exitCode = 1;
});
