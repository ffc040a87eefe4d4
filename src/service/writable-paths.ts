import { Size, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** The default size of a writable path, in MiB. It is part of the task's memory. */
export const WRITABLE_PATH_MEBIBYTES = 64;

/**
 * The mount options of each path.
 *
 * Any user of the container can write to the path, and no program can run from it or gain privileges through it.
 * `mode` has a value as in `mount -o`; the type of aws-cdk-lib contains only the bare names.
 */
const MOUNT_OPTIONS = ['rw', 'nosuid', 'nodev', 'noexec', 'mode=1777'] as ecs.TmpfsMountOption[];

/**
 * The paths of the kernel, and those that ECS Exec mounts itself.
 *
 * `/dev/shm` is shared memory, which a program can need.
 */
const TAKEN_PATH = /^\/(?:proc|sys|dev(?!\/shm$)|managed-agents|var\/(?:lib|log)\/amazon\/ssm)(?:\/|$)/;
/** Directories separated by one slash. `.` and `..` would be another spelling of a path. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^/\s]+)+$/;

/** Refuses paths that cannot be mounted, duplicates, and a size that does not fit into the memory. */
export function requireWritablePaths(
  scope: IConstruct, paths: string[], size: Size | undefined, memory: Size,
): void {
  paths.filter((path) => !Token.isUnresolved(path)).forEach((path, index, all) => {
    requirePath(scope, path);
    if (all.indexOf(path) !== index) {
      const given = new Situation(`'${path}' twice`);
      refuse(scope, { prop: 'writablePaths', given, allowed: 'different paths', change: 'remove one of the two' });
    }
  });
  requireRoom(scope, paths.length, size, memory);
}

function requirePath(scope: IConstruct, path: string): void {
  const change = 'use the directory that the program writes to';
  if (!PATH.test(path)) {
    const allowed = "absolute paths below / without '.', '..', repeated slashes and a trailing slash";
    refuse(scope, { prop: 'writablePaths', given: path, allowed, change });
  }
  if (TAKEN_PATH.test(path)) {
    const allowed = 'paths that the container itself does not need, unlike /proc, /sys, /dev and the paths of ECS Exec';
    refuse(scope, { prop: 'writablePaths', given: path, allowed, change });
  }
}

function requireRoom(scope: IConstruct, count: number, size: Size | undefined, memory: Size): void {
  if (memory.isUnresolved() || size?.isUnresolved()) return;
  const each = size?.toMebibytes({ rounding: 2 }) ?? WRITABLE_PATH_MEBIBYTES;
  const available = memory.toMebibytes({ rounding: 2 });
  if (Number.isInteger(each) && each >= 1 && each * Math.max(count, 1) < available) return;
  refuse(scope, {
    prop: 'writablePathSize',
    given: Size.mebibytes(each),
    allowed: `whole MiB, and for all ${count} paths together less than the task's memory of ${available} MiB`,
    change: 'use a smaller size or more memory',
  });
}

/**
 * Mounts writable paths in the memory of a container whose root file system is read-only.
 *
 * The mounts are empty at each start and disappear with the task. Fargate supports them since January 2026
 * (containers-roadmap #736). A volume would belong to root, and the container does not run as root.
 */
export function mountInMemory(parameters: ecs.LinuxParameters, paths: string[], size?: Size): void {
  parameters.addTmpfs(...paths.map((containerPath) => ({
    containerPath,
    size: size?.toMebibytes() ?? WRITABLE_PATH_MEBIBYTES,
    mountOptions: MOUNT_OPTIONS,
  })));
}
