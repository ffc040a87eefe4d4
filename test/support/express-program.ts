import { execFileSync } from 'child_process';
import { join } from 'path';

/** A module that programs of examples load as `express`, with this directory in NODE_PATH. */
export const STAND_INS = join(__dirname, 'stand-ins');
const EXPRESS = join(STAND_INS, 'express.js');

/** A request of a test, and the code of its response while the database is unavailable and afterwards. */
export interface Probe {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: { [name: string]: string };
  readonly body?: unknown;
}

/** The behavior of a program whose database refuses the first connections. */
export interface Observed {
  /** `listening`, `exit`, and the codes of the responses. */
  readonly steps: string[];
}

/**
 * Runs a program that uses Express from standard input, with stubs for all modules that it requires. The database stub
 * refuses connections until the probes were answered once.
 */
const HARNESS = `
  const [probes, env, express] = JSON.parse(process.argv[1]);
  const steps = [];
  let available = false;
  const passed = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const query = async () => {
    const refused = !available;
    await passed(5);
    if (refused) throw new Error('connect ECONNREFUSED');
    return Object.assign([[]], { rowCount: 1, rows: [] });
  };
  class Pool {
    query = query;
    on() {}
    async end() {}
  }
  const asked = (app, probe) => new Promise((resolve) => {
    const response = { statusCode: 200, setHeader() {}, end: () => resolve(probe.url + ' ' + response.statusCode) };
    app({ headers: {}, socket: {}, ...probe }, response);
  });
  const tell = () => require('fs').writeSync(1, JSON.stringify({ steps }));
  const watch = async (app) => {
    for (const probe of probes) steps.push(await asked(app, probe));
    available = true;
    await passed(200);
    for (const probe of probes) steps.push(await asked(app, probe));
    tell();
    process.exit(0);
  };
  const stubs = {
    'pg': { Pool },
    'mysql2/promise': { createPool: () => new Pool() },
    'express': require(express),
    './database': { connection: {} },
    './key-ring': { KeyRing: class {} },
    './sessions': { sessions: () => ({}) },
    'node:crypto': require('node:crypto'),
    'node:child_process': { execFileSync() {} },
    'node:fs': { mkdtempSync: (prefix) => prefix, readFileSync: () => '' },
    'node:timers/promises': { setTimeout: () => passed(5) },
    'node:https': {
      createServer: (_options, app) => ({
        listen() { steps.push('listening'); void watch(app); return { close() {} }; },
      }),
    },
  };
  const its = { env, on() {}, exit() { steps.push('exit'); tell(); process.exit(0); } };
  const source = require('fs').readFileSync(0, 'utf8');
  new Function('require', 'process', 'console', source)((name) => stubs[name], its, { log() {}, error() {} });
  setTimeout(() => { steps.push('silent'); tell(); process.exit(0); }, 3000);
`;

/** Runs a program, sends the probes twice, and returns what happened, in order. */
export function observe(source: string, probes: Probe[], env: { [name: string]: string } = {}): Observed {
  const argument = JSON.stringify([probes, env, EXPRESS]);
  const told = execFileSync(process.execPath, ['-e', HARNESS, argument], {
    input: source, encoding: 'utf8', timeout: 20_000,
  });
  return JSON.parse(told);
}
