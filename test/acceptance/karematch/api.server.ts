import { API_FOLDER } from './proof/parts';
import { karematchTemplates } from './proof/synthesis';
import { Login, UserDefinition } from '../../../src/database/access/logins';
import { SomeManagedUser } from '../../database/access/some-managed-user';
import { freePort, SERVER_NAME, StartedServer, startPostgres } from '../../support/database-servers';
import { Program, RunningProgram } from '../../support/running-program';
import { SecretsManagerServer } from '../../support/secrets-manager-server';
import { Json } from '../../support/template/example';

const ADA = { user: 'ada', password: 'a long password' };
const NOTE = { text: 'a note of Ada' };
const REFUSED = /permission denied|must be owner/;

const { Resources }: Json = karematchTemplates().KareMatch;
const ofType = (type: string): Array<[string, Json]> =>
  Object.entries<Json>(Resources).filter(([, { Type }]) => Type === type);

/** The users that the stack defines, by name. */
const DEFINITIONS: UserDefinition[] = ofType('Custom::DatabaseUser').map(([, { Properties }]) => ({
  name: Properties.User, privileges: Properties.Privileges, iamToken: Properties.Login !== 'password',
}));

/** The container of a task definition, by the ID of its construct. */
function containerOf(id: string): Json {
  const [[, { Properties }], ...more] = ofType('AWS::ECS::TaskDefinition').filter(([name]) => name.startsWith(id));
  expect(more).toEqual([]);
  return Properties.ContainerDefinitions[0];
}

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
const users: Record<string, SomeManagedUser> = {};
const running: RunningProgram[] = [];
let server: StartedServer;
/** Values that only the deployment knows, and files of the image. */
let replaced: Record<string, string>;

/** A program as its task definition starts it, with a login. */
async function programOf(id: string, { username, password }: Login): Promise<Program> {
  const { Environment, Secrets, Command = ['node', 'server.js'] } = containerOf(id);
  const values: Record<string, string> = {
    PGUSER: username, PGPASSWORD: password, SESSION_SECRET: 'k'.repeat(88), ENCRYPTION_KEYS: 'r'.repeat(44),
  };
  const listed = [...Environment, ...Secrets.map(({ Name }: Json) => ({ Name, Value: values[Name] }))];
  const given = Object.fromEntries(listed.map(({ Name, Value }: Json) => [Name, replaced[Name] ?? Value]));
  if (given.PORT) given.PORT = `${await freePort()}`;
  return { folder: API_FOLDER, command: Command, environment: given };
}

async function startApi(): Promise<RunningProgram> {
  const api = await RunningProgram.serve(await programOf('Api', (await users.api.login())!));
  running.push(api);
  return api;
}

async function logIn(api: RunningProgram): Promise<string> {
  const { status, body } = await api.call('POST', '/api/sessions', ADA);
  expect(status).toBe(200);
  return body.token;
}

/** The logins with which programs are connected to the database. */
const connected = () => server.superuser(
  'SELECT DISTINCT usename FROM pg_stat_activity WHERE usename ~ \'^(api|migrations)_\' ORDER BY 1',
).split('\n');

beforeAll(async () => {
  jest.spyOn(console, 'log').mockImplementation();
  await secretsManager.start();
  server = await startPostgres();
  replaced = { PGHOST: SERVER_NAME, PGPORT: `${server.port}`, PGDATABASE: 'app', PGSSLROOTCERT: server.caFile };
  for (const each of DEFINITIONS) users[each.name] = await SomeManagedUser.on(server, secretsManager, each);
  for (const user of Object.values(users)) expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS' });
}, 60_000);

afterAll(async () => {
  for (const api of running) await api.stop();
  await server.stop();
  await secretsManager.stop();
});

