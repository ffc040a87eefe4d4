import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { Client } from 'pg';
import { SomeManagedUser, STEPS } from './some-managed-user';
import { UserDefinition } from '../../../src/database/access/logins';
import { RotationStep } from '../../../src/rotation/rotation-steps';
import { StartedServer } from '../../support/database-servers';
import { CallFault, SecretsManagerServer } from '../../support/secrets-manager-server';

/** A fault of one call or statement. `always` also affects all later ones with the same name in the same step. */
interface Fault {
  readonly kind: 'call' | 'statement';
  readonly index: number;
  readonly how: CallFault;
  readonly always: boolean;
}

const USER: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const ONCE: CallFault[] = ['fail', 'lose'];
/** Far above the time on an idle machine, in milliseconds. */
const TIME_LIMIT = 600_000;

/** The step that runs, and the calls and statements of all steps, each with its step. */
let step: RotationStep;
const calls: string[] = [];
const statements: string[] = [];
let faultOf: (text: string, index: number) => CallFault | undefined = () => undefined;

/** Sends a statement unless it has a fault. A statement that is lost takes effect, and its connection breaks. */
async function send<T>(text: string, run: () => Promise<T>, cut: () => void): Promise<T> {
  const fault = faultOf(text, statements.push(`${step}: ${text}`) - 1);
  if (fault === undefined) return run();
  if (fault === 'lose') await run();
  cut();
  throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
}

function interceptPostgres(): void {
  const { query, connect } = Client.prototype;
  // The handlers use promises only.
  Client.prototype.connect = function (this: Client) {
    const run = connect as (this: Client) => Promise<Client>;
    return send(`connect as ${this.user}`, () => run.call(this), () => void this.end().catch(() => undefined));
  } as typeof connect;
  Client.prototype.query = function (this: Client, sql: string, values?: unknown[]) {
    const { connection } = this as unknown as { connection: { stream: { destroy(): void } } };
    const run = query as unknown as (this: Client, sql: string, values?: unknown[]) => Promise<unknown>;
    return send(sql, () => run.call(this, sql, values), () => connection.stream.destroy());
  } as unknown as typeof query;
}

function interceptMysql(): void {
  const driver: { createConnection(options: ConnectionOptions): Promise<Connection> } =
    jest.requireActual('mysql2/promise');
  const { createConnection } = driver;
  driver.createConnection = async (options) => {
    let opened: Connection | undefined;
    const open = async () => (opened = await createConnection(options));
    const connection = await send(`connect as ${options.user}`, open, () => opened?.destroy());
    const run = connection.query.bind(connection);
    return Object.assign(connection, {
      query: (each: { sql: string; values: string[] }) =>
        send(`${each.sql} ${each.values}`, () => run(each), () => connection.destroy()),
    });
  };
}

/**
 * All faults of a rotation. The handler does not repeat a statement, so `always` is another fault for calls only, which
 * the SDK repeats: from the first, and for one kind also from the last call of a name in a step. Of equal statements in
 * a step, one is enough.
 */
function faultsOf(sent: string[], sql: string[]): Fault[] {
  const isFirst = (all: string[]) => ({ index }: Fault) => all.indexOf(all[index]) === index;
  const isLast = (all: string[]) => ({ index }: Fault) => all.lastIndexOf(all[index]) === index;
  const of = (kind: Fault['kind'], all: string[], ways: CallFault[], always: boolean): Fault[] =>
    all.flatMap((_, index) => ways.map((how) => ({ kind, index, how, always })));
  return [
    ...of('call', sent, [...ONCE, 'throttle'], false),
    ...of('call', sent, ['fail'], true).filter((each) => isFirst(sent)(each) || isLast(sent)(each)),
    ...of('call', sent, ['throttle'], true).filter(isFirst(sent)),
    ...of('statement', sql, ONCE, false).filter(isFirst(sql)),
  ];
}

