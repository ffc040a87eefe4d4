import { Size, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/** The memory sizes that Fargate offers for one CPU value, in MiB. */
interface MemoryRange {
  readonly smallest: number;
  readonly largest: number;
  readonly step: number;
}

const GIB = 1024;

/**
 * The combinations that Fargate offers on Linux.
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
 */
const MEMORY_BY_CPU: ReadonlyMap<number, MemoryRange> = new Map([
  [256, { smallest: GIB / 2, largest: 2 * GIB, step: GIB }],
  [512, { smallest: GIB, largest: 4 * GIB, step: GIB }],
  [1024, { smallest: 2 * GIB, largest: 8 * GIB, step: GIB }],
  [2048, { smallest: 4 * GIB, largest: 16 * GIB, step: GIB }],
  [4096, { smallest: 8 * GIB, largest: 30 * GIB, step: GIB }],
  [8192, { smallest: 16 * GIB, largest: 60 * GIB, step: 4 * GIB }],
  [16384, { smallest: 32 * GIB, largest: 120 * GIB, step: 8 * GIB }],
]);

/**
 * Refuses a CPU value that Fargate does not offer, and a memory size that it does not offer with it. Tokens are
 * accepted.
 */
export function requireTaskSize(scope: IConstruct, cpu: number, memory: Size): void {
  if (Token.isUnresolved(cpu)) return;
  const range = MEMORY_BY_CPU.get(cpu);
  if (!range) {
    refuse(scope, {
      prop: 'cpu',
      given: cpu,
      allowed: `one of ${[...MEMORY_BY_CPU.keys()].join(', ')}`,
      change: 'use a value that Fargate offers; 1024 units are one vCPU',
    });
  }
  if (memory.isUnresolved() || offers(range, memory.toMebibytes({ rounding: 2 }))) return;
  refuse(scope, {
    prop: 'memory',
    given: memory,
    allowed: `${sizes(range)} MiB for ${cpu} CPU units`,
    change: 'use a memory size that Fargate offers with this CPU, or change cpu',
  });
}

/** The smallest CPU value also offers 512 MiB; every other size is a multiple of the step. */
function offers(range: MemoryRange, mebibytes: number): boolean {
  return (
    mebibytes === range.smallest ||
    (mebibytes > range.smallest && mebibytes <= range.largest && mebibytes % range.step === 0)
  );
}

function sizes({ smallest, largest, step }: MemoryRange): string {
  if (smallest < step) return `${smallest}, or ${step} to ${largest} in steps of ${step}`;
  return `${smallest} to ${largest} in steps of ${step}`;
}
