import { DatabaseAddress, DatabaseFailure, DatabaseServer } from './database-server';
import { UserDefinition, Login, loginNames, Privileges } from './logins';
import { revokeMemberships, setPrivileges } from './mysql-privileges.lambda';
import { asAdministrator, exists, logInTo, Run } from './mysql-session.lambda';
import { inTurn } from './mysql-turn.lambda';

/** https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
const WRONG_PASSWORD = 'ER_ACCESS_DENIED_ERROR';
/** The text of `ER_ACCOUNT_HAS_BEEN_LOCKED`, whose number differs between MySQL and MariaDB. */
const LOCKED = /account is locked/i;
/** `ssl_type` of an account that requires TLS. */
const REQUIRES_TLS = 'ANY';

const READ = ['SELECT', 'SHOW VIEW'];
const READ_WRITE = [...READ, 'CREATE TEMPORARY TABLES', 'DELETE', 'EXECUTE', 'INSERT', 'UPDATE'];
/** The privileges on the database, by kind. */
const PRIVILEGES: { readonly [kind in Privileges]: string[] } = {
  readOnly: READ,
  readWrite: READ_WRITE,
  owner: [
    ...READ_WRITE, 'ALTER', 'ALTER ROUTINE', 'CREATE', 'CREATE ROUTINE', 'CREATE VIEW', 'DROP', 'EVENT', 'INDEX',
    'REFERENCES', 'TRIGGER',
  ],
};

/**
 * The users of MySQL, on an instance or on Aurora.
 *
 * Tables of MySQL have no owner: each login has the privileges of the user on the database, so both logins can use and
 * change the tables that either creates. A view, a routine, a trigger and an event run as the login that created them.
 */
export class MysqlServer implements DatabaseServer {
  constructor(private readonly address: DatabaseAddress) {}

  public async ensureUser(administrator: Login, user: UserDefinition): Promise<void> {
    const { database } = this.address;
    await inTurn(this.address, administrator, async (run) => {
      await ensureDatabase(run, database);
      for (const login of loginNames(user)) {
        await ensureLogin(run, login, user.iamToken);
        await revokeMemberships(run, login);
        await setPrivileges(run, login, PRIVILEGES[user.privileges], databasePattern(database));
      }
    });
  }

  public async setPassword(administrator: Login, { username, password }: Login): Promise<void> {
    await asAdministrator(this.address, administrator, (run) => run(
      `set the password of ${username}`,
      'ALTER USER ?@\'%\' IDENTIFIED BY ? REQUIRE SSL PASSWORD EXPIRE NEVER ACCOUNT UNLOCK',
      [username, password],
      false,
    ));
  }

  public async disableUser(administrator: Login, user: UserDefinition): Promise<void> {
    await asAdministrator(this.address, administrator, async (run) => {
      for (const login of loginNames(user)) {
        if (await exists(run, login)) await run(`disable ${login}`, 'ALTER USER ?@\'%\' ACCOUNT LOCK', [login]);
      }
    });
  }

  public async logIn(login: Login): Promise<void> {
    await logInTo(this.address, login);
  }

  public refusedLogin(error: unknown): boolean {
    return error instanceof DatabaseFailure && (error.code === WRONG_PASSWORD || LOCKED.test(error.message));
  }
}

/**
 * Creates the database if it is missing: the owner can drop it.
 *
 * `CREATE DATABASE` waits for every statement that uses the database, even if it exists.
 */
async function ensureDatabase(run: Run, database: string): Promise<void> {
  const [present] = await run(
    'read the database', 'SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [database]);
  if (!present) await run('create the database', `CREATE DATABASE IF NOT EXISTS \`${database}\``);
}

/**
 * Creates a login that is locked until it has a password, or that logs in with an IAM token. It requires TLS.
 *
 * A login with an IAM token can be locked, or have a password, from an earlier access of its user.
 */
export async function ensureLogin(run: Run, login: string, iamToken: boolean): Promise<void> {
  const withToken = 'IDENTIFIED WITH AWSAuthenticationPlugin AS \'RDS\' REQUIRE SSL';
  const present = await exists(run, login);
  if (!present) {
    const how = iamToken ? withToken : 'REQUIRE SSL ACCOUNT LOCK';
    await run(`create ${login}`, `CREATE USER IF NOT EXISTS ?@'%' ${how}`, [login]);
  } else if (iamToken) {
    await run(`enable ${login}`, `ALTER USER ?@'%' ${withToken} ACCOUNT UNLOCK`, [login]);
  } else if (present.tls !== REQUIRES_TLS) {
    await run(`require TLS of ${login}`, 'ALTER USER ?@\'%\' REQUIRE SSL', [login]);
  }
}

/** The database in a grant, in which `_` and `%` would otherwise match other databases. */
function databasePattern(database: string): string {
  return `\`${database.replace(/[_%]/g, '\\$&')}\`.*`;
}
