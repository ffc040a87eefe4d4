import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

const ROOT = path.join(__dirname, '..', '..');
const WITH_DRIVERS = 'database/access/manage-users';
const MAX_BYTES = 200_000;
const MAX_BYTES_WITH_DRIVERS = 1_500_000;

interface Tasks {
  readonly tasks: { readonly bundle: { readonly steps: Array<{ readonly exec?: string }> } };
}

/** The commands that build the bundles. */
const { tasks } = JSON.parse(fs.readFileSync(path.join(ROOT, '.projen', 'tasks.json'), 'utf8')) as Tasks;
const COMMANDS = tasks.bundle.steps.flatMap(({ exec }) => exec?.startsWith('esbuild ') ? [exec.split(' ')] : []);
const HANDLERS = COMMANDS.flat().flatMap((option) => /^src\/(.*)\.lambda\.ts$/.exec(option)?.[1] ?? []);

let directory: string;
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bundle-sizes-'));
  for (const [program, ...options] of COMMANDS) {
    const given = options.map((option) => option.startsWith('--outdir=') ? `--outdir=${directory}` : option);
    execFileSync(path.join(ROOT, 'node_modules', '.bin', program), given, { cwd: ROOT, stdio: 'pipe' });
  }
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

const bundleOf = (handler: string) => path.join(directory, `${handler}.lambda`, 'index.js');

/** The time to load a bundle in a new process, without the SDK, which the runtime of Lambda contains. */
function loadMilliseconds(file: string): number {
  const program = 'for (const name of JSON.parse(process.argv[2])) require(name);'
    + 'const start = process.hrtime.bigint(); require(process.argv[1]);'
    + 'console.log(Number(process.hrtime.bigint() - start) / 1e6);';
  const used = [...new Set(fs.readFileSync(file, 'utf8').match(/@aws-sdk\/[\w-]+/g))];
  const env = { ...process.env, NODE_PATH: path.join(ROOT, 'node_modules'), NODE_NO_WARNINGS: '1' };
  return Number(execFileSync(process.execPath, ['-e', program, file, JSON.stringify(used)], { env, encoding: 'utf8' }));
}

test('every handler has a bundle under 200 KB, except the one with drivers, which is under 1.5 MB', () => {
  const sizes = new Map(HANDLERS.map((handler) => [handler, fs.statSync(bundleOf(handler)).size]));
  expect(sizes.size).toBeGreaterThan(10);
  const limit = (handler: string) => handler === WITH_DRIVERS ? MAX_BYTES_WITH_DRIVERS : MAX_BYTES;
  expect([...sizes].filter(([handler, size]) => size >= limit(handler))).toEqual([]);
});

test('the bundle with drivers loads in less than two seconds', () => {
  const file = bundleOf(WITH_DRIVERS);
  const milliseconds = loadMilliseconds(file);
  const bytes = fs.statSync(file).size;
  const time = `${milliseconds.toFixed(0)} ms`;
  console.log(`${WITH_DRIVERS}: ${bytes} bytes. Cold start: ${time}, plus the runtime and the SDK`);
  expect(milliseconds).toBeLessThan(2_000);
});
