import { DatabaseAddress } from './database-server';
import { GroupRoles } from './logins';
import { ensureTarget, GrantTarget, PRIVILEGE_LIST } from './postgres-privileges.lambda';
import { PostgresSession, quoted, Row } from './postgres-session.lambda';
import { inTurn } from './postgres-turn.lambda';

/** The kinds of roles that have privileges on the contents of the schema. The owner role owns them. */
const KINDS = ['readWrite', 'readOnly'] as const;
type Objects = 'TABLES' | 'SEQUENCES';
/** The privileges on tables and sequences, by kind, in alphabetical order. */
const DATA_GRANTS: { readonly [kind in typeof KINDS[number]]: { readonly [objects in Objects]: string } } = {
  readWrite: { TABLES: 'DELETE, INSERT, SELECT, UPDATE', SEQUENCES: 'SELECT, UPDATE, USAGE' },
  readOnly: { TABLES: 'SELECT', SEQUENCES: 'SELECT' },
};
/** The number of relations of other owners that the log names. */
const REPORTED = 20;
const OF_CATALOG: { readonly [objects in Objects]: string } = { TABLES: 'r', SEQUENCES: 'S' };

/**
 * The relations of a schema: whether the administrator or one of its roles owns them, the privileges of both kinds of
 * roles, and whether `PUBLIC` or a user has privileges, or a role on a column.
 */
const RELATIONS = `
  SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relkind = 'S' AS sequence,
    pg_has_role(c.relowner, 'USAGE') AS ours,
    (SELECT ${PRIVILEGE_LIST} FROM aclexplode(c.relacl) a WHERE pg_get_userbyid(a.grantee) = $2) AS "readWrite",
    (SELECT ${PRIVILEGE_LIST} FROM aclexplode(c.relacl) a WHERE pg_get_userbyid(a.grantee) = $3) AS "readOnly",
    EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0 OR pg_get_userbyid(a.grantee) = ANY($4))
      OR EXISTS (SELECT FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = c.oid
        AND (a.grantee = 0 OR pg_get_userbyid(a.grantee) = ANY(ARRAY[$2, $3] || $4))) AS excess
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
  ORDER BY c.oid`;

/**
 * The objects of a schema that the administrator owns, as ALTER expects them: relations, routines and types.
 *
 * A sequence of a column and the row type of a table follow their table. Objects of an extension stay with it.
 */
const OWNED_OBJECTS = `
  WITH extension AS (SELECT objid, classid FROM pg_depend WHERE deptype = 'e')
  SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
      WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END || ' ' || c.oid::regclass AS object
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND pg_get_userbyid(c.relowner) = CURRENT_USER AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND (c.oid, 'pg_class'::regclass) NOT IN (SELECT objid, classid FROM extension)
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
      AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
  UNION ALL
  SELECT 'ROUTINE ' || p.oid::regprocedure
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = $1 AND pg_get_userbyid(p.proowner) = CURRENT_USER
    AND (p.oid, 'pg_proc'::regclass) NOT IN (SELECT objid, classid FROM extension)
  UNION ALL
  SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END || ' ' || t.oid::regtype
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE n.nspname = $1 AND pg_get_userbyid(t.typowner) = CURRENT_USER AND t.typtype IN ('c', 'd', 'e', 'r')
    AND (t.typrelid = 0 OR c.relkind = 'c')
    AND (t.oid, 'pg_type'::regclass) NOT IN (SELECT objid, classid FROM extension)`;

/**
 * Grants the privileges of the three roles on the schema, and on its present and future contents.
 *
 * The roles then have no other privileges, and the users have none of their own. In a transaction, other sessions never
 * see the state between the statements.
 */
