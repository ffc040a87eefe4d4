import * as path from 'path';

/** The folder of the installed package. The file with all compiled modules is in the folder of this one. */
export const PACKAGE_ROOT = path.join(__dirname, '..', '..');
