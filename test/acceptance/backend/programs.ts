import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import { container, PROGRAMS_FOLDER, read } from './proof/parts';

const TASKS = ['Api', 'Worker', 'Migrations', 'Cleanup'];
/** Variables that a test sets, and that ECS sets. */
const OTHERS = ['ECS_AGENT_URI', 'PORT'];
/** The variables that pg reads, and that the SDK reads. */
const OF_PACKAGES = ['AWS_REGION', 'PGDATABASE', 'PGHOST', 'PGPASSWORD', 'PGPORT', 'PGUSER'];

/** The files that a program consists of. */
function filesOf(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const text = readFileSync(path.join(PROGRAMS_FOLDER, `${name}.ts`), 'utf8');
  for (const [, other] of text.matchAll(/from '\.\/([\w-]+)'/g)) filesOf(other, found);
  return found;
}

/** The variables that a program reads. */
function variablesOf(name: string): string[] {
  const texts = [...filesOf(name)].map((file) => readFileSync(path.join(PROGRAMS_FOLDER, `${file}.ts`), 'utf8'));
  const names = texts.flatMap((text) => [
    ...[...text.matchAll(/\{ ([^}]+) \} = process\.env/g)].flatMap(([, list]) => list.match(/\b[A-Z][A-Z_]+\b/g)!),
    ...[...text.matchAll(/process\.env\.([A-Z_]+)/g)].map(([, one]) => one),
  ]);
  return [...new Set([...names, ...OF_PACKAGES])].filter((variable) => !OTHERS.includes(variable));
}

/** The file of a task without the extension: `api` for `node api.js`. */
function programOf(template: Template, task: string): string {
  const [node, file] = container(template, task).Command;
  expect(node).toBe('node');
  return file.replace('.js', '');
}

/** The variables that the programs read and that no container has, by task. */
function missing(template: Template): string[] {
  return TASKS.flatMap((task) => {
    const { Environment, Secrets } = container(template, task);
    const given = [...Environment, ...Secrets].map(({ Name }: { Name: string }) => Name);
    return variablesOf(programOf(template, task)).filter((name) => !given.includes(name))
      .map((name) => `${task}: ${name}`);
  });
}

/** Tests that the image and the container definitions fit each other. */
export function testPrograms(template: () => Template): void {
  test('the containers have the variables that the programs read', () => {
    expect(variablesOf('api')).toEqual(expect.arrayContaining(
      ['API_KEYS', 'JOBS_QUEUE_URL', 'PGSSLROOTCERT', 'STORAGE_BUCKET_NAME']));
    expect(missing(template())).toEqual([]);
  });

  test('a variable that a container lacks is reported', () => {
    const changed = JSON.parse(JSON.stringify(template().toJSON()));
    const [[, { Properties: { ContainerDefinitions: [worker] } }]] = Object.entries<ReturnType<typeof JSON.parse>>(
      changed.Resources).filter(([id]) => id.startsWith('WorkerTaskDefinition'));
    worker.Environment = worker.Environment.filter(({ Name }: { Name: string }) => Name !== 'JOBS_QUEUE_URL');
    const without = Template.fromJSON(changed, { skipCyclicalDependenciesCheck: true });
    expect(missing(without)).toEqual(['Worker: JOBS_QUEUE_URL']);
  });

  test('the image contains the programs of the tasks, the health check and the certificates', () => {
    const { scripts: { build } } = JSON.parse(read('programs/package.json'));
    const built = [...build.matchAll(/([\w-]+)\.ts\b/g)].map(([, name]) => name);
    const programs = TASKS.map((task) => programOf(template(), task));
    expect([...built].sort()).toEqual([...programs, 'healthcheck'].sort());
    const files = readdirSync(PROGRAMS_FOLDER);
    for (const name of built) expect(files).toContain(`${name}.ts`);
    for (const task of TASKS) {
      expect(container(template(), task).LinuxParameters.Tmpfs).toMatchObject([
        { ContainerPath: '/tmp' },
      ]);
    }
    const dockerfile = read('programs/Dockerfile');
    expect(dockerfile).toContain('/etc/ssl/rds/global-bundle.pem');
    expect(dockerfile).toMatch(/^HEALTHCHECK .* CMD \["node", "healthcheck.js"\]$/m);
    expect(dockerfile).toContain('EXPOSE 8443');
  });
}
