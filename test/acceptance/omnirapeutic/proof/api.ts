import { execFileSync } from 'child_process';

/** The steps of the API: `listening`, its responses, what it queried, and `exit` if it exits. */
type Steps = string[];

/**
 * Runs the API from standard input with stubs for all modules that it requires, so that it reaches nothing. The
 * database stub first refuses connections, then has no audit, and then has one.
 */
const HARNESS = `
  const steps = [];
  let database = 'refuses';
  const passed = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  class Pool {
    on() {}
    async end() {}
    async query(text) {
      const refuses = database === 'refuses';
      await passed(5);
      if (refuses) throw new Error('connect ECONNREFUSED');
      const asks = /^SELECT FROM pg_extension WHERE extname = 'pgaudit'$/.test(text.trim());
      return { rowCount: asks && database === 'audited' ? 1 : 0 };
    }
  }
  const ask = (answer, url) => new Promise((resolve) => {
    let code;
    const response = {
      writeHead: (given) => { code = given; return response; },
      end: (body) => resolve(steps.push(url + ' ' + code + ' ' + body)),
    };
    answer({ method: 'GET', url }, response);
  });
  const watch = async (answer) => {
    for (database of ['refuses', 'is not audited', 'audited']) {
      await ask(answer, '/health');
      await ask(answer, '/api/status');
    }
    tell();
  };
  const tell = () => require('fs').writeSync(1, JSON.stringify(steps));
  const server = { close() {} };
  const stubs = {
    'pg': { Pool },
    'node:child_process': { execFileSync() {} },
    'node:fs': { mkdtempSync: (prefix) => prefix, readFileSync: () => '' },
    'node:https': {
      createServer: (_options, answer) => ({
        listen() { steps.push('listening'); void watch(answer); return server; },
      }),
    },
  };
  const its = { env: { PGSSLROOTCERT: 'bundle.pem' }, on() {}, exit() { steps.push('exit'); tell(); } };
  const source = require('fs').readFileSync(0, 'utf8');
  new Function('require', 'process', 'console', source)((name) => stubs[name], its, { log() {} });
`;

const observed = new Map<string, Steps>();

/** Runs each source once. A source that does nothing prints nothing. */
function stepsOf(source: string): Steps {
  const known = observed.get(source);
  if (known) return known;
  const told = execFileSync(process.execPath, ['-e', HARNESS], { input: source, encoding: 'utf8', timeout: 20_000 });
  const steps: Steps = told === '' ? [] : JSON.parse(told);
  observed.set(source, steps);
  return steps;
}

/** The API answers the health check without a database, and reports whether the database is audited. */
export function apiReportsTheAudit(source: string) {
  const health = '/health 200 {"status":"ok"}';
  expect(stepsOf(source)).toEqual([
    'listening',
    health, '/api/status 500 {"error":"internal"}',
    health, '/api/status 200 {"database":"ok","audited":false}',
    health, '/api/status 200 {"database":"ok","audited":true}',
  ]);
}
