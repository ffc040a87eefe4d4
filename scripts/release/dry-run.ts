/**
 * Shows the next release and its problems, and publishes nothing.
 *
 * Works in a clean clone of the last commit. Without `--packages FOLDER`, it builds all packages with the next version,
 * as the release workflow does. With the option, it reads those that `.ci/languages.sh FOLDER` has built, and the npm
 * package in dist/. Exits with an error if there is a problem.
 */
import { execFileSync, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
// A dependency of projen, which writes the workflow with it.
// eslint-disable-next-line import/no-extraneous-dependencies
import { parse } from 'yaml';
import { problemsSinceLastRelease } from './lock';
import { BuiltPackage, builtPackages } from './packages';
import { releaseProblems } from './workflow';
import { ROOT } from '../examples/example';

const WORKFLOW = '.github/workflows/release.yml';

/** Runs a command, and shows its output only if the command fails. */
function run(folder: string, command: string, ...args: string[]): void {
  console.log(`  ${[command, ...args].join(' ')}`);
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, env: { ...process.env, RELEASE: 'true' },
  });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed:\n${stdout}${stderr}`);
}

/** A clone of the last commit, with the installed dependencies and the version of the next release. */
function cleanClone(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'release-'));
  run(ROOT, 'git', 'clone', '--quiet', ROOT, folder);
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  run(folder, 'npx', 'projen', 'bump');
  return folder;
}

/** Builds all packages with the next version, as the release workflow does. */
function build(clone: string): string {
  const folder = path.join(clone, 'dist', 'languages');
  for (const task of ['bundle', 'frontend', 'compile', 'post-compile', 'package:js']) run(clone, 'npx', 'projen', task);
  run(clone, 'bash', '.ci/languages.sh', folder);
  run(clone, 'npx', 'projen', 'unbump');
  run(clone, 'git', 'diff', '--ignore-space-at-eol', '--exit-code');
  return folder;
}

/** The npm package and the packages of the other languages. */
function packages(root: string, folder: string): BuiltPackage[] {
  const js = path.join(root, 'dist', 'js');
  const name = fs.existsSync(js) ? fs.readdirSync(js).find((each) => each.endsWith('.tgz')) : undefined;
  const version = name?.match(/@(.*)\.jsii\.tgz$/)?.[1] ?? 'none';
  return [{ registry: 'npm', file: name && path.join(js, name) }, ...builtPackages(folder, version)];
}

function showPackages(built: BuiltPackage[]): string[] {
  console.log('\nPackages');
  for (const { registry, file, skipped } of built) {
    const note = registry === 'NuGet' && file?.endsWith('.tgz') ? ' in the sources: no .NET SDK' : '';
    const size = file && `${path.basename(file)}, ${Math.ceil(fs.statSync(file).size / 1024)} KiB${note}`;
    console.log(`  ${registry.padEnd(14)} ${size ?? skipped ?? 'missing'}`);
  }
  return built.filter(({ file, skipped }) => !file && !skipped)
    .map(({ registry }) => `The package for ${registry} is missing. Run npx projen package:js and .ci/languages.sh.`);
}

/** The changes that the checkout of a shallow clone hides. */
function history(): string[] {
  const shallow = execFileSync('git', ['rev-parse', '--is-shallow-repository'], { cwd: ROOT, encoding: 'utf8' });
  return shallow.trim() === 'true' ? ['The clone has no history and no tags. Run git fetch --unshallow --tags.'] : [];
}

function main(): void {
  const [option, prebuilt] = process.argv.slice(2);
  console.log('Commands');
  const clone = cleanClone();
  try {
    const read = (file: string) => fs.readFileSync(path.join(clone, file), 'utf8');
    const version = read('dist/version.txt').trim();
    const changelog = read('dist/changelog.md').trim();
    const folder = option === '--packages' ? path.resolve(prebuilt) : build(clone);
    console.log(`\nVersion\n  ${version}, tag ${read('dist/releasetag.txt').trim()}\n\nChangelog`);
    console.log(changelog.replace(/^/gm, '  '));
    if (!/^[*-] /m.test(changelog)) {
      console.log('  It lists no change: no commit has a title that starts with feat: or fix:.');
    }
    const problems = [
      ...history(),
      ...showPackages(packages(option === '--packages' ? ROOT : clone, folder)),
      ...releaseProblems(parse(read(WORKFLOW)), JSON.parse(read('package.json'))),
    ];
    console.log();
    problems.push(...problemsSinceLastRelease(version));
    console.log(`\nProblems\n${problems.map((problem) => `  ${problem}\n`).join('') || '  none\n'}`);
    process.exitCode = problems.length === 0 ? 0 : 1;
  } finally {
    fs.rmSync(clone, { recursive: true, force: true });
  }
}

main();
