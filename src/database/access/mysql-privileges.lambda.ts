import { Run } from './mysql-session.lambda';

/** A query for the roles or proxy users of a login, and how statements that revoke them start. */
interface Memberships {
  readonly read: string;
  readonly resetDefault?: string;
  readonly revoke: string;
}

/** The tables of roles in MariaDB and in MySQL, and of proxy users in both. */
const TABLES: { readonly [table: string]: Memberships } = {
  roles_mapping: {
    read: 'SELECT Role AS name, NULL AS host FROM mysql.roles_mapping WHERE User = ? AND Host = \'%\'',
    resetDefault: 'SET DEFAULT ROLE NONE FOR',
    revoke: 'REVOKE',
  },
  role_edges: {
    read: 'SELECT FROM_USER AS name, FROM_HOST AS host FROM mysql.role_edges WHERE TO_USER = ? AND TO_HOST = \'%\'',
    resetDefault: 'SET DEFAULT ROLE NONE TO',
    revoke: 'REVOKE',
  },
  proxies_priv: {
    read: 'SELECT Proxied_user AS name, Proxied_host AS host FROM mysql.proxies_priv WHERE User = ? AND Host = \'%\'',
    revoke: 'REVOKE PROXY ON',
  },
};

/** Revokes the roles of a login, and its right to act as another user. No login of the library has either. */
export async function revokeMemberships(run: Run, login: string): Promise<void> {
  const account = `'${login}'@'%'`;
  const present = await run(
    'look for roles',
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = \'mysql\' AND TABLE_NAME IN (?)',
    [Object.keys(TABLES)],
  );
  for (const table of present) {
    const { read, resetDefault, revoke } = TABLES[table.name];
    const roles = await run(`read the roles of ${login}`, read, [login]);
    if (roles.length > 0 && resetDefault) await run(`reset the roles of ${login}`, `${resetDefault} ${account}`);
    for (const { name, host } of roles) {
      const role = host === null ? quoted(name) : `${quoted(name)}@${quoted(host)}`;
      await run(`revoke ${role} from ${login}`, `${revoke} ${role} FROM ${account}`);
    }
  }
}

/** A privilege of a login as `REVOKE` names it, such as EXECUTE, and what it is on, such as PROCEDURE `app`.`p`. */
interface Granted {
  readonly privilege: string;
  readonly scope: string;
}

/**
 * Grants the privileges that a login lacks, and revokes those that it must not have. The others stay.
 *
 * The statements have no placeholders, which the driver would also look for in the name of a table.
 */
export async function setPrivileges(run: Run, login: string, wanted: string[], on: string): Promise<void> {
  const account = `'${login}'@'%'`;
  const had = [...await privilegesOf(run, login, account), ...await routinePrivilegesOf(run, login)];
  const missing = wanted.filter((each) => !had.some(({ privilege, scope }) => privilege === each && scope === on));
  if (missing.length > 0) await run(`grant to ${login}`, `GRANT ${missing.join(', ')} ON ${on} TO ${account}`);
  for (const scope of new Set(had.map((each) => each.scope))) {
    const extra = had.filter((each) => each.scope === scope && !(scope === on && wanted.includes(each.privilege)));
    const listed = [...new Set(extra.map(({ privilege }) => privilege))].join(', ');
    if (listed) await run(`revoke ${listed} on ${scope} from ${login}`, `REVOKE ${listed} ON ${scope} FROM ${account}`);
  }
}

/** The privileges on the server, on databases, on tables and on columns, and the right to grant them. */
async function privilegesOf(run: Run, login: string, account: string): Promise<Granted[]> {
  const rows = async (table: string, scope: string, columns = '\'\'') => run(
    `read the privileges of ${login}`,
    `SELECT CONCAT(PRIVILEGE_TYPE, ${columns}) AS privilege, IS_GRANTABLE AS grantable, ${scope} AS scope `
      + `FROM information_schema.${table} WHERE GRANTEE = ?`,
    [account],
  );
  const name = (column: string) => `CONCAT('\`', REPLACE(${column}, '\`', '\`\`'), '\`')`;
  const database = `CONCAT(${name('TABLE_SCHEMA')}, '.*')`;
  const table = `CONCAT(${name('TABLE_SCHEMA')}, '.', ${name('TABLE_NAME')})`;
  const granted = [
    ...await rows('USER_PRIVILEGES', '\'*.*\''),
    ...await rows('SCHEMA_PRIVILEGES', database),
    ...await rows('TABLE_PRIVILEGES', table),
    ...await rows('COLUMN_PRIVILEGES', table, `' (', ${name('COLUMN_NAME')}, ')'`),
  ];
  return granted.flatMap(({ privilege, grantable, scope }) => [
    // USAGE stands for no privilege, also in a row that has only the right to grant.
    ...privilege === 'USAGE' ? [] : [{ privilege, scope }],
    ...grantable === 'YES' ? [{ privilege: 'GRANT OPTION', scope }] : [],
  ]);
}

/** The privileges on routines. No view of the information schema contains them. */
async function routinePrivilegesOf(run: Run, login: string): Promise<Granted[]> {
  const rows = await run(
    `read the routines of ${login}`,
    'SELECT Db AS db, Routine_name AS name, Routine_type AS type, Proc_priv AS privileges FROM mysql.procs_priv '
      + 'WHERE User = ? AND Host = \'%\'',
    [login],
  );
  return rows.flatMap(({ db, name, type, privileges }) => `${privileges}`.split(',').map((each) => ({
    privilege: each.toUpperCase().replace(/^GRANT$/, 'GRANT OPTION'),
    scope: `${type} ${quoted(db)}.${quoted(name)}`,
  })));
}

function quoted(name: string): string {
  return `\`${name.replace(/`/g, '``')}\``;
}
