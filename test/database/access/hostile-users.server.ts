import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { SomeManagedUser } from './some-managed-user';
import { Privileges } from '../../../src/database/access/logins';
import {
  ADMINISTRATOR, MYSQL_SERVERS, SERVER_NAME, StartedServer, startPostgres,
} from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

const KINDS: Array<[string, Privileges]> = [['api', 'readWrite'], ['worker', 'readWrite'], ['migrations', 'owner']];
/** Far below the time that the function waits for its turn, in milliseconds. */
const SOON = 15_000;

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(async () => {
  await secretsManager.start();
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterAll(() => secretsManager.stop());

async function deployed(server: StartedServer): Promise<Record<string, SomeManagedUser>> {
  const users: Record<string, SomeManagedUser> = {};
  for (const [name, privileges] of KINDS) {
    users[name] = await SomeManagedUser.on(server, secretsManager, { name, privileges, iamToken: false });
    expect(await users[name].deploy()).toMatchObject({ Status: 'SUCCESS' });
  }
  return users;
}

async function as(user: SomeManagedUser, ...statements: string[]): Promise<void> {
  await user.run((await user.login())!, ...statements);
}

describe('PostgreSQL', () => {
  let server: StartedServer;
  let users: Record<string, SomeManagedUser>;
  beforeAll(async () => {
    server = await startPostgres();
    users = await deployed(server);
  }, 60_000);
  afterAll(() => server.stop());

  test('the master user calls no function, operator or cast of the owner', async () => {
    const trap = 'LANGUAGE plpgsql AS $$ BEGIN CREATE ROLE intruder LOGIN CREATEROLE; RETURN true; END $$';
    await as(users.migrations,
      `CREATE FUNCTION public.pg_try_advisory_xact_lock(integer) RETURNS boolean ${trap}`,
      `CREATE FUNCTION public.pg_has_role(name, unknown) RETURNS boolean ${trap}`.replace('unknown', 'name'),
      `CREATE FUNCTION public.equal(oid, integer) RETURNS boolean ${trap}`,
      'CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = integer, FUNCTION = public.equal)',
      'CREATE OPERATOR public.<> (LEFTARG = oid, RIGHTARG = integer, FUNCTION = public.equal)',
      `CREATE FUNCTION public.same(name, text) RETURNS boolean ${trap}`,
      'CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = text, FUNCTION = public.same)',
    );
    // With the search path of a client, the operator is the one of the owner.
    await expect(users.api.run(ADMINISTRATOR, 'SELECT 1::oid = 1')).resolves.toBeUndefined();
    expect(server.superuser('SELECT rolname FROM pg_roles WHERE rolname = \'intruder\'')).toBe('intruder');
    server.superuser('DROP ROLE intruder');
    for (const user of Object.values(users)) {
      expect(await user.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
      await user.rotate();
    }
    expect(server.superuser('SELECT rolname FROM pg_roles WHERE rolname = \'intruder\'')).toBe('');
  });

  test('a login that holds advisory locks stops no rotation', async () => {
    const { username: user, password } = (await users.worker.login())!;
    const client = new Client({
      host: SERVER_NAME, port: server.port, database: 'app', user, password, ssl: { ca: server.ca },
    });
    await client.connect();
    await client.query('SELECT pg_advisory_lock(4164164)');
    await users.api.rotate();
    await client.end();
  }, SOON);

  test('what a user grants on its own objects stops no rotation of another user', async () => {
    await as(users.api,
      'SELECT lo_create(4711)', 'GRANT SELECT ON LARGE OBJECT 4711 TO worker',
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO worker', 'SET ROLE NONE');
    await users.worker.rotate();
    expect(await users.worker.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
  });

  test('an open transaction that changes the default privileges of a user stops no rotation', async () => {
    await as(users.worker, 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app_readonly');
    const { username: user, password } = (await users.worker.login())!;
    const client = new Client({
      host: SERVER_NAME, port: server.port, database: 'app', user, password, ssl: { ca: server.ca },
    });
    await client.connect();
    await client.query('BEGIN');
    await client.query('ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO app_readonly');
    await users.api.rotate();
    expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await client.end();
  }, SOON);

  test('a dump that reads the table of the lock stops no rotation', async () => {
    const { username: user, password } = ADMINISTRATOR;
    const client = new Client({
      host: SERVER_NAME, port: server.port, database: 'app', user, password, ssl: { ca: server.ca },
    });
    await client.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE cdk_hipaa.turn IN ACCESS SHARE MODE');
    await users.api.rotate();
    await client.end();
  }, SOON);

  test('the owner decides who executes a function of the schema', async () => {
    await as(users.migrations,
      'CREATE FUNCTION public.answer() RETURNS int LANGUAGE sql SECURITY DEFINER AS \'SELECT 42\'',
      'REVOKE EXECUTE ON FUNCTION public.answer() FROM PUBLIC');
    await expect(as(users.api, 'SELECT public.answer()')).rejects.toThrow('permission denied');
    await as(users.migrations, 'GRANT EXECUTE ON FUNCTION public.answer() TO app_readwrite');
    await users.api.rotate();
    expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await as(users.api, 'SELECT public.answer()');
  });

  test('what a superuser has granted fails a deployment, which names it', async () => {
    server.superuser('CREATE TABLE public.of_superuser (id int); GRANT SELECT ON public.of_superuser TO api', 'app');
    expect(await users.api.deploy('Update')).toMatchObject({
      Status: 'FAILED',
      Reason: 'the privileges on table public.of_superuser of api must be revoked by the role that granted them',
    });
    server.superuser('REVOKE SELECT ON public.of_superuser FROM api', 'app');
    expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
  });

  test('settings of the audit are reset, or fail a deployment', async () => {
    server.superuser('ALTER ROLE api_1 SET pgaudit.log = \'none\'');
    expect(await users.api.deploy('Update')).toMatchObject({
      Status: 'FAILED', Reason: 'api_1 must not have the setting pgaudit.log=none. As a superuser, reset it',
    });
    // On RDS, the master user can set it.
    server.superuser('GRANT SET ON PARAMETER pgaudit.log TO dbowner WITH GRANT OPTION');
    await users.api.run(ADMINISTRATOR, 'GRANT SET ON PARAMETER pgaudit.log TO api');
    await as(users.api, 'SET pgaudit.log = \'none\'');
    expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(server.superuser('SELECT setconfig FROM pg_db_role_setting WHERE setrole = \'api_1\'::regrole'))
      .toBe('{role=api,search_path=public}');
    await expect(as(users.api, 'SET pgaudit.log = \'none\'')).rejects.toThrow('permission denied');
  });

  test('a schema in which the users could create objects fails a deployment, which says what to do', async () => {
    server.superuser('ALTER SCHEMA public OWNER TO rdsadmin; GRANT CREATE ON SCHEMA public TO PUBLIC', 'app');
    expect(await users.api.deploy('Update')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('REVOKE CREATE ON SCHEMA "public" FROM PUBLIC'),
    });
    server.superuser('ALTER SCHEMA public OWNER TO pg_database_owner', 'app');
    expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await expect(as(users.api, 'CREATE TABLE mine (id int)')).rejects.toThrow('permission denied');
  });

  test('a schema of the lock that another role can use fails a deployment, which says what to do', async () => {
    server.superuser('GRANT USAGE ON SCHEMA cdk_hipaa TO api', 'app');
    expect(await users.api.deploy('Update')).toMatchObject({
      Status: 'FAILED',
      Reason: 'the schema cdk_hipaa must belong to the master user, and no other role may have privileges on it. '
        + 'Rename the schema, or revoke the privileges',
    });
    server.superuser('REVOKE USAGE ON SCHEMA cdk_hipaa FROM api', 'app');
  });
});

describe.each(MYSQL_SERVERS)('$engine', ({ start }) => {
  let server: StartedServer;
  let users: Record<string, SomeManagedUser>;
  beforeAll(async () => {
    server = await start();
    users = await deployed(server);
  }, 60_000);
  afterAll(() => server.stop());

  test('a login that holds a lock stops no rotation', async () => {
    const { username: user, password } = (await users.worker.login())!;
    const client = await createConnection({
      host: SERVER_NAME, port: server.port, database: 'app', user, password, ssl: { ca: server.ca },
    });
    await client.query('SELECT GET_LOCK(\'cdk-hipaa users\', 1)');
    await users.api.rotate();
    await client.end();
  }, SOON);

  test.each(['api', 'worker', 'migrations'])('%s cannot use the lock of the function', async (name) => {
    await expect(as(users[name], 'SELECT * FROM cdk_hipaa.turn FOR UPDATE')).rejects.toThrow('denied');
  });

  test('a long statement that creates a table stops no rotation', async () => {
    const { username: user, password } = (await users.migrations.login())!;
    const client = await createConnection({
      host: SERVER_NAME, port: server.port, database: 'app', user, password, ssl: { ca: server.ca },
    });
    let ended = false;
    const slow = client.query('CREATE TABLE slow AS SELECT SLEEP(8) AS seconds').then(() => ended = true);
    await users.api.rotate();
    expect(ended).toBe(false);
    await slow;
    await client.end();
  }, SOON);

  test('after the owner has dropped the database, the next deployment creates it again', async () => {
    await as(users.migrations, 'DROP DATABASE app');
    expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    await users.api.rotate();
    expect(await users.api.canLogIn((await users.api.login())!)).toBe(true);
  });
});
