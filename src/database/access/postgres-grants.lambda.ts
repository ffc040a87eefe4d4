import { DatabaseAddress } from './database-server';
import { Privileges } from './logins';
import { PostgresSession, quoted } from './postgres-session.lambda';

/** The roles that have the privileges on the schema, by kind. Each user is a member of one of them. */
export type GroupRoles = { readonly [kind in Privileges]: string };

/** The names contain the database, because all databases of a server share the roles. */
export function groupRoles(database: string): GroupRoles {
  return { owner: `${database}_owner`, readWrite: `${database}_readwrite`, readOnly: `${database}_readonly` };
}

/** The privileges on tables and sequences, by kind. */
const DATA_GRANTS: { readonly [kind in 'readWrite' | 'readOnly']: { TABLES: string; SEQUENCES: string } } = {
  readWrite: { TABLES: 'SELECT, INSERT, UPDATE, DELETE', SEQUENCES: 'USAGE, SELECT, UPDATE' },
  readOnly: { TABLES: 'SELECT', SEQUENCES: 'SELECT' },
};

/** The relations of a schema, and whether the user of the session or one of its roles owns them. */
const RELATIONS = `
  SELECT quote_ident(c.relname) AS name, c.relkind = 'S' AS sequence, pg_has_role(c.relowner, 'USAGE') AS owned
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT EXISTS (
      SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
  ORDER BY c.oid`;

/**
 * The objects of a schema that the user of the session owns, as ALTER expects them: relations, functions and types.
 *
 * A sequence of a column and the row type of a table follow their table. Objects of an extension stay with it.
 */
const OWNED_OBJECTS = `
  WITH extension AS (SELECT objid, classid FROM pg_depend WHERE deptype = 'e')
  SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
      WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END || ' ' || c.oid::regclass AS object
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relowner = $2::regrole AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND (c.oid, 'pg_class'::regclass) NOT IN (SELECT objid, classid FROM extension)
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
      AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
  UNION ALL
  SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END
      || ' ' || p.oid::regprocedure
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = $1 AND p.proowner = $2::regrole
    AND (p.oid, 'pg_proc'::regclass) NOT IN (SELECT objid, classid FROM extension)
  UNION ALL
  SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END || ' ' || t.oid::regtype
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE n.nspname = $1 AND t.typowner = $2::regrole AND t.typtype IN ('c', 'd', 'e', 'r')
    AND (t.typrelid = 0 OR c.relkind = 'c')
    AND (t.oid, 'pg_type'::regclass) NOT IN (SELECT objid, classid FROM extension)`;

/**
 * Grants the privileges of the three roles on the schema, and on its present and future contents.
 *
 * On tables and sequences, the roles then have no other privileges, and the users have none of their own. In a
 * transaction, other sessions never see the state between the statements.
 */
export async function grantOnSchema(
  session: PostgresSession, address: DatabaseAddress, roles: GroupRoles, users: string[],
): Promise<void> {
  const schema = quoted(address.schema);
  const [owner, readWrite, readOnly] = [roles.owner, roles.readWrite, roles.readOnly].map(quoted);
  const grant = (what: string, sql: string) => session.run(`grant ${what}`, sql);
  // To change default privileges and owners of the role, the administrator must belong to it.
  await grant('the owner role to the administrator', `GRANT ${owner} TO CURRENT_USER`);
  const database = quoted(address.database);
  await grant('connections', `GRANT CONNECT ON DATABASE ${database} TO ${owner}, ${readWrite}, ${readOnly}`);
  await grant('temporary tables', `GRANT TEMPORARY ON DATABASE ${database} TO ${owner}, ${readWrite}`);
  await session.run('create the schema', `CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await session.run('restrict the schema', `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC`);
  await grant('the schema to its owner', `GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${owner}`);
  await grant('the schema to its readers', `GRANT USAGE ON SCHEMA ${schema} TO ${readWrite}, ${readOnly}`);
  const relations = await session.run('list the tables', RELATIONS, [address.schema]);
  const grantees = [readWrite, readOnly, ...users.map(quoted)].join(', ');
  for (const objects of ['TABLES', 'SEQUENCES'] as const) {
    const names = relations
      .filter(({ sequence, owned }) => owned && sequence === (objects === 'SEQUENCES'))
      .map(({ name }) => `${schema}.${name}`);
    const on = `ON ${objects === 'SEQUENCES' ? 'SEQUENCE' : 'TABLE'} ${names.join(', ')}`;
    if (names.length > 0) await session.run(`revoke ${objects}`, `REVOKE ALL ${on} FROM ${grantees} CASCADE`);
    for (const kind of ['readWrite', 'readOnly'] as const) {
      const privileges = DATA_GRANTS[kind][objects];
      if (names.length > 0) await grant(objects, `GRANT ${privileges} ${on} TO ${quoted(roles[kind])}`);
      for (const creator of [owner, 'CURRENT_USER']) {
        await grant(`future ${objects}`, `ALTER DEFAULT PRIVILEGES FOR ROLE ${creator} IN SCHEMA ${schema} `
          + `GRANT ${privileges} ON ${objects} TO ${quoted(roles[kind])}`);
      }
    }
  }
}

/**
 * Gives the owner role what the administrator owns in the schema, so that migrations can change it.
 *
 * Each object has a separate transaction, so that the application waits for one table at most, and at most for the lock
 * timeout. After a failure, the next attempt continues.
 */
export async function takeOwnership(session: PostgresSession, schema: string, owner: string): Promise<void> {
  const [{ administrator }] = await session.run('read its user', 'SELECT CURRENT_USER::text AS administrator');
  const objects = await session.run('list the objects of the administrator', OWNED_OBJECTS, [schema, administrator]);
  for (const { object } of objects) {
    await session.run(`change the owner of ${object}`, `ALTER ${object} OWNER TO ${quoted(owner)}`);
  }
}
