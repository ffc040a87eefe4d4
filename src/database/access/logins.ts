/** The privileges of a database user on the data of the application's database. */
export type Privileges = 'readOnly' | 'readWrite' | 'owner';

/** A user of a database. A user with a password has two logins, which a rotation changes alternately. */
export interface UserDefinition {
  /** The name: lowercase letters, digits and underscores. It is the role of the logins. */
  readonly name: string;
  readonly privileges: Privileges;
  /** Whether the user logs in with an IAM token. It then has one login, with its own name, and no password. */
  readonly iamToken: boolean;
}

/** A login and its password, as the secret of a user contains them. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The names of the logins of a user. */
export function loginNames({ name, iamToken }: UserDefinition): string[] {
  return iamToken ? [name] : [`${name}_1`, `${name}_2`];
}

/** The login that a rotation changes: the one that the current value does not contain. */
export function idleLogin(user: UserDefinition, current: string | undefined): string {
  const [first, second] = loginNames(user);
  return current === first ? second : first;
}

/**
 * Reads a login from the value of a secret. Returns undefined if there is none: the error of the parser would quote the
 * value.
 */
export function readLogin(value: string | undefined): Login | undefined {
  try {
    const { username, password } = JSON.parse(value ?? '');
    const isText = (each: unknown) => typeof each === 'string' && each !== '';
    return isText(username) && isText(password) ? { username, password } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the value of a secret. Returns undefined if it does not contain a login of the user and its password. */
export function parseLogin(user: UserDefinition, value: string | undefined): Login | undefined {
  const login = readLogin(value);
  return login && loginNames(user).includes(login.username) ? login : undefined;
}

/** The roles of PostgreSQL that have the privileges on the schema, by kind. Each user is a member of one of them. */
export type GroupRoles = { readonly [kind in Privileges]: string };

/** The names contain the database, because all databases of a server share the roles. */
export function groupRoles(database: string): GroupRoles {
  return { owner: `${database}_owner`, readWrite: `${database}_readwrite`, readOnly: `${database}_readonly` };
}
