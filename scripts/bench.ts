/**
 * Measures what the library costs at synthesis, against the same resources made without it.
 *
 * Every number is the median of runs that alternate, each in a process of its own. Exits non-zero if a goal is missed, or if
 * the sides do not make the same resources.
 */
import * as fs from 'fs';
import * as path from 'path';
import { buildSide } from './bench/build';
import { Measured } from './bench/measure';
import { median, Run, runNode } from './bench/run';
import { STACK_ID } from './bench/sides/props';
import { sizeOf } from './bench/size';
import { differences, resourceCount, TemplateBody } from './bench/template';
import { OUT, ROOT } from './examples/example';

/** How often each side is run, beside once to warm the machine's caches. */
const ROUNDS = 9;
/** Synthesis with the library over synthesis with aws-cdk-lib's L2s alone. */
const SYNTHESIS_GOAL = 1.3;
/** Requiring the package on top of aws-cdk-lib, in milliseconds. */
const REQUIRE_GOAL = 100;

const ASSEMBLIES = path.join(OUT, 'bench', 'assemblies');
/** What is compared, in the order that it is printed in. */
const SIDES = { 'example': 'with cdk-hipaa', 'by-hand': 'by hand, with aws-cdk-lib\'s L2s', 'bare': 'the same template as bare CfnResources' };
type Side = keyof typeof SIDES;
const NAMES = Object.keys(SIDES) as Side[];

const REQUIRE = `
require('aws-cdk-lib');
const started = process.hrtime.bigint();
require(${JSON.stringify(path.join(ROOT, 'lib', 'index.js'))});
console.log(JSON.stringify({ milliseconds: Number(process.hrtime.bigint() - started) / 1e6 }));
`;

async function main() {
  const files = new Map<Side, string>();
  for (const side of NAMES) files.set(side, await buildSide(side));
  const synthesise = (side: Side) => runNode<Measured>([files.get(side)!, assemblyOf(side), assemblyOf('example')]);

  fs.rmSync(ASSEMBLIES, { recursive: true, force: true });
  NAMES.forEach(synthesise);
  requireSameResources();

  const runs = new Map<Side, Run<Measured>[]>(NAMES.map((side) => [side, []]));
  const requires: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    process.stdout.write(`\rround ${round + 1} of ${ROUNDS} `);
    // Every side is first, second and third equally often.
    for (let place = 0; place < NAMES.length; place++) {
      const side = NAMES[(round + place) % NAMES.length];
      fs.rmSync(side === 'example' ? path.join(ASSEMBLIES, 'none') : assemblyOf(side), { recursive: true, force: true });
      runs.get(side)!.push(synthesise(side));
    }
    requires.push(runNode<Measured>(['-e', REQUIRE]).result.milliseconds);
  }
  process.stdout.write('\r');

  const ok = [printSynthesis(runs), printRequire(requires)].every(Boolean);
  printSizes();
  process.exitCode = ok ? 0 : 1;
}
