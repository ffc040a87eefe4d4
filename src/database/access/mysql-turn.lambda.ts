import { DatabaseAddress, DatabaseFailure, takeTurn } from './database-server';
import { Login } from './logins';
import { asAdministrator, Run } from './mysql-session.lambda';

/**
 * The database of the administrator, on which no user has privileges. It contains the row that invocations lock. Every
 * user could take a lock of `GET_LOCK`, and so stop all rotations.
 */
const OWN_DATABASE = 'cdk_hipaa';
const TURN = `${OWN_DATABASE}.turn`;
/** The time for which one attempt waits, in seconds. */
const LOCK_SECONDS = 20;
const WAITED_TOO_LONG = 'ER_LOCK_WAIT_TIMEOUT';

/**
 * Does the work as the administrator and as the only invocation. A statement that changes a user ends a transaction, so
 * a second session holds the lock.
 */
export async function inTurn(
  address: DatabaseAddress, administrator: Login, work: (run: Run) => Promise<void>,
): Promise<void> {
  await asAdministrator(address, administrator, async (lock) => {
    await ensureRow(lock);
    await lock('limit its waiting time', `SET SESSION innodb_lock_wait_timeout = ${LOCK_SECONDS}`);
    await lock('begin', 'START TRANSACTION');
    await takeTurn(() => tryLock(lock), LOCK_SECONDS);
    await asAdministrator(address, administrator, work);
    await lock('end its turn', 'ROLLBACK');
  });
}

async function tryLock(run: Run): Promise<boolean> {
  try {
    await run('take its turn', `SELECT id FROM ${TURN} WHERE id = 1 FOR UPDATE`);
    return true;
  } catch (error) {
    if (error instanceof DatabaseFailure && error.code === WAITED_TOO_LONG) return false;
    throw error;
  }
}

/** Creates the table with its row if it is missing. */
async function ensureRow(run: Run): Promise<void> {
  const [table] = await run(`read ${TURN}`, 'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [OWN_DATABASE]);
  const rows = table ? await run(`read ${TURN}`, `SELECT id FROM ${TURN}`) : [];
  if (rows.length > 0) return;
  await run(`create ${OWN_DATABASE}`, `CREATE DATABASE IF NOT EXISTS ${OWN_DATABASE}`);
  await run(`create ${TURN}`, `CREATE TABLE IF NOT EXISTS ${TURN} (id INT PRIMARY KEY) ENGINE = InnoDB`);
  await run(`fill ${TURN}`, `INSERT IGNORE INTO ${TURN} VALUES (1)`);
}
