import { execFileSync, spawnSync } from 'child_process';
import { ROOT } from '../examples/example';
import { LOCK_FILE, lockChanges, readLock, UpgradeLock } from '../upgrade-lock/upgrade-lock';

/** The tag of the last release, or undefined before the first one. */
export function lastReleaseTag(): string | undefined {
  const tags = execFileSync('git', ['-c', 'versionsort.suffix=-', 'tag', '--list', 'v*', '--sort=-version:refname'], {
    cwd: ROOT, encoding: 'utf8',
  });
  return tags.split('\n')[0] || undefined;
}

/** The lock of a release, or undefined if the release has none. */
export function lockOfTag(tag: string): UpgradeLock | undefined {
  const { status, stdout } = spawnSync('git', ['show', `${tag}:${LOCK_FILE}`], {
    cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

const majorOf = (version: string) => Number.parseInt(version.replace(/^v/, ''), 10);

/** The changes since a release that the next version may not contain. */
export function lockProblems(tag: string, locked: UpgradeLock, now: UpgradeLock, nextVersion: string): string[] {
  if (majorOf(nextVersion) > majorOf(tag)) return [];
  return lockChanges(locked, now).filter(({ breaking }) => breaking)
    .map(({ text }) => `${text} (${LOCK_FILE} of ${tag}; the next version is ${nextVersion}.)`);
}

/** The changes since the last release that the next version may not contain. Prints with what it compares them. */
export function problemsSinceLastRelease(nextVersion: string): string[] {
  const tag = lastReleaseTag();
  const locked = tag === undefined ? undefined : lockOfTag(tag);
  console.log(`Upgrade lock\n  ${locked ? `compared with ${tag}` : 'no release to compare with'}`);
  return locked ? lockProblems(tag!, locked, readLock(), nextVersion) : [];
}
