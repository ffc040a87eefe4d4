import { Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse, requireInteger } from '../../core/refusal';

/**
 * The minimum size of a gp3 volume, in GiB. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
 */
const SMALLEST_GIB = 20;
/** The maximum size, in GiB. */
const LARGEST_GIB = 65_536;
/** The minimum ratio of the autoscaling limit to the initial size.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html */
const LEAST_GROWTH = 1.1;
/** The default ratio of the autoscaling limit to the initial size. */
const DEFAULT_GROWTH = 5;
/** The default autoscaling limit if the initial size is a token, in GiB. */
const DEFAULT_LIMIT_OF_UNKNOWN_GIB = 1000;
/** The thresholds of free storage: RDS extends a volume at 10 % free, and 2 GiB leave time to act. */
const FREE_SHARE = 0.1;
const FREE_GIB = 2;
const BYTES_PER_GIB = 1024 ** 3;

/** The initial size and the autoscaling limit of a volume. */
export interface StoragePlan {
  readonly allocatedGib: number;
  readonly maxAllocatedGib: number;
  /** The threshold of the storage alarm, in bytes. */
  readonly tooFewFreeBytes: number;
}

/** Validates the sizes as RDS does. Tokens pass. */
export function storagePlanOf(
  scope: Construct,
  allocated: Size | undefined,
  maxAllocated: Size | undefined,
): StoragePlan {
  const known = !allocated?.isUnresolved();
  const allocatedGib = allocated ? gibOf(allocated) : SMALLEST_GIB;
  requireInteger(scope, 'allocatedStorage in GiB', allocatedGib, SMALLEST_GIB, Math.floor(LARGEST_GIB / LEAST_GROWTH));
  const defaultLimit = known ? Math.min(allocatedGib * DEFAULT_GROWTH, LARGEST_GIB) : DEFAULT_LIMIT_OF_UNKNOWN_GIB;
  const maxAllocatedGib = maxAllocated ? gibOf(maxAllocated) : defaultLimit;
  requireInteger(scope, 'maxAllocatedStorage in GiB', maxAllocatedGib, SMALLEST_GIB, LARGEST_GIB);
  const least = Math.ceil(allocatedGib * LEAST_GROWTH);
  if (known && !maxAllocated?.isUnresolved() && maxAllocatedGib < least) {
    refuse(scope, {
      prop: 'maxAllocatedStorage in GiB',
      given: maxAllocatedGib,
      allowed: `at least ${least}, 10 % more than allocatedStorage`,
      change: 'raise it, or remove it',
    });
  }
  const tooFewFreeBytes = Math.max(FREE_GIB, known ? allocatedGib * FREE_SHARE : 0) * BYTES_PER_GIB;
  return { allocatedGib, maxAllocatedGib, tooFewFreeBytes };
}

function gibOf(size: Size): number {
  return size.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
}
