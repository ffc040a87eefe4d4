import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';

/** The top of the project. */
export const ROOT = path.join(__dirname, '..', '..');
/** Where templates and reports are written. Not under version control. */
export const OUT = path.join(ROOT, 'out');

/** What one synthesis did. */
export interface Synthesis {
  /** Whether the app ended well. An app that enforces its checks does not, on a finding. */
  readonly ok: boolean;
  /** What the app printed. */
  readonly output: string;
  readonly seconds: number;
  /** The cloud assembly. */
  readonly directory: string;
}

/** The examples: every folder of examples/ with a cdk.json. */
export function exampleNames(): string[] {
  const folder = path.join(ROOT, 'examples');
  return fs.readdirSync(folder).filter((name) => fs.existsSync(path.join(folder, name, 'cdk.json'))).sort();
}

/** The context that a `cdk.json` gives to its app. */
export function contextOf(name: string): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(path.join(ROOT, 'examples', name, 'cdk.json'), 'utf8')).context ?? {};
}

/** What differs from an ordinary synthesis. */
export interface SynthesisOptions {
  /** Context on top of that of the cdk.json. */
  readonly context?: Record<string, unknown>;
  /** Where the cloud assembly goes, if not below out/. */
  readonly directory?: string;
  /** Further environment variables. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the app of an example as the CDK CLI would. */
export function synthesiseExample(name: string, options: SynthesisOptions = {}): Synthesis {
  const directory = options.directory ?? path.join(OUT, 'examples', name);
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  const started = process.hrtime.bigint();
  const tsx = path.join(ROOT, 'node_modules', '.bin', 'tsx');
  const run = spawnSync(tsx, ['--tsconfig', path.join(ROOT, 'tsconfig.dev.json'), 'app.ts'], {
    cwd: path.join(ROOT, 'examples', name),
    env: {
      ...process.env,
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify({ ...contextOf(name), ...options.context }),
      ...options.env,
    },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  return { ok: run.status === 0, output: `${run.stdout ?? ''}${run.stderr ?? ''}`, seconds, directory };
}
