import { DatabaseAddress, DatabaseFailure, DatabaseServer } from './database-server';
import { GroupRoles, groupRoles, UserDefinition, Login, loginNames } from './logins';
import { grantOnSchema, requireClosedSchema, takeOwnership } from './postgres-grants.lambda';
import {
  administer, administerRoles, allowConnections, endChangesOf, ensureRoles, joinOwnerRole, rolesNamed, setMemberships,
  setSettings,
} from './postgres-roles.lambda';
import { PostgresSession, quoted } from './postgres-session.lambda';
import { IAM_ROLE, keepPassword, logsInWithToken } from './postgres-token.lambda';
import { inTurn, OWN_SCHEMA, withoutConflicts } from './postgres-turn.lambda';
import { scramVerifier } from './scram';

/** `invalid_password` and `invalid_authorization`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REFUSED_LOGIN = ['28P01', '28000'];

/** The users of PostgreSQL, on an instance or on Aurora. */
export class PostgresServer implements DatabaseServer {
  private readonly roles: GroupRoles;

  constructor(private readonly address: DatabaseAddress) {
    this.roles = groupRoles(address.database);
  }

  public async ensureUser(administrator: Login, user: UserDefinition): Promise<Error | void> {
    return PostgresSession.asAdministrator(this.address, administrator, async (session) => {
      const users = [...new Set([user.name, ...loginNames(user)])];
      const hadToken = !user.iamToken || await logsInWithToken(session, user.name);
      await inTurn(session, 'turn', () => this.ensureRolesOf(session, user, users), unblock(session, loginNames(user)));
      if (!hadToken) {
        await keepPassword(this.address, administrator, user.name, async () => setMemberships(
          session, [[this.roles[user.privileges], user.name]], users, await hasGrantors(session)));
      }
      // An owner can change the same privileges in a transaction that stays open.
      return this.ensurePrivileges(session, user, users).catch((error: Error) => error);
    });
  }

  public async setPassword(administrator: Login, { username, password }: Login): Promise<void> {
    await PostgresSession.asAdministrator(this.address, administrator, (session) => withoutConflicts(() => administer(
      session,
      username,
      `set the password of ${username}`,
      `ALTER ROLE ${quoted(username)} LOGIN PASSWORD '${scramVerifier(password)}' VALID UNTIL 'infinity'`,
    ), unblock(session, [username])));
  }

  public async disableUser(administrator: Login, user: UserDefinition, logins = loginNames(user)): Promise<void> {
    await PostgresSession.asAdministrator(this.address, administrator, async (session) => {
      for (const { name, canLogIn, marked } of await rolesNamed(session, logins)) {
        if (!canLogIn || !marked) continue;
        await withoutConflicts(
          () => administer(session, name, `disable ${name}`, `ALTER ROLE ${quoted(name)} NOLOGIN PASSWORD NULL`),
          unblock(session, logins),
        );
      }
    });
  }

  public async logIn(login: Login, user: UserDefinition): Promise<void> {
    const { role, version } = await PostgresSession.logIn(this.address, login);
    const acting = this.actingRole(user);
    if (role === acting) return;
    throw new Error(`the login ${login.username} must act as the role ${acting}, but acts as ${role} on PostgreSQL `
      + `${version}. PostgreSQL 13.17, 14.14, 15.9, 16.5 and 17.1 ignore the role of a login. Upgrade one of these, or `
      + 'deploy the user again');
  }

  public refusedLogin(error: unknown): boolean {
    return error instanceof DatabaseFailure && REFUSED_LOGIN.includes(error.code ?? '');
  }

  /** Creates and repairs the roles, with everything that a login needs except the privileges of its role. */
  private async ensureRolesOf(session: PostgresSession, user: UserDefinition, users: string[]): Promise<void> {
    const group = this.roles[user.privileges];
    const logins = loginNames(user);
    await ensureRoles(session, [...Object.values(this.roles), ...users], passiveLogins(user));
    const ofLogins = logins.map((login) => user.iamToken ? [IAM_ROLE, login] : [user.name, login]);
    const grantors = await hasGrantors(session);
    await setMemberships(session, [[group, user.name], ...ofLogins], users, grantors);
    await allowConnections(session, this.address.database, passiveLogins(user));
    // The logins that the user had with a password are members of its role.
    const tokenRoles = user.iamToken ? [user.name, ...loginNames({ ...user, iamToken: false })] : [];
    if (!grantors) await administerRoles(session, [...users, ...tokenRoles], tokenRoles);
    const settings = { role: this.actingRole(user), search_path: this.address.schema };
    await setSettings(session, users, (role) => logins.includes(role) ? settings : {});
    await enableLogins(session, user, users);
  }

