// Creates the tables of the database, as the owner of the schema. Replace it with your migration tool.
const fs = require('node:fs');
const { Client } = require('pg');

const { PGSSLROOTCERT } = process.env;
const CONNECT_SECONDS = 5;

const log = (level, fields) => console.log(JSON.stringify({ level, time: new Date().toISOString(), ...fields }));

async function migrate() {
  // pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. The certificate bundle verifies the server.
  const database = new Client({
    ssl: { ca: fs.readFileSync(PGSSLROOTCERT), minVersion: 'TLSv1.2' },
    connectionTimeoutMillis: CONNECT_SECONDS * 1000,
  });
  await database.connect();
  // A lock: without it, one of two runs at the same time would fail to create what both find missing.
  await database.query(`
    BEGIN;
    SELECT pg_advisory_xact_lock(1);
    CREATE TABLE IF NOT EXISTS jobs (id bigserial PRIMARY KEY, kind text NOT NULL, done_at timestamptz);
    COMMIT;
  `);
  await database.end();
  log('info', { event: 'migrated' });
}

// With another exit code than 0, the deployment does not start the new version of the services.
migrate().catch((error) => {
  log('fatal', { message: error.message });
  process.exit(1);
});
