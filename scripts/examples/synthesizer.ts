/**
 * Synthesizes examples one after the other, so that aws-cdk-lib and the engine of CloudFormation Validate load once.
 *
 * Each example loads its own copy of this library and starts with the same environment, as in a process of its own.
 */
import { createRequire } from 'module';
import * as path from 'path';

/** The app to synthesize, and the environment that the CDK CLI would give to its process. */
export interface AppMessage {
  readonly folder: string;
  readonly app: string;
  readonly variables: Record<string, string>;
}

/** How the app ended. */
export interface AppAnswer {
  readonly ok: boolean;
  readonly output: string;
}

const ROOT = path.join(__dirname, '..', '..');

const load = createRequire(__filename);
const { shareEngines }: { shareEngines(ownRealm: <T>(value: T) => T): void } =
  load('./shared-engines');
const before = { ...process.env };

function synthesize({ folder, app, variables }: AppMessage): boolean {
  forgetSources();
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, before, variables);
  process.chdir(folder);
  process.exitCode = undefined;
  try {
    load(app);
    // An app that does not call synth() is synthesized at the end of its process.
    process.emit('beforeExit', 0);
  } finally {
    // An app that fails must not be synthesized after the next one.
    process.removeAllListeners('beforeExit');
  }
  return process.exitCode === undefined || process.exitCode === 0;
}

/** Makes the next example load the files of the project again. */
function forgetSources(): void {
  for (const file of Object.keys(load.cache)) {
    if (file.startsWith(ROOT + path.sep) && !file.includes(`${path.sep}node_modules${path.sep}`)) {
      delete load.cache[file];
    }
  }
}

/** Returns what a function writes to the streams of the process, with the error that it throws. */
function outputOf(run: () => void): string {
  let output = '';
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(({ write }) => write);
  const collect = (text: string | Uint8Array) => {
    output += typeof text === 'string' ? text : Buffer.from(text).toString();
    return true;
  };
  for (const stream of streams) stream.write = collect;
  try {
    run();
  } catch (error) {
    console.error(error);
  } finally {
    streams.forEach((stream, index) => (stream.write = writes[index]));
  }
  return output;
}

shareEngines((value) => value);
process.on('message', (message: AppMessage) => {
  let ok = false;
  const output = outputOf(() => (ok = synthesize(message)));
  process.send!({ ok, output } satisfies AppAnswer);
});
process.on('disconnect', () => process.exit());
