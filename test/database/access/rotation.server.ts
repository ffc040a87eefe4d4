import { setTimeout as sleep } from 'timers/promises';
import { SomeManagedUser } from './some-managed-user';
import { Login, UserDefinition } from '../../../src/database/access/logins';
import { MYSQL_SERVERS, StartedServer, startPostgres } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

const ROTATIONS = 20;
/** The time between two connections of a client, in milliseconds. */
const PAUSE = 50;
const MOST_OPEN = 20;
const API: UserDefinition = { name: 'api', privileges: 'readWrite', iamToken: false };
const OWNER: UserDefinition = { name: 'migrations', privileges: 'owner', iamToken: false };

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(() => secretsManager.start());
afterAll(() => secretsManager.stop());

describe.each([
  { engine: 'PostgreSQL', start: startPostgres, wait: 'SELECT pg_sleep(1)' },
  ...MYSQL_SERVERS.map((server) => ({ ...server, wait: 'DO SLEEP(1)' })),
])('$engine', ({ engine, start, wait }) => {
  let server: StartedServer;
  beforeAll(async () => { server = await start(); }, 60_000);
  afterAll(() => server.stop());

  test('clients log in through twenty rotations without one failure, and a long transaction survives', async () => {
    const owner = await SomeManagedUser.on(server, secretsManager, OWNER);
    expect(await owner.deploy()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'migrations' });
    await owner.run((await owner.login())!, 'CREATE TABLE visits (id int)');
    const user = await SomeManagedUser.on(server, secretsManager, API);
    expect(await user.deploy()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'api' });

    const counts = { reading: 0, replaced: 0 };
    const failures: unknown[] = [];
    let done = false;
    const client = async (kind: keyof typeof counts, loginNow: () => Promise<Login>) => {
      const open = new Set<Promise<unknown>>();
      while (!done) {
        const login = user.run(await loginNow(), 'SELECT 1')
          .then(() => { counts[kind]++; }, (error) => failures.push(error)).finally(() => open.delete(login));
        open.add(login);
        // The next connection does not wait for this one, unless the machine is too slow for this pace.
        await Promise.all([sleep(PAUSE), open.size < MOST_OPEN ? undefined : Promise.race(open)]);
      }
      await Promise.all(open);
    };
    const current = async () => (await user.login())!;
    // A task has the value of its start, until the roller replaces it at any time before the next rotation.
    let ofTask = await current();
    const clients = [client('reading', current), client('replaced', async () => ofTask)];
    // The first rotation does not change this login. The second one gives it another password.
    const waiting = Array.from({ length: 12 }, () => wait);
    let survived = false;
    const transaction = user.run(ofTask, 'BEGIN', 'INSERT INTO visits VALUES (1)', ...waiting, 'COMMIT')
      .then(() => { survived = true; });
    let rotationsDuring = 0;
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      await user.rotate();
      if (!survived) rotationsDuring++;
      await sleep(4 * PAUSE);
      ofTask = await current();
    }
    await transaction;
    done = true;
    await Promise.all(clients);
    const rows = server.superuser('SELECT count(*) FROM visits', 'app');
    console.log(`${engine}: ${ROTATIONS} rotations, ${counts.reading} logins with the current value, `
      + `${counts.replaced} logins of replaced tasks, ${failures.length} failed; `
      + `a transaction survived ${rotationsDuring} rotations`);
    expect({ failures, rows }).toEqual({ failures: [], rows: '1' });
    expect(Math.min(counts.reading, counts.replaced)).toBeGreaterThan(ROTATIONS);
    expect(rotationsDuring).toBeGreaterThanOrEqual(2);
  }, 300_000);
});
