import { SomeManagedUser } from './some-managed-user';
import { UserDefinition } from '../../../src/database/access/logins';
import { MYSQL_SERVERS, StartedServer, startPostgres } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

const API: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const OTHER = 'PasswordOfTheSnapshot0123456789';

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
    older: ['api_1', 'api_2'].map((login) => `ALTER ROLE ${login} PASSWORD '${OTHER}'`),
    without: ['api_1', 'api_2'].map((login) => `DROP OWNED BY ${login}; DROP ROLE ${login}`),
  },
  ...MYSQL_SERVERS.map((server) => ({
    ...server,
    older: ['api_1', 'api_2'].map((login) => `ALTER USER '${login}'@'%' IDENTIFIED BY '${OTHER}'`),
    without: ['DROP USER \'api_1\'@\'%\'', 'DROP USER \'api_2\'@\'%\''],
  })),
])('$engine', ({ start, older, without }) => {
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

  test.each(LOSSES)('%s: the next deployment makes the current value valid', async (_, lose) => {
    const before = await user.login();
    await lose();
    expect(await user.canLogIn(before)).toBe(false);
    expect(await user.deploy('Update')).toMatchObject({ Status: 'SUCCESS' });
    expect(await user.login()).toEqual(before);
    expect(await user.canLogIn(before)).toBe(true);
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

  test('a secret without a login: a deployment fails and states what to do', async () => {
    await secretsManager.overwrite(user.arn, '{}');
    expect(await user.deploy('Update')).toMatchObject({
      Status: 'FAILED', Reason: 'the secret of the user api does not contain a login of this user. Rotate the secret',
    });
  });
});
