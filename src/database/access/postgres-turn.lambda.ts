import { DatabaseFailure, takeTurn } from './database-server';
import { PostgresSession } from './postgres-session.lambda';

/**
 * The schema of the administrator, which no user of the database can use. It contains the tables that invocations lock,
 * and the extension pgAudit. Every user could take an advisory lock, and so stop all rotations.
 */
export const OWN_SCHEMA = 'cdk_hipaa';
/** The tables to lock: one to change roles, and one to change privileges, which an owner can block. */
const TURNS = ['turn', 'privileges'] as const;
export type Turn = typeof TURNS[number];
/** The time for which one attempt waits, in seconds: the lock timeout of the session. */
const LOCK_SECONDS = 3;
/** `lock_not_available`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const NOT_AVAILABLE = '55P03';
/** The errors of two sessions that create the same schema or table: `unique_violation` and others. */
const CREATED_MEANWHILE = ['23505', '42P06', '42P07'];
/** The attempts of work that another transaction blocks. */
const ATTEMPTS = 3;
/** `deadlock_detected` */
const DEADLOCK = '40P01';
/** The internal error of a statement whose row of the catalog another transaction has changed. */
const CHANGED_MEANWHILE = /tuple concurrently (updated|deleted)/;

/**
 * Does the work in a transaction, as the only invocation. It has no effect if a statement fails.
 * @param unblock ends what blocks the work, before another attempt
 */
export async function inTurn(
  session: PostgresSession, turn: Turn, work: () => Promise<void>, unblock?: () => Promise<void>,
): Promise<void> {
  await ensureOwnSchema(session);
  await withoutConflicts(async () => {
    await takeTurn(() => begin(session, turn), LOCK_SECONDS);
    try {
      await work();
      await session.run('commit', 'COMMIT');
    } catch (error) {
      await session.run('undo its changes', 'ROLLBACK').catch(() => undefined);
      throw error;
    }
  }, unblock);
}

/** Repeats work that another transaction has changed meanwhile, or blocks until it is unblocked. */
export async function withoutConflicts(work: () => Promise<void>, unblock?: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const canRepeat = isConflict(error) || (unblock && codeOf(error) === NOT_AVAILABLE);
      if (attempt === ATTEMPTS || !canRepeat) throw error;
      await unblock?.();
    }
  }
}

function isConflict(error: unknown): boolean {
  return codeOf(error) === DEADLOCK || (error instanceof DatabaseFailure && CHANGED_MEANWHILE.test(error.message));
}

/** Begins a transaction with the lock, beside which pg_dump can read. Returns false if another invocation holds it. */
async function begin(session: PostgresSession, turn: Turn): Promise<boolean> {
  await session.run('begin', 'BEGIN');
  try {
    await session.run('take its turn', `LOCK TABLE ${OWN_SCHEMA}.${turn} IN EXCLUSIVE MODE`);
    return true;
  } catch (error) {
    if (codeOf(error) !== NOT_AVAILABLE) throw error;
    await session.run('wait for its turn', 'ROLLBACK');
    return false;
  }
}

/** Creates the schema and its tables if they are missing. Refuses a schema that others could use. */
async function ensureOwnSchema(session: PostgresSession): Promise<void> {
  for (const sql of await isReady(session) ? [] : [
    `CREATE SCHEMA IF NOT EXISTS ${OWN_SCHEMA}`,
    ...TURNS.map((turn) => `CREATE TABLE IF NOT EXISTS ${OWN_SCHEMA}.${turn} ()`),
  ]) {
    try {
      await session.run(`create the schema ${OWN_SCHEMA} and its tables`, sql);
    } catch (error) {
      if (!CREATED_MEANWHILE.includes(codeOf(error) ?? '')) throw error;
    }
  }
  if (!await isReady(session)) {
    throw new Error(`the tables ${TURNS.join(' and ')} must exist in the schema ${OWN_SCHEMA}. Drop the schema`);
  }
}

async function isReady(session: PostgresSession): Promise<boolean> {
  const [schema] = await session.run(
    `read the schema ${OWN_SCHEMA}`,
    'SELECT pg_get_userbyid(n.nspowner) = CURRENT_USER AND NOT EXISTS ('
      + 'SELECT FROM aclexplode(n.nspacl) a WHERE a.grantee <> n.nspowner) AS private, '
      + 'NOT EXISTS (SELECT FROM unnest($2::name[]) t WHERE NOT EXISTS ('
      + 'SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = t)) AS ready '
      + 'FROM pg_namespace n WHERE n.nspname = $1',
    [OWN_SCHEMA, TURNS],
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
