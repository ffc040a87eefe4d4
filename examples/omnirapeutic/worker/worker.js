// A worker that takes one job at a time from a table, with any number of workers. Replace it with your own.
const fs = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { Pool } = require('pg');

const { PGSSLROOTCERT } = process.env;
const PAUSE_SECONDS = 5;

// pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. The certificate bundle verifies the server.
const database = new Pool({
  ssl: { ca: fs.readFileSync(PGSSLROOTCERT), minVersion: 'TLSv1.2' },
  connectionTimeoutMillis: PAUSE_SECONDS * 1000,
});
database.on('error', (error) => log('warn', { message: error.message }));

const log = (level, fields) => console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields }));

/** Runs a job. A real worker calls the partner with the key in CLEARINGHOUSE_API_KEY. */
async function carryOut({ id, kind }) {
  log('info', { event: 'job_done', id, kind });
}

/** Takes one free job. The job is locked until it is done, so the job of a failed worker becomes free again. */
async function work() {
  const client = await database.connect();
  try {
    await client.query('BEGIN');
    const { rows: [job] } = await client.query(
      'SELECT id, kind FROM jobs WHERE done_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED',
    );
    if (job) {
      await carryOut(job);
      await client.query('UPDATE jobs SET done_at = now() WHERE id = $1', [job.id]);
    }
    await client.query('COMMIT');
    client.release();
    return job !== undefined;
  } catch (error) {
    client.release(error);
    throw error;
  }
}

let stopping = false;
// ECS sends SIGTERM and waits. The active job completes first.
process.on('SIGTERM', () => { stopping = true; });

async function run() {
  while (!stopping) {
    const found = await work().catch((error) => log('error', { message: error.message }));
    if (!found && !stopping) await pause(PAUSE_SECONDS * 1000);
  }
  await database.end();
}

void run();
