import { RowDataPacket } from 'mysql2/promise';
import { ensureLogin } from '../../../src/database/access/mysql-server.lambda';

const WITH_TOKEN = 'IDENTIFIED WITH AWSAuthenticationPlugin AS \'RDS\' REQUIRE SSL';

/** The statements that change a login, on a server that has these accounts. */
async function statements(iamToken: boolean, ...accounts: Array<{ readonly tls: string }>): Promise<string[]> {
  const changes: string[] = [];
  await ensureLogin(async (_, sql) => {
    if (!sql.startsWith('SELECT')) changes.push(sql);
    return accounts as unknown as RowDataPacket[];
  }, 'api', iamToken);
  return changes;
}

test.each<[string, boolean, Array<{ readonly tls: string }>, string[]]>([
  ['a missing login is created without a password', false, [],
    ['CREATE USER IF NOT EXISTS ?@\'%\' REQUIRE SSL ACCOUNT LOCK']],
  ['a login that requires TLS does not change', false, [{ tls: 'ANY' }], []],
  ['another login requires TLS again', false, [{ tls: '' }], ['ALTER USER ?@\'%\' REQUIRE SSL']],
  ['a missing login with an IAM token is created', true, [], [`CREATE USER IF NOT EXISTS ?@'%' ${WITH_TOKEN}`]],
  ['a login with an IAM token is enabled, also if it was disabled or had a password', true, [{ tls: 'ANY' }],
    [`ALTER USER ?@'%' ${WITH_TOKEN} ACCOUNT UNLOCK`]],
])('%s', async (_what, iamToken, accounts, expected) => {
  expect(await statements(iamToken, ...accounts)).toEqual(expected);
});
