// Checks that a tarball contains all files that users need and no others, and that it is smaller than the limit:
// check-tarball.js [FILE]. Without FILE, it is the tarball for npm. The packages of the other languages contain one.
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const LIMIT = 1_000_000;
const ROOT = path.join(__dirname, '..');
const built = path.join(ROOT, 'dist', 'js');
const file = process.argv[2] ?? path.join(built, fs.readdirSync(built).find((name) => name.endsWith('.tgz')));
const entries = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n')
  .map((name) => name.replace(/^package\//, ''));

// The handlers that `npx projen bundle` writes.
const { bundle } = JSON.parse(fs.readFileSync(path.join(ROOT, '.projen', 'tasks.json'), 'utf8')).tasks;
const handlers = bundle.steps.flatMap(({ exec = '' }) => [...exec.matchAll(/ src\/(\S+)\.lambda\.ts/g)])
  .map(([, name]) => `assets/${name}.lambda/index.js`);
// The types of the other modules. scripts/one-module.js moves their code into one file.
const types = fs.readdirSync(path.join(ROOT, 'src'), { recursive: true })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.lambda.ts'))
  .map((name) => `lib/${name.replace(/\.ts$/, '.d.ts')}`);
const expected = new Set([
  'package.json',
  'README.md',
  'LICENSE',
  // What jsii reads, and the translated examples.
  '.jsii',
  '.jsii.tabl.json',
  'lib/index.js',
  'lib/core/modules.js',
  ...types,
  ...handlers,
  'assets/THIRD-PARTY-NOTICES.txt',
]);

const problems = [
  ...[...expected].filter((name) => !entries.includes(name)).map((name) => `${name} is missing`),
  ...entries.filter((name) => !expected.has(name)).map((name) => `${name} must not be in the tarball`),
];
if (handlers.length === 0 || types.length === 0) problems.push('The lists of handlers and types must not be empty');
const size = fs.statSync(file).size;
if (size >= LIMIT) problems.push(`${size} bytes, the limit is ${LIMIT}`);
console.log(`${path.basename(file)}: ${entries.length} files, of which ${handlers.length} handlers, ${size} bytes`);
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
