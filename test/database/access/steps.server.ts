import { randomUUID } from 'crypto';
import { SomeManagedUser, STEPS } from './some-managed-user';
import { Login, UserDefinition } from '../../../src/database/access/logins';
import { RotationStep } from '../../../src/rotation/rotation-steps';
import { MYSQL_SERVERS, StartedServer, startPostgres } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

// Secrets Manager repeats a step whose response was lost, and a person can call the function with any step. No order of
// the steps can make a login invalid that a task can have, and none can stop the next rotation.

const API: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const [CREATE, SET, TEST, FINISH] = STEPS;

/** Why a step is refused. */
type Refusal = 'withoutValue' | 'notSet' | 'withoutLabel' | 'previous' | 'unknown' | 'inUse' | 'wasCurrent';
/** A step, and why it is refused. */
type Call = readonly [RotationStep, Refusal?];
/** The steps of one rotation in the order of the calls, and whether they finish it. */
interface Order {
  readonly order: string;
  readonly calls: readonly Call[];
  readonly finished: boolean;
}

const ORDERS: Order[] = [
  {
    order: 'each step twice, and each step again after the last one, in another order',
    calls: [CREATE, CREATE, SET, SET, TEST, TEST, FINISH, FINISH, TEST, FINISH, CREATE, SET].map((step) => [step]),
    finished: true,
  },
  {
    order: 'the steps in reverse',
    calls: [[FINISH, 'withoutValue'], [TEST], [SET, 'withoutValue'], [CREATE]],
    finished: false,
  },
  { order: 'without setSecret', calls: [[CREATE], [TEST, 'notSet'], [FINISH, 'notSet']], finished: false },
  {
    order: 'each step after refused steps',
    calls: [
      [SET, 'withoutValue'], [FINISH, 'withoutValue'], [CREATE], [FINISH, 'notSet'], [TEST, 'notSet'],
      [SET], [CREATE], [TEST], [SET], [FINISH],
    ],
    finished: true,
  },
  { order: 'without testSecret', calls: [[CREATE], [SET], [FINISH]], finished: true },
  { order: 'without finishSecret', calls: [[CREATE], [SET], [TEST]], finished: false },
];

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(() => secretsManager.start());
afterAll(() => secretsManager.stop());

