import * as fs from 'fs';
import * as path from 'path';
import { moduleText } from './module-text';
import { readApi } from './read-api';

const ROOT = path.join(__dirname, '..', '..');

/** Writes the types of the public props, read from `src/index.ts`, into a module of the library. */
fs.writeFileSync(path.join(ROOT, 'src', 'core', 'prop-types.ts'), moduleText(readApi(ROOT)));
