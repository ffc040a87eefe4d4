/**
 * Deploys every example with the CDK CLI onto a strict local endpoint: `npx projen deploy:local [names…]`.
 *
 * A name is an example, a variant, `disposable`, `update`, `adopt`, `controls` or `refusals`. `--order` is `ascending`,
 * `descending` or the seed of a shuffle. `--share` is the share of the resources that `refusals` refuses, besides
 * one of each type. `--budget` is the time in seconds in which a life can start: one that has not started is a
 * problem. The names run in the order of the command. `--workers` is the number of names that run at the same time.
 * See docs/deployment-testing.md.
 */
import * as fs from 'fs';
import { parseArgs } from 'util';
import { APPS, SYNTHESIZER } from './apps';
import { CONTROL_LIFE } from './controls';
import { LocalEndpoint } from './endpoint';
import { python } from './environment';
import { ADOPT, Course, DISPOSABLE_APP, disposableLife, Life, prepare, UPDATE, wholeLife, zoneOf } from './lives';
import { RefusalReport, refuseEach } from './refusals';
import { printTypes } from './report';
import { exampleNames, variantNames } from '../../scripts/examples/example';

const REFUSALS = 'refusals';

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      order: { type: 'string', default: `${Date.now()}` },
      share: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      budget: { type: 'string' },
    },
  });
  const { order } = values;
  const examples = variantNames().map((name) => wholeLife(name, order));
  const lives = [...examples, disposableLife(order), UPDATE, ADOPT, CONTROL_LIFE];
  const known = [REFUSALS, ...lives.map(({ name }) => name)];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`Nothing is called ${unknown.join(', ')}; there are ${known.join(', ')}`);
  const names = positionals.length > 0 ? positionals : known;
  const end = Date.now() + Number(values.budget ?? Infinity) * 1_000;
  python();
  console.log(`The order of independent resources: --order ${order}\n`);

  fs.rmSync(APPS, { recursive: true, force: true });
  const queue = [...names];
  const problems: string[] = [];
  const courses: Course[] = [];
  const reports: RefusalReport[] = [];
  const work = async () => {
    while (queue.length > 0 && Date.now() < end) {
      const name = queue.shift()!;
      if (name === REFUSALS) {
        reports.push(...await refusals(order, Number(values.share)));
      } else {
        courses.push(await live(lives.find((life) => life.name === name)!, order));
      }
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, work));
  SYNTHESIZER.stop();

  problems.push(...printTypes(courses, reports));
  problems.push(...[...reports, ...courses].flatMap((each) => each.problems));
  if (queue.length > 0) {
    problems.push(`Not started within ${values.budget} s: ${queue.join(', ')}`);
    console.log(`\n${problems.at(-1)}`);
  }
  console.log(`\n${courses.length} lives, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

const exampleOf = (name: string) =>
  exampleNames().find((example) => name === example || name.startsWith(`${example}-`))!;

/** Refuses the first creation of each resource of every app, in turn. */
async function refusals(order: string, share: number): Promise<RefusalReport[]> {
  const started = Date.now();
  const apps = variantNames().map((name) => ({
    name, example: exampleOf(name), zoneName: zoneOf(name), prepare: prepare(name),
  }));
  const reports = await refuseEach([...apps, DISPOSABLE_APP], order, share);
  const sum = (count: 'resources' | 'refused' | 'attempts') => reports.reduce((total, each) => total + each[count], 0);
  console.log(`${sum('refused')} of ${sum('resources')} resources refused once, ${sum('attempts')} second attempts, ` +
    `${Math.round((Date.now() - started) / 1000)} s\n`);
  return reports;
}

async function live(life: Life, order: string): Promise<Course> {
  const endpoint = await LocalEndpoint.start({ name: life.name, order, zoneName: life.zoneName });
  const course = new Course(endpoint);
  try {
    await life.run(course);
  } catch (error) {
    course.problems.push(String(error));
  } finally {
    await endpoint.stop();
  }
  const size = course.resources > 0 ? `${course.resources} resources; ` : '';
  console.log(`${course.problems.length === 0 ? 'ok' : 'FAILED'}  ${life.name}: ${size}${course.steps.join(', ')}`);
  for (const problem of course.problems) console.log(`        ${problem}`);
  return course;
}

void main();
