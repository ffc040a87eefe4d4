import { randomInt } from 'crypto';
import { DatabaseServer } from './database-server';
import { UserDefinition, idleLogin, Login, parseLogin } from './logins';
import { RotatedValue } from '../../rotation/rotation-steps';

/** The length of a password. 32 characters out of 63 have 190 bits; MySQL and RDS Proxy accept them. */
const PASSWORD_LENGTH = 32;
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
export type ReadVersion = (stage: 'AWSCURRENT' | 'AWSPREVIOUS') => Promise<string | undefined>;

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
        const ofPrivileges = await server.ensureUser(administrator, user);
        const repeated = ofPrivileges && await server.logIn(login, user).then(() => true, () => false);
        await server.setPassword(administrator, login);
        // After a restore from a snapshot, the login in use has a password of the snapshot, which is no longer secret.
        if (inUse && await isRefused(server, user, inUse)) await server.setPassword(administrator, inUse);
        return ofPrivileges && { repeated, ofPrivileges };
      });
      await copies?.write(login);
      if (!failure) return;
      // Otherwise, a user that blocks privileges could stop the rotations of all others. The error of the first attempt
      // fires the alarm. Secrets Manager repeats the rotation, and the password is valid then.
      if (!failure.repeated) throw failure.ofPrivileges;
      console.error(`The rotation continues without a repair of the privileges: ${failure.ofPrivileges.message}`);
    },
    test: async (value) => {
      await server.logIn(parseLogin(user, value)!, user);
      await copies?.logIn(parseLogin(user, value)!);
    },
  };
}

/**
 * Creates or repairs a user and makes the current value of its secret valid.
 *
 * After a restore from a snapshot, the passwords in the database are those of the snapshot. The other login then
 * receives the previous value, or no password.
 */
export async function ensureLogin(
  user: UserDefinition, read: ReadVersion, server: DatabaseServer, asAdministrator: AsAdministrator,
  copies?: LoginCopies,
): Promise<void> {
  const login = user.iamToken ? undefined : parseLogin(user, await read('AWSCURRENT'));
  if (!user.iamToken && !login) {
    throw new Error(`the secret of the user ${user.name} does not contain a login of this user. Rotate the secret`);
  }
  await asAdministrator(async (administrator) => {
    const failure = await server.ensureUser(administrator, user);
    if (failure) throw failure;
    // The logins that the user had before it changed between a password and an IAM token.
    await server.disableUser(administrator, { ...user, iamToken: !user.iamToken });
  });
  if (!login) return;
  try {
    await server.logIn(login, user);
  } catch (error) {
    if (!server.refusedLogin(error)) throw error;
    const before = parseLogin(user, await read('AWSPREVIOUS'));
    const other = idleLogin(user, login.username);
    const previous = before?.username === other ? before : undefined;
    // First the other login: the next attempt does not repair it if the current one is valid. A rotation that failed
    // can have written its copy.
    if (previous) await copies?.write(previous);
    await asAdministrator(async (administrator) => {
      if (previous) await server.setPassword(administrator, previous);
      else await server.disableUser(administrator, user, [other]);
      await server.setPassword(administrator, login);
    });
    await server.logIn(login, user);
  }
  await copies?.write(login);
}

/** Whether the server refuses the password of a login. Another failure does not stop a rotation. */
async function isRefused(server: DatabaseServer, user: UserDefinition, login: Login): Promise<boolean> {
  return server.logIn(login, user).then(() => false, (error) => server.refusedLogin(error));
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
