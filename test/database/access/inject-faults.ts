import { SomeManagedUser, STEPS } from './some-managed-user';
import { StatementFault, Statements } from './statement-faults';
import { Login, UserDefinition } from '../../../src/database/access/logins';
import { StartedServer } from '../../support/database-servers';
import { CallFault, SecretsManagerServer } from '../../support/secrets-manager-server';

/** A server, and what the superuser does to a user that then must be created or repaired. */
export interface FaultyEngine {
  readonly engine: string;
  readonly start: () => Promise<StartedServer>;
  /** Whether calls of AWS have faults too. They do not depend on the engine. */
  readonly calls: boolean;
  /** Whether the server has users with an IAM token. */
  readonly tokens: boolean;
  /** Statements before the user exists. */
  readonly existing: string[];
  /** Statements that remove one login and add privileges to the other. */
  readonly damage: string[];
  /** Statements that remove everything that the function has created. */
  readonly loss: string[];
}

/** A fault of one call or statement. `always` also affects all later ones of the same text in the same step. */
interface Fault {
  readonly kind: 'call' | 'statement';
  readonly index: number;
  readonly how: CallFault | StatementFault;
  readonly always: boolean;
}

/** The calls and statements of an attempt, each with its step. */
interface Attempt {
  readonly calls: string[];
  readonly statements: string[];
}

interface Scenario {
  readonly what: string;
  readonly type: 'rotation' | 'Update' | 'Delete';
  readonly user: UserDefinition;
  /** Statements of the superuser before each attempt. */
  readonly before: string[];
  /** Whether the logins with a password are valid before and after an attempt. */
  readonly valid: { readonly before: boolean; readonly after: boolean };
  /** The statements that have faults although another scenario has sent them. */
  readonly repeats?: RegExp;
}

/** The user before an attempt: the login in use, and all privileges that it may have until the attempt has ended. */
interface Before {
  readonly login: Login;
  readonly privileges: Set<string>;
}

const USER: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
/** The statements whose loss has another effect after other changes. */
const CRITICAL = /^(COMMIT|connect as)|PASSWORD|IDENTIFIED/;
const scenariosOf = ({ damage, loss, tokens }: FaultyEngine): Scenario[] => {
  const heals = { before: false, after: true };
  const creation = { type: 'Update', before: loss, valid: heals } as const;
  const rotation = { type: 'rotation', user: USER, repeats: CRITICAL } as const;
  return [
    { ...rotation, what: 'a rotation', before: [], valid: { before: true, after: true } },
    { ...rotation, what: 'a rotation that repairs a user', before: damage, valid: heals },
    { ...creation, what: 'a deployment that creates a user', user: USER, repeats: CRITICAL },
    { ...creation, what: 'a deployment that creates an owner', user: { ...USER, privileges: 'owner' } },
    ...tokens ? [{
      ...creation,
      what: 'a deployment that creates a user with an IAM token',
      user: { ...USER, iamToken: true },
      valid: { before: false, after: false },
    }] : [],
    { what: 'a deletion', type: 'Delete', user: USER, before: [], valid: { before: true, after: false } },
  ];
};

/** Far above the time on an idle machine, in milliseconds. */
const TIME_LIMIT = 600_000;

