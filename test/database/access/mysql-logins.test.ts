import { RowDataPacket } from 'mysql2/promise';
import { DatabaseFailure } from '../../../src/database/access/database-server';
import {
  disable, ensureLogin, refuseOtherAccounts, setPassword,
} from '../../../src/database/access/mysql-accounts.lambda';
import { Run } from '../../../src/database/access/mysql-session.lambda';

const WITH_TOKEN = 'IDENTIFIED WITH AWSAuthenticationPlugin AS \'RDS\' REQUIRE SSL';
const HASHED = 'IDENTIFIED WITH caching_sha2_password BY ?';
const LOGIN = { username: 'api_1', password: 'x' };

/** A server that has these accounts. */
function someServer(accounts: object[], { plugins = [], failure }: { plugins?: string[]; failure?: Error } = {}) {
  const changes: string[] = [];
  const values: unknown[] = [];
  const run: Run = async (_, sql, given) => {
    if (sql.includes('information_schema.PLUGINS')) {
      return plugins.filter((each) => given!.includes(each)).map((name) => ({ name })) as unknown as RowDataPacket[];
    }
    if (sql.startsWith('SELECT')) return accounts as RowDataPacket[];
    changes.push(sql);
    values.push(given);
    if (failure) throw failure;
    return [];
  };
  return { run, changes, values };
}

test.each<[string, boolean, Array<{ readonly tls: string }>, string[]]>([
  ['a missing login is created, locked and with an unknown password', false, [],
    [`CREATE USER IF NOT EXISTS ?@'%' ${HASHED} REQUIRE SSL ACCOUNT LOCK`]],
  ['a login that requires TLS does not change', false, [{ tls: 'ANY' }], []],
  ['another login requires TLS again', false, [{ tls: '' }], ['ALTER USER ?@\'%\' REQUIRE SSL']],
  ['a missing login with an IAM token is created', true, [], [`CREATE USER IF NOT EXISTS ?@'%' ${WITH_TOKEN}`]],
  ['a login with an IAM token is enabled, also if it was disabled or had a password', true, [{ tls: 'ANY' }],
    [`ALTER USER ?@'%' ${WITH_TOKEN} ACCOUNT UNLOCK`]],
])('%s', async (_what, iamToken, accounts, expected) => {
  const { run, changes } = someServer(accounts, { plugins: ['caching_sha2_password'] });
  await ensureLogin(run, 'api', iamToken);
  expect(changes).toEqual(expected);
});

test.each([
  ['a server with caching_sha2_password', ['caching_sha2_password', 'mysql_native_password'], HASHED],
  ['another server, its default', ['mysql_native_password'], 'IDENTIFIED BY ?'],
])('the password of a login uses, on %s', async (_what, plugins, how) => {
  const { run, changes, values } = someServer([], { plugins });
  await setPassword(run, LOGIN);
  expect(changes).toEqual([`ALTER USER ?@'%' ${how} REQUIRE SSL PASSWORD EXPIRE NEVER ACCOUNT UNLOCK`]);
  expect(values).toEqual([['api_1', 'x']]);
});

test.each([
  ['ER_NOT_VALID_PASSWORD', 'the database refused a generated password of api_1: its policy requires more than 1 '
    + 'letters of both cases, digits and underscores. Relax the policy'],
  ['ER_OTHER', 'the database could not set it: ER_OTHER'],
])('a password that the server refuses with %s is reported', async (code, text) => {
  const { run } = someServer([], { failure: new DatabaseFailure('set it', code, '') });
  await expect(setPassword(run, LOGIN)).rejects.toThrow(new Error(text));
});

test('an account that the server prefers to a login is refused', async () => {
  await expect(refuseOtherAccounts(someServer([{ name: 'api_1', host: '10.0.%' }]).run, 'api_1')).rejects
    .toThrow(new Error('the account \'api_1\'@\'10.0.%\' must not exist, because the server can use it instead of the '
      + 'login api_1 of a user. Drop the account'));
  await expect(refuseOtherAccounts(someServer([]).run, 'api_1')).resolves.toBeUndefined();
});

test('a login is disabled for all hosts', async () => {
  const { run, changes, values } = someServer([{ host: '%' }, { host: '10.0.%' }]);
  await disable(run, 'api_1', false);
  expect(changes).toEqual(Array(2).fill('ALTER USER ?@? ACCOUNT LOCK'));
  expect(values).toEqual([['api_1', '%'], ['api_1', '10.0.%']]);
});

test('a login with an IAM token is disabled without another account of its name', async () => {
  const changes: string[] = [];
  const run: Run = async (_, sql) => {
    if (!sql.startsWith('SELECT')) changes.push(sql);
    const isOther = sql.startsWith('SELECT') && !sql.includes('plugin = \'AWSAuthenticationPlugin\'');
    return (isOther ? [{ host: '%' }] : []) as RowDataPacket[];
  };
  await disable(run, 'api', true);
  expect(changes).toEqual([]);
});
