import { execFileSync } from 'child_process';

/** The steps of the API at start, in order, and its first response that is not 503. */
interface Start {
  /** `made` after a statement that creates the audit, `listening`, and `exit` if the API exits. */
  readonly steps: string[];
  readonly status?: { readonly code: number; readonly body: unknown };
}

/**
 * Runs the API from standard input with stubs for all modules that it requires, so that it reaches nothing. The
 * database stub refuses the first connections, and knows only whether a committed statement created pgAudit, which
 * takes longer than other statements. SQL comments are not statements.
 */
const HARNESS = `
  const steps = [];
  let audited = false;
  let refusals = 2;
  const passed = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  class Pool {
    on() {}
    async end() {}
    async query(text) {
      const sql = text.replace(/--.*/g, ' ').replace(/\\/\\*[^]*?\\*\\//g, ' ').replace(/\\s+/g, ' ').trim();
      await passed(/^BEGIN/.test(sql) ? 200 : 10);
      if (refusals-- > 0) throw new Error('connect ECONNREFUSED');
      if (/^BEGIN;.* CREATE EXTENSION IF NOT EXISTS pgaudit;.* COMMIT;$/.test(sql)) {
        audited = true;
        steps.push('made');
      }
      return { rowCount: audited && /FROM pg_extension WHERE extname = 'pgaudit'$/.test(sql) ? 1 : 0 };
    }
  }
  const asked = (answer, url) => new Promise((resolve) => {
    let code;
    const response = {
      writeHead: (given) => { code = given; return response; },
      end: (body) => resolve({ code, body: JSON.parse(body) }),
    };
    answer({ method: 'GET', url }, response);
  });
  const watch = async (answer) => {
    const { code } = await asked(answer, '/health');
    steps.push('health ' + code);
    for (let attempt = 0; attempt < 200; attempt++) {
      const status = await asked(answer, '/api/status');
      if (status.code !== 503) return tell(status);
      await passed(10);
    }
    tell();
  };
  const tell = (status) => require('fs').writeSync(1, JSON.stringify({ steps, status }));
  const server = { close() {} };
  const stubs = {
    'pg': { Pool },
    'node:child_process': { execFileSync() {} },
    'node:fs': { readFileSync: () => '' },
    'node:https': {
      createServer: (_options, answer) => ({
        listen() { steps.push('listening'); void watch(answer); return server; },
      }),
    },
    'node:timers/promises': { setTimeout: () => passed(1) },
  };
  const its = { env: { PGSSLROOTCERT: 'bundle.pem' }, on() {}, exit() { steps.push('exit'); tell(); } };
  const source = require('fs').readFileSync(0, 'utf8');
  new Function('require', 'process', 'console', source)((name) => stubs[name], its, { log() {} });
`;

const started = new Map<string, Start>();

/** Runs each source once. A source that does nothing prints nothing. */
function startOf(source: string): Start {
  const known = started.get(source);
  if (known) return known;
  const told = execFileSync(process.execPath, ['-e', HARNESS], { input: source, encoding: 'utf8', timeout: 20_000 });
  const start: Start = told === '' ? { steps: [] } : JSON.parse(told);
  started.set(source, start);
  return start;
}

/** The API answers the health check at once, creates the extension, and only then queries and reports. */
export function apiSwitchesTheAuditOn(source: string) {
  expect(startOf(source)).toEqual({
    steps: ['listening', 'health 200', 'made'],
    status: { code: 200, body: { database: 'ok', audited: true } },
  });
}
