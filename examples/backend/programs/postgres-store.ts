import { Pool, PoolClient } from 'pg';
import { JobStore } from './job-store';

/** migrate.ts creates the table. */
const RECORD = 'INSERT INTO done_jobs (id, done_at) VALUES ($1, now()) ON CONFLICT (id) DO NOTHING';

/** Records jobs in PostgreSQL. The work changes the database with the client of the transaction. */
export class PostgresStore implements JobStore<PoolClient> {
  private readonly pool: Pool;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  public async once(id: string, work: (client: PoolClient) => Promise<void>): Promise<boolean> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      // If another transaction has inserted the same ID, this waits until it commits or rolls back.
      const { rowCount } = await client.query(RECORD, [id]);
      if (rowCount === 1) await work(client);
      await client.query('COMMIT');
      client.release();
      return rowCount === 1;
    } catch (error) {
      // PostgreSQL rolls back the transaction of a closed connection.
      client.release(true);
      throw error;
    }
  }
}
