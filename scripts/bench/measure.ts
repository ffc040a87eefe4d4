import * as fs from 'fs';
import * as path from 'path';
import { App } from 'aws-cdk-lib';

/** The feature flags of every side. `cdk init` writes the same flags into a new cdk.json. */
const FEATURE_FLAGS = 'aws-cdk-lib/recommended-feature-flags.json';

/** The measurement of one synthesis. */
export interface Measured {
  /** From `new App()` to the end of `app.synth()`, in milliseconds. */
  readonly milliseconds: number;
}

/** Measures a synthesis in a process that has already required its modules, and prints the result. */
export function measure(make: (app: App) => void): void {
  const outdir = path.resolve(process.argv[2]);
  const context = JSON.parse(fs.readFileSync(require.resolve(FEATURE_FLAGS), 'utf8')) as Record<string, unknown>;
  const started = process.hrtime.bigint();
  const app = new App({ outdir, context });
  make(app);
  app.synth();
  const measured: Measured = { milliseconds: Number(process.hrtime.bigint() - started) / 1e6 };
  process.stdout.write(JSON.stringify(measured));
}
