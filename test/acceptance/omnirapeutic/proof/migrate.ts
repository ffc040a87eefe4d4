import { execFileSync } from 'child_process';

/** The behavior of the program of the migrations with a database that accepts or refuses a step. */
interface Run {
  /** The committed statements. SQL comments are not statements. */
  readonly committed: string[];
  readonly ended: boolean;
  /** The exit code, after which a deployment continues only if it is 0. */
  readonly code: number;
}

/** Runs the program from standard input with a stub of the database, which can refuse a step. */
const HARNESS = `
  const [refused] = process.argv.slice(1);
  const run = { committed: [], ended: false, code: 0 };
  const step = async (name) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (name === refused) throw new Error('refused');
  };
  class Client {
    async connect() { await step('connect'); this.connected = true; }
    async end() { run.ended = true; }
    async query(text) {
      await step('query');
      if (!this.connected) throw new Error('not connected');
      const sql = text.replace(/--.*/g, ' ').replace(/\\/\\*[^]*?\\*\\//g, ' ').replace(/\\s+/g, ' ').trim();
      const [, statements] = /^BEGIN; (.+;) COMMIT;$/.exec(sql) || [];
      if (statements) run.committed.push(...statements.split(/(?<=;) /));
    }
  }
  const stubs = { 'pg': { Client }, 'node:fs': { readFileSync: () => '' } };
  const its = { env: { PGSSLROOTCERT: 'bundle.pem' }, exit: (code) => { run.code = code; } };
  const source = require('fs').readFileSync(0, 'utf8');
  process.on('exit', () => require('fs').writeSync(1, JSON.stringify(run)));
  new Function('require', 'process', 'console', source)((name) => stubs[name], its, { log() {} });
`;

function runOf(source: string, refused = 'nothing'): Run {
  const options = { input: source, encoding: 'utf8', timeout: 20_000 } as const;
  return JSON.parse(execFileSync(process.execPath, ['-e', HARNESS, refused], options));
}

/**
 * The migrations create the table of the jobs in one transaction, behind a lock and only if it is missing. A failure
 * ends with another exit code than 0, so that the deployment does not continue.
 */
export function migrationsCreateTheTable(source: string) {
  const { committed, ...rest } = runOf(source);
  expect(rest).toEqual({ ended: true, code: 0 });
  const [lock, table, ...more] = committed;
  expect(lock).toMatch(/^SELECT pg_advisory_xact_lock\(\d+\);$/);
  expect(table).toMatch(/^CREATE TABLE IF NOT EXISTS jobs \(id bigserial PRIMARY KEY, kind text NOT NULL, .+\);$/);
  expect(more).toEqual([]);
  for (const refused of ['connect', 'query']) {
    expect(runOf(source, refused)).toMatchObject({ committed: [], code: 1 });
  }
}
