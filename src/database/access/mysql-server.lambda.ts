import { DatabaseAddress, DatabaseFailure, DatabaseServer } from './database-server';
import { UserDefinition, Login, loginNames, Privileges } from './logins';
import {
  disable, discardOldPassword, ensureLogin, refuseOtherAccounts, restorePolicy, setPassword,
} from './mysql-accounts.lambda';
import { revokeMemberships, setPrivileges } from './mysql-privileges.lambda';
import { asAdministrator, logInTo, Run } from './mysql-session.lambda';
import { inTurn } from './mysql-turn.lambda';

/** https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
const WRONG_PASSWORD = 'ER_ACCESS_DENIED_ERROR';
/** The text of `ER_ACCOUNT_HAS_BEEN_LOCKED`, whose number differs between MySQL and MariaDB. */
const LOCKED = /account is locked/i;

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
    await inTurn(this.address, administrator, async (run) => {
      const { name, pattern } = await databaseOn(run, this.address.database);
      await ensureDatabase(run, name);
      for (const login of loginNames(user)) {
        await refuseOtherAccounts(run, login);
        await ensureLogin(run, login, user.iamToken);
        await discardOldPassword(run, login);
        await restorePolicy(run, login);
        await revokeMemberships(run, login);
        await setPrivileges(run, login, PRIVILEGES[user.privileges], pattern);
      }
    });
  }

  public async setPassword(administrator: Login, login: Login): Promise<void> {
    await asAdministrator(this.address, administrator, (run) => setPassword(run, login));
  }

  public async disableUser(administrator: Login, user: UserDefinition, logins = loginNames(user)): Promise<void> {
    await asAdministrator(this.address, administrator, async (run) => {
      for (const login of logins) await disable(run, login, user.iamToken);
    });
  }

  public async logIn(login: Login): Promise<void> {
    await logInTo(this.address, login);
  }

  public refusedLogin(error: unknown): boolean {
    return error instanceof DatabaseFailure && (error.code === WRONG_PASSWORD || LOCKED.test(error.message));
  }
}

/** The database as the server spells it, and in a grant. Two settings of the server decide both. */
async function databaseOn(run: Run, database: string): Promise<{ readonly name: string; readonly pattern: string }> {
  const settings = await run('read its settings', 'SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)',
    [['lower_case_table_names', 'partial_revokes']]);
  const is = (setting: string, value: string) =>
    settings.some((each) => each.Variable_name === setting && each.Value === value);
  const name = is('lower_case_table_names', '0') ? database : database.toLowerCase();
  // With partial revokes, `_` and `%` match only themselves, and a backslash is part of the name.
  const pattern = is('partial_revokes', 'ON') ? name : name.replace(/[_%]/g, '\\$&');
  return { name, pattern: `\`${pattern}\`.*` };
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
