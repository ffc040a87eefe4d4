import { RowDataPacket } from 'mysql2/promise';
import { revokeMemberships } from '../../../src/database/access/mysql-privileges.lambda';

/** Runs statements on a server with these tables of the schema `mysql`, and returns those that change something. */
async function statementsOn(tables: { readonly [name: string]: object[] }): Promise<string[]> {
  const changes: string[] = [];
  await revokeMemberships(async (_, sql) => {
    if (!sql.startsWith('SELECT')) changes.push(sql);
    const name = Object.keys(tables).find((table) => sql.includes(`mysql.${table} `));
    const rows = /information_schema.TABLES/.test(sql)
      ? Object.keys(tables).map((each) => ({ name: each }))
      : tables[name ?? ''] ?? [];
    return rows as RowDataPacket[];
  }, 'api_1');
  return changes;
}

test('the roles of MySQL, which the real servers of the tests do not have, are revoked', async () => {
  expect(await statementsOn({
    role_edges: [{ name: 'po`wer', host: '%' }], proxies_priv: [{ name: 'dbowner', host: '10.0.0.1' }],
  })).toEqual([
    'SET DEFAULT ROLE NONE TO \'api_1\'@\'%\'',
    'REVOKE `po``wer`@`%` FROM \'api_1\'@\'%\'', 'REVOKE PROXY ON `dbowner`@`10.0.0.1` FROM \'api_1\'@\'%\'',
  ]);
});

test('the roles of MariaDB have no host', async () => {
  expect(await statementsOn({ roles_mapping: [{ name: 'power', host: null }], proxies_priv: [] }))
    .toEqual(['SET DEFAULT ROLE NONE FOR \'api_1\'@\'%\'', 'REVOKE `power` FROM \'api_1\'@\'%\'']);
});
