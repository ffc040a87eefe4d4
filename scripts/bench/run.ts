import { spawnSync } from 'child_process';
import { ROOT } from '../examples/example';

/** One run of a Node process. */
export interface Run<T> {
  /** The output of the process. */
  readonly result: T;
  /** The duration of the process. */
  readonly seconds: number;
}

/**
 * Runs Node.js like the app of a user: without the loader of this process, without validation, and without the
 * environment variables of the CDK CLI.
 */
export function runNode<T>(args: string[]): Run<T> {
  const { NODE_OPTIONS, CDK_OUTDIR, CDK_CONTEXT_JSON, ...env } = process.env;
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...env, CDK_VALIDATION: 'false' },
    encoding: 'utf8',
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return { result: JSON.parse(stdout) as T, seconds };
}

/** The median: the middle number, or the mean of the two middle numbers. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
}