/** A password in a statement, and the verifier of one, differ in each rotation. */
const withoutPasswords = (text: string) =>
  text.replace(/SCRAM-SHA-256\$[^']+/, '').replace(/(IDENTIFIED BY \?.*),\w+$/, '$1');

/** Defines the test that every call and every statement of a rotation can fail. */
export function everyFaultHeals(engine: string, start: () => Promise<StartedServer>): void {
  const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
  const written: string[] = [];
  let server: StartedServer;
  let user: SomeManagedUser;

  beforeAll(async () => {
    await secretsManager.start();
    server = await start();
    user = await SomeManagedUser.on(server, secretsManager, USER);
    await user.deploy();
    for (const output of ['log', 'error', 'warn'] as const) {
      jest.spyOn(console, output).mockImplementation((...texts) => { written.push(texts.join(' ')); });
    }
    // The SDK waits for a random time before it repeats a call.
    jest.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterAll(async () => {
    await server.stop();
    await secretsManager.stop();
  });

  /** One attempt of a rotation. */
  async function attempt(token: string): Promise<void> {
    for (step of STEPS) await user.step(step, token);
  }

  /** Rotates twice, because the two logins need the same statements with other names. */
  async function withoutFaults(): Promise<{ sent: string[]; sql: string[] }> {
    await attempt(await user.startRotation());
    calls.length = statements.length = 0;
    secretsManager.faultOf = (name) => {
      calls.push(`${step}: ${name}`);
      return undefined;
    };
    await attempt(await user.startRotation());
    return { sent: [...calls], sql: statements.map(withoutPasswords) };
  }

  async function rotateWith(fault: Fault, token: string, sent: string[]) {
    secretsManager.calls.length = statements.length = 0;
    const isIts = (name: string, index: number) => index === fault.index
      || (fault.always && index > fault.index && `${step}: ${name}` === sent[fault.index]);
    const applies = (kind: Fault['kind']) => (name: string, index: number) =>
      fault.kind === kind && isIts(name, index) ? fault.how : undefined;
    secretsManager.faultOf = applies('call');
    faultOf = applies('statement');
    const error: Error | undefined = await attempt(token).then(() => undefined, (reason) => reason);
    secretsManager.faultOf = faultOf = () => undefined;
    if (error) written.push(error.message, error.stack ?? '');
    return error;
  }

  test('every call and every statement can fail, and the next attempt heals', async () => {
    (server.engine === 'postgres' ? interceptPostgres : interceptMysql)();
    const whole = await withoutFaults();
    const faults = faultsOf(whole.sent, whole.sql);
    const expected = user.privileges();
    const outcomes: Record<string, number> = {};
    const passwords = new Set<string>();

    for (const fault of faults) {
      const before = (await user.login())!;
      const token = await user.startRotation();
      const error = await rotateWith(fault, token, whole.sent);
      const current = await user.login();
      expect({ fault, canLogIn: await user.canLogIn(current) }).toEqual({ fault, canLogIn: true });
      expect(current!.username === before.username ? current : await user.login('AWSPREVIOUS')).toEqual(before);
      if (error) await user.rotate(token);
      const after = (await user.login())!;
      expect({
        fault,
        changed: after.username !== before.username,
        canLogIn: error ? await user.canLogIn(after) : true,
        previous: await user.canLogIn(before),
        pending: await user.login('AWSPENDING'),
        privileges: user.privileges(),
      }).toEqual({
        fault, changed: true, canLogIn: true, previous: true, pending: undefined, privileges: expected,
      });
      passwords.add(after.password);
      const outcome = error ? 'failed, and the next attempt healed' : 'succeeded';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    const found = [...passwords].filter((password) => written.some((text) => text.includes(password)));
    expect({ passwords: passwords.size, found }).toEqual({ passwords: faults.length, found: [] });
    jest.restoreAllMocks();
    console.log(`${engine}: ${whole.sent.length} calls, ${whole.sql.length} statements, ${faults.length} faults: `
      + JSON.stringify(outcomes));
  }, TIME_LIMIT);
}
