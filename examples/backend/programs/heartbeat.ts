import * as fs from 'node:fs';

/** A file in the only folder that the programs can write to. */
const FILE = '/tmp/heartbeat';
/** Longer than a request for a job, a rest, and the time between two extensions of a job. */
const SILENCE_SECONDS = 120;

/** Records that the program makes progress. */
export function beat(file = FILE): void {
  fs.writeFileSync(file, '');
}

/** Whether the program made progress in the last two minutes. */
export function isAlive(file = FILE, now = Date.now()): boolean {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat !== undefined && now - stat.mtimeMs < SILENCE_SECONDS * 1000;
}
