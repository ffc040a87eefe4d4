import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Environment, Stack } from 'aws-cdk-lib';
import { newApp } from './support/app';
import { nagFindings } from './support/nag';
import { Subject, SUBJECTS, things, USERS } from './support/shapes';
import { MentalHealthAideStack } from '../examples/mentalhealthaide/mentalhealthaide-stack';
import { contextOf } from '../scripts/examples/example';
import { ExampleReport, judge } from '../scripts/examples/gates';
import { ComplianceChecks, RulePack, StaticSiteCdn } from '../src';

const EXAMPLE = 'mentalhealthaide';
/** The feature flags that the CDK CLI sets in a new project. */
const RECOMMENDED: Record<string, unknown> = JSON.parse(fs.readFileSync(
  path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'recommended-feature-flags.json'), 'utf8'));

/**
 * The differences in the template of the example between no feature flag and all recommended ones.
 *
 * The flags of the stack decide how a policy is written, and these are the flags of the app.
 */
const SORTED = '@aws-cdk/aws-iam:minimizePolicies sorts the lists in a statement, which does not change its meaning';
const DIFFERENT = [
  { at: 'ApiExecutionRolePolicy4FC5F5BB.Properties.PolicyDocument.Statement.0.Action', what: 'order', why: SORTED },
  {
    at: 'ApiExecutionRolePolicy4FC5F5BB.Properties.PolicyDocument.Statement.2.Resource',
    what: 'order',
    why: SORTED,
  },
  {
    at: 'ApiRollerFunctionRolePolicy80DEEE07.Properties.PolicyDocument.Statement.3.Action',
    what: 'order',
    why: SORTED,
  },
  {
    at: 'ApiRollerFunctionRolePolicy80DEEE07.Properties.PolicyDocument.Statement.5.Resource',
    what: 'order',
    why: SORTED,
  },
  {
    at: 'GuardrailsInspectorRolePolicy0C0D50BE.Properties.PolicyDocument.Statement.4.Resource',
    what: 'order',
    why: SORTED,
  },
  { at: 'NetworkFlowLogRolePolicy9831CD50.Properties.PolicyDocument.Statement.0.Action', what: 'order', why: SORTED },
];

interface Difference {
  readonly at: string;
  readonly what: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
/** The items of a list. A single value is the same as a list with one item. */
const contents = (list: unknown) => [...new Set([list].flat().map((item) => JSON.stringify(item)))].sort().join();

/** The differences of two values. Lists with the same items differ in their order or in repeated items. */
function differences(one: unknown, other: unknown, at = ''): Difference[] {
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  if (Array.isArray(one) && contents(one) === contents(other)) {
    return [{ at, what: [other].flat().length === one.length ? 'order' : 'repetition' }];
  }
  if (!isObject(one) || !isObject(other)) {
    return [{ at, what: `${JSON.stringify(one)} became ${JSON.stringify(other)}` }];
  }
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
    differences(one[key], other[key], at === '' ? key : `${at}.${key}`),
  );
}

/** Synthesizes the example with the checks of its app. */
function synthesize(flags: Record<string, unknown>): string {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'feature-flags-'));
  delete process.env.CDK_VALIDATION;
  const app = new App({ analyticsReporting: false, outdir, context: { ...contextOf(EXAMPLE), ...flags } });
  ComplianceChecks.of(app).enforce({ additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5] });
  new MentalHealthAideStack(app, 'MentalHealthAide', {
    domainName: 'api.mentalhealthaide.com',
    hostedZoneId: 'Z0EXAMPLE0000000000',
    zoneName: 'mentalhealthaide.com',
    alarmEmail: 'oncall@mentalhealthaide.com',
  });
  app.synth();
  return outdir;
}

