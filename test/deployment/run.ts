/**
 * Deploys every example with the CDK CLI onto a strict local endpoint: `npx projen deploy:local [names…]`.
 *
 * A name is an example, a variant, `update`, `fail`, `adopt` or `controls`. `--order` is `ascending`, `descending` or
 * the seed of a shuffle. `--failures` is the number of resources that fail once. `--budget` is the time in seconds in
 * which a life can start; the names run in the order of the command. See docs/deployment-testing.md.
 */
import { parseArgs } from 'util';
import { CONTROL_LIFE } from './controls';
import { LocalEndpoint } from './endpoint';
import { python } from './environment';
import { ADOPT, Course, failures, firstDeployment, Life, UPDATE } from './lives';
import { printTypes } from './report';
import { variantNames } from '../../scripts/examples/example';

/** The lives that run at the same time. Each one is an endpoint and a CLI. */
const WORKERS = 2;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      order: { type: 'string', default: `${Date.now()}` },
      failures: { type: 'string' },
      budget: { type: 'string' },
    },
  });
  const all = [
    ...variantNames().map(firstDeployment), UPDATE, failures(values.order, Number(values.failures ?? Infinity)), ADOPT,
    CONTROL_LIFE,
  ];
  const unknown = positionals.filter((name) => all.every((life) => life.name !== name));
  if (unknown.length > 0) {
    throw new Error(`Nothing is called ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`);
  }
  const names = positionals.length > 0 ? positionals : all.map(({ name }) => name);
  const chosen = names.map((name) => all.find((life) => life.name === name)!);
  const end = Date.now() + Number(values.budget ?? Infinity) * 1_000;
  python();
  console.log(`The order of independent resources: --order ${values.order}\n`);

  const courses: Course[] = [];
  const queue = [...chosen];
  const work = async () => {
    while (queue.length > 0 && Date.now() < end) courses.push(await live(queue.shift()!, values.order));
  };
  await Promise.all(Array.from({ length: WORKERS }, work));

  printTypes(courses);
  const problems = courses.flatMap((course) => course.problems);
  const late = queue.map(({ name }) => name);
  if (late.length > 0) console.log(`\nNot started within ${values.budget} s: ${late.join(', ')}`);
  console.log(`\n${courses.length} lives, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
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
