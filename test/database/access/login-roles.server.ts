import { readFileSync, writeFileSync } from 'fs';
import { setTimeout as sleep } from 'timers/promises';
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

test('on PostgreSQL, the master user keeps its password, also if the creator of a user is a member of it', async () => {
  const definition = { name: 'signer', privileges: 'readWrite', iamToken: true } as const;
  const signer = await SomeManagedUser.on(server, secretsManager, definition);
  // As on RDS, the master user grants rds_iam without being a member of it, and members cannot use a password.
  server.superuser('ALTER ROLE dbowner SUPERUSER; REVOKE rds_iam FROM dbowner; CREATE ROLE signer; '
    + 'COMMENT ON ROLE signer IS \'cdk-hipaa\'; GRANT signer TO dbowner WITH ADMIN OPTION; '
    + 'CREATE ROLE member LOGIN PASSWORD \'TextOfAPassword\' IN ROLE rds_iam');
  const rules = server.superuser('SHOW hba_file');
  writeFileSync(rules, `hostssl all +rds_iam 127.0.0.1/32 reject\n${readFileSync(rules, 'utf8')}`);
  server.superuser('SELECT pg_reload_conf()');
  while (await signer.canLogIn({ username: 'member', password: 'TextOfAPassword' })) await sleep(50);

  const refused = Number(server.superuser('SHOW server_version_num')) >= 160000;
  expect(await signer.deploy()).toMatchObject(refused ? {
    Status: 'FAILED',
    Reason: expect.stringContaining(
      'the database could not let dbowner log in with its password while signer logs in with an IAM token: 28000 '),
  } : { Status: 'SUCCESS' });
  expect(await signer.canLogIn(ADMINISTRATOR)).toBe(true);
  expect(server.superuser('SELECT pg_has_role(\'signer\', \'rds_iam\', \'MEMBER\')')).toBe(refused ? 'f' : 't');
}, 60_000);
