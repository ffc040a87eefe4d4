import { DatabaseAddress, DatabaseFailure } from './database-server';
import { Login } from './logins';
import { PostgresSession } from './postgres-session.lambda';

/** The role whose members log in with an IAM token instead of a password. */
export const IAM_ROLE = 'rds_iam';

/** Whether a login is a member of `rds_iam` already. */
export async function logsInWithToken(session: PostgresSession, login: string): Promise<boolean> {
  const [member] = await session.run('read the users with an IAM token', 'SELECT FROM pg_auth_members a '
    + 'JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member '
    + 'WHERE r.rolname = $1 AND m.rolname = $2', [IAM_ROLE, login]);
  return member !== undefined;
}

/**
 * Logs in as the administrator after a role has become a member of `rds_iam`. If the server refuses the password,
 * undoes the membership in the session that is still open.
 *
 * PostgreSQL 16 and newer make the creator of a role a member of it, with only the ADMIN OPTION, which no one but the
 * superuser can revoke. AWS does not document whether RDS then accepts a password of the creator.
 * https://www.postgresql.org/docs/16/role-attributes.html
 */
export async function keepPassword(
  address: DatabaseAddress, administrator: Login, login: string, undo: () => Promise<void>,
): Promise<void> {
  try {
    await PostgresSession.logIn(address, administrator);
  } catch (error) {
    await undo();
    if (!(error instanceof DatabaseFailure)) throw error;
    throw new DatabaseFailure(
      `let ${administrator.username} log in with its password while ${login} logs in with an IAM token`,
      error.code, error.detail);
  }
}
