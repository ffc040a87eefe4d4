// Creates the tables of the API. The stack runs this program, with the login of the owner, before it deploys the API.
const { Client } = require('pg');
const { connection } = require('./database');
const { log } = require('./log');

// Append statements. Every run executes all of them, so each must accept that it ran before. The previous version of
// the API uses the tables until it is replaced, so do not remove what it needs.
const STATEMENTS = [
  // The complaint is encrypted: see fields.js.
  'CREATE TABLE IF NOT EXISTS symptom_sessions (id uuid PRIMARY KEY, owner text NOT NULL, '
    + 'primary_complaint text NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
  'CREATE INDEX IF NOT EXISTS symptom_sessions_owner ON symptom_sessions (owner, created_at)',
  // Rows are only added, so the table is the history of the decisions of each user.
  'CREATE TABLE IF NOT EXISTS consents (id bigserial PRIMARY KEY, owner text NOT NULL, version text NOT NULL, '
    + 'given boolean NOT NULL, decided_at timestamptz NOT NULL DEFAULT now())',
  'CREATE INDEX IF NOT EXISTS consents_owner ON consents (owner, id)',
  'CREATE TABLE IF NOT EXISTS reports (id uuid PRIMARY KEY, owner text NOT NULL, '
    + 'created_at timestamptz NOT NULL DEFAULT now())',
];
/** Any number: runs that use the same one wait for each other. */
const LOCK = 1;

async function migrate() {
  const database = new Client(connection);
  await database.connect();
  try {
    // All statements take effect, or none.
    await database.query('BEGIN');
    await database.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    for (const statement of STATEMENTS) await database.query(statement);
    await database.query('COMMIT');
  } finally {
    await database.end();
  }
}

migrate().then(() => log('info', { message: `${STATEMENTS.length} statements ran` }), (error) => {
  log('fatal', { message: error.message });
  process.exitCode = 1;
});
