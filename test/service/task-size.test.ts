import { CfnParameter, Size, Stack } from 'aws-cdk-lib';
import { requireTaskSize } from '../../src/service/task-size';
import { newStack } from '../support/app';

let stack: Stack;
beforeEach(() => stack = newStack());

test.each([
  [256, 512], [256, 1024], [256, 2048],
  [512, 1024], [512, 4096],
  [1024, 2048], [1024, 8192],
  [2048, 4096], [2048, 5120], [2048, 16384],
  [4096, 8192], [4096, 30720],
  [8192, 16384], [8192, 20480], [8192, 61440],
  [16384, 32768], [16384, 40960], [16384, 122880],
])('a task can have %d CPU units with %d MiB', (cpu, memory) => {
  expect(() => requireTaskSize(stack, cpu, Size.mebibytes(memory))).not.toThrow();
});

test('a task can have tokens as its size', () => {
  const parameter = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
  expect(() => requireTaskSize(stack, parameter, Size.mebibytes(1))).not.toThrow();
  expect(() => requireTaskSize(stack, 512, Size.mebibytes(parameter))).not.toThrow();
});

test.each([
  [
    300,
    1024,
    '[Stack] cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, got 300. Use a value that Fargate offers; '
      + '1024 units are one vCPU.',
  ],
  [
    256,
    1536,
    '[Stack] memory must be 512, or 1024 to 2048 in steps of 1024 MiB for 256 CPU units, got 1536 MiB. Use a memory '
      + 'size that Fargate offers with this CPU, or change cpu.',
  ],
  [
    512,
    512,
    '[Stack] memory must be 1024 to 4096 in steps of 1024 MiB for 512 CPU units, got 512 MiB. Use a memory size that '
      + 'Fargate offers with this CPU, or change cpu.',
  ],
  [
    1024,
    9216,
    '[Stack] memory must be 2048 to 8192 in steps of 1024 MiB for 1024 CPU units, got 9216 MiB. Use a memory size '
      + 'that Fargate offers with this CPU, or change cpu.',
  ],
  [
    8192,
    18432,
    '[Stack] memory must be 16384 to 61440 in steps of 4096 MiB for 8192 CPU units, got 18432 MiB. Use a memory size '
      + 'that Fargate offers with this CPU, or change cpu.',
  ],
  [
    16384,
    36864,
    '[Stack] memory must be 32768 to 122880 in steps of 8192 MiB for 16384 CPU units, got 36864 MiB. Use a memory '
      + 'size that Fargate offers with this CPU, or change cpu.',
  ],
])('a task cannot have %d CPU units with %d MiB', (cpu, memory, sentence) => {
  expect(() => requireTaskSize(stack, cpu, Size.mebibytes(memory))).toThrow(new Error(sentence));
});
