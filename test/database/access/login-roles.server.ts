import { SomeManagedUser } from './some-managed-user';
import { Privileges } from '../../../src/database/access/logins';
import { ADMINISTRATOR, StartedServer, startPostgres } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

// A login has its privileges only as its role. CI also runs these tests on PostgreSQL 15.9, which ignores this setting.

const KINDS: Array<[string, Privileges, string]> = [['api', 'readWrite', 'api'], ['migrations', 'owner', 'app_owner']];
const IGNORES_ROLES = /^(13\.17|14\.14|15\.9|16\.5|17\.1)\b/;

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
let server: StartedServer;
let version: string;

beforeAll(async () => {
  await secretsManager.start();
  server = await startPostgres();
  version = server.superuser('SHOW server_version');
}, 60_000);
afterAll(async () => {
  await server.stop();
  await secretsManager.stop();
});

describe.each(KINDS)('on PostgreSQL, a login of %s', (name, privileges, role) => {
  let user: SomeManagedUser;
  beforeAll(async () => {
    user = await SomeManagedUser.on(server, secretsManager, { name, privileges, iamToken: false });
    await user.run(ADMINISTRATOR, 'CREATE TABLE IF NOT EXISTS patients (id int)');
  });

  test('is reported by a deployment if the server ignores its role', async () => {
    expect(await user.deploy()).toMatchObject(IGNORES_ROLES.test(version) ? {
      Status: 'FAILED',
      Reason: expect.stringContaining(
        `the login ${name}_1 must act as the role ${role}, but acts as ${name}_1 on PostgreSQL ${version}. `),
    } : { Status: 'SUCCESS' });
  });

  test('does not become the login in use if it does not act as its role', async () => {
    const before = await user.login();
    const token = await user.startRotation();
    for (const step of ['createSecret', 'setSecret'] as const) await user.step(step, token);
    server.superuser(`ALTER ROLE ${name}_2 RESET role`);
    for (const step of ['testSecret', 'finishSecret'] as const) {
      await expect(user.step(step, token)).rejects.toThrow(
        `the login ${name}_2 must act as the role ${role}, but acts as ${name}_2 on PostgreSQL ${version}. `);
    }
    expect(await user.login()).toEqual(before);
    if (IGNORES_ROLES.test(version)) return;
    await user.rotate(token);
    await user.run((await user.login())!, 'SELECT * FROM patients', 'DISCARD ALL', 'SELECT * FROM patients');
  });
});
