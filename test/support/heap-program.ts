import * as fs from 'fs';
import { RandomApp } from '../random-apps/app';

/** The seed of an app with a stack for each construct and about 300 resources, with retained data. */
const SEED = 7;
const APPS = 12;
const MEGABYTE = 1e6;

function usedHeap(): number {
  for (let round = 0; round < 3; round++) (globalThis as unknown as { gc(): void }).gc();
  return process.memoryUsage().heapUsed / MEGABYTE;
}

/** Synthesizes the app of the seed. Returns the number of resources. */
function synthesizeOnce(): number {
  const { app } = new RandomApp(SEED, { wanted: new Set() });
  const assembly = app.synth();
  const resources = assembly.stacksRecursively.flatMap(({ template }) => Object.keys(template.Resources ?? {}));
  fs.rmSync(assembly.directory, { recursive: true });
  return resources.length;
}

/** Prints the heap after each app, in MB. */
function main(): void {
  // The warnings of the checks.
  console.error = () => undefined;
  const used: number[] = [];
  let resources = 0;
  for (let index = 0; index < APPS; index++) {
    resources = synthesizeOnce();
    used.push(usedHeap());
  }
  fs.writeSync(1, JSON.stringify({ resources, used }));
}

main();
