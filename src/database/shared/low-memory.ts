/** The threshold of free memory, as a share. With less, a server swaps or cancels statements. */
const LOW_MEMORY_PERCENT = 5;
/** The memory of the smallest instance class of RDS, in GiB, for a class that is a token. */
const SMALLEST_GIB = 1;
const BYTES_PER_GIB = 1024 ** 3;
const BYTES_PER_MIB = 1024 ** 2;

/** The threshold of free memory, and its description. */
export interface LowMemory {
  readonly bytes: number;
  readonly described: string;
}

/**
 * The threshold of free memory, in bytes, for the memory of an instance class in GiB, or for a token.
 *
 * A fixed threshold would fire on small classes without a problem: a db.t4g.micro has 1 GiB and little more than 256
 * MiB of it is free at rest.
 */
export function lowMemoryOf(memoryGib: number | undefined): LowMemory {
  const bytes = Math.floor((memoryGib ?? SMALLEST_GIB) * BYTES_PER_GIB * LOW_MEMORY_PERCENT / 100);
  const described = memoryGib === undefined
    ? `${Math.floor(bytes / BYTES_PER_MIB)} MiB of memory is`
    : `${LOW_MEMORY_PERCENT} % of the memory is`;
  return { bytes, described };
}
