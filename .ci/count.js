// Counts the steps and the tests in their JUnit reports: `node count.js STEPS REPORTS` prints `N passed, N failed`.
const fs = require('fs');
const path = require('path');

const [steps, reports] = process.argv.slice(2);
const read = (folder, ending) => fs.readdirSync(folder).filter((name) => name.endsWith(ending))
  .map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));

let passed = 0;
let failed = 0;
for (const result of read(steps, '.result')) result.startsWith('ok\t') ? passed += 1 : failed += 1;
for (const report of read(reports, '.xml')) {
  const head = report.match(/<testsuites[^>]*>/)[0];
  const number = (name) => Number((head.match(new RegExp(` ${name}="(\\d+)"`)) || [0, 0])[1]);
  const bad = number('failures') + number('errors');
  passed += number('tests') - bad;
  failed += bad;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
