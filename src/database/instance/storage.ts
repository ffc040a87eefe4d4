import { Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refuse, requireInteger } from '../../core/refusal';

/** The smallest volume of General Purpose SSD (gp3), in GiB. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
const SMALLEST_GIB = 20;
/** The largest one, in GiB. */
const LARGEST_GIB = 65_536;
/** RDS wants the limit of automatic growth at least 10 % above the size that it starts from. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html */
const LEAST_GROWTH = 1.1;
/** How many times its first size a volume may grow to. */
const DEFAULT_GROWTH = 5;
/** How far a volume may grow whose first size is known only at deployment, in GiB. */
const DEFAULT_LIMIT_OF_UNKNOWN_GIB = 1000;
/** Below this an alarm is raised: AWS grows the volume at 10 % free, and 2 GiB leave time to act. */
const FREE_SHARE = 0.1;
const FREE_GIB = 2;
const BYTES_PER_GIB = 1024 ** 3;

/** How large a volume is at first and may become. */
export interface StoragePlan {
  readonly allocatedGib: number;
  readonly maxAllocatedGib: number;
  /** How few free bytes are too few. */
  readonly tooFewFreeBytes: number;
}

/** Refuses sizes that RDS would refuse. Tokens pass. */
export function storagePlanOf(scope: Construct, allocated: Size | undefined, maxAllocated: Size | undefined): StoragePlan {
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
      change: 'raise it, or leave it out',
    });
  }
  const tooFewFreeBytes = Math.max(FREE_GIB, known ? allocatedGib * FREE_SHARE : 0) * BYTES_PER_GIB;
  return { allocatedGib, maxAllocatedGib, tooFewFreeBytes };
}

function gibOf(size: Size): number {
  return size.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
}
