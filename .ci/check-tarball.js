// Checks that the tarball contains all files that users need and no others, and that it is smaller than the limit.
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const LIMIT = 1_000_000;
const folder = path.join(__dirname, '..', 'dist', 'js');
const file = path.join(folder, fs.readdirSync(folder).find((name) => name.endsWith('.tgz')));
const entries = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n')
  .map((name) => name.replace(/^package\//, ''));

const problems = [];
const size = fs.statSync(file).size;
if (size >= LIMIT) problems.push(`${size} bytes, the limit is ${LIMIT}`);
for (const needed of [
  'package.json',
  '.jsii',
  '.jsii.tabl.json',
  'LICENSE',
  'README.md',
  'lib/index.js',
  'lib/core/modules.js',
  'lib/index.d.ts',
  'assets/secrets/rotator/rotate-secret.lambda/index.js',
  'assets/site/deployment/deploy-site.lambda/index.js',
  'assets/database/access/manage-users.lambda/index.js',
  'assets/THIRD-PARTY-NOTICES.txt',
]) {
  if (!entries.includes(needed)) problems.push(`${needed} is missing`);
}
const UNWANTED = [
  /^(test|examples|scripts|docs|rosetta|out|coverage|src|\.ci|\.github)\//,
  /^(API|CONTRIBUTING|SECURITY)\.md$/,
  /\.map$|\.test\.|\.lambda\.(js|d\.ts)$/,
];
for (const entry of entries) {
  if (UNWANTED.some((pattern) => pattern.test(entry))) problems.push(`${entry} must not be in the tarball`);
}
console.log(`${path.basename(file)}: ${entries.length} files, ${size} bytes`);
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