/** A password in a statement, and the verifier of one, differ in each rotation. */
const withoutPasswords = (text: string) =>
  text.replace(/SCRAM-SHA-256\$[^']+/, '').replace(/(IDENTIFIED BY \?.*),\w+$/, '$1');
/** A rotation sends the same statements for one login as the next one for the other. */
const ofEitherLogin = (text: string) => text.replace(/api_[12]/g, 'api_n');
const withoutStep = (text: string) => text.replace(/^\w+: /, '');
/** The last grant of a login of MySQL contains what its connections require. */
const withoutTls = (grant: string) => grant.replace(/ +(REQUIRE SSL)?$/, '');

/**
 * The faults of the calls of an attempt. The SDK repeats a failed call, so a permanent failure is a separate fault. It
 * starts at the first call of a name in a step. Errors of the server also start at the last one.
 */
function faultsOfCalls({ calls }: Attempt): Fault[] {
  const of = (how: CallFault, always: boolean): Fault[] =>
    calls.map((_, index) => ({ kind: 'call', index, how, always }));
  const isFirst = ({ index }: Fault) => calls.indexOf(calls[index]) === index;
  const isLast = ({ index }: Fault) => calls.lastIndexOf(calls[index]) === index;
  return [
    ...of('fail', false), ...of('lose', false), ...of('throttle', false),
    ...of('fail', true).filter((each) => isFirst(each) || isLast(each)), ...of('throttle', true).filter(isFirst),
  ];
}

/** The faults of the statements of an attempt. */
function faultsOfStatements({ statements }: Attempt, { repeats }: Scenario, isNew: (text: string) => boolean): Fault[] {
  return statements.flatMap((text, index) => {
    const faulty = (isNew(text) && statements.indexOf(text) === index) || repeats?.test(withoutStep(text));
    // Each fault is a rotation, so this order gives both kinds of faults to both logins.
    const kinds = index % 2 === 0 ? ['fail', 'lose'] as const : ['lose', 'fail'] as const;
    return faulty ? kinds.map((how) => ({ kind: 'statement', index, how, always: false })) : [];
  });
}

/** Defines the tests that every call and every statement can fail, in scenarios whose names match a pattern. */
export function everyFaultHeals(faulty: FaultyEngine, chosen = /^/): void {
  const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
  const statements = new Statements();
  const written: string[] = [];
  const passwords = new Set<string>();
  /** The statements that scenarios before have sent, and the calls in a step. */
  const known = new Set<string>();
  let server: StartedServer;
  let first: SomeManagedUser;
  /** The step that runs. */
  let step: string;

  beforeAll(async () => {
    await secretsManager.start();
    server = await faulty.start();
    for (const sql of faulty.existing) await server.rows(sql);
    first = await SomeManagedUser.behindProxy(server, secretsManager, USER);
    expect(await first.deploy()).toMatchObject({ Status: 'SUCCESS' });
    await first.rotate();
    for (const output of ['log', 'error', 'warn'] as const) {
      jest.spyOn(console, output).mockImplementation((...texts) => { written.push(texts.join(' ')); });
    }
    // The SDK waits for a random time before it repeats a call.
    jest.spyOn(Math, 'random').mockReturnValue(0);
    statements.intercept(server);
  });
  afterAll(async () => {
    await server.stop();
    await secretsManager.stop();
  });

  /** Brings the user into the state before an attempt. Returns the token of a rotation. */
  async function prepare({ type, before }: Scenario, user: SomeManagedUser): Promise<string> {
    if (type === 'Delete') await user.deploy('Create');
    for (const sql of before) await server.rows(sql);
    return type === 'rotation' ? user.startRotation() : '';
  }

  async function attempt({ type }: Scenario, user: SomeManagedUser, token: string): Promise<void> {
    if (type === 'rotation') {
      for (const each of STEPS) {
        step = each;
        await user.step(each, token);
      }
      return;
    }
    step = type;
    const { Status, Reason } = await user.deploy(type);
    if (Status !== 'SUCCESS') throw new Error(Reason);
  }

  async function withoutFaults(scenario: Scenario, user: SomeManagedUser): Promise<Attempt> {
    const calls: string[] = [];
    // Twice, because the two logins need the same statements with other names.
    for (let time = 1; time <= 2; time++) {
      const token = await prepare(scenario, user);
      calls.length = statements.sent.length = 0;
      const steps: string[] = [];
      secretsManager.faultOf = (name) => void calls.push(`${step}: ${name}`);
      statements.faultOf = () => void steps.push(step);
      await attempt(scenario, user, token);
      statements.sent.forEach((text, index) => { statements.sent[index] = `${steps[index]}: ${text}`; });
    }
    secretsManager.faultOf = statements.faultOf = () => undefined;
    return { calls, statements: statements.sent.map(withoutPasswords) };
  }

  /** Runs the attempt with a fault. Returns the error. */
  async function attemptWith(fault: Fault, scenario: Scenario, user: SomeManagedUser, token: string, whole: Attempt) {
    const { kind, index, how, always } = fault;
    const all = (kind === 'call' ? whole.calls : whole.statements).map(ofEitherLogin);
    // Some statements follow the order of the catalog, which changes: the fault is that of the same text.
    let before = all.slice(0, index).filter((each) => each === all[index]).length;
    let affected: string | undefined;
    const applies = (of: Fault['kind']) => (name: string) => {
      const sent = `${step}: ${withoutPasswords(name)}`;
      if (kind !== of) return undefined;
      if (affected !== undefined) return always && sent === affected ? how : undefined;
      if (ofEitherLogin(sent) !== all[index] || before-- > 0) return undefined;
      affected = sent;
      return how;
    };
    secretsManager.faultOf = applies('call');
    statements.faultOf = applies('statement') as Statements['faultOf'];
    const error: Error | undefined = await attempt(scenario, user, token).then(() => undefined, (reason) => reason);
    secretsManager.faultOf = statements.faultOf = () => undefined;
    if (error) written.push(error.message, error.stack ?? '');
    expect({ fault, affected }).toEqual({ fault, affected: expect.any(String) });
    return error;
  }

  /** Asserts that a failed attempt has lost nothing, and has made no login too powerful. */
  async function checkFailed(fault: Fault, scenario: Scenario, before: Before): Promise<void> {
    const current = (await first.login())!;
    const kept = current.username === before.login.username ? current : await first.login('AWSPREVIOUS');
    expect({ fault, kept }).toEqual({ fault, kept: before.login });
    if (scenario.valid.before && scenario.valid.after) {
      expect({ fault, canLogIn: await first.canLogIn(current) }).toEqual({ fault, canLogIn: true });
    }
    const excess = (await first.privileges()).filter((each) => !before.privileges.has(withoutTls(each)));
    expect({ fault, excess }).toEqual({ fault, excess: [] });
  }

  /** Asserts that the user and its secret are as after an attempt without a fault. */
  async function checkHealed(
    fault: Fault, { type, valid }: Scenario, before: Before, expected: string[],
  ): Promise<void> {
    const [after, other, pending, copies, privileges] = await Promise.all([
      first.login(), first.login('AWSPREVIOUS'), first.login('AWSPENDING'), first.copied(), first.privileges(),
    ]);
    const [current, previous] = await Promise.all([first.canLogIn(after), first.canLogIn(other)]);
    const rotates = type === 'rotation';
    expect({
      fault,
      changed: after!.username !== before.login.username,
      kept: rotates ? other : after,
      current,
      previous,
      pending,
      copies,
      privileges,
    }).toEqual({
      fault,
      changed: rotates,
      kept: before.login,
      current: valid.after,
      previous: valid.after,
      pending: undefined,
      copies: [after!, other!].sort((one, another) => one.username < another.username ? -1 : 1),
      privileges: expected,
    });
    passwords.add(after!.password);
  }

  test.each(scenariosOf(faulty))('every fault of $what heals', async (scenario) => {
    const isNew = (text: string) => !known.has(withoutStep(text));
    const user = first.as(scenario.user);
    const whole = await withoutFaults(scenario, user);
    const expected = await first.privileges();
    const faults = !chosen.test(scenario.what) ? [] : [
      ...faulty.calls && !whole.calls.every((each) => known.has(each)) ? faultsOfCalls(whole) : [],
      ...faultsOfStatements(whole, scenario, isNew),
    ];
    const outcomes: Record<string, number> = {};
    for (const fault of faults) {
      const token = await prepare(scenario, user);
      const before = {
        login: (await first.login())!,
        privileges: new Set([...expected, ...await first.privileges()].map(withoutTls)),
      };
      const error = await attemptWith(fault, scenario, user, token, whole);
      // The function succeeds after a single failure of this statement, so a permanent failure is another fault.
      const repeated = !error && fault.kind === 'statement' && fault.how === 'fail' && !fault.always;
      if (repeated && isNew(whole.statements[fault.index])) faults.push({ ...fault, always: true });
      if (error) {
        await checkFailed(fault, scenario, before);
        await attempt(scenario, user, token);
      }
      await checkHealed(fault, scenario, before, expected);
      const outcome = error ? 'failed, and the next attempt healed' : 'succeeded';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    for (const each of [...whole.calls, ...whole.statements.map(withoutStep)]) known.add(each);
    if (!chosen.test(scenario.what)) return;
    expect(faults.length).toBeGreaterThan(0);
    process.stdout.write(`${faulty.engine}, ${scenario.what}: ${whole.calls.length} calls, `
      + `${whole.statements.length} statements, ${faults.length} faults: ${JSON.stringify(outcomes)}\n`);
  }, TIME_LIMIT);

  test('no password is in an output or in an error', () => {
    expect(passwords.size).toBeGreaterThan(0);
    expect([...passwords].filter((password) => written.some((text) => text.includes(password)))).toEqual([]);
  });
}
