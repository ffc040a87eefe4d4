import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { lintDockerfile } from './support/dockerfile';
import { ROOT } from '../scripts/examples/example';

const HEALTH_CHECK = 'has a health check without a shell';
/** The examples without a health check of the container, because the load balancer checks their tasks. */
const CHECKED_FROM_OUTSIDE = ['karematch', 'mentalhealthaide', 'omnirapeutic'];

const EXAMPLES = path.join(ROOT, 'examples');
const FILES = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'Dockerfile' && !file.includes('node_modules')).sort();
const GOOD = readFileSync(path.join(EXAMPLES, 'carebow', 'api', 'Dockerfile'), 'utf8');

test.each(FILES)('%s meets the rules', (file) => {
  const expected = CHECKED_FROM_OUTSIDE.includes(file.split(path.sep)[0]) ? [HEALTH_CHECK] : [];
  expect(lintDockerfile(readFileSync(path.join(EXAMPLES, file), 'utf8'))).toEqual(expected);
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
