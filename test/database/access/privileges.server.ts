import { readFileSync } from 'fs';
import { SomeManagedUser } from './some-managed-user';
import { loginNames, Privileges, UserDefinition } from '../../../src/database/access/logins';
import { MysqlServer } from '../../../src/database/access/mysql-server.lambda';
import { PostgresServer } from '../../../src/database/access/postgres-server.lambda';
import {
  ADMINISTRATOR, MYSQL_SERVERS, SERVER_NAME, StartedServer, startPostgres,
} from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

const KINDS: { readonly [name: string]: Privileges } = {
  reports: 'readOnly', api: 'readWrite', worker: 'readWrite', migrations: 'owner',
};
const USERS = Object.entries(KINDS)
  .map(([name, privileges]): UserDefinition => ({ name, privileges, iamToken: false }));
/** Another server of PostgreSQL lacks pgAudit, and then accepts each value of its settings. */
const OTHER_POSTGRES = process.env.POSTGRES_DIRECTORY !== undefined;
type Statements = { readonly [what: string]: string };

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
const written: string[] = [];
beforeAll(async () => {
  await secretsManager.start();
  for (const output of ['log', 'error', 'warn'] as const) {
    jest.spyOn(console, output).mockImplementation((...texts) => { written.push(texts.join(' ')); });
  }
});
afterAll(() => secretsManager.stop());

/** The statements that a kind of user can run, and those that the server refuses, by engine. */
interface Engine {
  readonly engine: string;
  readonly start: () => Promise<StartedServer>;
  readonly refusal: RegExp;
  /** Statements of the superuser and of the master user before the users exist. */
  readonly existing: readonly [string, ...string[]];
  readonly read: Statements;
  readonly write: Statements;
  readonly change: Statements;
  readonly nobody: Statements;
  /** Privileges that the superuser adds to the user `api`, and that the next deployment removes. */
  readonly extra: string[];
}