describe.each([
  {
    engine: 'PostgreSQL',
    start: startPostgres,
    refusedLogin: (username: string) => `28P01 password authentication failed for user "${username}"`,
  },
  ...MYSQL_SERVERS.map((server) => ({
    ...server,
    refusedLogin: (username: string) =>
      `ER_ACCESS_DENIED_ERROR Access denied for user '${username}'@'localhost' (using password: YES)`,
  })),
])('$engine', ({ start, refusedLogin }) => {
  let server: StartedServer;
  let user: SomeManagedUser;
  /** The token of a rotation whose version has no label any more. */
  let oldToken: string;
  let privileges: string[];
  /** The content of the secret before a test. */
  let before: { current: Login; previous: Login; stages: Record<string, string> };

  const labels = () => secretsManager.stages(user.arn);
  const move = (stage: string, from: string | undefined, to: string) =>
    secretsManager.moveStage(user.arn, stage, from, to);
  /** Which of the logins are valid. */
  const valid = (...logins: Array<Login | undefined>) => Promise.all(logins.map((login) => user.canLogIn(login)));
  const observe = async () => ({
    current: (await user.login())!,
    previous: (await user.login('AWSPREVIOUS'))!,
    stages: await labels(),
  });

  /** Calls a step. Asserts that it has no error, or the error of the refusal. */
  async function call(token: string, [step, refusal]: Call): Promise<void> {
    const version = `version ${token} of ${user.arn}`;
    const discarded = (flaw: string) => `the pending value of ${user.arn} ${flaw}. It was discarded. Rotate again`;
    const { username } = before.previous;
    const texts: { readonly [each in Refusal]: string } = {
      withoutValue: `${version} has no value, so it cannot become current`,
      notSet: `the database could not let ${username} log in: ${refusedLogin(username)}`,
      previous: `${version} must have the label AWSPENDING, got AWSPREVIOUS`,
      // Unlike Secrets Manager, moto returns versions without labels.
      withoutLabel: `${version} must have the label AWSPENDING, got `,
      unknown: `${user.arn} has no version ${token} with a staging label`,
      inUse: discarded('contains the login in use'),
      wasCurrent: discarded('was current before'),
    };
    const outcome = await user.step(step, token).then(() => 'done', (error: Error) => error.message);
    expect({ step, outcome }).toEqual({ step, outcome: refusal ? texts[refusal] : 'done' });
  }

  /** Asserts what must be true after each order of the steps, and that the next rotation succeeds. */
  async function nothingIsLost(finished: boolean, pending?: string): Promise<void> {
    const after = await observe();
    expect(after).toMatchObject({
      current: finished ? { username: before.previous.username } : before.current,
      previous: finished ? before.current : before.previous,
    });
    expect(await user.privileges()).toEqual(privileges);
    expect(await valid(before.current, after.current)).toEqual([true, true]);
    // Secrets Manager continues a rotation whose version is pending.
    await user.rotate(pending);
    const next = await observe();
    expect(next.previous).toEqual(after.current);
    expect(next.current.username).not.toBe(after.current.username);
    expect(await valid(next.current, next.previous)).toEqual([true, true]);
    expect(Object.keys(next.stages).sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  }

  beforeAll(async () => {
    server = await start();
    user = await SomeManagedUser.on(server, secretsManager, API);
    expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS' });
    await user.rotate(oldToken = await user.startRotation());
    for (let rotation = 2; rotation <= 3; rotation++) await user.rotate();
    privileges = await user.privileges();
  }, 60_000);
  beforeEach(async () => { before = await observe(); });
  afterAll(() => server.stop());

  test.each(ORDERS)('$order', async ({ calls, finished }) => {
    const token = await user.startRotation();
    for (const each of calls) await call(token, each);
    expect((await labels()).AWSPENDING).toBe(finished ? undefined : token);
    await nothingIsLost(finished, finished ? undefined : token);
  });

  test.each(['no version', 'another version'])('each step with unknown and old tokens, while %s is pending',
    async (which) => {
      const pending = which === 'another version' ? await user.startRotation() : undefined;
      if (pending) await call(pending, [CREATE]);
      const stages = { ...before.stages, ...pending && { AWSPENDING: pending } };
      const tokens: Array<[string, Refusal]> = [
        [randomUUID(), 'unknown'], [before.stages.AWSPREVIOUS, 'previous'], [oldToken, 'withoutLabel'],
      ];
      for (const [token, refusal] of tokens) for (const step of STEPS) await call(token, [step, refusal]);
      expect(await labels()).toEqual(stages);
      expect(await valid(before.current, before.previous)).toEqual([true, true]);
      await nothingIsLost(false, pending);
    });

  test('a rotation that another one replaces: its steps are refused, and the other one finishes', async () => {
    const replaced = await user.startRotation();
    for (const step of [CREATE, SET]) await call(replaced, [step]);
    // moto starts another rotation while a version is pending. The pending version then loses its label.
    const token = await user.startRotation();
    for (const step of STEPS) {
      await call(token, [step]);
      for (const each of STEPS) await call(replaced, [each, 'withoutLabel']);
    }
    await nothingIsLost(true);
  });

  test.each([
    ['each step, twice', STEPS.map((step) => [step, step])],
    ['steps that are late', [[CREATE], [SET, CREATE], [TEST, SET], [FINISH, SET, TEST]]],
  ])('at the same time: %s', async (_, together) => {
    const token = await user.startRotation();
    for (const steps of together) await Promise.all(steps.map((step) => call(token, [step])));
    await nothingIsLost(true);
  });

  test('at the same time: two whole rotations with the same token', async () => {
    const token = await user.startRotation();
    await Promise.all([user.rotate(token), user.rotate(token)]);
    await nothingIsLost(true);
  });

  test('a value that contains the login in use, because a person made the previous version current', async () => {
    for (const step of [SET, TEST, FINISH]) {
      const { AWSCURRENT, AWSPREVIOUS } = await labels();
      const token = await user.startRotation();
      await call(token, [CREATE]);
      await move('AWSCURRENT', AWSCURRENT, AWSPREVIOUS);
      await call(token, [step, 'inUse']);
      await call(token, [step, 'withoutLabel']);
      expect(await labels()).toEqual({ AWSCURRENT: AWSPREVIOUS, AWSPREVIOUS: AWSCURRENT });
      expect(await valid(before.current, before.previous)).toEqual([true, true]);
    }
    // Three moves: the versions have changed places.
    before = await observe();
    await nothingIsLost(false);
  });

  test('a version that was current, and that has the label of a rotation', async () => {
    for (const step of [SET, TEST, FINISH]) {
      await move('AWSPENDING', undefined, before.stages.AWSPREVIOUS);
      await call(before.stages.AWSPREVIOUS, [CREATE]);
      await call(before.stages.AWSPREVIOUS, [step, 'wasCurrent']);
      await call(before.stages.AWSPREVIOUS, [step, 'previous']);
      expect(await labels()).toEqual(before.stages);
      expect(await valid(before.current, before.previous)).toEqual([true, true]);
    }
    await nothingIsLost(false);
  });
});