describe('the example', () => {
  let none: string;
  let all: string;
  let withNone: ExampleReport;
  let withAll: ExampleReport;
  beforeAll(() => {
    none = synthesize({});
    all = synthesize(RECOMMENDED);
  });
  afterAll(() => [none, all].forEach((directory) => fs.rmSync(directory, { recursive: true, force: true })));

  const resources = (directory: string): Record<string, unknown> =>
    JSON.parse(fs.readFileSync(path.join(directory, 'MentalHealthAide.template.json'), 'utf8')).Resources;

  const judged = (directory: string) => judge(EXAMPLE, { ok: true, output: '', seconds: 0, directory });

  test('passes every gate with no flag', () => {
    withNone = judged(none);
    expect(withNone.violations).toEqual([]);
  });

  test('passes every gate with all recommended flags', () => {
    withAll = judged(all);
    expect(withAll.violations).toEqual([]);
  });

  test('reports the same relaxed safeguards with and without the flags', () => {
    expect(withNone.relaxed.map(({ id }) => id)).toContain('cdk-hipaa:trail-skipped');
    expect(withAll.relaxed).toEqual(withNone.relaxed);
  });

  test('has a finding for each warning without a reason', () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'feature-flags-'));
    fs.cpSync(all, directory, { recursive: true });
    const report = path.join(directory, 'compliance-report.json');
    fs.writeFileSync(report, JSON.stringify({ ...JSON.parse(fs.readFileSync(report, 'utf8')), relaxed: [] }));
    const { violations } = judged(directory);
    fs.rmSync(directory, { recursive: true, force: true });
    expect(violations.map(({ id }) => id)).toContain('Annotation::cdk-hipaa:trail-skipped');
  });

  test('has the same resources with the same logical IDs', () => {
    expect(Object.keys(resources(none)).length).toBeGreaterThan(100);
    expect(Object.keys(resources(all)).sort()).toEqual(Object.keys(resources(none)).sort());
  });

  test('differs only where the table lists it', () => {
    const found = differences(resources(none), resources(all)).sort((one, other) => one.at < other.at ? -1 : 1);
    expect(found).toEqual(DIFFERENT.map(({ at, what }) => ({ at, what })));
  });
});

/** Environments with different texts of a finding: each part of an ARN is literal or a pseudo parameter. */
const ENVIRONMENTS: Array<[string, Environment]> = [
  ['no account and region', {}],
  ['an account', { account: '111122223333' }],
  ['a region', { region: 'eu-west-1' }],
  ...['us-east-1', 'eu-west-1', 'us-gov-west-1', 'cn-north-1'].map((region): [string, Environment] => [
    `an account in ${region}`,
    { account: '111122223333', region },
  ]),
];
const FLAGS: Array<[string, Record<string, unknown>]> = [
  ['no flag', {}],
  ['@aws-cdk/core:enablePartitionLiterals', { '@aws-cdk/core:enablePartitionLiterals': true }],
  ['all recommended flags', RECOMMENDED],
];

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (_name, subject) => {
  const made = (flags: Record<string, unknown>, one: Subject) => {
    const app = newApp({
      ...flags,
      '@aws-cdk/core:validateAgainstDefaultRules': false,
      '@aws-cdk/core:annotationsInValidationReport': false,
    });
    const stack = new Stack(app, 'Stack');
    const construct = one.make(stack, 'Subject', things(stack));
    return { construct, template: () => app.synth().getStackByName('Stack').template.Resources };
  };

  test('sets the flags for its children, regardless of the app', () => {
    const flag = '@aws-cdk/aws-iam:minimizePolicies';
    expect(made({ [flag]: false }, subject).construct.node.tryGetContext(flag)).toBe(true);
  });

  test('creates the same resources with no flag and with all, except for order and repetition in a statement', () => {
    const found = differences(made({}, subject).template(), made(RECOMMENDED, subject).template());
    expect(
      found.filter(
        ({ at, what }) => !['order', 'repetition'].includes(what) || !/Policy(Document)?\.Statement\.\d+\./.test(at),
      ),
    ).toEqual([]);
  });

  test.each(
    FLAGS.flatMap(([flags, context]) =>
      ENVIRONMENTS
        .filter(([, { region }]) => subject.type !== StaticSiteCdn || !/^(us-gov|cn)-/.test(region ?? ''))
        .map(([place, env]) => [flags, place, context, env] as const)),
  )('has no finding of any pack with %s and %s', (_flags, _place, context, env) => {
    const app = newApp(context);
    const stack = new Stack(app, 'Stack', { env });
    subject.make(stack, 'Subject', things(stack));
    expect(nagFindings(app).filter((finding) => !finding.includes(`/${USERS}/`))).toEqual([]);
  });
});
