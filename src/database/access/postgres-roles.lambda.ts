import { DatabaseFailure } from './database-server';
import { PostgresSession, quoted, Row } from './postgres-session.lambda';

/** `insufficient_privilege`: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const INSUFFICIENT_PRIVILEGE = '42501';

/** The comment on the roles that the function has created, or that a person has given to it. */
const MARK = 'cdk-hipaa';

/** A role, and whether it has what the function must change. */
export interface ExistingRole {
  readonly name: string;
  readonly canLogIn: boolean;
  /** Whether it has an attribute that the administrator cannot remove. */
  readonly powerful: boolean;
  /** Whether it has an attribute that the administrator can remove. */
  readonly unrestricted: boolean;
  /** Whether it can have no connection. Another limit stays. */
  readonly closed: boolean;
  /** Whether its password is valid for a limited time. */
  readonly expires: boolean;
  readonly inherits: boolean;
  /** Whether the function has created it. */
  readonly marked: boolean;
  /** Whether the administrator has the ADMIN OPTION of the role. */
  readonly administered: boolean;
}

/** The roles with these names that exist. */
export async function rolesNamed(session: PostgresSession, names: string[]): Promise<ExistingRole[]> {
  const rows = await session.run(
    `read the roles ${names.join(', ')}`,
    'SELECT rolname AS name, rolcanlogin AS "canLogIn", rolsuper OR rolreplication OR rolbypassrls AS powerful, '
      + 'rolcreatedb OR rolcreaterole AS unrestricted, rolinherit AS inherits, rolconnlimit = 0 AS closed, '
      + 'COALESCE(rolvaliduntil < \'infinity\', false) AS expires, '
      + 'COALESCE(shobj_description(oid, \'pg_authid\') = $2, false) AS marked, '
      + 'pg_has_role(CURRENT_USER, oid, \'MEMBER WITH ADMIN OPTION\') AS administered '
      + 'FROM pg_roles WHERE rolname = ANY($1)',
    [names, MARK],
  );
  return rows as unknown as ExistingRole[];
}

/**
 * Runs a statement that requires the ADMIN OPTION of a role, and says how to get it.
 *
 * PostgreSQL 16 gives it to the creator of a role. A server that was upgraded from PostgreSQL 15 can lack it.
 * https://www.postgresql.org/docs/16/release-16.html
 */
export async function administer(session: PostgresSession, role: string, what: string, sql: string): Promise<void> {
  try {
    await session.run(what, sql);
  } catch (error) {
    if (!(error instanceof DatabaseFailure) || error.code !== INSUFFICIENT_PRIVILEGE) throw error;
    const remedy = `GRANT ${quoted(role)} TO ${quoted(session.user)} WITH ADMIN OPTION`;
    throw new Error(`${error.message}. The master user needs the ADMIN OPTION of the role ${role}, which a server that `
      + `was upgraded from PostgreSQL 15 can lack. As a role that has it, run: ${remedy}`);
  }
}

/**
 * Creates missing roles without attributes, and removes attributes that roles must not have. Refuses a role that a
 * person has created, which would lose its privileges.
 * @param passive the roles that do not inherit privileges: after `SET ROLE NONE`, they have none
 */
