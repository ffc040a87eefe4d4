import type { Connection, ConnectionOptions } from 'mysql2/promise';
import { Client } from 'pg';
import { SomeManagedUser, STEPS } from './some-managed-user';
import { Login, UserDefinition } from '../../../src/database/access/logins';
import { StartedServer } from '../../support/database-servers';
import { CallFault, SecretsManagerServer } from '../../support/secrets-manager-server';

/** A fault of one call or statement. `always` also affects all later ones with the same name in the same step. */
interface Fault {
  readonly kind: 'call' | 'statement';
  readonly index: number;
  readonly how: CallFault;
  readonly always: boolean;
}

/** The calls and statements of an attempt, each with its step. */
interface Attempt {
  readonly calls: string[];
  readonly statements: string[];
}

/** An attempt, and the loss before it. */
interface Scenario {
  readonly what: string;
  /** Statements of the superuser before each attempt. */
  readonly loss: string[];
  /** Whether the login in use changes. */
  readonly rotates: boolean;
  /** Returns the token of a rotation. */
  start(): Promise<string>;
  attempt(token: string): Promise<void>;
}

/** The user before an attempt: the login in use, and all privileges that it may have until the attempt has ended. */
interface Before {
  readonly login: Login;
  readonly privileges: Set<string>;
}

const USER: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const ONCE: CallFault[] = ['fail', 'lose'];
/** Far above the time on an idle machine, in milliseconds. */
const TIME_LIMIT = 600_000;

/** The step that runs, and the calls and statements of all steps, each with its step. */
let step: string;
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

const withoutStep = (text: string) => text.replace(/^\w+: /, '');

/**
 * All faults of an attempt, except those that other scenarios have had: of calls in the same step, and of statements.
 *
 * The handler does not repeat a statement, so `always` is another fault for calls only, which the SDK repeats: from the
 * first, and for one kind also from the last call of a name in a step. Of equal statements in a step, one is enough.
 */
function faultsOf(attempt: Attempt, hit: Set<string>): Fault[] {
  const isFirst = (all: string[]) => ({ index }: Fault) => all.indexOf(all[index]) === index;
  const isLast = (all: string[]) => ({ index }: Fault) => all.lastIndexOf(all[index]) === index;
  const of = (kind: Fault['kind'], all: string[], ways: CallFault[], always: boolean): Fault[] =>
    all.flatMap((_, index) => ways.map((how) => ({ kind, index, how, always })));
  const isNew = (all: string[]) => ({ index }: Fault) => !hit.has(all[index]);
  const { calls: sent, statements: sql } = attempt;
  const ofCalls = [
    ...of('call', sent, [...ONCE, 'throttle'], false),
    ...of('call', sent, ['fail'], true).filter((each) => isFirst(sent)(each) || isLast(sent)(each)),
    ...of('call', sent, ['throttle'], true).filter(isFirst(sent)),
  ];
  return [
    ...ofCalls.filter(isNew(sent)),
    ...of('statement', sql, ONCE, false).filter(isFirst(sql)).filter(isNew(sql.map(withoutStep))),
  ];
}

