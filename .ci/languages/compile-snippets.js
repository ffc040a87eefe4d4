// Compiles the translated snippets in one call of javac: compile-snippets.js FOLDER CLASSPATH. Prints the name of each
// that fails, a tab, and its first error.
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const [folder, classpath] = process.argv.slice(2);
const snippets = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8'));
const files = snippets.map(({ file, javaNames }) => {
  const source = fs.readFileSync(path.join(folder, `${file}.java`), 'utf8');
  const target = path.join(folder, 'java', file, 'Snippet.java');
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, [
    `package ${file};`,
    // jsii-rosetta does not write the imports of lists, maps and structs. An editor adds them.
    ...['java.util.List', 'java.util.Map', 'software.amazon.awscdk.*', 'io.github.cdkhipaa.*', ...javaNames]
      .map((name) => `import ${name};`),
    // A class in a method has no modifier.
    source.replace(/^( +)public (class|interface) /gm, '$1$2 '),
  ].join('\n'));
  return target;
});
// Reports the errors of all files, even if some cannot be parsed.
const { status, stderr, error } = spawnSync('javac', [
  '-J-XX:TieredStopAtLevel=1', '-proc:none', '-implicit:none', '-nowarn', '-Xmaxerrs', '100000',
  '-XDshould-stop.ifError=FLOW', '-d', path.join(folder, 'classes'), '-cp', classpath, ...files,
], { encoding: 'utf8', maxBuffer: 1 << 28 });
if (error) throw error;
const failures = new Map();
for (const [, file, message] of stderr.matchAll(/^(.*\.java):\d+: error: (.*)$/gm)) {
  if (!failures.has(file)) failures.set(file, message);
}
// An error without a file, such as a missing class path, is not an error of a snippet.
if ((status !== 0) !== (failures.size > 0)) throw new Error(stderr);
snippets.forEach(({ name }, index) => {
  if (failures.has(files[index])) console.log(`${name}\t${failures.get(files[index])}`);
});
