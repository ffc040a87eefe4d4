// The tarball holds what users need and nothing else, and is small enough to be fetched without a thought.
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const LIMIT = 1_000_000;
const folder = path.join(__dirname, '..', 'dist', 'js');
const file = path.join(folder, fs.readdirSync(folder).find((name) => name.endsWith('.tgz')));
const entries = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n').map((name) => name.replace(/^package\//, ''));

const problems = [];
const size = fs.statSync(file).size;
if (size >= LIMIT) problems.push(`${size} bytes, allowed are ${LIMIT}`);
for (const needed of ['package.json', '.jsii', 'LICENSE', 'README.md', 'API.md', 'lib/index.js', 'lib/index.d.ts', 'assets/secrets/rotator/rotate-secret.lambda/index.js', 'assets/site/deployment/deploy-site.lambda/index.js']) {
  if (!entries.includes(needed)) problems.push(`${needed} is missing`);
}
for (const entry of entries) {
  if (/^(test|examples|scripts|docs|out|coverage|src|\.ci|\.github)\//.test(entry) || /\.map$|\.test\.|\.lambda\.(js|d\.ts)$/.test(entry)) problems.push(`${entry} does not belong in it`);
}
console.log(`${path.basename(file)}: ${entries.length} files, ${size} bytes`);
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