const ENGINES: Engine[] = [
  {
    engine: 'PostgreSQL',
    start: startPostgres,
    refusal: /permission denied|must be owner|must be member|must have|must be superuser|not allowed/,
    existing: [
      'CREATE SCHEMA other; CREATE TABLE other.secrets (id int); CREATE TABLE public.foreign_table (id int)',
      'CREATE TABLE patients (id serial PRIMARY KEY, name text)',
      'CREATE TYPE mood AS ENUM (\'sad\')',
      'CREATE VIEW names AS SELECT name FROM patients',
      'CREATE FUNCTION one() RETURNS int LANGUAGE sql AS \'SELECT 1\'',
      'CREATE FUNCTION more(int) RETURNS int LANGUAGE sql AS \'SELECT $1 + 1\'',
      'CREATE AGGREGATE number_of(*) (sfunc = more, stype = int, initcond = \'0\')',
    ],
    read: { 'read a table': 'SELECT * FROM patients', 'read a view': 'SELECT * FROM names', 'call': 'SELECT one()' },
    write: {
      insert: 'INSERT INTO patients (name) VALUES (\'x\')',
      update: 'UPDATE patients SET name = \'y\'',
      remove: 'DELETE FROM patients',
      temporary: 'CREATE TEMPORARY TABLE t (id int)',
    },
    change: {
      'add a column': 'ALTER TABLE patients ADD born date',
      'change an aggregate': 'COMMENT ON AGGREGATE number_of(*) IS \'x\'',
      'change a type': 'ALTER TYPE mood ADD VALUE \'ok\'',
      'create a table': 'CREATE TABLE mine (id serial PRIMARY KEY)',
      'empty a table': 'TRUNCATE patients',
      'drop a table': 'DROP TABLE mine',
    },
    nobody: {
      'create a role': 'CREATE ROLE intruder',
      'read another schema': 'SELECT * FROM other.secrets',
      'read what the superuser owns': 'SELECT * FROM foreign_table',
      'become the master user': 'SET ROLE dbowner',
      'become another user': 'SET ROLE worker_2',
      ...OTHER_POSTGRES ? {} : { 'switch off the audit': 'SET pgaudit.log = \'none\'' },
      'switch off the audit of a role': 'ALTER ROLE worker_1 SET pgaudit.log = \'none\'',
      'run a program': 'COPY patients TO PROGRAM \'cat\'',
      'read a file': 'COPY patients FROM \'/etc/passwd\'',
      'change the password of the master user': 'ALTER ROLE dbowner PASSWORD \'x\'',
      'grant a role': 'GRANT app_owner TO reports',
      'create a schema': 'CREATE SCHEMA mine',
      'read the passwords': 'SELECT * FROM pg_authid',
      'change the configuration': 'ALTER SYSTEM SET log_connections = off',
      'hold the lock of the function': 'SELECT * FROM cdk_hipaa.turn',
    },
    extra: [
      'GRANT app_owner TO api', 'GRANT pg_read_all_data TO api_1', 'ALTER ROLE api_2 CREATEROLE CREATEDB',
      'GRANT TRUNCATE ON patients TO app_readwrite', 'GRANT TRIGGER ON patients TO api_1',
      'GRANT INSERT ON patients TO PUBLIC', 'GRANT UPDATE (name) ON patients TO app_readonly',
      'GRANT CREATE ON SCHEMA public TO api', 'GRANT CREATE ON DATABASE app TO api_1',
      'GRANT EXECUTE ON FUNCTION one() TO api', 'GRANT USAGE ON TYPE mood TO api_2',
      'ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public GRANT ALL ON TABLES TO app_readonly',
      'ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT INSERT ON TABLES TO PUBLIC',
      'ALTER ROLE api_1 SET work_mem = \'1MB\'', 'ALTER ROLE api_2 IN DATABASE app SET role = \'none\'',
      'ALTER ROLE api LOGIN', 'GRANT api TO api_1 WITH ADMIN OPTION',
      'ALTER ROLE api_1 CONNECTION LIMIT 0 VALID UNTIL \'2000-01-01\'',
      'ALTER ROLE api_2 CONNECTION LIMIT 0 VALID UNTIL \'2100-01-01\'',
    ],
  },
  ...MYSQL_SERVERS.map((server): Engine => ({
    ...server,
    refusal: /denied/,
    existing: [
      'CREATE TABLE other.secrets (id int)', 'CREATE TABLE patients (id int AUTO_INCREMENT PRIMARY KEY, name text)',
      'CREATE VIEW names AS SELECT name FROM patients',
    ],
    read: { 'read a table': 'SELECT * FROM patients', 'read a view': 'SELECT * FROM names' },
    write: {
      insert: 'INSERT INTO patients (name) VALUES (\'x\')',
      update: 'UPDATE patients SET name = \'y\'',
      remove: 'DELETE FROM patients',
      temporary: 'CREATE TEMPORARY TABLE t (id int)',
    },
    change: {
      'add a column': 'ALTER TABLE patients ADD born date',
      'create a table': 'CREATE TABLE mine (id int)',
      'empty a table': 'TRUNCATE patients',
      'drop a table': 'DROP TABLE mine',
    },
    nobody: {
      'create a user': 'CREATE USER intruder',
      'read another database': 'SELECT * FROM other.secrets',
      'use a database with a similar name': 'USE appx',
      'read the passwords': 'SELECT * FROM mysql.user',
      'grant': 'GRANT SELECT ON app.* TO reports_1',
      'grant on a table': 'GRANT SELECT ON app.patients TO reports_1',
      'switch off a log': 'SET GLOBAL slow_query_log = OFF',
      'write a file': 'SELECT 1 INTO OUTFILE \'/tmp/x\'',
      'change the password of the master user': 'ALTER USER dbowner IDENTIFIED BY \'x\'',
    },
    extra: [
      'GRANT DROP, ALTER ON app.* TO \'api_1\'@\'%\' WITH GRANT OPTION',
      // The right to grant remains when the privileges are revoked.
      'GRANT USAGE ON *.* TO \'api_2\'@\'%\' WITH GRANT OPTION',
      'GRANT USAGE ON other.* TO \'api_1\'@\'%\' WITH GRANT OPTION',
      'GRANT USAGE ON app.patients TO \'api_2\'@\'%\' WITH GRANT OPTION',
      'GRANT SELECT (id), UPDATE (id) ON other.secrets TO \'api_1\'@\'%\' WITH GRANT OPTION',
      'GRANT REFERENCES (id) ON app.patients TO \'api_2\'@\'%\'',
      'CREATE PROCEDURE other.`odd``name?`() DO 1',
      'GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE other.`odd``name?` TO \'api_1\'@\'%\' WITH GRANT OPTION',
      'CREATE FUNCTION app.one() RETURNS int DETERMINISTIC RETURN 1',
      'GRANT ALTER ROUTINE ON FUNCTION app.one TO \'api_2\'@\'%\'',
      'GRANT SELECT ON mysql.user TO \'api_1\'@\'%\'',
      'GRANT CREATE USER ON *.* TO \'api_2\'@\'%\'',
      'CREATE TABLE app.`odd``name?` (id int)', 'GRANT TRIGGER ON app.`odd``name?` TO \'api_1\'@\'%\'',
      'CREATE ROLE power', 'GRANT power TO \'dbowner\'@\'%\' WITH ADMIN OPTION',
      'GRANT SELECT ON other.* TO power',
      'GRANT power TO \'api_1\'@\'%\'',
      `SET DEFAULT ROLE power ${server.engine === 'MySQL' ? 'TO' : 'FOR'} 'api_1'@'%'`,
      'GRANT PROXY ON \'\'@\'%\' TO \'dbowner\'@\'%\' WITH GRANT OPTION',
      'GRANT PROXY ON \'worker_1\'@\'%\' TO \'api_1\'@\'%\'',
      'ALTER USER \'api_2\'@\'%\' REQUIRE NONE',
      ...server.engine === 'MySQL' ? [
        'GRANT ROLE_ADMIN, APPLICATION_PASSWORD_ADMIN ON *.* TO \'api_1\'@\'%\' WITH GRANT OPTION',
      ] : [],
    ],
  })),
];

