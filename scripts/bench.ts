/**
 * Measures the overhead of the library: the synthesis, compared with the same resources without the library, and the
 * time to require the package.
 *
 * Every number is a median of alternating runs in separate processes. A ratio is the median of the ratios of all
 * rounds, because the speed of a machine changes less within a round. Exits with an error if a goal is missed or if the
 * sides create different resources.
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

/** The number of rounds. In a multiple of three, each side has each position equally often. */
const ROUNDS = 9;
/** The number of rounds if a ratio of the first rounds is above the goal: more rounds make it more exact. */
const MOST_ROUNDS = 120;
/**
 * The maximum ratio to only the L2 constructs of aws-cdk-lib, of the synthesis and of the whole process, which contains
 * the loading of the modules.
 */
const SYNTHESIS_GOAL = 1.3;
const SYNTHESIS = {
  'synthesis': ({ result }: Run<Measured>) => result.milliseconds,
  'whole process': ({ seconds }: Run<Measured>) => seconds,
};
/** The maximum time to require the package after aws-cdk-lib, in milliseconds. */
const REQUIRE_GOAL = 100;

/** The compared sides, in the order of the output. */
const SIDES = {
  'example': 'with cdk-hipaa',
  'by-hand': 'with only the L2 constructs of aws-cdk-lib',
  'bare': 'the same template from CfnResource objects',
};
type Side = keyof typeof SIDES;
const NAMES = Object.keys(SIDES) as Side[];
type Runs = Record<Side, Run<Measured>[]>;

const PACKAGE = path.join(ROOT, 'lib', 'index.js');
const ASSEMBLIES = path.join(OUT, 'bench', 'assemblies');
/** The assembly that the bare side reproduces. */
const REFERENCE = path.join(ASSEMBLIES, 'reference');

const REQUIRE = `
require('aws-cdk-lib');
const started = process.hrtime.bigint();
const front = require(${JSON.stringify(PACKAGE)});
const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
// Each name loads its module at its first use. This is the cost of an app that uses every name.
for (const name of Object.keys(front)) front[name];
console.log(JSON.stringify({ milliseconds, wholeMilliseconds: Number(process.hrtime.bigint() - started) / 1e6 }));
`;

/** The times of one require of the package. */
interface Required extends Measured {
  /** The time including the load of every module. */
  readonly wholeMilliseconds: number;
}

async function main() {
  if (!fs.existsSync(PACKAGE)) throw new Error('The package is not compiled: run `npx projen compile`');
  const files = Object.fromEntries(
    await Promise.all(NAMES.map(async (side) => [side, await buildSide(side)])),
  ) as Record<Side, string>;
  const synthesize = (side: Side, directory: string): Run<Measured> => {
    // A new folder for each run: the CDK does not stage an asset again if the folder already contains it.
    fs.rmSync(directory, { recursive: true, force: true });
    return runNode([files[side], directory, REFERENCE]);
  };

  synthesize('example', REFERENCE);
  const runs: Runs = { 'example': [], 'by-hand': [], 'bare': [] };
  const requires: Required[] = [];
  let rounds = ROUNDS;
  for (let round = 0; round < rounds; round++) {
    process.stdout.write(`${round === 0 ? 'round' : ','} ${round + 1}`);
    for (let place = 0; place < NAMES.length; place++) {
      const side = NAMES[(round + place) % NAMES.length];
      runs[side].push(synthesize(side, path.join(ASSEMBLIES, side)));
    }
    requires.push(runNode<Required>(['-e', REQUIRE]).result);
    if (round === ROUNDS - 1 && isMissed(runs)) rounds = MOST_ROUNDS;
  }
  process.stdout.write('\n\n');

  const resources = requireSameResources();
  printSizes(resources);
  const goals = [printSynthesis(runs), printRequire(requires)];
  process.exitCode = goals.every((met) => met) ? 0 : 1;
}

/** Compares the templates: the ratios are valid only for sides that create the same resources. */
function requireSameResources(): number {
  const read = (side: Side) =>
    JSON.parse(fs.readFileSync(path.join(ASSEMBLIES, side, `${STACK_ID}.template.json`), 'utf8')) as TemplateBody;
  const example = read('example');
  for (const side of NAMES) {
    const found = differences(example, read(side));
    if (found.length > 0) {
      throw new Error(
        `The sides create different resources: '${SIDES.example}' and '${SIDES[side]}' have\n${found.join('\n')}`,
      );
    }
  }
  return resourceCount(example);
}

function printSizes(resources: number) {
  const written = {
    'with cdk-hipaa': ['examples/mentalhealthaide/mentalhealthaide-stack.ts'],
    'with only aws-cdk-lib': ['scripts/bench/by-hand.ts'],
  };
  console.log(`MentalHealthAide, ${resources} resources. Size of the stack:`);
  for (const [how, files] of Object.entries(written)) {
    const { lines, statements } = sizeOf(...files.map((file) => path.join(ROOT, file)));
    console.log(
      `  ${String(statements).padStart(4)} statements on ${String(lines).padStart(3)} lines  ${how} `
        + `(${files.join(', ')})`,
    );
  }
}

/** The median of the ratios of the example to another side in each round. */
function ratio(runs: Runs, side: Side, duration: (run: Run<Measured>) => number): number {
  return median(runs.example.map((run, round) => duration(run) / duration(runs[side][round])));
}

const isMissed = (runs: Runs) =>
  Object.values(SYNTHESIS).some((duration) => ratio(runs, 'by-hand', duration) > SYNTHESIS_GOAL);

function printSynthesis(runs: Runs): boolean {
  const { length: rounds } = runs.example;
  const { synthesis, 'whole process': whole } = SYNTHESIS;
  console.log(
    '\nSynthesis without checks, from new App() to the end of app.synth(), and the whole process in parentheses '
      + `(medians of ${rounds} runs)`,
  );
  for (const side of NAMES) {
    const [milliseconds, seconds] = [synthesis, whole].map((duration) => median(runs[side].map(duration)));
    console.log(`  ${milliseconds.toFixed(0).padStart(5)} ms (${seconds.toFixed(2)} s)  ${SIDES[side]}`);
  }
  console.log(`Medians of the ratios of ${rounds} rounds`);
  const met = Object.entries(SYNTHESIS).map(([what, duration]) => {
    const measured = ratio(runs, 'by-hand', duration);
    const isMet = measured <= SYNTHESIS_GOAL;
    console.log(`  ${measured.toFixed(2)}  to aws-cdk-lib, ${what}; ${verdict(isMet, `at most ${SYNTHESIS_GOAL}`)}`);
    return isMet;
  });
  console.log(`  ${ratio(runs, 'bare', synthesis).toFixed(2)}  to CfnResources, synthesis`);
  return met.every(Boolean);
}

function printRequire(requires: Required[]): boolean {
  const milliseconds = median(requires.map((required) => required.milliseconds));
  const whole = median(requires.map((required) => required.wholeMilliseconds));
  console.log(`\nRequire of the package after aws-cdk-lib (medians of ${requires.length} runs)`);
  console.log(
    `  ${milliseconds.toFixed(1).padStart(5)} ms  ${verdict(milliseconds < REQUIRE_GOAL, `under ${REQUIRE_GOAL} ms`)}`,
  );
  console.log(
    `  ${whole.toFixed(1).padStart(5)} ms  including every construct, which an app loads at the first use`,
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