test('the stack defines a user that changes data for the API, and an owner for the migration', () => {
  expect(DEFINITIONS.sort((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
    { name: 'api', privileges: 'readWrite', iamToken: false },
    { name: 'migrations', privileges: 'owner', iamToken: false },
  ]);
  for (const id of ['Api', 'Migrations']) {
    const names: string[] = containerOf(id).Environment.map(({ Name }: Json) => Name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(replaced)));
    expect(containerOf(id).Environment).toContainEqual({ Name: 'PGSSLMODE', Value: 'verify-full' });
  }
});

test('the migration creates the tables, and can run again, also with the other login after a rotation', async () => {
  for (const rotate of [false, false, true]) {
    if (rotate) await users.migrations.rotate();
    const program = await programOf('Migrations', (await users.migrations.login())!);
    expect(program.command).toEqual(['node', 'migrate.js']);
    const { code, output } = await RunningProgram.finish(program);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('2 statements ran') });
  }
  expect((await users.migrations.login())!.username).toBe('migrations_2');
  const tables = 'SELECT tablename, tableowner FROM pg_tables WHERE schemaname = \'public\' ORDER BY 1';
  expect(server.superuser(tables, 'app')).toBe('notes|app_owner\nusers|app_owner');
});

test('the API registers a user, logs in, and stores a note, which the database has only encrypted', async () => {
  const api = await startApi();
  expect(await api.call('POST', '/api/users', ADA)).toEqual({ status: 201, body: { user: 'ada' } });
  expect((await api.call('POST', '/api/users', ADA)).status).toBe(409);
  expect((await api.call('POST', '/api/sessions', { ...ADA, password: 'wrong' })).status).toBe(401);
  const token = await logIn(api);
  expect((await api.call('POST', '/api/notes', NOTE)).status).toBe(401);
  expect((await api.call('POST', '/api/notes', NOTE, token)).status).toBe(201);
  expect(await api.call('GET', '/api/notes', undefined, token)).toEqual({ status: 200, body: [NOTE.text] });
  expect(server.superuser('SELECT owner, note FROM notes', 'app')).toMatch(/^ada\|v1\.\w+\.[\w-]+$/);
  expect(connected()).toEqual(['api_1']);
});

test('the server refuses the login of the API everything that changes the schema', async () => {
  const login = (await users.api.login())!;
  for (const sql of [
    'CREATE TABLE mine (id int)',
    'ALTER TABLE notes ADD COLUMN mine int',
    'DROP TABLE notes',
    'TRUNCATE notes',
    'SET ROLE app_owner',
  ]) {
    const outcome = await users.api.run(login, sql).then(() => 'done', (error: Error) => error.message);
    expect({ sql, outcome }).toEqual({ sql, outcome: expect.stringMatching(REFUSED) });
  }
  const { code, output } = await RunningProgram.finish({
    ...await programOf('Migrations', login), command: ['node', 'migrate.js'],
  });
  expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(REFUSED) });
});

test('after a rotation, a new task logs in with the other login, and the running task still can', async () => {
  const [before] = running;
  await users.api.rotate();
  const after = await startApi();
  // A token of one task is valid for the other one.
  expect(await after.call('GET', '/api/notes', undefined, await logIn(before))).toMatchObject({ body: [NOTE.text] });
  expect(connected()).toEqual(['api_1', 'api_2']);
  expect(await users.api.canLogIn(await users.api.login('AWSPREVIOUS'))).toBe(true);
  expect(await before.stop()).toBe(0);
  expect((await after.call('POST', '/api/notes', NOTE, await logIn(after))).status).toBe(201);
});

test.each(['Api', 'Migrations'])('%s refuses a server with a certificate for another name', async (id) => {
  const { environment, ...program } = await programOf(id, (await users[id.toLowerCase()].login())!);
  const elsewhere = { ...program, environment: { ...environment, PGHOST: 'another.example' } };
  if (id === 'Migrations') {
    const { code, output } = await RunningProgram.finish(elsewhere);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('does not match certificate') });
  } else {
    const api = await RunningProgram.serve(elsewhere);
    running.push(api);
    expect((await api.call('POST', '/api/sessions', ADA)).status).toBe(500);
    await api.logs('does not match certificate');
  }
});
