import { execFileSync } from 'child_process';

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
  const [probes, env] = JSON.parse(process.argv[1]);
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
  const layer = (chain, method) => (first, ...others) => {
    const [paths, handlers] = typeof first === 'function' ? [[''], [first, ...others]] : [[first].flat(), others];
    for (const handler of handlers) chain.push({ method, paths, handler });
  };
  const express = () => {
    const chain = [];
    const app = (request, response) => {
      const rest = chain.slice();
      const next = (error) => {
        const found = rest.shift();
        if (!found) return response.status(404).end();
        const { method, paths, handler } = found;
        const fits = paths.some((path) => method ? request.url === path : request.url.startsWith(path));
        const isFor = (!method || method === request.method) && fits;
        if (!isFor || (handler.length === 4) !== (error !== undefined)) return next(error);
        const call = async () => error ? handler(error, request, response, next) : handler(request, response, next);
        return void call().catch(next);
      };
      next();
    };
    const [use, get, post] = [undefined, 'GET', 'POST'].map((method) => layer(chain, method));
    return Object.assign(app, { disable() {}, use, get, post });
  };
  express.json = () => (_request, _response, next) => next();
  const asked = (app, probe) => new Promise((resolve) => {
    let code = 200;
    const response = {
      set: () => response,
      status: (given) => { code = given; return response; },
      json: () => resolve(probe.url + ' ' + code),
      end: () => resolve(probe.url + ' ' + code),
    };
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
    'express': express,
    './key-ring': { KeyRing: class {} },
    './sessions': { sessions: () => ({}) },
    'node:crypto': require('node:crypto'),
    'node:child_process': { execFileSync() {} },
    'node:fs': { readFileSync: () => '' },
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
  const argument = JSON.stringify([probes, env]);
  const told = execFileSync(process.execPath, ['-e', HARNESS, argument], {
    input: source, encoding: 'utf8', timeout: 20_000,
  });
  return JSON.parse(told);
}