export async function ensureRoles(session: PostgresSession, names: string[], passive: string[]): Promise<void> {
  const present = await rolesNamed(session, names);
  for (const name of names) {
    const role = present.find((each) => each.name === name);
    const inherits = !passive.includes(name);
    if (role?.powerful) {
      throw new Error(
        `the role ${name} must not be a superuser, replicate data, or bypass row security. Drop the role`,
      );
    }
    if (role && !role.marked) {
      throw new Error(`the role ${name} must not exist before the user. Rename the role, or give the user another ID. `
        + `If the user can have this role, run: ${markOf(name)}`);
    }
    const inheritance = inherits ? 'INHERIT' : 'NOINHERIT';
    if (!role) {
      await session.run(`create the role ${name}`, `CREATE ROLE ${quoted(name)} NOLOGIN ${inheritance}`);
      await session.run(`mark the role ${name}`, markOf(name));
    }
    if (!role) continue;
    const changes = [
      ...role.unrestricted || role.inherits !== inherits ? [`NOCREATEDB NOCREATEROLE ${inheritance}`] : [],
      ...role.closed ? ['CONNECTION LIMIT -1'] : [],
      ...role.expires ? ['VALID UNTIL \'infinity\''] : [],
    ].join(' ');
    if (changes) await administer(session, name, `restore ${name}`, `ALTER ROLE ${quoted(name)} ${changes}`);
  }
}

function markOf(name: string): string {
  return `COMMENT ON ROLE ${quoted(name)} IS '${MARK}'`;
}

/**
 * Ends the sessions of logins that have changed a role in a transaction that is open. Only such a session can block
 * changes of its role. The master user of RDS can end sessions.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
 */
export async function endChangesOf(session: PostgresSession, logins: string[]): Promise<void> {
  await session.run(
    `end the sessions of ${logins.join(' and ')}`,
    'SELECT pg_terminate_backend(a.pid) AS ended FROM pg_stat_activity a WHERE a.usename = ANY($1) AND EXISTS ('
      + 'SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.mode = \'RowExclusiveLock\' '
      + 'AND l.relation IN (\'pg_authid\'::regclass, \'pg_db_role_setting\'::regclass))',
    [logins],
  );
}

/**
 * Gives the administrator of PostgreSQL 15 and older the ADMIN OPTION of roles. PostgreSQL 16 requires the option, and
 * nobody can grant it after an upgrade.
 *
 * Not of a role that logs in with an IAM token: the administrator would become a member of `rds_iam` through it, and
 * RDS would refuse its password. Since PostgreSQL 16, the creator of a role is always a member: see `keepPassword`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
 */
export async function administerRoles(session: PostgresSession, names: string[], tokenRoles: string[]): Promise<void> {
  for (const { name, administered } of await rolesNamed(session, names)) {
    const wanted = !tokenRoles.includes(name);
    if (wanted && !administered) {
      await session.run(`administer ${name}`, `GRANT ${quoted(name)} TO CURRENT_USER WITH ADMIN OPTION`);
    }
    if (!wanted && administered) {
      await session.run(`leave ${name}`, `REVOKE ${quoted(name)} FROM CURRENT_USER`);
    }
  }
}

/**
 * Grants `CONNECT` to logins that lack it. PostgreSQL checks it before the login acts as its role, so a login that does
 * not inherit the privilege needs it at the same time.
 *
 * Not to logins that have it through `PUBLIC`: they receive it with their other privileges. Every user can block this
 * statement with a `GRANT` of its own, which only warns.
 */
export async function allowConnections(session: PostgresSession, database: string, logins: string[]): Promise<void> {
  const missing = await session.run(
    'read who can connect',
    'SELECT rolname AS name FROM pg_roles '
      + 'WHERE rolname = ANY($1) AND NOT has_database_privilege(oid, $2, \'CONNECT\')',
    [logins, database],
  );
  for (const { name } of missing) {
    await session.run(`let ${name} connect`, `GRANT CONNECT ON DATABASE ${quoted(database)} TO ${quoted(`${name}`)}`);
  }
}

/** Adds the administrator to the owner role, so that it can change its default privileges and objects. */
export async function joinOwnerRole(session: PostgresSession, owner: string): Promise<void> {
  const [member] = await session.run(
    'read the owner role', 'SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(oid, \'USAGE\')', [owner]);
  if (!member) await session.run('join the owner role', `GRANT ${quoted(owner)} TO CURRENT_USER`);
}

