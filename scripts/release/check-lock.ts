/** Stops a release whose version may not contain the changes of the upgrade lock since the last one. */
import * as fs from 'fs';
import * as path from 'path';
import { problemsSinceLastRelease } from './lock';
import { ROOT } from '../examples/example';

// The task `bump` writes the version of the release.
const version = fs.readFileSync(path.join(ROOT, 'dist', 'version.txt'), 'utf8').trim();
const problems = problemsSinceLastRelease(version);
for (const problem of problems) console.error(`  ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
