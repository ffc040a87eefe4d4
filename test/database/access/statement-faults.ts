import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { Client } from 'pg';
import { StartedServer } from '../../support/database-servers';

/** The fault of a statement: the server refuses it, or it takes effect and the connection breaks. */
export type StatementFault = 'fail' | 'lose';

/** Statements that the server refuses with the error of a lock, after which the session continues. */
const REFUSED = {
  postgres: 'DO $$BEGIN RAISE EXCEPTION \'by the test\' USING ERRCODE = \'55P03\'; END$$',
  mysql: 'SIGNAL SQLSTATE \'HY000\' SET MYSQL_ERRNO = 1205, MESSAGE_TEXT = \'by the test\'',
};

/** The statements and the logins that the drivers send, and the fault of each. */
export class Statements {
  public readonly sent: string[] = [];
  public faultOf: (text: string, index: number) => StatementFault | undefined = () => undefined;

  /** Intercepts the driver of a server. The handlers use promises only. */
  public intercept({ engine }: StartedServer): void {
    if (engine === 'postgres') this.interceptPostgres();
    else this.interceptMysql();
  }

  private async send<T>(
    text: string, run: () => Promise<T>, cut: () => void, refuse: () => Promise<unknown>,
  ): Promise<T> {
    const fault = this.faultOf(text, this.sent.push(text) - 1);
    if (fault === undefined) return run();
    if (fault === 'fail') {
      await refuse();
      throw new Error('the server must refuse this statement');
    }
    await run();
    cut();
    throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
  }

  private interceptPostgres(): void {
    const { query, connect } = Client.prototype;
    const queryOf = query as unknown as (this: Client, sql: unknown, values?: unknown[]) => Promise<unknown>;
    const connectOf = connect as (this: Client) => Promise<Client>;
    const statements = this;
    Client.prototype.connect = function (this: Client) {
      return statements.send(`connect as ${this.user}`, () => connectOf.call(this),
        () => void this.end().catch(() => undefined), unreachable);
    } as typeof connect;
    Client.prototype.query = function (this: Client, sql: unknown, values?: unknown[]) {
      const { connection } = this as unknown as { connection: { stream: { destroy(): void } } };
      return statements.send(`${sql}`, () => queryOf.call(this, sql, values), () => connection.stream.destroy(),
        () => queryOf.call(this, REFUSED.postgres));
    } as unknown as typeof query;
  }

  private interceptMysql(): void {
    const driver: { createConnection(options: ConnectionOptions): Promise<Connection> } =
      jest.requireActual('mysql2/promise');
    const { createConnection } = driver;
    driver.createConnection = async (options) => {
      let opened: Connection | undefined;
      const open = async () => (opened = await createConnection(options));
      const connection = await this.send(`connect as ${options.user}`, open, () => opened?.destroy(), unreachable);
      const run = connection.query.bind(connection);
      return Object.assign(connection, {
        query: (each: { sql: string; values: string[] }) => this.send(`${each.sql} ${each.values}`, () => run(each),
          () => connection.destroy(), () => run(REFUSED.mysql)),
      });
    };
  }
}

async function unreachable(): Promise<never> {
  throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
}
