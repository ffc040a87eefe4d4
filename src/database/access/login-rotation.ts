import { randomInt } from 'crypto';
import { DatabaseServer } from './database-server';
import { UserDefinition, idleLogin, Login, parseLogin } from './logins';
import { RotatedValue } from '../../rotation/rotation-steps';

/** The length of a password. 32 characters out of 63 have 190 bits; MySQL and RDS Proxy accept them. */
const PASSWORD_LENGTH = 32;
/** The attempts of a deployment to log in with the current value. */
const ATTEMPTS = 3;
/** These characters need no escaping in a URL, a connection string or a shell. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_';

/** The copies of the logins of a user, from which a proxy knows their passwords. */
export interface LoginCopies {
  /** Stores the password of a login where the proxy reads it. */
  write(login: Login): Promise<void>;
  /** Logs in through the proxy. */
  logIn(login: Login): Promise<void>;
}

/** Reads the value of a version of the secret. */
export type ReadVersion = (stage: 'AWSCURRENT' | 'AWSPENDING' | 'AWSPREVIOUS') => Promise<string | undefined>;

/** Does the work with the login of the master user. */
export type AsAdministrator = <T>(work: (administrator: Login) => Promise<T>) => Promise<T>;

/**
 * The values of the secret of a user: its two logins alternate.
 *
 * A rotation changes the login that the current value does not contain. The current login stays valid until the next
 * rotation.
 */
export function loginRotation(
  user: UserDefinition, server: DatabaseServer, asAdministrator: AsAdministrator, copies?: LoginCopies,
): RotatedValue {
  return {
    // Running tasks can have the previous value. The login in it must not change.
    continues: (value) => parseLogin(user, value) !== undefined,
    next: (current) => JSON.stringify({
      username: idleLogin(user, parseLogin(user, current)?.username),
      password: generatePassword(),
    }),
    flawOf: (value, current) => {
      const login = parseLogin(user, value);
      if (!login) return `is not a login of the user ${user.name}`;
      return login.username === parseLogin(user, current)?.username ? 'contains the login in use' : undefined;
    },
    set: async (value, current) => {
      const login = parseLogin(user, value)!;
      const inUse = parseLogin(user, current);
      const failure = await asAdministrator(async (administrator) => {
        const ofPrivileges = await ensureOneKind(server, administrator, user);
        const repeated = ofPrivileges && await isValid(server, user, login);
        await server.setPassword(administrator, login);
        // After a restore, the login in use has a password of the snapshot. If it fails for another reason, setting its
        // password again does no harm.
        if (inUse && !await isValid(server, user, inUse)) await server.setPassword(administrator, inUse);
        return ofPrivileges && { repeated, ofPrivileges };
      });
      await copies?.write(login);
      // Otherwise, a user that blocks privileges could stop the rotations of all others. The error of the first attempt
      // fires the alarm. Secrets Manager repeats the rotation, and the password is valid then.
      if (failure && !failure.repeated) throw failure.ofPrivileges;
      if (failure) {
        console.error(`The rotation continues without a repair of the privileges: ${failure.ofPrivileges.message}`);
      }
      // No version contains the password of the other login. After a restore, it is one of the snapshot. Running tasks
      // can have this login, so it stays valid until the new one is.
      if (inUse) return;
      const other = idleLogin(user, login.username);
      await asAdministrator((administrator) => server.disableUser(administrator, user, [other]));
    },
    test: async (value) => {
      await server.logIn(parseLogin(user, value)!, user);
      await copies?.logIn(parseLogin(user, value)!);
    },
  };
}

/** Creates or repairs a user and makes the current value of its secret valid. */
export async function ensureLogin(
  user: UserDefinition, read: ReadVersion, server: DatabaseServer, asAdministrator: AsAdministrator,
  copies?: LoginCopies,
): Promise<void> {
  if (!user.iamToken) await currentLogin(user, read);
  await asAdministrator(async (administrator) => {
    const failure = await ensureOneKind(server, administrator, user);
    if (failure) throw failure;
  });
  if (user.iamToken) return;
  // A rotation that ends in the meantime changes the current value. The next attempt reads it.
  for (let attempt = 1; ; attempt++) {
    const login = await currentLogin(user, read);
    const refusal = await refusalOf(server, user, login);
    if (!refusal) return copies?.write(login);
    if (attempt === ATTEMPTS) throw refusal;
    await makeValid(user, login, read, server, asAdministrator, copies);
  }
}

/** Creates or repairs a user, and disables logins of the other kind that an earlier access has left. */
async function ensureOneKind(
  server: DatabaseServer, administrator: Login, user: UserDefinition,
): Promise<Error | void> {
  const failure = await server.ensureUser(administrator, user);
  await server.disableUser(administrator, { ...user, iamToken: !user.iamToken });
  return failure;
}

/** The login in the current value. Throws if there is none. */
async function currentLogin(user: UserDefinition, read: ReadVersion): Promise<Login> {
  const login = parseLogin(user, await read('AWSCURRENT'));
  if (login) return login;
  throw new Error(`the secret of the user ${user.name} does not contain a login of this user. Rotate the secret`);
}

/**
 * Sets the password of a login that the server refuses: after a restore, the passwords are those of the snapshot.
 *
 * The other login receives the value of a rotation that has not ended, or the previous value, or no password.
 */
async function makeValid(
  user: UserDefinition, login: Login, read: ReadVersion, server: DatabaseServer, asAdministrator: AsAdministrator,
  copies?: LoginCopies,
): Promise<void> {
  const name = idleLogin(user, login.username);
  const values = [await read('AWSPENDING'), await read('AWSPREVIOUS')].map((value) => parseLogin(user, value));
  const other = values.find((each) => each?.username === name);
  // The other login is first: if the current one is valid, the next attempt repairs nothing. A failed rotation can have
  // written the copy of the other login.
  if (other) await copies?.write(other);
  await asAdministrator(async (administrator) => {
    if (other) await server.setPassword(administrator, other);
    else await server.disableUser(administrator, user, [name]);
    await server.setPassword(administrator, login);
  });
}

async function isValid(server: DatabaseServer, user: UserDefinition, login: Login): Promise<boolean> {
  return server.logIn(login, user).then(() => true, () => false);
}

/** Returns the error if the server refuses the password of a login. Throws if the login fails for another reason. */
async function refusalOf(server: DatabaseServer, user: UserDefinition, login: Login): Promise<Error | undefined> {
  try {
    await server.logIn(login, user);
    return undefined;
  } catch (error) {
    if (server.refusedLogin(error)) return error as Error;
    throw error;
  }
}

/**
 * Generates a password with a letter of each case, a digit and an underscore: the policy `MEDIUM` of MySQL requires a
 * special character.
 */
export function generatePassword(): string {
  for (;;) {
    const password = Array.from({ length: PASSWORD_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    if ([/[a-z]/, /[A-Z]/, /\d/, /_/].every((each) => each.test(password))) return password;
  }
}
