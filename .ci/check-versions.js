// Fails unless Node.js has this major version and the installed packages have these versions:
// check-versions.js MAJOR NAME@VERSION…
const [major, ...expected] = process.argv.slice(2);
const installed = expected.map((each) => each.replace(/@[^@]*$/, ''))
  .map((name) => `${name}@${require(`${name}/package.json`).version}`);
console.log(`Node.js ${process.version}, ${installed.join(', ')}`);

const problems = expected.filter((each, index) => each !== installed[index])
  .map((each) => `Not the version that this lane tests: ${each}`);
if (process.version.split('.')[0] !== `v${major}`) problems.push(`Not Node.js ${major}`);
if (expected.length === 0) problems.push('No versions to compare');
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
