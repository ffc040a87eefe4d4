import { DatabaseFailure, takeTurn } from './database-server';
import { PostgresSession } from './postgres-session.lambda';

/**
 * The schema of the administrator, which no user of the database can use. It contains the table that invocations lock,
 * and the extension pgAudit. Every user could take an advisory lock, and so stop all rotations.
 */
export const OWN_SCHEMA = 'cdk_hipaa';
const TURN = `${OWN_SCHEMA}.turn`;
/** The time for which one attempt waits, in seconds: the lock timeout of the session. */
const LOCK_SECONDS = 3;
/** `lock_not_available`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const NOT_AVAILABLE = '55P03';
/** The errors of two sessions that create the same schema or table: `unique_violation` and others. */
const CREATED_MEANWHILE = ['23505', '42P06', '42P07'];

/** Does the work in a transaction, as the only invocation. It has no effect if a statement fails. */
export async function inTurn(session: PostgresSession, work: () => Promise<void>): Promise<void> {
  await ensureOwnSchema(session);
  await takeTurn(() => begin(session), LOCK_SECONDS);
  await work();
  await session.run('commit', 'COMMIT');
}

/** Begins a transaction with the lock, beside which pg_dump can read. Returns false if another invocation holds it. */
async function begin(session: PostgresSession): Promise<boolean> {
  await session.run('begin', 'BEGIN');
  try {
    await session.run('take its turn', `LOCK TABLE ${TURN} IN EXCLUSIVE MODE`);
    return true;
  } catch (error) {
    if (codeOf(error) !== NOT_AVAILABLE) throw error;
    await session.run('wait for its turn', 'ROLLBACK');
    return false;
  }
}

/** Creates the schema and its table if they are missing. Refuses a schema that others could use. */
async function ensureOwnSchema(session: PostgresSession): Promise<void> {
  for (const sql of await isReady(session) ? [] : [
    `CREATE SCHEMA IF NOT EXISTS ${OWN_SCHEMA}`, `CREATE TABLE IF NOT EXISTS ${TURN} ()`,
  ]) {
    try {
      await session.run(`create ${TURN}`, sql);
    } catch (error) {
      if (!CREATED_MEANWHILE.includes(codeOf(error) ?? '')) throw error;
    }
  }
  if (!await isReady(session)) throw new Error(`the table ${TURN} must exist. Drop the schema ${OWN_SCHEMA}`);
}

async function isReady(session: PostgresSession): Promise<boolean> {
  const [schema] = await session.run(
    `read the schema ${OWN_SCHEMA}`,
    'SELECT pg_get_userbyid(n.nspowner) = CURRENT_USER AND NOT EXISTS ('
      + 'SELECT FROM aclexplode(n.nspacl) a WHERE a.grantee <> n.nspowner) AS private, '
      + 'EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = \'turn\') AS ready '
      + 'FROM pg_namespace n WHERE n.nspname = $1',
    [OWN_SCHEMA],
  );
  if (schema?.private === false) {
    throw new Error(`the schema ${OWN_SCHEMA} must belong to the master user, and no other role may have privileges on `
      + 'it. Rename the schema, or revoke the privileges');
  }
  return schema?.ready === true;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DatabaseFailure ? error.code : undefined;
}
