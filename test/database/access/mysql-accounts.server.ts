import { existsSync } from 'fs';
import { join } from 'path';
import { Connection, createConnection } from 'mysql2/promise';
import { SomeManagedUser } from './some-managed-user';
import { Login, Privileges } from '../../../src/database/access/logins';
import { ADMINISTRATOR, MYSQL_SERVERS, SERVER_NAME, StartedServer } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

const KINDS: Array<[string, Privileges]> = [['api', 'readWrite'], ['worker', 'readWrite'], ['migrations', 'owner']];
const OTHER = { username: 'worker_2', password: 'OtherPassword_0123456789' };
const DONE = { Status: 'SUCCESS' };

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(async () => {
  await secretsManager.start();
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterAll(() => secretsManager.stop());

/** How a server checks passwords, how it requires longer ones than those of the function, and what is reported then. */
const POLICIES: { readonly [engine: string]: readonly [string, string, string] } = {
  MariaDB: [
    'INSTALL SONAME \'simple_password_check\'', 'SET GLOBAL simple_password_check_minimal_length = 40',
    'the database could not set the password of reports_1: ER_CANNOT_USER',
  ],
  MySQL: [
    'INSTALL COMPONENT \'file://component_validate_password\'', 'SET GLOBAL validate_password.length = 40',
    'the database refused a generated password of reports_1: its policy requires more than 32 letters of both cases, '
      + 'digits and underscores. Relax the policy',
  ],
};
/** The MySQL that CI runs has no components. */
const hasPolicy = (engine: string) => engine === 'MariaDB'
  || existsSync(join(process.env.MYSQL_HOME!, 'lib', 'plugin', 'component_validate_password.so'));

describe.each(MYSQL_SERVERS)('$engine', ({ engine, start }) => {
  let server: StartedServer;
  const users: Record<string, SomeManagedUser> = {};
  beforeAll(async () => {
    server = await start();
    for (const [name, privileges] of KINDS) {
      users[name] = await SomeManagedUser.on(server, secretsManager, { name, privileges, iamToken: false });
      expect(await users[name].deploy()).toMatchObject(DONE);
    }
  }, 60_000);
  afterAll(() => server.stop());

  async function connect({ username: user, password }: Login): Promise<Connection> {
    return createConnection({
      host: SERVER_NAME, port: server.port, database: 'app', user, password, ssl: { ca: server.ca },
    });
  }
  const login = async (name: string) => (await users[name].login())!;

  test.each(['\'api_1\'@\'10.0.%\'', '\'api_2\'@\'localhost\'', '\'\'@\'%.example\''])(
    '%s, which the server can use instead of a login, fails a deployment and a rotation', async (account) => {
      const reason = `the account ${account} must not exist, because the server can use it instead of the login api_`;
      const before = await login('api');
      server.superuser(`CREATE USER ${account} IDENTIFIED BY '${OTHER.password}'`);
      expect(await users.api.deploy('Update')).toMatchObject({
        Status: 'FAILED', Reason: expect.stringMatching(new RegExp(`^${reason}[12] of a user. Drop the account$`)),
      });
      await expect(users.api.rotate()).rejects.toThrow(reason);
      server.superuser(`DROP USER ${account}`);
      expect(await login('api')).toEqual(before);
      expect(await users.api.canLogIn(before)).toBe(true);
      await users.api.rotate();
    });

  test('a deleted user cannot log in, also with an account for other hosts', async () => {
    const account = `'${OTHER.username}'@'localhost'`;
    server.superuser(`CREATE USER ${account} IDENTIFIED BY '${OTHER.password}'; GRANT SELECT ON app.* TO ${account}`);
    expect(await users.worker.canLogIn(OTHER)).toBe(true);
    expect(await users.worker.deploy('Delete')).toMatchObject(DONE);
    expect(await users.worker.canLogIn(OTHER)).toBe(false);
  });

  test('a login has the strongest plugin for passwords of the server, also if it had another one', async () => {
    server.superuser('CREATE USER \'of_person_2\'@\'%\' IDENTIFIED '
      + `${engine === 'MySQL' ? 'WITH sha256_password ' : ''}BY '${OTHER.password}'`);
    const person = await SomeManagedUser.on(
      server, secretsManager, { name: 'of_person', privileges: 'readOnly', iamToken: false });
    expect(await person.deploy()).toMatchObject(DONE);
    await person.rotate();
    expect(server.superuser('SELECT DISTINCT plugin FROM mysql.user WHERE User REGEXP \'^(api|of_person)_[12]$\''))
      .toBe(engine === 'MySQL' ? 'caching_sha2_password' : 'mysql_native_password');
  });

  test('a limit of connections that a person has set remains', async () => {
    server.superuser('ALTER USER \'api_1\'@\'%\' WITH MAX_USER_CONNECTIONS 7');
    await users.api.rotate();
    await users.api.rotate();
    expect(await users.api.deploy('Update')).toMatchObject(DONE);
    expect(server.superuser('SELECT max_user_connections FROM mysql.user WHERE User = \'api_1\'')).toBe('7');
    server.superuser('ALTER USER \'api_1\'@\'%\' WITH MAX_USER_CONNECTIONS 0');
  });

  test('a rotation fails while a user has all connections, and continues afterwards', async () => {
    const before = await login('api');
    const most = server.superuser('SELECT @@max_connections');
    server.superuser('SET GLOBAL max_connections = 10');
    const taken: Connection[] = [];
    const refused = await (async () => {
      for (;;) taken.push(await connect(before));
    })().catch((error: Error) => error.message);
    expect(refused).toMatch(/Too many connections/);
    const token = await users.api.startRotation();
    await expect(users.api.rotate(token)).rejects.toThrow('Too many connections');
    for (const each of taken) await each.end();
    server.superuser(`SET GLOBAL max_connections = ${most}`);
    expect(await login('api')).toEqual(before);
    await users.api.rotate(token);
    expect(await login('api')).not.toEqual(before);
  });

  test('what a deleted owner has created still works, also its events', async () => {
    await users.migrations.run(await login('migrations'),
      'CREATE TABLE visits (id int)', 'CREATE VIEW open_visits AS SELECT * FROM visits',
      'CREATE PROCEDURE count_visits() SELECT count(*) FROM visits',
      'CREATE EVENT add_visits ON SCHEDULE EVERY 1 SECOND DO INSERT INTO visits VALUES (1)');
    expect(await users.migrations.deploy('Delete')).toMatchObject(DONE);
    server.superuser('TRUNCATE app.visits; SET GLOBAL event_scheduler = ON');
    const rows = () => Number(server.superuser('SELECT count(*) FROM app.visits'));
    for (let attempt = 0; attempt < 10 && rows() === 0; attempt++) server.superuser('DO SLEEP(0.5)');
    expect(rows()).toBeGreaterThan(0);
    await users.api.run(await login('api'), 'SELECT * FROM open_visits', 'CALL count_visits()');
    server.superuser('DROP EVENT app.add_visits');
    expect(await users.migrations.deploy()).toMatchObject(DONE);
  }, 20_000);

  if (engine === 'MySQL') {
    test('with a binary log, the owner creates triggers if log_bin_trust_function_creators is set', async () => {
      const owner = await login('migrations');
      const trigger = 'CREATE TRIGGER adds BEFORE INSERT ON numbers FOR EACH ROW SET NEW.id = NEW.id + 1';
      await users.migrations.run(owner, 'CREATE TABLE numbers (id int)', 'CREATE PROCEDURE nothing() DO 1');
      await expect(users.migrations.run(owner, trigger)).rejects.toThrow('log_bin_trust_function_creators');
      server.superuser('SET GLOBAL log_bin_trust_function_creators = 1');
      await users.migrations.run(owner, trigger);
    });
  }

  if (hasPolicy(engine)) {
    test('passwords satisfy a policy that requires special characters, and a stricter one is reported', async () => {
      const [check, strict, reported] = POLICIES[engine];
      server.superuser(check);
      const reports = await SomeManagedUser.on(
        server, secretsManager, { name: 'reports', privileges: 'readOnly', iamToken: false });
      expect(await reports.deploy()).toMatchObject(DONE);
      await reports.rotate();
      expect(await reports.canLogIn(await reports.login())).toBe(true);
      server.superuser(strict);
      await expect(reports.rotate()).rejects.toThrow(reported);
    });
  }
});

describe.each(MYSQL_SERVERS)('$engine with a history of passwords, without backslash escapes', ({ engine, start }) => {
  let server: StartedServer;
  let user: SomeManagedUser;
  // MariaDB has no history of passwords without a plugin.
  const options = ['--loose-password-history=5', '--sql-mode=NO_BACKSLASH_ESCAPES'];
  beforeAll(async () => {
    server = await start(options);
    user = await SomeManagedUser.on(
      server, secretsManager, { name: 'api', privileges: 'readWrite', iamToken: false });
    expect(await user.deploy()).toMatchObject(DONE);
  }, 60_000);
  afterAll(() => server.stop());

  test('a step that is repeated sets the same password, and the account keeps the policy', async () => {
    await user.rotate();
    const token = await user.startRotation();
    for (const step of ['createSecret', 'setSecret', 'setSecret'] as const) await user.step(step, token);
    await user.rotate(token);
    expect(await user.canLogIn(await user.login())).toBe(true);
    expect(await user.canLogIn(await user.login('AWSPREVIOUS'))).toBe(true);
    if (engine === 'MariaDB') return;
    const { username, password } = (await user.login())!;
    expect(() => server.superuser(`ALTER USER '${username}'@'%' IDENTIFIED BY '${password}'`))
      .toThrow(/password history policy/);
  });

  test('a deployment sets the current value again, which a person has replaced', async () => {
    const login = (await user.login())!;
    server.superuser(`ALTER USER '${login.username}'@'%' IDENTIFIED BY '${OTHER.password}'`);
    expect(await user.canLogIn(login)).toBe(false);
    expect(await user.deploy('Update')).toMatchObject(DONE);
    expect(await user.canLogIn(login)).toBe(true);
  });

  if (engine === 'MySQL') {
    test.each(['deploy', 'rotate'] as const)('%s restores the policy from which a login is exempt', async (next) => {
      for (const login of ['api_1', 'api_2']) {
        server.superuser(`ALTER USER '${login}'@'%' PASSWORD HISTORY 0 PASSWORD REUSE INTERVAL 0 DAY`);
      }
      await user[next]();
      expect(server.superuser(
        'SELECT DISTINCT Password_reuse_history, Password_reuse_time FROM mysql.user WHERE User LIKE \'api%\''))
        .toBe('NULL\tNULL');
    });

    test.each(['deploy', 'rotate'] as const)('%s discards a password that a person has retained', async (next) => {
      const login = (await user.login())!;
      const newer = { ...login, password: `${next}_${OTHER.password}` };
      await user.run(ADMINISTRATOR,
        `ALTER USER '${login.username}'@'%' IDENTIFIED BY '${newer.password}' RETAIN CURRENT PASSWORD`);
      expect([await user.canLogIn(login), await user.canLogIn(newer)]).toEqual([true, true]);
      await user[next]();
      expect([await user.canLogIn(login), await user.canLogIn(newer)]).toEqual([true, false]);
      expect(server.superuser('SELECT User FROM mysql.user WHERE User_attributes LIKE \'%additional_password%\''))
        .toBe('');
    });
  }
});

describe.each(MYSQL_SERVERS)('$engine with names in lower case and partial revokes', ({ engine, start }) => {
  let server: StartedServer;
  // MariaDB has no partial revokes.
  const options = ['--lower-case-table-names=1', '--loose-partial-revokes=ON'];
  beforeAll(async () => { server = await start(options); }, 60_000);
  afterAll(() => server.stop());

  test('a user keeps its privileges on a database with capitals and an underscore', async () => {
    const owner = await SomeManagedUser.on(
      server, secretsManager, { name: 'migrations', privileges: 'owner', iamToken: false }, 'Clinic_Data');
    for (const request of ['Create', 'Update', 'Update'] as const) {
      expect(await owner.deploy(request)).toMatchObject(DONE);
      await owner.run((await owner.login())!, 'CREATE TABLE IF NOT EXISTS Visits (id int)', 'SELECT * FROM visits');
      await owner.rotate();
    }
    expect(server.superuser('SELECT Db FROM mysql.db WHERE User = \'migrations_1\''))
      .toBe(engine === 'MySQL' ? 'clinic_data' : 'clinic\\\\_data');
  });
});
