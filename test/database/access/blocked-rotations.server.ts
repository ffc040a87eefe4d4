import { readFileSync } from 'fs';
import { Client } from 'pg';
import { SomeManagedUser } from './some-managed-user';
import { Login, Privileges } from '../../../src/database/access/logins';
import { ADMINISTRATOR, SERVER_NAME, StartedServer, startPostgres } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

// Users of PostgreSQL, and roles that other people have created, must not stop rotations and deployments.

const KINDS: Array<[string, Privileges]> = [['api', 'readWrite'], ['worker', 'readWrite'], ['migrations', 'owner']];
/** Above the time of three rotations that each wait once for a lock, in milliseconds. */
const TIME_LIMIT = 60_000;

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
const warnings: string[] = [];
const users: Record<string, SomeManagedUser> = {};
let server: StartedServer;
let before16: boolean;

beforeAll(async () => {
  await secretsManager.start();
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  jest.spyOn(console, 'warn').mockImplementation((text) => { warnings.push(text); });
  server = await startPostgres();
  before16 = Number(server.superuser('SHOW server_version_num')) < 160000;
  for (const [name, privileges] of KINDS) {
    users[name] = await SomeManagedUser.on(server, secretsManager, { name, privileges, iamToken: false });
    expect(await users[name].deploy()).toMatchObject({ Status: 'SUCCESS' });
    await users[name].rotate();
  }
  await as(users.migrations, 'CREATE TABLE patients (id int)');
}, TIME_LIMIT);
afterAll(async () => {
  await server.stop();
  await secretsManager.stop();
});

async function as(user: SomeManagedUser, ...statements: string[]): Promise<void> {
  await user.run((await user.login())!, ...statements);
}

/** Runs statements in a transaction that stays open. */
async function openTransaction({ username: user, password }: Login, ...statements: string[]): Promise<Client> {
  const client = new Client({
    host: SERVER_NAME, port: server.port, database: 'app', user, password, ssl: { ca: server.ca },
  });
  client.on('error', () => undefined);
  await client.connect();
  for (const each of ['BEGIN', ...statements]) await client.query(each);
  return client;
}

