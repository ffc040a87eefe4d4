import { readFileSync } from 'fs';
import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import * as path from 'path';
import { DatabaseProxy } from '../../../src/database/shared/database-proxy';
import { newStack } from '../../support/app';

const MINUTE = 60_000;

let agent: Server;
let requests: string[];
let status: number;
/** The reason for which ECS refuses, or undefined. */
let failure: string | undefined;
let now: jest.SpyInstance;
let time: number;
let protectTask: (protection: boolean) => Promise<void>;
let endLongProtection: () => Promise<boolean>;

beforeEach(async () => {
  requests = [];
  status = 200;
  failure = undefined;
  time = 1_000_000;
  now = jest.spyOn(Date, 'now').mockImplementation(() => time);
  agent = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; }).on('end', () => {
      requests.push(`${request.method} ${request.url} ${body}`);
      // The agent responds with 200 if ECS refuses, and with another status if the request fails.
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({
        ...status !== 200 && { error: { Code: 'ServerException' } },
        ...status === 200 && failure && { failure: { Reason: failure } },
        ...status === 200 && !failure && { protection: { ProtectionEnabled: JSON.parse(body).ProtectionEnabled } },
      }));
    });
  });
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
  process.env.ECS_AGENT_URI = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/api/task`;
  // The module remembers the state of its task.
  jest.resetModules();
  ({ protectTask, endLongProtection } = jest.requireActual('../../../examples/backend/programs/task-protection'));
});
afterEach(async () => {
  now.mockRestore();
  delete process.env.ECS_AGENT_URI;
  agent.closeAllConnections();
  await new Promise((resolve) => agent.close(resolve));
});

const PROTECT = 'PUT /api/task/task-protection/v1/state {"ProtectionEnabled":true,"ExpiresInMinutes":60}';
const RELEASE = 'PUT /api/task/task-protection/v1/state {"ProtectionEnabled":false}';

test('a worker protects its task once for several jobs, and ends the protection without jobs', async () => {
  for (const protection of [false, true, true, false, false]) await protectTask(protection);
  expect(requests).toEqual([PROTECT, RELEASE]);
});

test('a worker ends a long protection between two jobs, and protects the next job again', async () => {
  await protectTask(true);
  time += 14 * MINUTE;
  await protectTask(true);
  expect(await endLongProtection()).toBe(false);
  time += 2 * MINUTE;
  await protectTask(true);
  expect(requests).toEqual([PROTECT]);
  expect(await endLongProtection()).toBe(true);
  expect(await endLongProtection()).toBe(false);
  await protectTask(true);
  expect(requests).toEqual([PROTECT, RELEASE, PROTECT]);
});

test('a worker whose protection could not be ended tries again', async () => {
  await protectTask(true);
  time += 16 * MINUTE;
  status = 500;
  expect(await endLongProtection()).toBe(false);
  status = 200;
  expect(await endLongProtection()).toBe(true);
  expect(requests).toEqual([PROTECT, RELEASE, RELEASE]);
});

test('a protection that ended by itself during a job is renewed for the next job', async () => {
  await protectTask(true);
  time += 61 * MINUTE;
  expect(await endLongProtection()).toBe(true);
  await protectTask(true);
  expect(requests).toEqual([PROTECT, PROTECT]);
});

test('a worker works without protection if ECS refuses it, and asks again for the next job', async () => {
  failure = 'DEPLOYMENT_BLOCKED';
  await protectTask(true);
  failure = undefined;
  await protectTask(true);
  await protectTask(true);
  expect(requests).toEqual([PROTECT, PROTECT]);
});

test('a worker without permission works without protection, and asks again for the next job', async () => {
  status = 403;
  await protectTask(true);
  status = 200;
  await protectTask(true);
  expect(requests).toEqual([PROTECT, PROTECT]);
});

test('a protection that ECS did not end is ended later', async () => {
  await protectTask(true);
  failure = 'TASK_NOT_VALID';
  await protectTask(false);
  failure = undefined;
  await protectTask(false);
  await protectTask(false);
  expect(requests).toEqual([PROTECT, RELEASE, RELEASE]);
});

test('a worker works if the answer of the agent is not JSON', async () => {
  agent.removeAllListeners('request').on('request', (_, response) => response.end('Not Found'));
  await expect(protectTask(true)).resolves.toBeUndefined();
});

test('a worker works if the agent does not respond', async () => {
  process.env.ECS_AGENT_URI = 'http://127.0.0.1:9/none';
  await expect(protectTask(true)).resolves.toBeUndefined();
});

test('a worker outside ECS does nothing', async () => {
  delete process.env.ECS_AGENT_URI;
  await protectTask(true);
  expect(requests).toEqual([]);
});

test('the operations state how long a job can take', () => {
  const read = (...parts: string[]) =>
    readFileSync(path.join(__dirname, '../../../examples/backend', ...parts), 'utf8').replace(/\s+/g, ' ');
  const minutes = (name: string) =>
    Number(new RegExp(` ${name} = (\\d+);`).exec(read('programs', 'task-protection.ts'))![1]);
  // The worker has a transaction open while it works, and the proxy closes an idle connection.
  expect(read('backend-stack.ts')).toContain('proxy: DatabaseProxy.withPassword() ');
  const idle = DatabaseProxy.withPassword()._settings(newStack()).idleClientTimeout!.toMinutes();
  for (const words of [
    `A job must take less than ${minutes('MINUTES') - minutes('LONGEST_MINUTES')} minutes.`,
    `must not compute for ${idle} minutes between two queries`,
  ]) expect(read('OPERATIONS.md')).toContain(words);
});
