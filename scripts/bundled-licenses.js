// Writes the license texts of the packages that the bundles of the handlers contain into assets/.
const fs = require('fs');
const path = require('path');
const { builtinModules, createRequire } = require('module');

const ROOT = path.join(__dirname, '..');

/** Packages that no bundle contains: those of the constructs, and the SDK, which the Lambda runtime contains. */
const NOT_BUNDLED = /^(aws-cdk-lib|constructs|cdk-nag|@aws-sdk\/.*|@cdklabs\/.*)$/;

/** The packages that the handlers import, directly or with a module of their own. */
function imported() {
  const names = fs.readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => fs.readFileSync(path.join(ROOT, 'src', file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/^(?:import |\}).* from '([^.'][^']*)';$/gm)])
    .map(([, name]) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].filter((name) => !NOT_BUNDLED.test(name) && !builtinModules.includes(name));
}

/** The directory of a package, as a module in another directory finds it. */
function directoryOf(name, from) {
  const places = createRequire(path.join(from, 'index.js')).resolve.paths(name);
  return places.map((place) => path.join(place, name)).find((each) => fs.existsSync(path.join(each, 'package.json')));
}

/** Adds a package and what it depends on. Optional packages that are not installed are in no bundle. */
function collect(name, from, found) {
  const directory = directoryOf(name, from);
  if (directory === undefined || found.has(directory)) return;
  const description = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
  found.set(directory, description);
  for (const other of Object.keys(description.dependencies ?? {})) collect(other, directory, found);
}

/** The license text of a package, or the statement in its package.json if it contains no text. */
function licenseOf(directory, { license, author }) {
  const file = fs.readdirSync(directory).find((each) => /^(licen[cs]e|copying)/i.test(each));
  if (file) return fs.readFileSync(path.join(directory, file), 'utf8').trim();
  const holder = typeof author === 'object' ? author.name : author;
  if (!license) throw new Error(`${directory} has no license`);
  return `License: ${license}${holder ? `. Author: ${holder}` : ''}`;
}

const found = new Map();
for (const name of imported()) collect(name, ROOT, found);
const notices = [...found]
  .map(([directory, description]) =>
    `${description.name} ${description.version}\n\n${licenseOf(directory, description)}\n`)
  .sort();
fs.writeFileSync(
  path.join(ROOT, 'assets', 'THIRD-PARTY-NOTICES.txt'),
  `The functions of this package contain the following packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`,
);
