// Compares the snippets that failed with the list of those that may: check-snippets.js LANGUAGE FOLDER FAILURES
const fs = require('fs');
const path = require('path');

const [language, folder, failuresFile] = process.argv.slice(2);
const read = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));
const snippets = read(path.join(folder, 'index.json'));
const listed = read(path.join(__dirname, 'snippets.json')).flatMap((group) => group[language] ?? []);
const failures = new Map(fs.readFileSync(failuresFile, 'utf8').split('\n').filter(Boolean)
  .map((line) => line.split('\t')));

const problems = [
  ...[...failures].filter(([name]) => !listed.includes(name))
    .map(([name, error]) => `${name} does not work in ${language}: ${error}`),
  ...listed.filter((name) => !failures.has(name))
    .map((name) => `${name} works in ${language}, or does not exist: remove it from .ci/languages/snippets.json`),
];
console.log(`${language}: ${snippets.length - failures.size} of ${snippets.length} snippets work`);
for (const problem of problems) console.log(problem);
process.exit(problems.length === 0 && snippets.length > 0 ? 0 : 1);
