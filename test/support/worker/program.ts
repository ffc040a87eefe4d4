// The worker of the example with a store of files, and a process that ends itself at a point of a job.
import { setTimeout as pause } from 'timers/promises';
import { FileStore, FileTransaction } from './file-store';
import { JobStore } from '../../../examples/backend/programs/job-store';
import { runUntilStopped } from '../../../examples/backend/programs/worker';

const { QUEUE_URL, FOLDER, JOB_SECONDS, VISIBILITY_SECONDS, GRACE_SECONDS, KILL_AT } = process.env;

/** Ends the process as the kernel does when memory is exhausted: nothing of the program runs afterwards. */
function killAt(point: string): void {
  if (KILL_AT === point) process.kill(process.pid, 'SIGKILL');
}

const files = new FileStore(FOLDER!);
const store: JobStore<FileTransaction> = {
  async once(id, work) {
    killAt('received');
    const isNew = await files.once(id, work);
    killAt('done');
    return isNew;
  },
};

void runUntilStopped({
  queueUrl: QUEUE_URL!,
  store,
  work: async ({ id }, transaction, signal) => {
    await pause(Number(JOB_SECONDS) * 500, undefined, { signal });
    killAt('working');
    await pause(Number(JOB_SECONDS) * 500, undefined, { signal });
    transaction.result = `${id} by ${process.pid}`;
  },
  visibilitySeconds: Number(VISIBILITY_SECONDS),
  graceSeconds: Number(GRACE_SECONDS),
  waitSeconds: 1,
  restSeconds: 1,
});