export async function grantOnSchema(
  session: PostgresSession, address: DatabaseAddress, roles: GroupRoles, users: string[], passive: string[],
): Promise<void> {
  const schema = quoted(address.schema);
  await session.run('create the schema', `CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await session.run('restrict the schema', `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC`);
  const all = await session.run(
    'list the tables', RELATIONS, [address.schema, roles.readWrite, roles.readOnly, users]);
  const relations = all.filter(({ ours }) => ours);
  for (const objects of ['TABLES', 'SEQUENCES'] as const) await grantOn(session, objects, relations, roles, users);
  await ensureTarget(session, targetsOf(session.user, address, roles, passive), {
    schema: address.schema,
    owner: roles.owner,
    groups: Object.values(roles),
    handled: relations.map(({ name }) => `${name}`),
    grantees: [...Object.values(roles), ...users],
  });
  reportForeign(all.filter((row) => !row.ours && !isRight(row)), roles.owner);
}

/** Names, in the log, the relations on which the administrator cannot grant privileges. */
function reportForeign(relations: Row[], owner: string): void {
  if (relations.length === 0) return;
  const names = relations.slice(0, REPORTED).map(({ name }) => name).join(', ');
  console.warn(`The users lack privileges on ${relations.length} tables, views and sequences, because neither the `
    + `master user nor the role ${owner} owns them: ${names}`);
}

/** Whether both kinds of roles have their privileges on a relation, and nobody else. */
function isRight(row: Row): boolean {
  const objects = row.sequence ? 'SEQUENCES' : 'TABLES';
  return !row.excess && KINDS.every((kind) => row[kind] === DATA_GRANTS[kind][objects]);
}

/** Sets the privileges on those tables or sequences that differ, in a few statements for all of them. */
async function grantOn(
  session: PostgresSession, objects: Objects, relations: Row[], roles: GroupRoles, users: string[],
): Promise<void> {
  const names = relations
    .filter((row) => row.sequence === (objects === 'SEQUENCES') && !isRight(row))
    .map(({ name }) => name);
  if (names.length === 0) return;
  const on = `ON ${objects === 'SEQUENCES' ? 'SEQUENCE' : 'TABLE'} ${names.join(', ')}`;
  const grantees = ['PUBLIC', ...[roles.readWrite, roles.readOnly, ...users].map(quoted)].join(', ');
  await session.run(`revoke ${objects}`, `REVOKE ALL ${on} FROM ${grantees} CASCADE`);
  for (const kind of KINDS) {
    await session.run(`grant ${objects}`, `GRANT ${DATA_GRANTS[kind][objects]} ${on} TO ${quoted(roles[kind])}`);
  }
}

/**
 * The privileges of the roles on the database, on the schema, and on future tables and sequences. PostgreSQL checks
 * `CONNECT` of a login before it acts as its role.
 */
function targetsOf(
  administrator: string, { database, schema }: DatabaseAddress, roles: GroupRoles, passive: string[],
): GrantTarget[] {
  const onDatabase = { target: `database ${database}`, on: `ON DATABASE ${quoted(database)}` };
  const onSchema = { target: `schema ${schema}`, on: `ON SCHEMA ${quoted(schema)}` };
  const defaults = [roles.owner, administrator].flatMap((creator) => KINDS.flatMap((kind) =>
    (['TABLES', 'SEQUENCES'] as const).map((objects): GrantTarget => ({
      target: `default ${creator} ${schema} ${OF_CATALOG[objects]}`,
      before: `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(creator)} IN SCHEMA ${quoted(schema)} `,
      on: `ON ${objects}`,
      grantee: roles[kind],
      privileges: DATA_GRANTS[kind][objects],
    }))));
  return [
    { ...onDatabase, grantee: roles.owner, privileges: 'CONNECT, TEMPORARY' },
    { ...onDatabase, grantee: roles.readWrite, privileges: 'CONNECT, TEMPORARY' },
    { ...onDatabase, grantee: roles.readOnly, privileges: 'CONNECT' },
    ...passive.map((login) => ({ ...onDatabase, grantee: login, privileges: 'CONNECT' })),
    { ...onSchema, grantee: roles.owner, privileges: 'CREATE, USAGE' },
    { ...onSchema, grantee: roles.readWrite, privileges: 'USAGE' },
    { ...onSchema, grantee: roles.readOnly, privileges: 'USAGE' },
    ...defaults,
  ];
}

/**
 * Refuses a server on which users could create objects in the schema. A schema of another owner can grant this to
 * `PUBLIC`, and PostgreSQL then only warns that the function cannot revoke it.
 */
export async function requireClosedSchema(session: PostgresSession, schema: string, users: string[]): Promise<void> {
  const [open] = await session.run(
    'check the schema',
    'SELECT rolname AS user FROM pg_roles WHERE rolname = ANY($1) AND has_schema_privilege(oid, $2, \'CREATE\')',
    [users, schema],
  );
  if (!open) return;
  throw new Error(`the user ${open.user} must not be able to create objects in the schema ${schema}. As the owner of `
    + `the schema or as a superuser, run: REVOKE CREATE ON SCHEMA ${quoted(schema)} FROM PUBLIC`);
}

/**
 * Gives the owner role what the administrator owns in the schema, so that migrations can change it.
 *
 * Each object has a separate transaction and turn, so that the application waits for one table at most, and at most for
 * the lock timeout. After a failure, the next attempt continues.
 */
export async function takeOwnership(session: PostgresSession, schema: string, owner: string): Promise<void> {
  const objects = await session.run('list the objects of the administrator', OWNED_OBJECTS, [schema]);
  for (const { object } of objects) {
    await inTurn(session, 'privileges', async () => {
      await session.run(`change the owner of ${object}`, `ALTER ${object} OWNER TO ${quoted(owner)}`);
    });
  }
}
