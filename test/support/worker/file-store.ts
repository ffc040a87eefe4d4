import * as fs from 'fs';
import * as path from 'path';
import { JobStore } from '../../../examples/backend/programs/job-store';

/** The text that a job writes in its transaction. */
export interface FileTransaction {
  result: string;
}

/** Records jobs as files of a folder. The file is the record and the result, so both appear in one step or neither. */
export class FileStore implements JobStore<FileTransaction> {
  constructor(private readonly folder: string) {}

  public async once(id: string, work: (transaction: FileTransaction) => Promise<void>): Promise<boolean> {
    const file = path.join(this.folder, id);
    if (fs.existsSync(file)) return false;
    const transaction = { result: '' };
    await work(transaction);
    const temporary = `${file}.${process.pid}.tmp`;
    fs.writeFileSync(temporary, transaction.result);
    try {
      // Fails if another worker was faster, like the primary key of a table.
      fs.linkSync(temporary, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      fs.rmSync(temporary);
    }
  }
}
