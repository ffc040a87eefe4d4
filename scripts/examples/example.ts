import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';

/** The root directory of the project. */
export const ROOT = path.join(__dirname, '..', '..');
/** The directory for templates and reports. Git ignores it. */
export const OUT = path.join(ROOT, 'out');

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
  const directory = path.join(OUT, 'examples', name);
  const record = `${directory}.json`;
  const inputs = inputsOfSynthesis();
  const last: (Synthesis & { inputs: string }) | undefined = fs.existsSync(record) && fs.existsSync(directory)
    ? JSON.parse(fs.readFileSync(record, 'utf8'))
    : undefined;
  if (last?.inputs === inputs) return { ...last, directory };
  const synthesis = runApp(name, directory);
  fs.writeFileSync(record, `${JSON.stringify({ ...synthesis, directory: path.relative(ROOT, directory), inputs })}\n`);
  return synthesis;
}

function runApp(name: string, directory: string): Synthesis {
  const { folder, app } = appOf(name);
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  const started = process.hrtime.bigint();
  const tsx = path.join(ROOT, 'node_modules', '.bin', 'tsx');
  const run = spawnSync(tsx, ['--tsconfig', path.join(ROOT, 'tsconfig.dev.json'), app], {
    cwd: folder,
    env: {
      ...process.env,
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify(contextOf(name)),
      CDK_VALIDATION: undefined,
    },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  return { ok: run.status === 0, output: `${run.stdout ?? ''}${run.stderr ?? ''}`, seconds, directory };
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