/** A password in a statement, and the verifier of one, differ in each rotation. */
const withoutPasswords = (text: string) =>
  text.replace(/SCRAM-SHA-256\$[^']+/, '').replace(/(IDENTIFIED BY \?.*),\w+$/, '$1');

/** The last grant of a login of MySQL contains what its connections require. */
const withoutTls = (grant: string) => grant.replace(/ +(REQUIRE SSL)?$/, '');

/**
 * Defines the tests that every call and every statement can fail.
 * @param existing statements of the superuser before the user exists
 * @param loss statements after which the user must be created and repaired, as after a restore
 */
export function everyFaultHeals(
  engine: string, start: () => Promise<StartedServer>, existing: string[], loss: string[],
): void {
  const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
  const written: string[] = [];
  const passwords = new Set<string>();
  const hit = new Set<string>();
  let server: StartedServer;
  let user: SomeManagedUser;
  let expected: string[];

  beforeAll(async () => {
    await secretsManager.start();
    server = await start();
    for (const sql of existing) await server.rows(sql);
    user = await SomeManagedUser.behindProxy(server, secretsManager, USER);
    expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS' });
    await user.rotate();
    expected = await user.privileges();
    for (const output of ['log', 'error', 'warn'] as const) {
      jest.spyOn(console, output).mockImplementation((...texts) => { written.push(texts.join(' ')); });
    }
    // The SDK waits for a random time before it repeats a call.
    jest.spyOn(Math, 'random').mockReturnValue(0);
    (server.engine === 'postgres' ? interceptPostgres : interceptMysql)();
  });
  afterAll(async () => {
    await server.stop();
    await secretsManager.stop();
  });

  const rotation = (what: string, lost: string[]): Scenario => ({
    what,
    loss: lost,
    rotates: true,
    start: () => user.startRotation(),
    attempt: async (token) => {
      for (const each of STEPS) {
        step = each;
        await user.step(each, token);
      }
    },
  });
  const deployment: Scenario = {
    what: 'a deployment that creates and repairs a user',
    loss,
    rotates: false,
    start: async () => '',
    attempt: async () => {
      step = 'deployment';
      const { Status, Reason } = await user.deploy('Update');
      if (Status !== 'SUCCESS') throw new Error(Reason);
    },
  };

  const lose = async (scenario: Scenario) => {
    for (const sql of scenario.loss) await server.rows(sql);
  };

  async function withoutFaults(scenario: Scenario): Promise<Attempt> {
    // Twice, because the two logins need the same statements with other names.
    for (let time = 1; time <= 2; time++) {
      await lose(scenario);
      const token = await scenario.start();
      calls.length = statements.length = 0;
      secretsManager.faultOf = (name) => {
        calls.push(`${step}: ${name}`);
        return undefined;
      };
      await scenario.attempt(token);
    }
    secretsManager.faultOf = () => undefined;
    return { calls: [...calls], statements: statements.map(withoutPasswords) };
  }

  async function attemptWith(fault: Fault, scenario: Scenario, token: string, whole: Attempt) {
    secretsManager.calls.length = statements.length = 0;
    const isIts = (name: string, index: number) => index === fault.index
      || (fault.always && index > fault.index && `${step}: ${name}` === whole.calls[fault.index]);
    const applies = (kind: Fault['kind']) => (name: string, index: number) =>
      fault.kind === kind && isIts(name, index) ? fault.how : undefined;
    secretsManager.faultOf = applies('call');
    faultOf = applies('statement');
    const error: Error | undefined = await scenario.attempt(token).then(() => undefined, (reason) => reason);
    secretsManager.faultOf = faultOf = () => undefined;
    if (error) written.push(error.message, error.stack ?? '');
    return error;
  }

  /** Asserts that a failed attempt has lost nothing, and has made no login too powerful. */
  async function checkFailed(fault: Fault, scenario: Scenario, before: Before): Promise<void> {
    const current = (await user.login())!;
    const kept = current.username === before.login.username ? current : await user.login('AWSPREVIOUS');
    expect({ fault, kept }).toEqual({ fault, kept: before.login });
    if (scenario.loss.length === 0) {
      expect({ fault, canLogIn: await user.canLogIn(current) }).toEqual({ fault, canLogIn: true });
    }
    const excess = (await user.privileges()).filter((each) => !before.privileges.has(withoutTls(each)));
    expect({ fault, excess }).toEqual({ fault, excess: [] });
  }

  /** Asserts that the user and its secret are as after an attempt without a fault. */
  async function checkHealed(fault: Fault, scenario: Scenario, before: Before): Promise<void> {
    const [after, other, pending, copies, privileges] = await Promise.all([
      user.login(), user.login('AWSPREVIOUS'), user.login('AWSPENDING'), user.copied(), user.privileges(),
    ]);
    const [current, previous] = await Promise.all([user.canLogIn(after), user.canLogIn(other)]);
    expect({
      fault,
      changed: after!.username !== before.login.username,
      kept: scenario.rotates ? other : after,
      current,
      previous,
      pending,
      copies,
      privileges,
    }).toEqual({
      fault,
      changed: scenario.rotates,
      kept: before.login,
      current: true,
      previous: true,
      pending: undefined,
      copies: [after!, other!].sort((one, another) => one.username < another.username ? -1 : 1),
      privileges: expected,
    });
    passwords.add(after!.password);
  }

  test.each([
    rotation('a rotation', []),
    rotation('a rotation that creates and repairs a user', loss),
    deployment,
  ].map((scenario) => [scenario.what, scenario] as const))('every fault of %s heals', async (what, scenario) => {
    const whole = await withoutFaults(scenario);
    const faults = faultsOf(whole, hit);
    const outcomes: Record<string, number> = {};
    for (const fault of faults) {
      await lose(scenario);
      const allowed = new Set([...expected, ...await user.privileges()].map(withoutTls));
      const before = { login: (await user.login())!, privileges: allowed };
      const token = await scenario.start();
      const error = await attemptWith(fault, scenario, token, whole);
      if (error) {
        await checkFailed(fault, scenario, before);
        await scenario.attempt(token);
      }
      await checkHealed(fault, scenario, before);
      const outcome = error ? 'failed, and the next attempt healed' : 'succeeded';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    for (const each of [...whole.calls, ...whole.statements.map(withoutStep)]) hit.add(each);
    expect(faults.length).toBeGreaterThan(0);
    process.stdout.write(`${engine}, ${what}: ${whole.calls.length} calls, ${whole.statements.length} statements, `
      + `${faults.length} faults: ${JSON.stringify(outcomes)}\n`);
  }, TIME_LIMIT);

  test('no password is in an output or in an error', () => {
    expect(passwords.size).toBeGreaterThan(100);
    expect([...passwords].filter((password) => written.some((text) => text.includes(password)))).toEqual([]);
  });
}
