/** Writes the logical IDs and create-only properties of the stateful resources of all examples and variants. */
import * as fs from 'fs';
import * as path from 'path';
import { LOCK_FILE, lockOfAssembly, lockText, UpgradeLock } from './upgrade-lock';
import { ROOT, synthesizeExample, variantNames } from '../examples/example';

const lock: UpgradeLock = Object.fromEntries(variantNames().map((name) => {
  const { ok, output, directory } = synthesizeExample(name);
  if (!ok) throw new Error(`${name} does not synthesize: ${output.slice(-2000)}`);
  return [name, lockOfAssembly(directory)];
}));
fs.writeFileSync(path.join(ROOT, LOCK_FILE), lockText(lock));
console.log(`wrote ${LOCK_FILE}`);