describe.each(ENGINES)('$engine', ({ engine, start, refusal, existing, read, write, change, nobody, extra }) => {
  let server: StartedServer;
  const users: Record<string, SomeManagedUser> = {};
  const passwords: string[] = [];
  beforeAll(async () => {
    server = await start();
    const [ofSuperuser, ...ofMaster] = existing;
    server.superuser(ofSuperuser, 'app');
    for (const each of USERS) users[each.name] = await SomeManagedUser.on(server, secretsManager, each);
    await users.api.run(ADMINISTRATOR, ...ofMaster);
    for (const user of Object.values(users)) {
      expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS' });
      // Two rotations give both logins a password that the function made.
      for (const stage of ['first', 'second']) {
        await user.rotate();
        expect(await user.login()).toMatchObject({ password: expect.stringMatching(stage && /^\w{32}$/) });
        passwords.push((await user.login())!.password);
      }
    }
  }, 60_000);
  afterAll(() => server.stop());

  const logins = async (name: string) => [(await users[name].login())!, (await users[name].login('AWSPREVIOUS'))!];
  const tables: Array<[string, Statements, Statements]> = [
    ['reports', read, { ...write, temporary: write.remove, ...change, ...nobody }],
    ['api', { ...read, ...write }, { ...change, ...nobody }],
    ['migrations', { ...read, ...write, ...change }, nobody],
  ];

  test.each(tables)('both logins of %s can do what it must do', async (name, allowed) => {
    for (const login of await logins(name)) {
      // The other login repeats the statements, on what the first one has changed.
      const repeated = Object.values(allowed).map((sql) => sql.replace('born', `born_${login.username}`)
        .replace('ADD VALUE', 'ADD VALUE IF NOT EXISTS'));
      await users[name].run(login, ...repeated);
    }
  });

  test.each(tables)('both logins of %s are refused everything else', async (name, _, refused) => {
    for (const login of await logins(name)) {
      for (const [what, sql] of Object.entries(refused)) {
        const outcome = await users[name].run(login, sql.replace('DROP TABLE mine', 'DROP TABLE patients'))
          .then(() => 'done', (error: Error) => error.message);
        expect({ what, outcome }).toEqual({ what, outcome: expect.stringMatching(refusal) });
      }
    }
  });

  test('what one login of the owner creates, the other one and the users can use', async () => {
    const [one, other] = await logins('migrations');
    await users.migrations.run(one, 'CREATE TABLE visits (id int)', 'CREATE VIEW open_visits AS SELECT * FROM visits');
    await users.migrations.run(other, 'ALTER TABLE visits ADD note text', 'INSERT INTO visits VALUES (1, \'x\')');
    const [api] = await logins('api');
    await users.api.run(api, 'UPDATE visits SET note = \'y\'', 'SELECT * FROM open_visits');
    await users.reports.run((await logins('reports'))[1], 'SELECT * FROM visits', 'SELECT * FROM open_visits');
    await users.migrations.run(other, 'DROP VIEW open_visits', 'DROP TABLE visits');
  });

  test('the next deployment removes added grants, memberships and attributes', async () => {
    const before = await users.api.privileges();
    // Since PostgreSQL 16, only the grantor can revoke a role: another test is about it.
    const grantors = engine === 'PostgreSQL' && Number(server.superuser('SHOW server_version_num')) >= 160000;
    const added = extra.filter((sql) => !(grantors && /^GRANT \w+ TO /.test(sql)));
    for (const sql of added) server.superuser(sql, 'app');
    expect(await users.api.privileges()).not.toEqual(before);
    expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(await users.api.privileges()).toEqual(before);
    const [login] = await logins('api');
    await expect(users.api.run(login, 'TRUNCATE patients')).rejects.toThrow(refusal);
  });

  test('a deleted user cannot log in, and what it created remains', async () => {
    const both = await logins('worker');
    expect(await users.worker.deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
    for (const login of both) expect(await users.worker.canLogIn(login)).toBe(false);
    // The user is added to the app again: the current value of its secret is valid again.
    expect(await users.worker.deploy('Create')).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
    expect(await users.worker.canLogIn(both[0])).toBe(true);
  });

  test('the function does not send a password to a server whose certificate has another name', async () => {
    const dns: typeof import('dns') = jest.requireActual('dns');
    const { lookup } = dns;
    const redirected = jest.spyOn(dns, 'lookup');
    redirected.mockImplementation(((_: string, options: object, callback: () => void) =>
      lookup('localhost', options, callback)) as typeof lookup);
    const logged = readFileSync(server.logFile, 'utf8').length;
    const answer = await users.api.deploy('Update', 'another.example');
    redirected.mockRestore();
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/does not match certificate's/) });
    expect(readFileSync(server.logFile, 'utf8').slice(logged)).not.toContain('ALTER');
  });

  test('no password is in the log of the server, in an output or in an error', async () => {
    const log = readFileSync(server.logFile, 'utf8');
    expect(log).toMatch(/api_1/);
    const texts = [log, ...written];
    expect(passwords).toHaveLength(8);
    expect(passwords.filter((password) => texts.some((text) => text.includes(password)))).toEqual([]);
  });

  if (engine === 'PostgreSQL') {
    test('a user that gets an IAM token instead of its password can no longer log in with the password', async () => {
      const definition: UserDefinition = { name: 'signer', privileges: 'readWrite', iamToken: false };
      const signer = await SomeManagedUser.on(server, secretsManager, definition);
      expect(await signer.deploy()).toMatchObject({ Status: 'SUCCESS' });
      const login = await signer.login();
      expect(await signer.canLogIn(login)).toBe(true);
      const successor = await SomeManagedUser.on(server, secretsManager, { ...definition, iamToken: true });
      expect(await successor.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
      expect(await signer.canLogIn(login)).toBe(false);
      // Through the membership, RDS could treat the master user as one with an IAM token. Since PostgreSQL 16, the
      // creator has it with nothing but the ADMIN OPTION, and cannot revoke it.
      const creatorIsMember = Number(server.superuser('SHOW server_version_num')) >= 160000;
      expect(server.superuser('SELECT grantor::regrole, admin_option, to_jsonb(a) ->> \'inherit_option\', '
        + 'to_jsonb(a) ->> \'set_option\' FROM pg_auth_members a WHERE roleid = \'signer\'::regrole '
        + `AND member = '${ADMINISTRATOR.username}'::regrole`)).toBe(creatorIsMember ? 'rdsadmin|t|false|false' : '');
    });

    test('a user that does not own a table cannot grant privileges on it', async () => {
      const granted = () => server.superuser(
        'SELECT relname, relacl FROM pg_class WHERE relnamespace = \'public\'::regnamespace ORDER BY 1;'
          + 'SELECT attname, attacl FROM pg_attribute WHERE attrelid = \'patients\'::regclass ORDER BY 1',
        'app',
      );
      const grants = ['PUBLIC', 'worker', 'worker_1', 'CURRENT_USER'].flatMap((grantee) => [
        `GRANT SELECT ON patients TO ${grantee}`, `GRANT ALL ON patients TO ${grantee}`,
        `GRANT SELECT (name) ON patients TO ${grantee}`, `GRANT SELECT ON names TO ${grantee}`,
      ]);
      const before = granted();
      for (const name of ['reports', 'api']) {
        for (const login of await logins(name)) {
          for (const grant of grants) {
            // PostgreSQL only warns a user that has a privilege on the table.
            await users[name].run(login, grant).catch((error) => expect(error.message).toMatch(refusal));
          }
          expect({ login: login.username, granted: granted() }).toEqual({ login: login.username, granted: before });
        }
      }
      const [owner] = await logins('migrations');
      await users.migrations.run(owner, 'GRANT SELECT ON patients TO PUBLIC');
      expect(granted()).not.toBe(before);
      await users.migrations.run(owner, 'REVOKE SELECT ON patients FROM PUBLIC');
      expect(granted()).toBe(before);
    });

    test('a user with an IAM token has the privileges of its kind, and no others', () => {
      // Only RDS checks tokens, so the superuser becomes the user. ALTER SYSTEM cannot follow another statement.
      const { 'change the configuration': _, ...refused } = nobody;
      const outcomeOf = (sql: string) => {
        try {
          server.superuser(`SET SESSION AUTHORIZATION signer; ${sql}`, 'app');
          return 'done';
        } catch (error) {
          return (error as Error).message;
        }
      };
      for (const [what, sql] of Object.entries({ ...read, ...write })) {
        expect({ what, outcome: outcomeOf(sql) }).toEqual({ what, outcome: 'done' });
      }
      for (const [what, sql] of Object.entries({ ...change, ...refused })) {
        const outcome = outcomeOf(sql.replace('DROP TABLE mine', 'DROP TABLE patients'));
        expect({ what, outcome }).toEqual({ what, outcome: expect.stringMatching(refusal) });
      }
    });

    test('the function creates the extension of the audit, as the master user of RDS can', async () => {
      if (OTHER_POSTGRES) return;
      const extensions = () => server.superuser('SELECT extname FROM pg_extension', 'app');
      expect(extensions()).not.toContain('pgaudit');
      // On RDS, members of rds_superuser see all settings and can create extensions.
      server.superuser(`ALTER ROLE ${ADMINISTRATOR.username} SUPERUSER`);
      expect(await users.api.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
      server.superuser(`ALTER ROLE ${ADMINISTRATOR.username} NOSUPERUSER`);
      // As a superuser, the function has granted privileges on this table too.
      server.superuser('REVOKE ALL ON foreign_table FROM app_readwrite, app_readonly', 'app');
      expect(extensions()).toContain('pgaudit');
      expect(server.superuser('SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = \'pgaudit\'', 'app'))
        .toBe('cdk_hipaa');
      await users.migrations.run((await logins('migrations'))[0], 'CREATE TABLE audited (id int)');
      expect(readFileSync(server.logFile, 'utf8')).toMatch(/AUDIT: SESSION,.*,DDL,CREATE TABLE,TABLE,public.audited/);
    });

    test('a superuser with the name of a user is not changed, and the deployment fails', async () => {
      server.superuser('CREATE ROLE powerful SUPERUSER');
      const powerful = await SomeManagedUser.on(server, secretsManager, { ...USERS[0], name: 'powerful' });
      expect(await powerful.deploy()).toMatchObject({
        Status: 'FAILED',
        Reason: 'the role powerful must not be a superuser, replicate data, or bypass row security. Drop the role',
      });
      expect(server.superuser('SELECT rolname FROM pg_roles WHERE rolname ~ \'powerful_\'')).toBe('');
    });
  }

  test('twelve users can be created at the same time, as in the first deployment of twelve services', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `many${index}`);
    await Promise.all(names.map((name) => {
      const address = { host: SERVER_NAME, port: server.port, database: 'app', schema: 'public' };
      const connection = engine === 'PostgreSQL' ? new PostgresServer(address) : new MysqlServer(address);
      return connection.ensureUser(ADMINISTRATOR, { name, privileges: 'readWrite', iamToken: false });
    }));
    const catalog = engine === 'PostgreSQL' ? 'SELECT rolname FROM pg_roles' : 'SELECT User FROM mysql.user';
    expect(names.filter((name) => !server.superuser(catalog).includes(`${name}_2`))).toEqual([]);
  }, 120_000);

  test('all logins of one kind have the same privileges', async () => {
    const [api, worker] = await Promise.all(['api', 'worker'].map(async (name) =>
      (await users[name].privileges()).map((each) => each.replaceAll(name, 'user')).sort()));
    expect(worker).toEqual(api);
    expect(loginNames(USERS[1])).toEqual(['api_1', 'api_2']);
  });
});
