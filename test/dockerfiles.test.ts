import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { canStart, healthCheckOf, lintDockerfile, programOf } from './support/dockerfile';
import { ROOT } from '../scripts/examples/example';

const HEALTH_CHECK = 'has a health check without a shell';
/**
 * The images whose tasks the load balancer checks, and the path. ECS ignores a health check of an image, and a second
 * check in the task definition would replace the same tasks:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
 */
const CHECKED_BY_LOAD_BALANCER: Record<string, string> = {
  'karematch/api': '/health', 'mentalhealthaide/api': '/health', 'omnirapeutic/api': '/health', 'omnirapeutic/web': '/',
};
/** The images of workers, which answer no requests. ECS replaces a task whose program ends. */
const WORKERS = ['omnirapeutic/worker'];
const WITHOUT_CHECK = [...Object.keys(CHECKED_BY_LOAD_BALANCER), ...WORKERS];

const EXAMPLES = path.join(ROOT, 'examples');
const FILES = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'Dockerfile' && !file.includes('node_modules')).sort();
const GOOD = readFileSync(path.join(EXAMPLES, 'carebow', 'api', 'Dockerfile'), 'utf8');

const textOf = (file: string) => readFileSync(path.join(EXAMPLES, file), 'utf8');
const filesBeside = (file: string) => readdirSync(path.join(EXAMPLES, path.dirname(file)));
const exampleOf = (file: string) => file.split(path.sep)[0];

/** The commands that the app of an example names: `command: ['node', 'migrate.js']`. */
function commandsIn(example: string): string[][] {
  const sources = readdirSync(path.join(EXAMPLES, example)).filter((file) => file.endsWith('.ts'));
  const found = sources.flatMap((file) => [...textOf(path.join(example, file)).matchAll(/\bcommand: \[([^\]]*)\]/g)]);
  return found.map(([, words]) => [...words.matchAll(/'([^']*)'/g)].map(([, word]) => word));
}

describe.each(FILES)('%s', (file) => {
  const text = textOf(file);

  test('meets the rules', () => {
    expect(lintDockerfile(text)).toEqual(WITHOUT_CHECK.includes(path.dirname(file)) ? [HEALTH_CHECK] : []);
  });

  test('contains its program and its health check', () => {
    const commands = [programOf(text), healthCheckOf(text)].filter((command) => command !== undefined);
    expect(commands.filter((command) => !canStart(text, filesBeside(file), command))).toEqual([]);
  });
});

/** The props of each service of an example, as they are in the source of its stacks. */
function servicesIn(example: string): string[] {
  const sources = readdirSync(path.join(EXAMPLES, example)).filter((file) => file.endsWith('-stack.ts'));
  return sources.flatMap((file) => textOf(path.join(example, file))
    .split(/(?=addService\(|new SecureFargateService\()/).slice(1)
    .map((text) => text.slice(0, text.search(/^ {4}\}\);/m))));
}

/** The services that run an image: the only one of the example, or the one whose image has the name of the folder. */
function servicesOf(image: string): string[] {
  const [example, name] = image.split('/');
  const all = servicesIn(example);
  return all.length === 1 ? all : all.filter((text) => new RegExp(`image: images\\.${name},`).test(text));
}

