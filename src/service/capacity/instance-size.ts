import { Size, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../../core/refusal';

/** The families m, c and r from the fifth generation, in all sizes except `metal`. They have no GPU. */
const KNOWN_TYPE = /^([mcr](?:[5-9]|\d\d)[a-z]*(?:-flex)?)\.(medium|large|(\d*)xlarge)$/;
/** The memory for each vCPU in GiB, by the letter of the family: `aws ec2 describe-instance-types`. */
const GIB_PER_VCPU: { [letter: string]: number } = { m: 4, c: 2, r: 8 };
const GIB_PER_VCPU_OF_FAMILY: { [family: string]: number } = { c5n: 2.625 };
/** The vCPUs of an `xlarge`. `4xlarge` has four times as many. */
const VCPUS_OF_XLARGE = 4;
const VCPUS_OF_SIZE: { [size: string]: number } = { medium: 1, large: 2 };
const CPU_UNITS_PER_VCPU = 1024;
const MEBIBYTES_PER_GIB = 1024;

/** The CPU units and memory of an instance type. The ECS agent registers less memory for tasks. */
export interface InstanceCapacity {
  readonly name: string;
  readonly cpu: number;
  readonly mebibytes: number;
}

/** The size of an instance type, or undefined if its vCPUs and memory are unknown. */
export function instanceCapacity(type: ec2.InstanceType): InstanceCapacity | undefined {
  const name = type.toString();
  const match = KNOWN_TYPE.exec(name);
  if (!match) return undefined;
  const [, family, size, multiple] = match;
  const vcpus = VCPUS_OF_SIZE[size] ?? VCPUS_OF_XLARGE * Number(multiple || 1);
  const gib = vcpus * (GIB_PER_VCPU_OF_FAMILY[family] ?? GIB_PER_VCPU[family[0]]);
  return { name, cpu: vcpus * CPU_UNITS_PER_VCPU, mebibytes: gib * MEBIBYTES_PER_GIB };
}

/** Refuses types whose size is unknown: it would be unknown too whether a task fits. */
export function requireKnownTypes(scope: IConstruct, types: ec2.InstanceType[]): void {
  const unknown = types.find((type) => !instanceCapacity(type));
  if (!unknown) return;
  refuse(scope, {
    prop: 'instanceTypes',
    given: unknown.toString(),
    allowed: 'types of the families m, c and r from the fifth generation, of the size medium, large or xlarge and its '
      + 'multiples, because tasks must fit on them and can use no GPU and no local disk',
    change: 'use a type such as m7i.large, c7i.xlarge or r7g.2xlarge',
  });
}

/** The size of a task. */
export interface TaskSize {
  readonly cpu: number;
  readonly memory: Size;
}

/** The instances that a task must fit on. */
export interface Instances {
  readonly path: string;
  readonly types: ec2.InstanceType[];
}

/**
 * Refuses a task that does not fit on each instance type.
 *
 * ECS starts no instance for a task that does not fit on the smallest type of a group:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html
 *
 * The agent registers less than the memory of the instance, so a task with this memory does not fit either:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html
 */
export function requireFittingTask(scope: IConstruct, { cpu, memory }: TaskSize, instances: Instances): void {
  const sizes = instances.types.flatMap((type) => instanceCapacity(type) ?? []);
  const [leastCpu] = [...sizes].sort((one, other) => one.cpu - other.cpu);
  const [leastMemory] = [...sizes].sort((one, other) => one.mebibytes - other.mebibytes);
  const change = 'lower it, or list larger types only: create one Ec2Capacity for each size of tasks';
  if (!Token.isUnresolved(cpu) && cpu > leastCpu.cpu) {
    refuse(scope, {
      prop: 'cpu',
      given: cpu,
      allowed: `at most ${leastCpu.cpu}, the CPU units of ${leastCpu.name}, the smallest type of ${instances.path}`,
      change,
    });
  }
  if (memory.isUnresolved() || memory.toMebibytes({ rounding: 2 }) < leastMemory.mebibytes) return;
  refuse(scope, {
    prop: 'memory',
    given: new Situation(`${memory.toMebibytes({ rounding: 2 })} MiB`),
    allowed: `less than the ${leastMemory.mebibytes} MiB of ${leastMemory.name}, the smallest type of `
      + `${instances.path}, because the ECS agent and the operating system use a part of it`,
    change,
  });
}
