import { DatabaseFailure } from './database-server';
import { generatePassword } from './login-rotation';
import { Login } from './logins';
import { Run } from './mysql-session.lambda';

/** The plugin for passwords that MySQL recommends. MariaDB, and servers that do not offer it, use their default. */
const HASHED = 'caching_sha2_password';
/** The code of a password that a plugin or component such as validate_password refuses. */
const WEAK_PASSWORD = 'ER_NOT_VALID_PASSWORD';
/** The code of a password that `password_history` or `password_reuse_interval` refuses. */
const USED_BEFORE = 'ER_CREDENTIALS_CONTRADICT_TO_HISTORY';
/** `ssl_type` of an account that requires TLS. */
const REQUIRES_TLS = 'ANY';

/**
 * Refuses accounts that would log in instead of a login: those with its name or without a name, for some hosts only.
 *
 * MySQL prefers them to the account for all hosts: https://dev.mysql.com/doc/refman/8.4/en/connection-access.html
 */
export async function refuseOtherAccounts(run: Run, login: string): Promise<void> {
  const [other] = await run(
    `look for accounts that log in instead of ${login}`,
    'SELECT User AS name, Host AS host FROM mysql.user WHERE User IN (?) AND Host <> \'%\' ORDER BY User, Host',
    [[login, '']],
  );
  if (!other) return;
  throw new Error(`the account '${other.name}'@'${other.host}' must not exist, because the server can use it instead `
    + `of the login ${login} of a user. Drop the account`);
}

/**
 * Creates a login that is locked until it receives its password, or that logs in with an IAM token. It requires TLS.
 *
 * A login with an IAM token can be locked, or have a password, from an earlier access of its user.
 */
export async function ensureLogin(run: Run, login: string, iamToken: boolean): Promise<void> {
  const withToken = 'IDENTIFIED WITH AWSAuthenticationPlugin AS \'RDS\' REQUIRE SSL';
  const [present] = await run(
    `read ${login}`, 'SELECT ssl_type AS tls FROM mysql.user WHERE User = ? AND Host = \'%\'', [login]);
  if (iamToken) {
    const [what, how] = present
      ? [`enable ${login}`, `ALTER USER ?@'%' ${withToken} ACCOUNT UNLOCK`]
      : [`create ${login}`, `CREATE USER IF NOT EXISTS ?@'%' ${withToken}`];
    await run(what, how, [login]);
  } else if (!present) {
    // A policy for passwords also refuses a locked account without one.
    await identify(run, `create ${login}`, 'CREATE USER IF NOT EXISTS', 'REQUIRE SSL ACCOUNT LOCK',
      { username: login, password: generatePassword() });
  } else if (`${present.tls}` !== REQUIRES_TLS) {
    await run(`require TLS of ${login}`, 'ALTER USER ?@\'%\' REQUIRE SSL', [login]);
  }
}

/**
 * Discards the secondary password of a login. MariaDB has none.
 *
 * A person can have retained it, and no rotation would change it.
 * https://dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords
 */
export async function discardOldPassword(run: Run, login: string): Promise<void> {
  const retained = await hasAccount(run, login, 'User_attributes',
    'JSON_CONTAINS_PATH(User_attributes, \'one\', \'$.additional_password\')');
  if (retained) await run(`discard the old password of ${login}`, 'ALTER USER ?@\'%\' DISCARD OLD PASSWORD', [login]);
}

/** Restores the policy for passwords of a login. An invocation that ended in `setPassword` can have relaxed it. */
export async function restorePolicy(run: Run, login: string): Promise<void> {
  const relaxed = await hasAccount(run, login, 'Password_reuse_history',
    'Password_reuse_history = 0 AND Password_reuse_time = 0');
  if (relaxed) await limitReuse(run, login, 'DEFAULT', 'DEFAULT');
}

/** Whether the account of a login satisfies a condition on a column, which MariaDB does not have. */
async function hasAccount(run: Run, login: string, column: string, condition: string): Promise<boolean> {
  const [supported] = await run(`look for ${column}`, 'SELECT 1 FROM information_schema.COLUMNS '
    + 'WHERE TABLE_SCHEMA = \'mysql\' AND TABLE_NAME = \'user\' AND COLUMN_NAME = ?', [column]);
  const [account] = !supported ? [] : await run(`read ${column} of ${login}`,
    `SELECT 1 FROM mysql.user WHERE User = ? AND Host = '%' AND ${condition}`, [login]);
  return account !== undefined;
}

async function limitReuse(run: Run, login: string, history: string, interval: string): Promise<void> {
  await run(`change how ${login} repeats passwords`,
    `ALTER USER ?@'%' PASSWORD HISTORY ${history} PASSWORD REUSE INTERVAL ${interval}`, [login]);
}

/**
 * Sets the password of a login, and enables it.
 *
 * A step of a rotation that is repeated sets the same password, which the server can refuse as used before. Only this
 * statement is exempt from such a policy.
 */
export async function setPassword(run: Run, login: Login): Promise<void> {
  const set = async () => identify(run, `set the password of ${login.username}`, 'ALTER USER',
    'REQUIRE SSL PASSWORD EXPIRE NEVER ACCOUNT UNLOCK', login);
  try {
    await set();
  } catch (error) {
    if (!(error instanceof DatabaseFailure && error.code === USED_BEFORE)) throw error;
    await limitReuse(run, login.username, '0', '0 DAY');
    try {
      await set();
    } finally {
      await limitReuse(run, login.username, 'DEFAULT', 'DEFAULT');
    }
  }
}

/**
 * Prevents new connections of a login, from all hosts.
 *
 * A login with an IAM token has the name of its user, which an account of another program can have too.
 */
export async function disable(run: Run, login: string, iamToken: boolean): Promise<void> {
  const kind = iamToken ? ' AND plugin = \'AWSAuthenticationPlugin\'' : '';
  const accounts = await run(`read ${login}`, `SELECT Host AS host FROM mysql.user WHERE User = ?${kind}`, [login]);
  for (const { host } of accounts) await run(`disable ${login}`, 'ALTER USER ?@? ACCOUNT LOCK', [login, host]);
}

/** Runs a statement with a password, which the text of an error could quote. */
async function identify(
  run: Run, what: string, statement: string, options: string, { username, password }: Login,
): Promise<void> {
  const [hashed] = await run('read its plugins',
    'SELECT 1 FROM information_schema.PLUGINS WHERE PLUGIN_NAME = ? AND PLUGIN_STATUS = \'ACTIVE\'', [HASHED]);
  const how = hashed ? `IDENTIFIED WITH ${HASHED} BY ?` : 'IDENTIFIED BY ?';
  try {
    await run(what, `${statement} ?@'%' ${how} ${options}`, [username, password], false);
  } catch (error) {
    if (!(error instanceof DatabaseFailure && error.code === WEAK_PASSWORD)) throw error;
    throw new Error(`the database refused a generated password of ${username}: its policy requires more than `
      + `${password.length} letters of both cases, digits and underscores. Relax the policy`);
  }
}
