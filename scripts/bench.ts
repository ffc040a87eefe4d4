/**
 * Measures what the library costs: synthesis against the same resources made without it, and requiring the package.
 *
 * Every number is the median of runs that take turns, each in a process of its own. Exits non-zero if a goal is missed,
 * or if the sides do not make the same resources.
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

/** How often each side runs; a multiple of three lets every side be first, second and third equally often. */
const ROUNDS = 9;
/**
 * How often the package is required in each round: it takes little time, in which another program's work shows at once.
 */
const REQUIRES = 3;
/** Synthesis with the library over synthesis with aws-cdk-lib's L2s alone. */
const SYNTHESIS_GOAL = 1.3;
/** Requiring the package on top of aws-cdk-lib, in milliseconds. */
const REQUIRE_GOAL = 100;

/** What is compared, in the order in which it is printed. */
const SIDES = {
  'example': 'with cdk-hipaa',
  'by-hand': 'by hand, with the L2s of aws-cdk-lib',
  'bare': 'the template again, as bare CfnResources',
};
type Side = keyof typeof SIDES;
const NAMES = Object.keys(SIDES) as Side[];
type Runs = Record<Side, Run<Measured>[]>;

const PACKAGE = path.join(ROOT, 'lib', 'index.js');
const ASSEMBLIES = path.join(OUT, 'bench', 'assemblies');
/** The assembly that the bare side writes again. */
const REFERENCE = path.join(ASSEMBLIES, 'reference');

const REQUIRE = `
require('aws-cdk-lib');
const started = process.hrtime.bigint();
const front = require(${JSON.stringify(PACKAGE)});
const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
// Each name loads its module when it is first used: this is what an app pays that uses them all.
for (const name of Object.keys(front)) front[name];
console.log(JSON.stringify({ milliseconds, wholeMilliseconds: Number(process.hrtime.bigint() - started) / 1e6 }));
`;

/** What one requiring of the package took. */
interface Required extends Measured {
  /** With every module loaded. */
  readonly wholeMilliseconds: number;
}

async function main() {
  if (!fs.existsSync(PACKAGE)) throw new Error('The package is not compiled: run `npx projen compile`');
  const files = Object.fromEntries(
    await Promise.all(NAMES.map(async (side) => [side, await buildSide(side)])),
  ) as Record<Side, string>;
  const synthesise = (side: Side, directory: string): Run<Measured> => {
    // A new folder each time: what is staged already would not be staged again.
    fs.rmSync(directory, { recursive: true, force: true });
    return runNode([files[side], directory, REFERENCE]);
  };

  synthesise('example', REFERENCE);
  const runs: Runs = { 'example': [], 'by-hand': [], 'bare': [] };
  const requires: Required[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    process.stdout.write(`${round === 0 ? 'round' : ','} ${round + 1}`);
    for (let place = 0; place < NAMES.length; place++) {
      const side = NAMES[(round + place) % NAMES.length];
      runs[side].push(synthesise(side, path.join(ASSEMBLIES, side)));
    }
    for (let time = 0; time < REQUIRES; time++) requires.push(runNode<Required>(['-e', REQUIRE]).result);
  }
  process.stdout.write(` of ${ROUNDS}\n\n`);

  const resources = requireSameResources();
  printSizes(resources);
  const goals = [printSynthesis(runs), printRequire(requires)];
  process.exitCode = goals.every((met) => met) ? 0 : 1;
}

/** Ratios mean something between sides that make the same. */
function requireSameResources(): number {
  const read = (side: Side) =>
    JSON.parse(fs.readFileSync(path.join(ASSEMBLIES, side, `${STACK_ID}.template.json`), 'utf8')) as TemplateBody;
  const example = read('example');
  for (const side of NAMES) {
    const found = differences(example, read(side));
    if (found.length > 0) {
      throw new Error(
        `The sides do not make the same resources: '${SIDES.example}' and '${SIDES[side]}' have\n${found.join('\n')}`,
      );
    }
  }
  return resourceCount(example);
}

function printSizes(resources: number) {
  const written = {
    'with cdk-hipaa': ['examples/mentalhealthaide/mentalhealthaide-stack.ts'],
    'by hand': ['scripts/bench/by-hand.ts'],
  };
  console.log(`MentalHealthAide, ${resources} resources; the stack is written in`);
  for (const [how, files] of Object.entries(written)) {
    const { lines, statements } = sizeOf(...files.map((file) => path.join(ROOT, file)));
    console.log(
      `  ${String(statements).padStart(4)} statements on ${String(lines).padStart(3)} lines  ${how} `
        + `(${files.join(', ')})`,
    );
  }
}

function printSynthesis(runs: Runs): boolean {
  const synthesis = (side: Side) => median(runs[side].map(({ result }) => result.milliseconds));
  const whole = (side: Side) => median(runs[side].map(({ seconds }) => seconds));
  console.log(
    '\nSynthesis, checks off, from new App() to the end of app.synth(); in brackets the whole process (medians of '
      + `${ROUNDS})`,
  );
  for (const side of NAMES) {
    console.log(`  ${synthesis(side).toFixed(0).padStart(5)} ms (${whole(side).toFixed(2)} s)  ${SIDES[side]}`);
  }
  const ratio = synthesis('example') / synthesis('by-hand');
  console.log(
    `  over by hand             ${ratio.toFixed(2)}  ${verdict(ratio <= SYNTHESIS_GOAL, `at most ${SYNTHESIS_GOAL}`)}`,
  );
  console.log(`  over bare CfnResources   ${(synthesis('example') / synthesis('bare')).toFixed(2)}`);
  return ratio <= SYNTHESIS_GOAL;
}

function printRequire(requires: Required[]): boolean {
  const milliseconds = median(requires.map((required) => required.milliseconds));
  const whole = median(requires.map((required) => required.wholeMilliseconds));
  console.log(`\nRequiring the package on top of aws-cdk-lib (medians of ${requires.length})`);
  console.log(
    `  ${milliseconds.toFixed(1).padStart(5)} ms  ${verdict(milliseconds < REQUIRE_GOAL, `under ${REQUIRE_GOAL} ms`)}`,
  );
  console.log(
    `  ${whole.toFixed(1).padStart(5)} ms  with every construct of it loaded, which happens as each is first used`,
  );
  return milliseconds < REQUIRE_GOAL;
}

function verdict(met: boolean, goal: string): string {
  return `goal: ${goal}, ${met ? 'met' : 'MISSED'}`;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
