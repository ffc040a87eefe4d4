import * as path from 'path';
import { UserDefinition } from '../../../src/database/access/logins';
import { SomeManagedUser } from '../../database/access/some-managed-user';
import { freePort, MYSQL_SERVERS, SERVER_NAME, StartedServer } from '../../support/database-servers';
import { Program, RunningProgram } from '../../support/running-program';
import { SecretsManagerServer } from '../../support/secrets-manager-server';
import { appOf, Json, templatesOf } from '../../support/template/example';

const API_FOLDER = path.join(__dirname, '..', '..', '..', 'examples', 'mentalhealthaide', 'api');

const { Resources }: Json = templatesOf(appOf('mentalhealthaide')).MentalHealthAide;
/** The properties of the only resource of a type. */
function propertiesOf(type: string): Json {
  const [{ Properties }, ...more] = Object.values<Json>(Resources).filter(({ Type }) => Type === type);
  expect(more).toEqual([]);
  return Properties;
}

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(async () => {
  jest.spyOn(console, 'log').mockImplementation();
  await secretsManager.start();
});
afterAll(() => secretsManager.stop());

describe.each(MYSQL_SERVERS)('the API of MentalHealthAide with $engine', ({ start }) => {
  const running: RunningProgram[] = [];
  let server: StartedServer;
  let user: SomeManagedUser;

  beforeAll(async () => {
    server = await start();
    const { User, Privileges, Login } = propertiesOf('Custom::DatabaseUser');
    const definition: UserDefinition = { name: User, privileges: Privileges, iamToken: Login !== 'password' };
    expect(definition).toEqual({ name: 'api', privileges: 'readWrite', iamToken: false });
    user = await SomeManagedUser.on(server, secretsManager, definition);
    expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS', Reason: 'done' });
  }, 120_000);

  afterAll(async () => {
    for (const api of running) await api.stop();
    await server.stop();
  });

  /** The API as its task definition starts it, with the current login. */
  async function serve(host = SERVER_NAME): Promise<RunningProgram> {
    const { username, password } = (await user.login())!;
    const deployed: Record<string, string> = {
      MYSQL_HOST: host,
      MYSQL_TCP_PORT: `${server.port}`,
      MYSQL_DATABASE: 'app',
      MYSQL_SSL_CA: server.caFile,
      MYSQL_USER: username,
      MYSQL_PWD: password,
      JWT_SECRET: 'k'.repeat(88),
    };
    const { Environment, Secrets } = propertiesOf('AWS::ECS::TaskDefinition').ContainerDefinitions[0];
    const names: string[] = [...Environment, ...Secrets].map(({ Name }: Json) => Name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(deployed)));
    const others = Environment.filter(({ Name, Value }: Json) => !(Name in deployed) && typeof Value === 'string');
    const program: Program = {
      folder: API_FOLDER,
      command: ['node', 'server.js'],
      environment: {
        ...Object.fromEntries(others.map(({ Name, Value }: Json) => [Name, Value])),
        ...deployed,
        PORT: `${await freePort()}`,
      },
    };
    const api = await RunningProgram.serve(program);
    running.push(api);
    return api;
  }

  /** The response to a request of a person who has logged in. */
  async function records(api: RunningProgram) {
    const { body: { token } } = await api.call('POST', '/sessions', {});
    return api.call('GET', '/records', undefined, token);
  }

  test('logs in with each of the two logins', async () => {
    for (const login of ['api_1', 'api_2']) {
      const { status, body } = await records(await serve());
      expect({ status, user: body.records[0].user }).toEqual({ status: 200, user: `${login}@%` });
      await user.rotate();
    }
  });

  test('keeps its connection to the database while its login is not in use', async () => {
    const api = await serve();
    expect(await records(api)).toMatchObject({ status: 200 });
    await user.rotate();
    expect(await records(api)).toMatchObject({ status: 200 });
  });

  test('refuses a server with a certificate for another name', async () => {
    const api = await serve('another.example');
    expect(await records(api)).toMatchObject({ status: 500 });
    await api.logs("Hostname/IP does not match certificate's altnames");
  });

  test('answers a request without a token with 401', async () => {
    expect((await (await serve()).call('GET', '/records')).status).toBe(401);
  });
});
