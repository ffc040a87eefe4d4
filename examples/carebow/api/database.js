// The connection of both programs. pg reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD itself.
const fs = require('node:fs');

const TIMEOUT_SECONDS = 5;

/** Verifies the certificate and the name of the server with the certificate bundle. */
const connection = {
  ssl: { ca: fs.readFileSync(process.env.PGSSLROOTCERT), minVersion: 'TLSv1.2' },
  connectionTimeoutMillis: TIMEOUT_SECONDS * 1000,
  query_timeout: TIMEOUT_SECONDS * 1000,
};

module.exports = { connection };
