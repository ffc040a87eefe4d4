import { PostgresSession, quoted, Row } from './postgres-session.lambda';

/** The privileges of the entries `a` of an access control list, in alphabetical order. */
export const PRIVILEGE_LIST = 'string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN \' WITH GRANT OPTION\' '
  + 'ELSE \'\' END, \', \' ORDER BY a.privilege_type)';

/** The privileges of a role on the database, the schema, or future objects. */
export interface GrantTarget {
  /** The object, as `PRIVILEGES` names it. */
  readonly target: string;
  /** The text before GRANT. */
  readonly before?: string;
  /** The text after the privileges. */
  readonly on: string;
  readonly grantee: string;
  /** In alphabetical order. */
  readonly privileges: string;
}

/** The scope of `ensureTarget`. */
interface Revocable {
  /** The schema of the data. */
  readonly schema: string;
  /** The role that owns the objects of the schema. */
  readonly owner: string;
  /** The roles on the schema, which the owner can let execute its routines. */
  readonly groups: string[];
  /** The relations whose privileges are right already. */
  readonly handled: string[];
  /** The roles that must have no other privileges. */
  readonly grantees: string[];
}

/**
 * The objects on which roles have privileges, or `PUBLIC` has privileges when they are created.
 *
 * Not the objects that users can create themselves, and on which they can grant: temporary and large objects, and their
 * own future objects. A user could also keep a lock on such privileges. Not the routines of the schema that a role on
 * the schema can execute: their owner decides this.
 */
const PRIVILEGES = `
  SELECT o.type, CASE o.type WHEN 'type' THEN quote_ident(o.schema) || '.' || o.name ELSE o.identity END AS identity,
    COALESCE(g.rolname, '') AS grantee, COALESCE('schema ' || n.nspname, 'database ' || d.datname,
      'default ' || pg_get_userbyid(f.defaclrole) || ' ' || COALESCE(m.nspname, '') || ' ' || f.defaclobjtype::text,
      '') AS target,
    (SELECT ${PRIVILEGE_LIST} FROM aclexplode(COALESCE(n.nspacl, d.datacl, f.defaclacl)) a
      WHERE a.grantee = s.refobjid) AS privileges
  FROM (
    SELECT classid, objid, refobjid FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND deptype = 'a'
      AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    UNION
    SELECT 'pg_default_acl'::regclass, b.oid, 0 FROM pg_default_acl b, aclexplode(b.defaclacl) a
      WHERE a.grantee = 0 AND b.defaclobjtype IN ('r', 'S')
  ) s
  LEFT JOIN pg_roles g ON g.oid = s.refobjid
  LEFT JOIN pg_namespace n ON s.classid = 'pg_namespace'::regclass AND n.oid = s.objid
  LEFT JOIN pg_database d ON s.classid = 'pg_database'::regclass AND d.oid = s.objid
  LEFT JOIN pg_default_acl f ON s.classid = 'pg_default_acl'::regclass AND f.oid = s.objid
  LEFT JOIN pg_namespace m ON m.oid = f.defaclnamespace
  CROSS JOIN LATERAL pg_identify_object(s.classid, s.objid, 0) o
  WHERE (s.refobjid = 0 OR g.rolname = ANY($1)) AND o.identity <> ALL($2)
    AND o.type <> 'large object' AND COALESCE(o.schema, '') !~ '^pg_temp'
    AND (s.classid <> 'pg_proc'::regclass OR o.schema <> $3 OR g.rolname <> ALL($5))
    AND (f.oid IS NULL OR pg_get_userbyid(f.defaclrole) IN (CURRENT_USER, $4))`;

/** The words of REVOKE for types of objects whose name differs. */
const KEYWORDS: { readonly [type: string]: string } = {
  'view': 'TABLE',
  'materialized view': 'TABLE',
  'foreign table': 'TABLE',
  'aggregate': 'FUNCTION',
  'server': 'FOREIGN SERVER',
  'foreign-data wrapper': 'FOREIGN DATA WRAPPER',
  'parameter ACL': 'PARAMETER',
};

/** Grants what is missing, and revokes everything else from the roles. Refuses privileges that it cannot revoke. */
export async function ensureTarget(
  session: PostgresSession, wanted: GrantTarget[], { schema, owner, groups, handled, grantees }: Revocable,
): Promise<void> {
  const read = () => session.run('read the privileges', PRIVILEGES, [grantees, handled, schema, owner, groups]);
  const isOf = ({ target, grantee }: GrantTarget) => (row: Row) => row.target === target && row.grantee === grantee;
  const isRight = (row: Row) => wanted.some((each) => isOf(each)(row) && each.privileges === row.privileges);
  const present = await read();
  const excess = present.filter((row) => !isRight(row));
  for (const row of excess) {
    await session.run(`revoke privileges on ${describe(row)}`, revocation(row));
  }
  const missing = wanted.filter((each) => !present.some((row) => isOf(each)(row) && isRight(row)));
  for (const { before = '', privileges, on, grantee } of missing) {
    await session.run(`grant ${privileges} ${on}`, `${before}GRANT ${privileges} ${on} TO ${quoted(grantee)}`);
  }
  if (excess.length === 0 && missing.length === 0) return;
  // PostgreSQL only warns about privileges that it did not grant or revoke.
  const after = await read();
  const left = after.find((row) => !isRight(row));
  if (left) throw new Error(`the privileges on ${describe(left)} must be revoked by the role that granted them`);
  const lacking = wanted.find((each) => !after.some(isOf(each)));
  if (!lacking) return;
  const { privileges, on, grantee } = lacking;
  throw new Error(`the master user cannot grant ${privileges} ${on} to ${grantee}. It must own the object`);
}

function describe({ type, identity, grantee }: Row): string {
  return `${type} ${identity} of ${grantee === '' ? 'PUBLIC' : grantee}`;
}

function revocation({ type, identity, grantee }: Row): string {
  const from = `FROM ${grantee === '' ? 'PUBLIC' : quoted(`${grantee}`)}`;
  if (type === 'default acl') {
    const [, creator, objects] = /^(.+) on (.+?)$/.exec(`${identity}`)!;
    return `ALTER DEFAULT PRIVILEGES ${creator} REVOKE ALL ON ${objects} ${from}`;
  }
  return `REVOKE ALL ON ${KEYWORDS[`${type}`] ?? `${type}`.toUpperCase()} ${identity} ${from} CASCADE`;
}
