import * as https from 'https';
import { setTimeout as sleep } from 'timers/promises';
import { claimsOf, SomeSystem, tokenOf } from './some-system';
import { RunningProgram } from '../../support/running-program';

/** The performance targets of the document. */
const HEALTH_MILLISECONDS = 200;
const REQUESTS_PER_MINUTE = 1_000;
const ERROR_RATE = 0.1;

/** The measurement ends after this number of requests, or this time. */
const HEALTH_CHECKS = 300;
const SUSTAINED_SECONDS = 15;
const BURST = 1_000;
const BURST_CONNECTIONS = 4;
const BURST_SECONDS = 60;

const TOKEN = tokenOf(claimsOf('ada-1'));
const SESSIONS = '/api/v1/symptom-sessions';

/** The result of one request. */
interface Sample {
  readonly milliseconds: number;
  readonly failed: boolean;
}

let system: SomeSystem;
let api: RunningProgram;
/** As the load balancer does, requests share connections. */
const agent = new https.Agent({ keepAlive: true, maxSockets: BURST_CONNECTIONS });

beforeAll(async () => {
  system = await SomeSystem.start();
  await system.migrate();
  api = await system.startApi();
  const consent = { version: '2026-11-01', given: true };
  expect((await api.call('POST', '/api/v1/consent', consent, TOKEN)).status).toBe(201);
}, 60_000);

afterAll(async () => {
  agent.destroy();
  await system.stop();
});

async function measure(path: string, body?: object): Promise<Sample> {
  const start = performance.now();
  const headers = { 'authorization': `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const method = body ? 'POST' : 'GET';
  const status = await api.send({ method, path, headers, body: body && JSON.stringify(body), agent })
    .then((response) => response.status, () => 0);
  return { milliseconds: performance.now() - start, failed: status < 200 || status > 299 };
}

/** A mix of what clients do: half of the requests read the user, and each fourth one stores a complaint. */
const mixed = (index: number): Promise<Sample> => [
  () => measure('/api/v1/me'),
  () => measure(SESSIONS, { primary_complaint: 'a cough' }),
  () => measure('/api/v1/me'),
  () => measure(SESSIONS),
][index % 4]();

/** The number below which 95 % of the samples are. */
function p95(samples: Sample[]): number {
  const sorted = samples.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.95) - 1];
}

const errorRate = (samples: Sample[]) => 100 * samples.filter(({ failed }) => failed).length / samples.length;
/** Prints the numbers. The other output of a test is the report of Jest. */
const print = (text: string) => process.stderr.write(`CareBow, measured on this computer: ${text}\n`);

test('responds to 95 % of the health checks in less than 200 ms', async () => {
  const samples: Sample[] = [];
  while (samples.length < HEALTH_CHECKS) samples.push(await measure('/healthz'));
  print(`health checks: ${samples.length}, p95 ${p95(samples).toFixed(1)} ms, target ${HEALTH_MILLISECONDS} ms`);
  expect(errorRate(samples)).toBe(0);
  expect(p95(samples)).toBeLessThan(HEALTH_MILLISECONDS);
});

test('sustains 1,000 requests a minute without a queue', async () => {
  const pause = 60_000 / REQUESTS_PER_MINUTE;
  const requests: Promise<Sample>[] = [];
  const start = performance.now();
  // Requests start at their times, whether or not earlier ones have ended: a slow API gets a queue.
  while (requests.length < SUSTAINED_SECONDS * 1000 / pause) {
    requests.push(mixed(requests.length));
    await sleep(Math.max(0, start + requests.length * pause - performance.now()));
  }
  const samples = await Promise.all(requests);
  const seconds = (performance.now() - start) / 1000;
  const perMinute = 60 * samples.length / seconds;
  print(`sustained: ${samples.length} requests in ${seconds.toFixed(1)} s, ${perMinute.toFixed(0)} a minute, `
    + `p95 ${p95(samples).toFixed(1)} ms, errors ${errorRate(samples)} %`);
  expect(perMinute).toBeGreaterThan(REQUESTS_PER_MINUTE * 0.95);
  expect(p95(samples)).toBeLessThan(HEALTH_MILLISECONDS);
  expect(errorRate(samples)).toBeLessThan(ERROR_RATE);
}, 2 * SUSTAINED_SECONDS * 1000);

test('responds to 1,000 requests in less than a minute, and to fewer than 0.1 % with an error', async () => {
  const samples: Sample[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: BURST_CONNECTIONS }, async () => {
    while (next < BURST && performance.now() - start < BURST_SECONDS * 1000) samples.push(await mixed(next++));
  }));
  const seconds = (performance.now() - start) / 1000;
  print(`burst: ${samples.length} requests in ${seconds.toFixed(1)} s, ${(60 * samples.length / seconds).toFixed(0)} `
    + `a minute, p95 ${p95(samples).toFixed(1)} ms, errors ${errorRate(samples)} %, target ${ERROR_RATE} %`);
  expect(samples).toHaveLength(BURST);
  expect(errorRate(samples)).toBeLessThan(ERROR_RATE);
}, 2 * BURST_SECONDS * 1000);
