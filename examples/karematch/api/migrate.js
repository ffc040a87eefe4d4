// Creates the tables of the API. The stack runs this program, with the login of the owner, before it deploys the API.
const { Client } = require('pg');
const { connection } = require('./database');

// Append statements. Every run executes all of them, so each must accept that it ran before. The previous version of
// the API uses the tables until it is replaced, so do not remove what it needs.
const STATEMENTS = [
  'CREATE TABLE IF NOT EXISTS users (name text PRIMARY KEY, salt bytea NOT NULL, hash bytea NOT NULL)',
  'CREATE TABLE IF NOT EXISTS notes '
    + '(id bigserial PRIMARY KEY, owner text NOT NULL REFERENCES users, note text NOT NULL)',
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

const log = (level, message) => console.log(JSON.stringify({ level, time: new Date().toISOString(), message }));

migrate().then(() => log('info', `${STATEMENTS.length} statements ran`), (error) => {
  log('fatal', error.message);
  process.exitCode = 1;
});
