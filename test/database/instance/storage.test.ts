import { CfnParameter, Size } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { refusalOf } from './some-database';
import { storagePlanOf } from '../../../src/database/instance/storage';
import { newStack } from '../../support/app';

const GIB = 1024 ** 3;
const plan = (allocated?: Size, max?: Size) => storagePlanOf(new Construct(newStack(), 'Database'), allocated, max);

describe('defaults', () => {
  test('the storage is 20 GiB and can grow to 100 GiB', () => {
    expect(plan()).toEqual({ allocatedGib: 20, maxAllocatedGib: 100, tooFewFreeBytes: 2 * GIB });
  });

  test('the limit is five times the size', () => {
    expect(plan(Size.gibibytes(300)).maxAllocatedGib).toBe(1500);
  });

  test('the limit is at most the limit of RDS', () => {
    expect(plan(Size.gibibytes(50_000)).maxAllocatedGib).toBe(65_536);
  });
});

describe('the threshold of free space', () => {
  test.each([[20, 2], [30, 3], [1000, 100]])('for %d GiB is %d GiB', (allocated, free) => {
    expect(plan(Size.gibibytes(allocated)).tooFewFreeBytes).toBe(free * GIB);
  });

  test('for an unknown size is 2 GiB', () => {
    const size = new CfnParameter(newStack(), 'Size', { type: 'Number' }).valueAsNumber;
    expect(plan(Size.gibibytes(size))).toEqual({ allocatedGib: size, maxAllocatedGib: 1000, tooFewFreeBytes: 2 * GIB });
  });
});

describe('a size known only at deployment', () => {
  test('is accepted as the limit', () => {
    const limit = new CfnParameter(newStack(), 'Limit', { type: 'Number' }).valueAsNumber;
    expect(plan(Size.gibibytes(20), Size.gibibytes(limit)).maxAllocatedGib).toBe(limit);
  });
});

describe('refusals', () => {
  test.each<[Size, Size | undefined, string]>([
    [
      Size.gibibytes(19),
      undefined,
      'allocatedStorage in GiB must be an integer from 20 to 59578, got 19. Use an integer in this range.',
    ],
    [
      Size.gibibytes(60_000),
      undefined,
      'allocatedStorage in GiB must be an integer from 20 to 59578, got 60000. Use an integer in this range.',
    ],
    [
      Size.mebibytes(20_992),
      undefined,
      'allocatedStorage in GiB must be an integer from 20 to 59578, got 20.5. Use an integer in this range.',
    ],
    [
      Size.gibibytes(100),
      Size.gibibytes(100),
      'maxAllocatedStorage in GiB must be at least 111, 10 % more than allocatedStorage, got 100. Raise it, or remove '
        + 'it.',
    ],
    [
      Size.gibibytes(100),
      Size.gibibytes(50),
      'maxAllocatedStorage in GiB must be at least 111, 10 % more than allocatedStorage, got 50. Raise it, or remove '
        + 'it.',
    ],
    [
      Size.gibibytes(100),
      Size.tebibytes(65),
      'maxAllocatedStorage in GiB must be an integer from 20 to 65536, got 66560. Use an integer in this range.',
    ],
  ])('%#', (allocatedStorage, maxAllocatedStorage, message) => {
    expect(refusalOf({ allocatedStorage, maxAllocatedStorage })).toBe(`[Stack/Database] ${message}`);
  });
});