  /**
   * The role as which the logins of a user act. Objects that a login creates belong to it, so that the other login and
   * other owners can change them.
   */
  private actingRole(user: UserDefinition): string {
    return user.privileges === 'owner' ? this.roles.owner : user.name;
  }

  /** Repairs what all users share, and the privileges of one of them. */
  private async ensurePrivileges(session: PostgresSession, user: UserDefinition, users: string[]): Promise<void> {
    const { schema } = this.address;
    await inTurn(session, 'privileges', async () => {
      await enableAudit(session);
      await this.ensureGroups(session, user);
      await grantOnSchema(session, this.address, this.roles, users, passiveLogins(user));
      if (user.privileges !== 'owner') await requireClosedSchema(session, schema, users);
    });
    if (user.privileges === 'owner') await takeOwnership(session, schema, this.roles.owner);
  }

  /** Repairs the roles of the schema. Not their settings: an owner can change them, but they affect no login. */
  private async ensureGroups(session: PostgresSession, user: UserDefinition): Promise<void> {
    const groups = Object.values(this.roles);
    const grantors = await hasGrantors(session);
    await setMemberships(session, [], groups, grantors);
    if (!grantors) await administerRoles(session, groups, []);
    await joinOwnerRole(session, this.roles.owner);
    await enableLogins(session, user, groups);
  }
}

/**
 * The logins that have no privileges until they act as their role: those with a password. Not the login with an IAM
 * token, because RDS looks for its membership in `rds_iam`.
 */
function passiveLogins(user: UserDefinition): string[] {
  return user.iamToken ? [] : loginNames(user);
}

/**
 * Ends what logins have begun to change on their own roles. A failure is not an error: the next attempt reports what
 * blocks it.
 */
function unblock(session: PostgresSession, logins: string[]): () => Promise<void> {
  return () => endChangesOf(session, logins).catch(() => undefined);
}

/** Lets the role of an IAM token log in, and no role that is not a login. A new password enables the other logins. */
async function enableLogins(session: PostgresSession, user: UserDefinition, roles: string[]): Promise<void> {
  for (const { name, canLogIn } of await rolesNamed(session, roles)) {
    const isLogin = loginNames(user).includes(name);
    if (canLogIn && !isLogin) await administer(session, name, `disable ${name}`, `ALTER ROLE ${quoted(name)} NOLOGIN`);
    if (canLogIn || !isLogin || !user.iamToken) continue;
    await administer(session, name, `enable ${name}`, `ALTER ROLE ${quoted(name)} LOGIN PASSWORD NULL`);
  }
}

/** Whether memberships have several grantors and require the ADMIN OPTION: PostgreSQL 16 and newer. */
async function hasGrantors(session: PostgresSession): Promise<boolean> {
  const [{ grantors }] = await session.run(
    'read its version', 'SELECT current_setting(\'server_version_num\')::integer >= 160000 AS grantors');
  return grantors === true;
}

/**
 * Creates the pgAudit extension, if the server has loaded the library. Without the extension, pgAudit logs no DDL in
 * detail. Only the master user can create it. In its own schema, no user can have an object that its script calls.
 *
 * The query does not use the view `pg_settings`, which every user can lock. Only some roles can read the setting.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.pgaudit.basic-setup.html
 */
async function enableAudit(session: PostgresSession): Promise<void> {
  const [missing] = await session.run('look for the audit', 'SELECT 1 FROM pg_available_extensions '
    + 'WHERE name = \'pgaudit\' AND installed_version IS NULL AND CASE WHEN '
    + 'pg_has_role(\'pg_read_all_settings\', \'USAGE\') '
    + 'THEN current_setting(\'shared_preload_libraries\') ~ \'\\mpgaudit\\M\' END');
  const create = `CREATE EXTENSION IF NOT EXISTS pgaudit WITH SCHEMA ${OWN_SCHEMA}`;
  if (missing) await session.run('enable the audit', create);
}