/**
 * The memberships of roles. `complete` means that the member can become the role, inherits its privileges if the member
 * inherits any, and has no more. PostgreSQL 16 added two options of a membership, and can have several of the same
 * role, from different grantors.
 */
const MEMBERSHIPS = `
  SELECT r.rolname AS role, m.rolname AS member, pg_get_userbyid(a.grantor) AS grantor, NOT a.admin_option
    AND COALESCE((to_jsonb(a) ->> 'inherit_option')::boolean, m.rolinherit) = m.rolinherit
    AND COALESCE(to_jsonb(a) ->> 'set_option', 'true') = 'true' AS complete
  FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
  WHERE m.rolname = ANY($1)`;

/**
 * Grants the given memberships, as pairs of role and member, and revokes all others of the members.
 * @param grantors whether the server is PostgreSQL 16 or newer
 */
export async function setMemberships(
  session: PostgresSession, wanted: string[][], members: string[], grantors: boolean,
): Promise<void> {
  const isOf = (pair: string[]) => ({ role, member }: Row) => pair[0] === role && pair[1] === member;
  const isExcess = (row: Row) => row.complete !== true || !wanted.some((pair) => isOf(pair)(row));
  const read = () => session.run('read the memberships', MEMBERSHIPS, [members]);
  const present = await read();
  const excess = present.filter(isExcess);
  for (const { role, member, grantor } of excess) {
    const by = grantors ? ` GRANTED BY ${quoted(`${grantor}`)}` : '';
    const sql = `REVOKE ${quoted(`${role}`)} FROM ${quoted(`${member}`)}${by} CASCADE`;
    await session.run(`remove ${member} from ${role}, as granted by ${grantor},`, sql);
  }
  const kept = present.filter((row) => !isExcess(row));
  for (const [role, member] of wanted.filter((pair) => !kept.some(isOf(pair)))) {
    await administer(session, role, `add ${member} to ${role}`, `GRANT ${quoted(role)} TO ${quoted(member)}`);
  }
  const [left] = excess.length > 0 ? (await read()).filter(isExcess) : [];
  if (left) throw new Error(`${left.member} must not be a member of ${left.role}. As ${left.grantor}, revoke it`);
}

const SETTINGS = `
  SELECT r.rolname AS login, COALESCE(d.datname, '') AS database, unnest(s.setconfig) AS setting
  FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
  WHERE r.rolname = ANY($1)`;

/** Gives roles the settings in `wanted`, and resets all others, also those in one database. */
export async function setSettings(
  session: PostgresSession, roles: string[], wanted: (role: string) => { readonly [name: string]: string },
): Promise<void> {
  const isWanted = (role: string, setting: unknown) =>
    Object.entries(wanted(role)).some(([name, value]) => setting === `${name}=${value}`);
  const isExcess = ({ login, database, setting }: Row) => database !== '' || !isWanted(`${login}`, setting);
  const read = () => session.run('read the settings', SETTINGS, [roles]);
  const present = await read();
  const excess = present.filter(isExcess);
  for (const place of new Set(excess.map(({ login, database }) =>
    `${quoted(`${login}`)}${database === '' ? '' : ` IN DATABASE ${quoted(`${database}`)}`}`))) {
    await session.run(`reset ${place}`, `ALTER ROLE ${place} RESET ALL`);
  }
  for (const role of roles) {
    const reset = excess.some(({ login, database }) => login === role && database === '');
    for (const [name, value] of Object.entries(wanted(role))) {
      const has = present.some((row) => row.login === role && row.setting === `${name}=${value}` && !isExcess(row));
      const sql = `ALTER ROLE ${quoted(role)} SET ${name} = ${quoted(value)}`;
      if (!has || reset) await administer(session, role, `configure ${role}`, sql);
    }
  }
  const [left] = excess.length > 0 ? (await read()).filter(isExcess) : [];
  if (left) throw new Error(`${left.login} must not have the setting ${left.setting}. As a superuser, reset it`);
}
