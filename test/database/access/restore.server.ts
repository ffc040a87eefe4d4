import { SomeManagedUser } from './some-managed-user';
import { UserDefinition } from '../../../src/database/access/logins';
import { MYSQL_SERVERS, StartedServer, startPostgres } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

const API: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const LOGINS = ['api_1', 'api_2'];
const OTHER = 'PasswordOfTheSnapshot_0123456789';

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(async () => {
  await secretsManager.start();
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterAll(() => secretsManager.stop());

describe.each([
  {
    engine: 'PostgreSQL',
    start: startPostgres,
    older: LOGINS.map((login) => `ALTER ROLE ${login} PASSWORD '${OTHER}'`),
    enabled: LOGINS.map((login) => `ALTER ROLE ${login} LOGIN`),
    without: LOGINS.map((login) => `DROP OWNED BY ${login}; DROP ROLE ${login}`),
  },
  ...MYSQL_SERVERS.map((server) => ({
    ...server,
    older: LOGINS.map((login) => `ALTER USER '${login}'@'%' IDENTIFIED BY '${OTHER}'`),
    enabled: LOGINS.map((login) => `ALTER USER '${login}'@'%' ACCOUNT UNLOCK`),
    without: ['DROP USER \'api_1\'@\'%\'', 'DROP USER \'api_2\'@\'%\''],
  })),
])('$engine', ({ start, older, enabled, without }) => {
  let server: StartedServer;
  let user: SomeManagedUser;
  beforeAll(async () => {
    server = await start();
    user = await SomeManagedUser.on(server, secretsManager, API);
    await user.deploy();
  }, 60_000);
  afterAll(() => server.stop());

  const LOSSES: Array<[string, () => void | Promise<void>]> = [
    ['passwords of a snapshot', () => older.forEach((sql) => server.superuser(sql))],
    ['no logins, in a new database', () => without.forEach((sql) => server.superuser(sql))],
  ];

  /** Which logins have the password of the snapshot, which is no longer secret. */
  const withOldPassword = async () => {
    const found = await Promise.all(LOGINS.map((username) => user.canLogIn({ username, password: OTHER })));
    return LOGINS.filter((_, index) => found[index]);
  };

  test('passwords of a snapshot without a previous value: the next deployment leaves the other login without one',
    async () => {
      older.forEach((sql) => server.superuser(sql));
      // The second login has been disabled since the first deployment.
      for (const sql of enabled) server.superuser(sql);
      expect(await withOldPassword()).toEqual(LOGINS);
      expect(await user.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
      expect(await withOldPassword()).toEqual([]);
      expect(await user.canLogIn(await user.login())).toBe(true);
      await user.rotate();
    });

  test.each(LOSSES)('%s: the next deployment makes the current and the previous value valid', async (_, lose) => {
    const [before, previous] = [await user.login(), await user.login('AWSPREVIOUS')];
    await lose();
    expect(await user.canLogIn(before)).toBe(false);
    expect(await user.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(await user.login()).toEqual(before);
    expect([await user.canLogIn(before), await user.canLogIn(previous)]).toEqual([true, true]);
    expect(await withOldPassword()).toEqual([]);
  });

  test.each(LOSSES)('%s: the next rotation also makes the login of running tasks valid', async (_, lose) => {
    const before = await user.login();
    await lose();
    await user.rotate();
    expect([await user.canLogIn(before), await user.canLogIn(await user.login())]).toEqual([true, true]);
    expect(await withOldPassword()).toEqual([]);
  });

  test.each([
    ...LOSSES, ['a secret without a login', () => secretsManager.overwrite(user.arn, '{}')] as typeof LOSSES[number],
  ])('%s: the next rotation makes a new value that is valid', async (_, lose) => {
    const before = await user.login();
    await lose();
    await user.rotate();
    const after = await user.login();
    expect(after).not.toEqual(before);
    expect(await user.canLogIn(after)).toBe(true);
  });

  test('a secret without a login: the next rotation keeps the login that running tasks have', async () => {
    await user.rotate();
    const before = await user.login();
    await secretsManager.overwrite(user.arn, '{"user":"mistaken"}');
    await user.rotate();
    expect((await user.login())!.username).not.toBe(before!.username);
    expect(await user.canLogIn(before)).toBe(true);
    expect(await user.canLogIn(await user.login())).toBe(true);
  });

  test.each(LOSSES)('%s, and a secret without a login in any version: the next rotation heals', async (_, lose) => {
    await secretsManager.overwrite(user.arn, '{}');
    await secretsManager.overwrite(user.arn, '{"user":"mistaken"}');
    await lose();
    await user.rotate();
    expect((await user.login())!.username).toBe('api_1');
    expect(await user.canLogIn(await user.login())).toBe(true);
    expect(await withOldPassword()).toEqual([]);
    await user.rotate();
    expect([await user.canLogIn(await user.login()), await user.canLogIn(await user.login('AWSPREVIOUS'))])
      .toEqual([true, true]);
  });

  test('passwords of a snapshot while a rotation has not ended: a deployment, and the rest of it', async () => {
    const [before, token] = [await user.login(), await user.startRotation()];
    for (const step of ['createSecret', 'setSecret'] as const) await user.step(step, token);
    for (const sql of older) server.superuser(sql);
    expect(await user.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect([await user.canLogIn(before), await withOldPassword()]).toEqual([true, []]);
    for (const step of ['testSecret', 'finishSecret'] as const) await user.step(step, token);
    expect([await user.canLogIn(before), await user.canLogIn(await user.login())]).toEqual([true, true]);
  });

  test('passwords of a snapshot: a deployment and a rotation at the same time', async () => {
    for (let time = 1; time <= 3; time++) {
      for (const sql of older) server.superuser(sql);
      const token = await user.startRotation();
      const [deployed] = await Promise.allSettled([user.deploy('Update'), user.rotate(token)]);
      expect(deployed).toMatchObject({ status: 'fulfilled', value: { Status: 'SUCCESS' } });
      expect([await user.canLogIn(await user.login()), await withOldPassword()]).toEqual([true, []]);
      // Secrets Manager repeats a rotation that the deployment has disturbed.
      await user.rotate(token);
      expect([await user.canLogIn(await user.login()), await user.canLogIn(await user.login('AWSPREVIOUS'))])
        .toEqual([true, true]);
    }
  });

  test('a secret without a login: a deployment fails and states what to do', async () => {
    await secretsManager.overwrite(user.arn, '{}');
    expect(await user.deploy('Update')).toMatchObject({
      Status: 'FAILED', Reason: 'the secret of the user api does not contain a login of this user. Rotate the secret',
    });
  });
});

test('PostgreSQL: a user with an IAM token that a snapshot lacks is created by one request', async () => {
  const server = await startPostgres();
  const user = await SomeManagedUser.on(server, secretsManager, { ...API, iamToken: true });
  await user.deploy();
  const before = await user.privileges();
  server.superuser('DROP OWNED BY api; DROP ROLE api', 'app');
  expect(await user.privileges()).not.toEqual(before);
  await user.repair();
  expect(await user.privileges()).toEqual(before);
  await server.stop();
}, 60_000);
