import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { Host } from './host';
import type { AppAnswer, AppMessage } from './synthesizer';

/** The root directory of the project. */
export const ROOT = path.join(__dirname, '..', '..');
/** The directory for templates and reports. Git ignores it. */
export const OUT = path.join(ROOT, 'out');
const TSCONFIG = path.join(ROOT, 'tsconfig.dev.json');

/** The result of a synthesis. */
export interface Synthesis {
  /** Whether the app exited without an error. An app that enforces its checks fails on a finding. */
  readonly ok: boolean;
  /** The output of the app. */
  readonly output: string;
  readonly seconds: number;
  /** The cloud assembly. */
  readonly directory: string;
}

const EXAMPLES = path.join(ROOT, 'examples');
/** Variants that no user would copy. */
const ACCEPTANCE = path.join(ROOT, 'test', 'acceptance');

/** The examples: every folder of examples/ with a cdk.json. */
export function exampleNames(): string[] {
  return fs.readdirSync(EXAMPLES).filter((name) => fs.existsSync(path.join(EXAMPLES, name, 'cdk.json'))).sort();
}

/** The examples that rebuild a documented system: those with a folder in test/acceptance/. */
export function documentedNames(): string[] {
  return exampleNames().filter((name) => fs.existsSync(path.join(ACCEPTANCE, name)));
}

/**
 * The examples and their variants. The variant `<name>-<variant>` is `app.<variant>.ts` beside the app.ts of the
 * example, or in test/acceptance/<name>/ if no user would copy it.
 */
export function variantNames(): string[] {
  return exampleNames().flatMap((name) => [
    name,
    ...Object.keys(variantsOf(name))
      .sort()
      .map((variant) => `${name}-${variant}`),
  ]);
}

/** The folder of each variant of an example. */
function variantsOf(name: string): Record<string, string> {
  const folders = [path.join(EXAMPLES, name), path.join(ACCEPTANCE, name)].filter((folder) => fs.existsSync(folder));
  return Object.fromEntries(folders.flatMap((folder) => fs.readdirSync(folder).flatMap((file) => {
    const variant = /^app\.(.+)\.ts$/.exec(file);
    return variant ? [[variant[1], folder] as const] : [];
  })));
}

/** The folder of an example, and the app of the example or of a variant. */
function appOf(name: string): { readonly folder: string; readonly app: string } {
  const example = exampleNames().find((each) => name === each || name.startsWith(`${each}-`));
  if (example === undefined) throw new Error(`No example is called ${name}; there are ${variantNames().join(', ')}`);
  const folder = path.join(EXAMPLES, example);
  if (name === example) return { folder, app: path.join(folder, 'app.ts') };
  const variant = name.slice(example.length + 1);
  return { folder, app: path.join(variantsOf(example)[variant] ?? folder, `app.${variant}.ts`) };
}

/** The context that the `cdk.json` of an example gives to its app. */
export function contextOf(name: string): Record<string, unknown> {
  return JSON.parse(fs.readFileSync(path.join(appOf(name).folder, 'cdk.json'), 'utf8')).context ?? {};
}

/**
 * Runs the app of an example, or of a variant, as the CDK CLI would, and writes its cloud assembly below out/.
 *
 * Returns the last synthesis if no file that the app reads has changed since. The tests and the runner share it.
 */
export function synthesizeExample(name: string): Synthesis {
  return lastSynthesis(name) ?? runApp(name);
}

/**
 * Synthesizes many examples like `synthesizeExample`, but in one process, so that the libraries load only once. Each
 * example loads its own copy of this library.
 */
export class Synthesizer {
  private readonly host = new Host<AppMessage, AppAnswer>(path.join(__dirname, 'synthesizer.ts'), [], {
    env: { ...process.env, CDK_VALIDATION: undefined, TSX_TSCONFIG_PATH: TSCONFIG },
    execArgv: ['--require', 'tsx/cjs'],
  });

  public async synthesize(name: string): Promise<Synthesis> {
    const last = lastSynthesis(name);
    if (last) return last;
    const { folder, app } = appOf(name);
    const directory = emptyDirectory(name);
    const started = process.hrtime.bigint();
    const answer = await this.host.ask({ folder, app, variables: variablesOf(name, directory) });
    // Without an answer, the app has ended the process.
    const result = typeof answer === 'string' ? { ok: false, output: answer } : answer;
    return record(name, { ...result, seconds: secondsSince(started), directory });
  }

  public stop(): void {
    this.host.stop();
  }
}

/** The last synthesis of an example, or undefined if a file that its app reads has changed since. */
function lastSynthesis(name: string): Synthesis | undefined {
  const directory = directoryOf(name);
  const file = recordOf(name);
  if (!fs.existsSync(file) || !fs.existsSync(directory)) return undefined;
  const last: Synthesis & { inputs: string } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return last.inputs === inputsOfSynthesis() ? { ...last, directory } : undefined;
}

function record(name: string, synthesis: Synthesis): Synthesis {
  const directory = path.relative(ROOT, synthesis.directory);
  fs.writeFileSync(recordOf(name), `${JSON.stringify({ ...synthesis, directory, inputs: inputsOfSynthesis() })}\n`);
  return synthesis;
}

/** Runs the app in a process of its own. */
function runApp(name: string): Synthesis {
  const { folder, app } = appOf(name);
  const directory = emptyDirectory(name);
  const started = process.hrtime.bigint();
  const tsx = path.join(ROOT, 'node_modules', '.bin', 'tsx');
  const run = spawnSync(tsx, ['--tsconfig', TSCONFIG, app], {
    cwd: folder,
    env: { ...process.env, CDK_VALIDATION: undefined, ...variablesOf(name, directory) },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = `${run.stdout ?? ''}${run.stderr ?? ''}`;
  return record(name, { ok: run.status === 0, output, seconds: secondsSince(started), directory });
}

const directoryOf = (name: string) => path.join(OUT, 'examples', name);
const recordOf = (name: string) => `${directoryOf(name)}.json`;
const secondsSince = (started: bigint) => Number(process.hrtime.bigint() - started) / 1e9;

function emptyDirectory(name: string): string {
  const directory = directoryOf(name);
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  return directory;
}

/** The variables that the CDK CLI sets for an app. */
function variablesOf(name: string, directory: string): Record<string, string> {
  return { CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(contextOf(name)) };
}

/** A hash of everything that the templates of the examples depend on. */
function inputsOfSynthesis(): string {
  const hash = createHash('sha256').update(process.version);
  const add = (file: string) => hash.update(`\n${path.relative(ROOT, file)}\n`).update(fs.readFileSync(file));
  for (const peer of ['aws-cdk-lib', 'cdk-nag', 'constructs']) {
    add(path.join(ROOT, 'node_modules', peer, 'package.json'));
  }
  for (const directory of ['src', 'assets', 'examples', 'test/acceptance']) {
    const all = fs.readdirSync(path.join(ROOT, directory), { recursive: true, withFileTypes: true });
    const files = all.filter((each) => each.isFile()).map((each) => path.join(each.parentPath ?? each.path, each.name));
    const isRead = (file: string) => directory === 'test/acceptance'
      ? /\/app\.[\w-]+\.ts$/.test(file)
      : !/node_modules|\.md$/.test(file);
    files.filter(isRead).sort().forEach(add);
  }
  return hash.digest('hex');
}
