import { createSecureContext, SecureContext } from 'tls';
import { Client, ClientConfig } from 'pg';
import { certificateAuthorities } from './certificates.lambda';
import { CONNECT_TIMEOUT, DatabaseAddress, doing, STATEMENT_TIMEOUT } from './database-server';
import { Login } from './logins';

/** The time for which a statement waits for a lock, in milliseconds. Statements of the application wait behind it. */
const LOCK_TIMEOUT = 3_000;
/**
 * The settings of a session of the administrator. With this search path, PostgreSQL resolves names in the system
 * catalog only: the administrator never runs a function, an operator or a cast that a user has created.
 * https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
 */
const OF_ADMINISTRATOR: ClientConfig = {
  options: '-c search_path=pg_catalog,pg_temp',
  statement_timeout: STATEMENT_TIMEOUT,
  lock_timeout: LOCK_TIMEOUT,
};

/** The certificate authorities for all connections. Parsing them takes longer than a login. */
let authorities: SecureContext | undefined;

/** A row of the catalog, of which this library reads names and yes-or-no columns. */
export interface Row {
  readonly [column: string]: string | boolean;
}

/** A connection to PostgreSQL. */
export class PostgresSession {
  /** Connects to the server as the administrator, does the work, and disconnects. */
  public static async asAdministrator<T>(
    address: DatabaseAddress, administrator: Login, work: (session: PostgresSession) => Promise<T>,
  ): Promise<T> {
    return PostgresSession.with(address, administrator, OF_ADMINISTRATOR, work);
  }

  /**
   * Logs in to the server or to a proxy. Returns the role as which the login acts, and the version of the server.
   *
   * RDS Proxy refuses settings of a session.
   */
  public static async logIn(address: DatabaseAddress, login: Login): Promise<Row> {
    const sql = 'SELECT CURRENT_USER AS role, current_setting(\'server_version\') AS version';
    const [row] = await PostgresSession.with(address, login, {}, (session) => session.run('answer', sql));
    return row;
  }

  /** Connects over TLS, verifies the name of the server, does the work, and disconnects. */
  private static async with<T>(
    { host, port, database }: DatabaseAddress, login: Login, settings: ClientConfig,
    work: (session: PostgresSession) => Promise<T>,
  ): Promise<T> {
    authorities ??= createSecureContext({ ca: certificateAuthorities(), minVersion: 'TLSv1.2' });
    const client = new Client({
      host,
      port,
      database,
      user: login.username,
      password: login.password,
      ssl: { secureContext: authorities, rejectUnauthorized: true },
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      query_timeout: STATEMENT_TIMEOUT,
      application_name: 'cdk-hipaa',
      ...settings,
    });
    // Without a listener, a lost connection ends the process.
    client.on('error', () => undefined);
    try {
      await doing(`let ${login.username} log in`, () => client.connect());
      return await work(new PostgresSession(client, login.username));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private constructor(private readonly client: Client, public readonly user: string) {}

  /**
   * Runs one statement and returns its rows.
   * @param what the statement as it continues "the database could not"
   */
  public async run(what: string, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await doing(what, () => this.client.query<Row>(sql, [...values]))).rows;
  }
}

/** A quoted identifier. */
export function quoted(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}
