import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildSync } from 'esbuild';
import { newApp } from './support/app';
import { MentalHealthAideStack } from '../examples/mentalhealthaide/mentalhealthaide-stack';
import { ByHandStack } from '../scripts/bench/by-hand';
import { median } from '../scripts/bench/run';
import { PROPS, STACK_ID } from '../scripts/bench/sides/props';
import { sizeOf } from '../scripts/bench/size';
import { differences, resourceCount, TemplateBody } from '../scripts/bench/template';

const ROOT = path.join(__dirname, '..');
const BY_HAND = path.join(ROOT, 'scripts', 'bench', 'by-hand.ts');
const EXAMPLE = ['mentalhealthaide-stack.ts'].map((file) => path.join(ROOT, 'examples', 'mentalhealthaide', file));

const STATED_IN_README = Number(
  /has\s+about (\d+) resources/.exec(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8'))![1]);

const folders: string[] = [];

function scratch(): string {
  folders.push(fs.mkdtempSync(path.join(os.tmpdir(), 'bench-')));
  return folders[folders.length - 1];
}

afterAll(() => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

describe('the stack with only aws-cdk-lib', () => {
  const flags = JSON.parse(
    fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'),
  ) as Record<string, unknown>;
  const bodyOf = (stack: Stack) => Template.fromStack(stack).toJSON() as TemplateBody;
  let example: TemplateBody;
  let byHand: TemplateBody;
  beforeAll(() => {
    example = bodyOf(new MentalHealthAideStack(newApp(flags), STACK_ID, PROPS));
    byHand = bodyOf(new ByHandStack(newApp(flags), STACK_ID, {
      ...PROPS,
      imageFolder: path.join(ROOT, 'examples', 'mentalhealthaide', 'api'),
      handlerFolder: path.join(ROOT, 'assets'),
    }));
  });

  test('creates the same resources of each type as the example, with the same properties set', () => {
    expect(differences(example, byHand)).toEqual([]);
    expect(Math.abs(resourceCount(example) - STATED_IN_README)).toBeLessThanOrEqual(10);
  });

  test('has alarms on most metrics that the example has alarms on', () => {
    const alarms = (template: TemplateBody) =>
      Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm').length;
    expect(alarms(example) - alarms(byHand)).toBeLessThanOrEqual(10);
    expect(alarms(byHand)).toBeGreaterThan(20);
  });

  test('has the same number of widgets on the dashboard as the example', () => {
    const widgetsIn = (template: TemplateBody) => {
      const dashboard = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')!;
      return JSON.stringify(dashboard.Properties).split('\\"type\\":\\"').length - 1;
    };
    expect(widgetsIn(byHand)).toBe(widgetsIn(example));
    expect(widgetsIn(example)).toBeGreaterThan(10);
  });

  test('imports only aws-cdk-lib, constructs and path', () => {
    const imported = [...fs.readFileSync(BY_HAND, 'utf8').matchAll(/from '([^']+)'/g)].map((match) => match[1]);
    expect(imported.filter((name) => !/^(path|constructs|aws-cdk-lib(\/aws-[\w-]+)?)$/.test(name))).toEqual([]);
  });

  test('has more than five times the statements of the example', () => {
    expect(sizeOf(...EXAMPLE).statements).toBeLessThanOrEqual(60);
    expect(sizeOf(BY_HAND).statements).toBeGreaterThan(5 * sizeOf(...EXAMPLE).statements);
  });
});

describe('differences()', () => {
  const queue = { Type: 'AWS::SQS::Queue', Properties: { KmsMasterKeyId: 'alias/queues' }, DeletionPolicy: 'Retain' };

  test('ignores IDs and values', () => {
    const other = { ...queue, Properties: { KmsMasterKeyId: 'alias/others' } };
    expect(differences({ Resources: { One: queue } }, { Resources: { Other: other } })).toEqual([]);
  });

  test('ignores alarms that only the first template has, and reports those that only the second has', () => {
    const alarm = { Type: 'AWS::CloudWatch::Alarm', Properties: { Threshold: 1 } };
    const [with1, with2] = [{ Resources: { One: alarm } }, { Resources: { One: alarm, Two: alarm } }];
    expect(differences(with2, with1)).toEqual([]);
    expect(differences(with1, with2)).toEqual(['1 and 2 of AWS::CloudWatch::Alarm']);
  });

  test('reports the type of a missing resource', () => {
    expect(differences({ Resources: { One: queue, Two: queue } }, { Resources: { One: queue } })).toEqual([
      '2 and 1 of AWS::SQS::Queue',
    ]);
  });

  test.each([
    ['a property', { Type: queue.Type, DeletionPolicy: 'Retain' }, 'AWS::SQS::Queue that sets , removal Retain'],
    [
      'a deletion policy',
      { ...queue, DeletionPolicy: 'Delete' },
      'AWS::SQS::Queue that sets KmsMasterKeyId, removal Delete',
    ],
  ])('reports a resource without %s', (_difference, other, name) => {
    expect(differences({ Resources: { One: queue } }, { Resources: { One: other } }).sort()).toEqual([
      `0 and 1 of ${name}`,
      '1 and 0 of AWS::SQS::Queue that sets KmsMasterKeyId, removal Retain',
    ]);
  });
});

test.each([[[3, 1, 2], 2], [[4, 1, 3, 2], 2.5], [[7], 7]])('the median of %j is %d', (numbers, expected) => {
  expect(median(numbers)).toBe(expected);
});

describe('sizeOf()', () => {
  test('counts statements and lines without comments and blank lines', () => {
    const file = path.join(scratch(), 'counted.ts');
    const lines = [
      '/** A comment. */', '', 'const one = 1; // comment', 'if (one) {',
      '  // nothing', '  console.log(', '    one);', '}',
    ];
    fs.writeFileSync(file, `${lines.join('\n')}\n`);
    expect(sizeOf(file)).toEqual({ statements: 3, lines: 5 });
    expect(sizeOf(file, file)).toEqual({ statements: 6, lines: 10 });
  });
});

describe('the require of the package', () => {
  /** The files that it loads, below node_modules. */
  let loaded: string[];
  beforeAll(() => {
    const outdir = scratch();
    const sources = fs
      .readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.lambda.ts'));
    buildSync({
      entryPoints: sources.map((file) => path.join(ROOT, 'src', file)),
      outbase: path.join(ROOT, 'src'),
      outdir,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      tsconfigRaw: {},
      logLevel: 'error',
    });
    const program = `const library = require(${JSON.stringify(path.join(outdir, 'index.js'))});
      if (typeof library.HipaaVpc !== 'function') throw new Error('HipaaVpc is missing');
      console.log(JSON.stringify(Object.keys(require.cache)));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
      env: { ...process.env, NODE_PATH: path.join(ROOT, 'node_modules') },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    loaded = (JSON.parse(stdout) as string[])
      .map((file) => file.split(path.sep).join('/').split('/node_modules/')[1])
      .filter((file) => file !== undefined);
  });

  test('loads from aws-cdk-lib only the index files of submodules and the Role class that the library extends', () => {
    const submodules = loaded.filter((file) => file.startsWith('aws-cdk-lib/aws-'));
    expect(submodules).toContain('aws-cdk-lib/aws-ec2/index.js');
    expect(submodules.filter((file) => !/^aws-cdk-lib\/aws-[\w-]+\/index\.js$/.test(file)).sort())
      .toEqual(['aws-cdk-lib/aws-iam/lib/index.js', 'aws-cdk-lib/aws-iam/lib/role.js']);
  });

  test('loads neither cdk-nag nor an SDK', () => {
    expect([...new Set(loaded.map((file) => file.split('/')[0]))].sort()).toEqual(['aws-cdk-lib', 'constructs']);
  });
});
