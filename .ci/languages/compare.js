// Compares the templates, the assets and the reports of two cloud assemblies byte for byte: compare.js EXPECTED ACTUAL
const fs = require('fs');
const path = require('path');

const [expected, actual] = process.argv.slice(2);
const problems = [];
const compared = (name) => /(\.template|\.assets|^compliance-report)\.json$/.test(name) || name.startsWith('asset.');

const filesOf = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
  .filter(compared)
  .sort();

const names = [filesOf(expected), filesOf(actual)];
for (const name of new Set(names.flat())) {
  const read = (folder) => fs.existsSync(path.join(folder, name)) && fs.readFileSync(path.join(folder, name));
  const [one, other] = [read(expected), read(actual)];
  if (one === false) problems.push(`${name} is only in ${actual}`);
  else if (other === false) problems.push(`${name} is only in ${expected}`);
  else if (!one.equals(other)) problems.push(`${name} differs${firstDifference(one, other)}`);
}

/** The first different line of two text files. */
function firstDifference(one, other) {
  const [ours, theirs] = [one, other].map((content) => content.toString('utf8').split('\n'));
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  return ` at line ${at + 1}:\n  ${ours[at]}\n  ${theirs[at]}`;
}

if (!names[1].includes('compliance-report.json')) problems.push(`${actual} has no report`);
const templates = names[1].filter((name) => name.endsWith('.template.json'));
if (templates.length === 0) problems.push(`${actual} has no template`);
console.log(`${templates.length} templates and ${names[1].length - templates.length} other files compared`);
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 ? 0 : 1);
