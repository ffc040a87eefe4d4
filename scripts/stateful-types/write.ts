/** Writes the module with the resource types that contain data. */
import * as fs from 'fs';
import { STATEFUL_MODULE, statefulModule } from './stateful-types';

fs.writeFileSync(STATEFUL_MODULE, statefulModule());
console.log(`wrote ${STATEFUL_MODULE}`);
