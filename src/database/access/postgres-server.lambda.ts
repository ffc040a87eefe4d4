import { DatabaseAddress, DatabaseFailure, DatabaseServer } from './database-server';
import { UserDefinition, Login, loginNames } from './logins';
import { GroupRoles, grantOnSchema, groupRoles, takeOwnership } from './postgres-grants.lambda';
import { PostgresSession, quoted } from './postgres-session.lambda';
import { scramVerifier } from './scram';

/** The key of the lock that keeps two invocations apart: they would change the same rows of the catalog. */
const LOCK_KEY = 4_164_164;
/** `invalid_password` and `invalid_authorization`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REFUSED_LOGIN = ['28P01', '28000'];
/** The role whose members log in with an IAM token instead of a password. */
const IAM_ROLE = 'rds_iam';

/** The users of PostgreSQL, on an instance or on Aurora. */
export class PostgresServer implements DatabaseServer {
  private readonly roles: GroupRoles;

  constructor(private readonly address: DatabaseAddress) {
    this.roles = groupRoles(address.database);
  }

  public async ensureUser(administrator: Login, user: UserDefinition): Promise<void> {
    await PostgresSession.with(this.address, administrator, async (session) => {
      await session.transaction(async () => {
        await session.run('wait for its turn', `SELECT pg_advisory_xact_lock(${LOCK_KEY})`);
        const users = [...new Set([user.name, ...loginNames(user)])];
        await enableAudit(session);
        for (const role of [...Object.values(this.roles), ...users]) await ensureRole(session, role);
        await grantOnSchema(session, this.address, this.roles, users);
        await this.ensureLogins(session, user);
      });
      if (user.privileges === 'owner') await takeOwnership(session, this.address.schema, this.roles.owner);
    });
  }

  public async setPassword(administrator: Login, { username, password }: Login): Promise<void> {
    await PostgresSession.with(this.address, administrator, (session) => session.run(
      `set the password of ${username}`,
      `ALTER ROLE ${quoted(username)} LOGIN PASSWORD '${scramVerifier(password)}' VALID UNTIL 'infinity'`,
    ));
  }

  public async disableUser(administrator: Login, user: UserDefinition): Promise<void> {
    await PostgresSession.with(this.address, administrator, async (session) => {
      for (const login of loginNames(user)) {
        if (!await roleNamed(session, login)) continue;
        await session.run(`disable ${login}`, `ALTER ROLE ${quoted(login)} NOLOGIN PASSWORD NULL`);
      }
    });
  }

  public async logIn(login: Login): Promise<void> {
    await PostgresSession.with(this.address, login, (session) => session.run('answer', 'SELECT 1'));
  }

  public refusedLogin(error: unknown): boolean {
    return error instanceof DatabaseFailure && REFUSED_LOGIN.includes(error.code ?? '');
  }

  private async ensureLogins(session: PostgresSession, user: UserDefinition): Promise<void> {
    const group = this.roles[user.privileges];
    const logins = loginNames(user);
    const ofLogins = logins.map((login) => user.iamToken ? [IAM_ROLE, login] : [user.name, login]);
    await setMemberships(session, [[group, user.name], ...ofLogins], [user.name, ...logins]);
    // Objects that a login creates belong to its role, so that the other login and other owners can change it.
    const acting = user.privileges === 'owner' ? group : user.name;
    const settings = { role: acting, search_path: this.address.schema };
    for (const login of logins) {
      if (user.iamToken) await session.run(`enable ${login}`, `ALTER ROLE ${quoted(login)} LOGIN PASSWORD NULL`);
      for (const [setting, value] of Object.entries(settings)) {
        const set = `ALTER ROLE ${quoted(login)} SET ${setting} = ${quoted(value)}`;
        await session.run(`configure ${login}`, set);
      }
    }
  }
}

/**
 * Creates the pgAudit extension, if the server has loaded the library. Without the extension, pgAudit logs no DDL in
 * detail. Only the master user can create it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.pgaudit.basic-setup.html
 */
async function enableAudit(session: PostgresSession): Promise<void> {
  const [missing] = await session.run('look for the audit', 'SELECT 1 FROM pg_available_extensions e '
    + 'JOIN pg_settings s ON s.name = \'shared_preload_libraries\' AND s.setting ~ \'\\mpgaudit\\M\' '
    + 'WHERE e.name = \'pgaudit\' AND e.installed_version IS NULL');
  if (missing) await session.run('enable the audit', 'CREATE EXTENSION IF NOT EXISTS pgaudit');
}

async function roleNamed(session: PostgresSession, name: string): Promise<{ powerful: boolean } | undefined> {
  const [role] = await session.run(
    `read the role ${name}`,
    'SELECT rolsuper OR rolreplication OR rolbypassrls AS powerful FROM pg_roles WHERE rolname = $1',
    [name],
  );
  return role && { powerful: role.powerful === true };
}

/** Creates a role without attributes, or removes the attributes that it must not have. */
async function ensureRole(session: PostgresSession, name: string): Promise<void> {
  const role = await roleNamed(session, name);
  if (role?.powerful) {
    throw new Error(`the role ${name} must not be a superuser, replicate data, or bypass row security. Drop the role`);
  }
  await (role
    ? session.run(`restrict ${name}`, `ALTER ROLE ${quoted(name)} NOCREATEDB NOCREATEROLE INHERIT`)
    : session.run(`create the role ${name}`, `CREATE ROLE ${quoted(name)} NOLOGIN`));
}

/** Grants the given memberships, as pairs of role and member, and revokes all others of the members. */
async function setMemberships(session: PostgresSession, wanted: string[][], members: string[]): Promise<void> {
  const present = await session.run(
    'read the memberships',
    'SELECT r.rolname AS role, m.rolname AS member FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid '
      + 'JOIN pg_roles m ON m.oid = a.member WHERE m.rolname = ANY($1)',
    [members],
  );
  const isIn = (pairs: string[][], [group, login]: string[]) =>
    pairs.some((pair) => pair[0] === group && pair[1] === login);
  const had = present.map(({ role, member }) => [`${role}`, `${member}`]);
  for (const [role, member] of wanted.filter((pair) => !isIn(had, pair))) {
    await session.run(`add ${member} to ${role}`, `GRANT ${quoted(role)} TO ${quoted(member)}`);
  }
  for (const [role, member] of had.filter((pair) => !isIn(wanted, pair))) {
    await session.run(`remove ${member} from ${role}`, `REVOKE ${quoted(role)} FROM ${quoted(member)}`);
  }
}
