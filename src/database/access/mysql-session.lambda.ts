import { Connection, createConnection, RowDataPacket, SslOptions } from 'mysql2/promise';
import { certificateAuthorities } from './certificates.lambda';
import { CONNECT_TIMEOUT, DatabaseAddress, doing, STATEMENT_TIMEOUT } from './database-server';
import { Login } from './logins';

/** The TLS settings for all connections. The driver parses the authorities again for each new settings object. */
let tls: SslOptions | undefined;

/**
 * Runs one statement and returns its rows.
 * @param what the statement as it continues "the database could not"
 */
export type Run = (
  what: string, sql: string, values?: ReadonlyArray<string | string[]>, mayQuote?: boolean,
) => Promise<RowDataPacket[]>;

/**
 * Connects as the administrator, does the work, and disconnects. The session uses no database: it does not depend on
 * one that the owner can drop, and no name in a statement is the name of a routine or a view of a user.
 */
export async function asAdministrator<T>(
  address: DatabaseAddress, administrator: Login, work: (run: Run) => Promise<T>,
): Promise<T> {
  return session(address, administrator, undefined, async (run) => {
    await run('set the SQL mode', `SET SESSION sql_mode = '${SQL_MODE}'`);
    return work(run);
  });
}

/**
 * The SQL mode of the session. The driver escapes values with backslashes, which NO_BACKSLASH_ESCAPES would turn off.
 * https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html
 */
const SQL_MODE = 'STRICT_ALL_TABLES';

/** Logs in to the server or to a proxy, uses the database, and runs a statement. */
export async function logInTo(address: DatabaseAddress, login: Login): Promise<void> {
  await session(address, login, address.database, (run) => run('answer', 'SELECT 1'));
}

/** Connects over TLS, verifies the name of the server, does the work, and disconnects. */
async function session<T>(
  { host, port }: DatabaseAddress, login: Login, database: string | undefined, work: (run: Run) => Promise<T>,
): Promise<T> {
  tls ??= { ca: certificateAuthorities(), minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true };
  const ssl = tls;
  const connection = await doing(`let ${login.username} log in`, () => createConnection({
    host,
    port,
    database,
    user: login.username,
    password: login.password,
    ssl,
    connectTimeout: CONNECT_TIMEOUT,
  }));
  // Without a listener, a lost connection ends the process.
  connection.on('error', () => undefined);
  try {
    return await work(runner(connection));
  } finally {
    await connection.end().catch(() => undefined);
  }
}

function runner(connection: Connection): Run {
  return async (what, sql, values = [], mayQuote = true) => {
    const query = () => connection.query<RowDataPacket[]>({ sql, values: [...values], timeout: STATEMENT_TIMEOUT });
    return (await doing(what, query, mayQuote))[0];
  };
}
