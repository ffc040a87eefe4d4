import { Size, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { refuse } from '../core/refusal';

/** How much each writable path may hold unless the app says otherwise, in MiB. It is part of the task's memory. */
export const WRITABLE_PATH_MEBIBYTES = 64;

/**
 * Whoever the container runs as may write, nobody may run a program from there or gain rights by it.
 * `mode` takes its value as `mount -o` does; aws-cdk-lib's type knows the bare names alone.
 */
const MOUNT_OPTIONS = ['rw', 'nosuid', 'nodev', 'noexec', 'mode=1777'] as ecs.TmpfsMountOption[];

/** Refuses paths that are relative, twice there, or the root itself, and a size that the task's memory cannot hold. */
export function requireWritablePaths(scope: IConstruct, paths: string[], size: Size | undefined, memory: Size): void {
  paths.filter((path) => !Token.isUnresolved(path)).forEach((path, index, all) => {
    if (!/^(\/[^/\s]+)+$/.test(path)) {
      refuse(scope, {
        prop: 'writablePaths',
        given: path,
        allowed: 'absolute paths below /, without a slash at the end',
        change: 'name the directory that the program writes to',
      });
    }
    if (all.indexOf(path) !== index) refuse(scope, { prop: 'writablePaths', given: [path, path], allowed: 'each path once', change: 'remove one of the two' });
  });
  requireRoom(scope, paths.length, size, memory);
}

function requireRoom(scope: IConstruct, count: number, size: Size | undefined, memory: Size): void {
  if (memory.isUnresolved() || size?.isUnresolved()) return;
  const each = size?.toMebibytes({ rounding: 2 }) ?? WRITABLE_PATH_MEBIBYTES;
  const available = memory.toMebibytes({ rounding: 2 });
  if (Number.isInteger(each) && each >= 1 && each * Math.max(count, 1) < available) return;
  refuse(scope, {
    prop: 'writablePathSize',
    given: Size.mebibytes(each),
    allowed: `whole MiB, for all ${count} paths together less than the task's memory of ${available} MiB`,
    change: 'pass a smaller size or more memory',
  });
}

/**
 * Mounts for a container whose root file system is read-only: in memory, empty at each start, gone with the task. Fargate
 * has them since January 2026 (containers-roadmap #736). A volume would belong to root, and the container does not run as root.
 */
export function mountInMemory(parameters: ecs.LinuxParameters, paths: string[], size?: Size): void {
  parameters.addTmpfs(...paths.map((containerPath) => ({
    containerPath,
    size: size?.toMebibytes() ?? WRITABLE_PATH_MEBIBYTES,
    mountOptions: MOUNT_OPTIONS,
  })));
}
