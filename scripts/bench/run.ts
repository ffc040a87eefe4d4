import { spawnSync } from 'child_process';
import { ROOT } from '../examples/example';

/** One run of a Node process. */
export interface Run<T> {
  /** What the process printed. */
  readonly result: T;
  /** From its start to its end. */
  readonly seconds: number;
}

/**
 * Runs Node as a user's app runs: without this process's loader, without validation, and without what a CDK CLI would
 * hand over.
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

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
}
