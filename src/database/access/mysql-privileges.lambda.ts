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

/**
 * Grants the privileges that a login lacks, and revokes those that it must not have. The others stay.
 *
 * The statements have no placeholders, which the driver would also look for in the name of a table.
 */
export async function setPrivileges(run: Run, login: string, wanted: string[], on: string): Promise<void> {
  const account = `'${login}'@'%'`;
  const rows = async (table: string, where: string) => run(
    `read the privileges of ${login}`,
    `SELECT PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable, ${where} FROM information_schema.${table} `
      + 'WHERE GRANTEE = ?',
    [account],
  );
  const name = (column: string) => `CONCAT('\`', REPLACE(${column}, '\`', '\`\`'), '\`')`;
  const had = [
    ...await rows('USER_PRIVILEGES', '\'*.*\' AS scope'),
    ...await rows('SCHEMA_PRIVILEGES', `CONCAT(${name('TABLE_SCHEMA')}, '.*') AS scope`),
    ...await rows('TABLE_PRIVILEGES', `CONCAT(${name('TABLE_SCHEMA')}, '.', ${name('TABLE_NAME')}) AS scope`),
  ].filter(({ privilege }) => privilege !== 'USAGE');
  const missing = wanted.filter((each) => !had.some(({ privilege, scope }) => privilege === each && scope === on));
  if (missing.length > 0) await run(`grant to ${login}`, `GRANT ${missing.join(', ')} ON ${on} TO ${account}`);
  const extra = had.filter(({ privilege, scope }) => scope !== on || !wanted.includes(privilege));
  for (const { privilege, scope } of extra) {
    await run(`revoke from ${login}`, `REVOKE ${privilege} ON ${scope} FROM ${account}`);
  }
  for (const scope of new Set(had.filter(({ grantable }) => grantable === 'YES').map((each) => each.scope))) {
    await run(`revoke from ${login}`, `REVOKE GRANT OPTION ON ${scope} FROM ${account}`);
  }
}

function quoted(name: string): string {
  return `\`${name.replace(/`/g, '``')}\``;
}