describe('an image without a health check', () => {
  test('has no other reason than those below', () => {
    const without = FILES.filter((file) => healthCheckOf(textOf(file)) === undefined).map((file) => path.dirname(file));
    expect(without.sort()).toEqual([...WITHOUT_CHECK].sort());
  });

  test.each(Object.entries(CHECKED_BY_LOAD_BALANCER))('%s is checked by the load balancer on %s', (image, checked) => {
    const services = servicesOf(image);
    expect(services).toHaveLength(1);
    expect(services[0]).toContain(`healthCheckPath: '${checked}'`);
    expect(services[0]).not.toContain('healthCheck: ');
    const program = textOf(path.join(image, 'server.js'));
    expect(program).toMatch(new RegExp(`get\\('${checked}'|=== '${checked}'|'GET ${checked}'`));
  });

  test.each(WORKERS)('%s answers no requests', (image) => {
    const services = servicesOf(image);
    expect(services).toHaveLength(1);
    expect(services[0]).not.toMatch(/ingress|containerPort/);
    const text = textOf(path.join(image, 'Dockerfile'));
    expect(text).not.toContain('EXPOSE');
    expect(textOf(path.join(image, programOf(text)[1]))).not.toMatch(/createServer|\.listen\(/);
  });
});

describe.each([...new Set(FILES.map(exampleOf))])('the app %s', (example) => {
  const images = FILES.filter((file) => exampleOf(file) === example);
  const checks = commandsIn(example).filter(([first]) => first === 'CMD').map(([, ...words]) => words);
  const programs = commandsIn(example).filter(([first]) => first !== 'CMD');

  test('names only programs that one of its images contains', () => {
    expect([...programs, ...checks].filter((command) =>
      !images.some((file) => canStart(textOf(file), filesBeside(file), command)))).toEqual([]);
  });

  test('has the health checks of its images', () => {
    const ofImages = images.map((file) => healthCheckOf(textOf(file)));
    expect(checks.filter((check) => !ofImages.some((each) => each?.join(' ') === check.join(' ')))).toEqual([]);
  });
});

test('the commands of the examples are found', () => {
  expect(commandsIn('carebow')).toEqual([['CMD', 'node', 'healthcheck.js'], ['node', 'migrate.js']]);
});

test.each<[image: string, from: string, to: string, command: string[]]>([
  ['whose files are not copied', 'COPY *.js ./', '', ['node', 'healthcheck.js']],
  ['with other files', '*.js', 'server.js', ['node', 'healthcheck.js']],
  ['without Node.js', 'library/node:24-alpine', 'library/alpine:3.22', ['node', 'healthcheck.js']],
  ['without curl', 'apk add --no-cache openssl', 'apk add --no-cache openssl', ['curl', '-f', 'https://localhost']],
  ['of a folder without the file', 'USER 1000', 'USER 1000', ['node', 'health.js']],
])('an image %s cannot start a command', (_image, from, to, command) => {
  const files = filesBeside(path.join('carebow', 'api', 'Dockerfile'));
  expect(canStart(GOOD, files, ['node', 'healthcheck.js'])).toBe(true);
  expect(canStart(GOOD.replace(from, to), files, command)).toBe(false);
});

test.each<[change: string, from: string | RegExp, to: string, rule: string]>([
  ['another first instruction', 'FROM', 'LABEL a=b\nFROM', 'starts with FROM'],
  ['the newest image', 'node:24-alpine', 'node:latest', 'names a version of each base image'],
  ['an image without a tag', 'node:24-alpine', 'node', 'names a version of each base image'],
  ['root', 'USER 1000', 'USER 0', 'runs as a user other than root, by number'],
  ['a name of a user', 'USER 1000', 'USER node', 'runs as a user other than root, by number'],
  ['no user', 'USER 1000\n', '', 'runs as a user other than root, by number'],
  ['files of the program', 'COPY *.js', 'COPY --chown=1000 *.js', 'gives no file to the user of the program'],
  ['a later file', 'EXPOSE 8443', 'COPY more ./', 'writes no file after it changed the user'],
  ['a shell', 'CMD ["node", "server.js"]', 'CMD node server.js',
    'starts the program without a shell, so that it receives signals'],
  ['no health check', /^HEALTHCHECK.*$/m, '', HEALTH_CHECK],
  ['a disabled health check', /^HEALTHCHECK.*$/m, 'HEALTHCHECK NONE', HEALTH_CHECK],
  ['a relative directory', 'WORKDIR /app', 'WORKDIR app', 'works in an absolute directory'],
  ['a local archive', 'COPY *.js', 'ADD *.js', 'adds remote files over HTTPS only, and copies others'],
  ['plain HTTP', 'https://', 'http://', 'adds remote files over HTTPS only, and copies others'],
  ['a port of root', '8443', '443', 'opens no port that only root can open'],
  ['packages without a lock file', 'npm ci', 'npm install', 'installs the packages of the lock file'],
  ['packages for development', 'npm ci --omit=dev', 'npm ci', 'contains no packages for development'],
  ['an index', 'apk add --no-cache', 'apk add', 'keeps no index of packages'],
  ['a secret', 'ENV NODE_ENV=production', 'ENV DB_PASSWORD=x', 'contains no secret'],
  ['sudo', 'npm ci', 'sudo npm ci', 'uses no sudo'],
])('the linter reports %s', (_change, from, to, rule) => {
  const changed = GOOD.replace(from, to);
  expect(changed).not.toBe(GOOD);
  expect(lintDockerfile(changed)).toContain(rule);
});
