import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

const ROOT = path.join(__dirname, '..');

describe('the summary of .ci/run', () => {
  /** The result of a script with lanes, in the environment of a developer or of GitHub. */
  const run = (script: string[], env: Record<string, string> = {}) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ci-'));
    const file = path.join(folder, 'run');
    fs.writeFileSync(file, ['set -u', `source ${ROOT}/.ci/steps.sh`, ...script, ''].join('\n'));
    const { stdout, status } = spawnSync('bash', [file], {
      encoding: 'utf8', env: { ...process.env, GITHUB_ACTIONS: '', TMPDIR: folder, ...env }, timeout: 30_000,
    });
    const left = fs.readdirSync(folder).filter((name) => name !== 'run');
    fs.rmSync(folder, { recursive: true });
    return { stdout, status, left, last: stdout.trim().split('\n').at(-1) };
  };
  const ONE = 'lane_one() { step first true; step second true; }';
  const OTHER = 'lane_other() { after second; step third true; }';
  const LANES = ['lane one & lane other 5 &', 'wait'];

  test('counts every step, and the two checks that all lanes end and that they end in time', () => {
    const { last, status, left } = run([ONE, OTHER, ...LANES, 'reached_end main']);
    expect({ last, status, left }).toEqual({ last: '5 passed, 0 failed', status: 0, left: [] });
  });

  test('fails with the output of a step that fails, and runs the steps after it', () => {
    const { stdout, last, status } = run(
      [ONE, "lane_other() { step third sh -c 'echo why; exit 1'; step fourth true; }", ...LANES, 'reached_end main']);
    expect(stdout).toContain('== third … FAILED (0 s)\nwhy\n');
    expect({ last, status }).toEqual({ last: '5 passed, 1 failed', status: 1 });
  });

  test.each([
    ['an unset variable', 'lane_one() { step first true; "$unset"; step second true; }'],
    ['an exit', 'lane_one() { step first true; exit 0; step second true; }'],
    ['a function of a step', 'leave() { exit 0; }; lane_one() { step first true; step second leave; }'],
    ['a signal', 'lane_one() { step first true; kill -9 $BASHPID; step second true; }'],
  ])('fails if %s ends a lane, and does not wait for its steps', (_, early) => {
    const { stdout, last, status } = run([early, OTHER, ...LANES, 'reached_end main']);
    expect(stdout).toContain('== lane one … ended early\n');
    expect(stdout).toContain('lane_one did not reach its end.\nlane_other did not reach its end.\n');
    expect({ last, status }).toEqual({ last: '2 passed, 1 failed', status: 1 });
  });

  test('fails if the script does not run every lane', () => {
    const { stdout, last } = run([ONE, OTHER, 'lane one & wait', 'reached_end main']);
    expect(stdout).toContain('== every lane reaches its end … FAILED (0 s)\nlane_other did not reach its end.\n');
    expect(last).toBe('3 passed, 1 failed');
  });

  test('fails if the script itself ends early', () => {
    const { stdout, last, status } = run([ONE, 'lane one & wait', 'exit 0', 'reached_end main']);
    expect(stdout).toContain('main did not reach its end.\n');
    expect({ last, status }).toEqual({ last: '3 passed, 1 failed', status: 1 });
  });

  const SLOW = [ONE, 'lane one & wait', 'SECONDS=1801', 'reached_end main'];
  const WARNING = /Warning: all steps took 180\d s\. The limit is 1800 s\.\n/;

  test('fails after more than 30 minutes on GitHub', () => {
    const { stdout, last, status } = run(SLOW, { GITHUB_ACTIONS: 'true' });
    expect(stdout).toMatch(WARNING);
    expect({ last, status }).toEqual({ last: '3 passed, 1 failed', status: 1 });
  });

  test('warns after more than 30 minutes on the machine of a developer', () => {
    const { stdout, last, status } = run(SLOW);
    expect(stdout).toMatch(WARNING);
    expect({ last, status }).toEqual({ last: '4 passed, 0 failed', status: 0 });
    expect(run([ONE, 'lane one & wait', 'reached_end main'], { GITHUB_ACTIONS: 'true' }).stdout).not.toMatch(/Warning/);
  });
});

describe('the versions of a lane', () => {
  const MAJOR = process.version.slice(1).split('.')[0];
  const version = (name: string): string =>
    JSON.parse(fs.readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
  const INSTALLED = ['aws-cdk-lib', 'constructs', 'cdk-nag'].map((name) => `${name}@${version(name)}`);
  const check = (...args: string[]) => {
    const { stdout, status } = spawnSync('node', [path.join(ROOT, '.ci', 'check-versions.js'), ...args], {
      encoding: 'utf8',
    });
    return { lines: stdout.trim().split('\n'), status };
  };
  const FOUND = `Node.js ${process.version}, ${INSTALLED.join(', ')}`;

  test('are those that the lane installed', () => {
    expect(check(MAJOR, ...INSTALLED)).toEqual({ lines: [FOUND], status: 0 });
  });

  test.each<[string, string[], string, string]>([
    ['an older package', ['constructs@99.0.0'], 'constructs',
      'Not the version that this lane tests: constructs@99.0.0'],
    ['a package without an answer of the registry', ['constructs@'], 'constructs',
      'Not the version that this lane tests: constructs@'],
  ])('are refused with %s', (_, expected, name, problem) => {
    const found = `Node.js ${process.version}, ${name}@${version(name)}`;
    expect(check(MAJOR, ...expected)).toEqual({ lines: [found, problem], status: 1 });
  });

  test('are refused on another Node.js, or if there are none', () => {
    expect(check('18', ...INSTALLED)).toEqual({ lines: [FOUND, 'Not Node.js 18'], status: 1 });
    expect(check(MAJOR).lines).toContain('No versions to compare');
    expect(check(MAJOR).status).toBe(1);
  });
});