async function deploysWell(user: SomeManagedUser): Promise<void> {
  expect(await user.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
}

describe('PostgreSQL', () => {
  test('an owner that blocks privileges fails deployments, and only the first attempt of a rotation', async () => {
    await as(users.migrations, 'GRANT SELECT ON patients TO PUBLIC');
    const open = await openTransaction((await users.migrations.login())!, 'GRANT INSERT ON patients TO PUBLIC');
    const before = await users.api.login();
    const token = await users.api.startRotation();
    await expect(users.api.rotate(token)).rejects.toThrow('55P03');
    expect(await users.api.canLogIn(await users.api.login())).toBe(true);
    await users.api.rotate(token);
    expect(await users.api.login('AWSPREVIOUS')).toEqual(before);
    expect(await users.api.canLogIn(before)).toBe(true);
    expect(await users.api.canLogIn(await users.api.login())).toBe(true);
    expect(await users.api.deploy('Update'))
      .toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('55P03') });
    await open.end();
    await deploysWell(users.api);
    expect(server.superuser('SELECT relacl::text LIKE \'%{=%\' FROM pg_class WHERE relname = \'patients\'', 'app'))
      .toBe('f');
  }, TIME_LIMIT);

  test('while an owner blocks privileges, a login can connect without privileges of PUBLIC', async () => {
    await as(users.migrations, 'GRANT SELECT ON patients TO PUBLIC');
    const open = await openTransaction((await users.migrations.login())!, 'GRANT INSERT ON patients TO PUBLIC');
    server.superuser('REVOKE ALL ON DATABASE app FROM PUBLIC, api_1, api_2');
    const token = await users.api.startRotation();
    await expect(users.api.rotate(token)).rejects.toThrow('55P03');
    for (const stage of ['AWSCURRENT', 'AWSPENDING']) {
      expect(await users.api.canLogIn(await users.api.login(stage))).toBe(true);
    }
    await users.api.rotate(token);
    server.superuser('GRANT CONNECT, TEMPORARY ON DATABASE app TO PUBLIC');
    await open.end();
    await deploysWell(users.api);
  }, TIME_LIMIT);

  test.each([
    ['settings', 'ALTER ROLE api SET work_mem = \'2MB\''],
    ['password', 'ALTER ROLE CURRENT_USER PASSWORD \'x\''],
  ])('a user that blocks its %s cannot stop its rotation, and no other session ends', async (_, change) => {
    const steps = change.includes('CURRENT_USER') ? ['SET ROLE NONE', change] : [change];
    await as(users.api, 'ALTER ROLE api SET work_mem = \'1MB\'');
    const [api, harmless, worker] = await Promise.all([
      // The login that the rotation changes.
      openTransaction((await users.api.login('AWSPREVIOUS'))!, ...steps),
      openTransaction((await users.api.login())!, 'INSERT INTO patients VALUES (1)'),
      // The change of another user, in the same tables of the catalog.
      openTransaction((await users.worker.login())!, 'ALTER ROLE worker SET work_mem = \'1MB\''),
    ]);
    await users.api.rotate();
    expect(await users.api.canLogIn(await users.api.login())).toBe(true);
    await expect(api.query('SELECT 1')).rejects.toThrow();
    for (const session of [harmless, worker]) {
      await session.query('ROLLBACK');
      await session.end();
    }
  }, TIME_LIMIT);

  test('a user that locks a view of the server stops no deployment and no rotation', async () => {
    const lock = 'LOCK TABLE pg_settings IN ACCESS EXCLUSIVE MODE';
    const open = await openTransaction((await users.worker.login())!, lock);
    await deploysWell(users.api);
    await users.api.rotate();
    await open.end();
  }, TIME_LIMIT);

  test('a user that blocks the privileges on the database fails only the first rotation of a new user', async () => {
    const blocking = await openTransaction((await users.worker.login())!, 'GRANT CONNECT ON DATABASE app TO PUBLIC');
    const fresh = await SomeManagedUser.on(
      server, secretsManager, { name: 'fresh', privileges: 'readOnly', iamToken: false });
    expect(await fresh.deploy()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('55P03') });
    const token = await fresh.startRotation();
    await expect(fresh.rotate(token)).rejects.toThrow('55P03');
    await fresh.rotate(token);
    expect(await fresh.canLogIn(await fresh.login())).toBe(true);
    await blocking.end();
    await deploysWell(fresh);
  }, TIME_LIMIT);

  test('a deleted user cannot keep its logins', async () => {
    const definition = { name: 'leaver', privileges: 'readWrite', iamToken: false } as const;
    const leaver = await SomeManagedUser.on(server, secretsManager, definition);
    await leaver.deploy();
    const login = (await leaver.login())!;
    await openTransaction(login, 'SET ROLE NONE', 'ALTER ROLE leaver_1 PASSWORD \'x\'');
    expect(await leaver.deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(await leaver.canLogIn(login)).toBe(false);
  }, TIME_LIMIT);

  test('without its role, a login of the owner creates nothing, and a pool that resets sessions keeps it', async () => {
    await expect(as(users.migrations, 'SET ROLE NONE', 'CREATE TABLE public.mine (id int)'))
      .rejects.toThrow('permission denied for schema public');
    await as(users.migrations, 'DISCARD ALL', 'CREATE TABLE public.ours (id int)', 'DROP TABLE ours');
  });

  test('logins need no privileges of PUBLIC on the database', async () => {
    server.superuser('REVOKE ALL ON DATABASE app FROM PUBLIC');
    for (const user of Object.values(users)) expect(await user.canLogIn(await user.login())).toBe(true);
    server.superuser('GRANT CONNECT, TEMPORARY ON DATABASE app TO PUBLIC');
  });

  test('a role that exists is not changed, and a person can give it to the user', async () => {
    server.superuser('CREATE ROLE nurse CREATEDB; CREATE ROLE nurse_1 LOGIN PASSWORD \'TextOfAPassword\'');
    const definition = { name: 'nurse', privileges: 'readOnly', iamToken: false } as const;
    const nurse = await SomeManagedUser.on(server, secretsManager, definition);
    expect(await nurse.deploy()).toMatchObject({
      Status: 'FAILED',
      Reason: 'the role nurse must not exist before the user. Rename the role, or give the user another ID. If the '
        + 'user can have this role, run: COMMENT ON ROLE "nurse" IS \'cdk-hipaa\'',
    });
    // CloudFormation then deletes the resource whose creation has failed.
    expect(await nurse.deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(server.superuser('SELECT rolcreatedb FROM pg_roles WHERE rolname = \'nurse\'')).toBe('t');
    expect(await nurse.canLogIn({ username: 'nurse_1', password: 'TextOfAPassword' })).toBe(true);
    for (const name of ['nurse', 'nurse_1']) {
      server.superuser(`COMMENT ON ROLE ${name} IS 'cdk-hipaa'; GRANT ${name} TO dbowner WITH ADMIN OPTION`);
    }
    server.superuser('ALTER ROLE nurse NOCREATEDB');
    expect(await nurse.deploy()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('roles of the database lose other roles, and cannot log in', async () => {
    server.superuser('GRANT pg_read_all_data TO app_readonly; ALTER ROLE app_readwrite LOGIN');
    if (!before16) server.superuser('GRANT pg_read_all_data TO dbowner WITH ADMIN OPTION');
    const outcome = await users.api.deploy('Update');
    const ofGroups = () => server.superuser('SELECT roleid::regrole::text FROM pg_auth_members '
      + 'WHERE member = \'app_readonly\'::regrole UNION ALL SELECT rolname::text FROM pg_roles '
      + 'WHERE rolname ~ \'^app_\' AND rolcanlogin');
    if (before16) {
      expect(outcome).toMatchObject({ Status: 'SUCCESS' });
      expect(ofGroups()).toBe('');
      return;
    }
    // Since PostgreSQL 16, only the grantor can revoke a role.
    expect(outcome).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('remove app_readonly from') });
    server.superuser('REVOKE pg_read_all_data FROM app_readonly');
    await deploysWell(users.api);
    expect(ofGroups()).toBe('');
  });

  test('a user that has received the role of the master user loses it', async () => {
    if (!before16) return;
    server.superuser('REVOKE api, api_1, api_2 FROM dbowner; GRANT dbowner TO api');
    await deploysWell(users.api);
    expect(server.superuser('SELECT pg_has_role(\'api\', \'dbowner\', \'MEMBER\')')).toBe('f');
  });

  test('a table of another owner is in the log', async () => {
    server.superuser('CREATE TABLE public.of_superuser (id int)', 'app');
    warnings.length = 0;
    await deploysWell(users.api);
    expect(warnings).toEqual(['The users lack privileges on 1 tables, views and sequences, because neither the master '
      + 'user nor the role app_owner owns them: public.of_superuser']);
    server.superuser('DROP TABLE public.of_superuser', 'app');
    await deploysWell(users.api);
    expect(warnings).toHaveLength(1);
  });

  test('the owner role receives each object in a turn of its own', async () => {
    await users.api.run(ADMINISTRATOR, 'CREATE TABLE public.of_master (id int)');
    await deploysWell(users.migrations);
    const log = readFileSync(server.logFile, 'utf8').split('\n').filter((line) => line.includes('statement: '));
    const index = log.findIndex((line) => line.includes('ALTER TABLE public.of_master OWNER TO "app_owner"'));
    expect(log[index - 1]).toContain('LOCK TABLE cdk_hipaa.privileges');
  });
});
