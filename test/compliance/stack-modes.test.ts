import * as fs from 'fs';
import * as path from 'path';
import { App, CfnResource, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { ComplianceCheckOptions, ComplianceChecks } from '../../src';
import { newApp } from '../support/app';

const env = { account: '111122223333', region: 'us-east-1' };

function enforced(options?: ComplianceCheckOptions): App {
  const app = newApp();
  ComplianceChecks.of(app).enforce(options);
  return app;
}

/** A queue without a key: one finding of the library, and none of cdk-nag. */
const queue = (stack: Construct) => new CfnResource(stack, 'Queue', { type: 'AWS::SQS::Queue' });

/** The synthesis error of an app, or an empty text. */
function refusalOf(app: App): string {
  try {
    app.synth({ force: true });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

// The report is JSON of any shape here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const reportOf = (app: App): any =>
  JSON.parse(fs.readFileSync(path.join(app.outdir, 'compliance-report.json'), 'utf8'));

const errorsOf = (app: App): string[] =>
  reportOf(app).findings.filter(({ severity }: { severity: string }) => severity === 'error')
    .map(({ path: at }: { path: string }) => at);

describe('reportOnly', () => {
  test('makes the findings of a stack warnings, beside a stack that is enforced', () => {
    const app = enforced();
    const legacy = new Stack(app, 'Legacy');
    ComplianceChecks.of(legacy).reportOnly({ reason: 'is replaced in spring' });
    queue(legacy);
    expect(refusalOf(app)).toBe('');
    expect(reportOf(app).findings).toEqual([
      expect.objectContaining({ path: 'Legacy/Queue', severity: 'warning' }),
    ]);
    queue(new Stack(app, 'New'));
    expect(refusalOf(app)).toContain('New/Queue');
    expect(errorsOf(app)).toEqual(['New/Queue']);
  });

  test('is in the report with its reason, for nested stacks too', () => {
    const app = enforced();
    const legacy = new Stack(app, 'Legacy');
    ComplianceChecks.of(legacy).reportOnly({ reason: 'is replaced in spring' });
    queue(new NestedStack(legacy, 'Nested'));
    new Stack(app, 'New');
    expect(refusalOf(app)).toBe('');
    const { mode, stacks, relaxed } = reportOf(app);
    expect(mode).toBe('enforce');
    expect(stacks).toEqual([
      expect.objectContaining({ path: 'Legacy', mode: 'report', reason: 'is replaced in spring' }),
      expect.objectContaining({ path: 'Legacy/Nested', mode: 'report', reason: 'is replaced in spring' }),
      expect.not.objectContaining({ reason: expect.anything() }),
    ]);
    expect(relaxed).toEqual([expect.objectContaining({
      path: 'Legacy', id: 'cdk-hipaa:report-only-checks', reason: 'is replaced in spring',
    })]);
  });

  test('applies to all stacks of a stage', () => {
    const app = enforced();
    const stage = new Stage(app, 'Dev');
    ComplianceChecks.of(stage).reportOnly({ reason: 'development' });
    queue(new Stack(stage, 'Stack'));
    expect(refusalOf(app)).toBe('');
    queue(new Stack(new Stage(app, 'Prod'), 'Stack'));
    expect(refusalOf(app)).toContain('Prod/Stack/Queue');
  });

  test('applies to the findings of CloudFormation Validate', () => {
    const app = enforced();
    const fill = (stack: Stack) =>
      new CfnResource(stack, 'Role', { type: 'AWS::SSM::Parameter', properties: { NoSuchProperty: 1 } });
    const legacy = new Stack(app, 'Legacy');
    ComplianceChecks.of(legacy).reportOnly({ reason: 'is replaced in spring' });
    fill(legacy);
    delete process.env.CDK_VALIDATION;
    expect(refusalOf(app)).toBe('');
    expect(reportOf(app).findings).toContainEqual(
      expect.objectContaining({ check: 'CloudFormation Validate', path: 'Legacy/Role', severity: 'warning' }),
    );
    fill(new Stack(app, 'New'));
    expect(refusalOf(app)).toContain('New/Role');
  });

  test('leaves the findings of another app that is synthesized later as they are', () => {
    const legacy = new Stack(enforced(), 'Legacy');
    ComplianceChecks.of(legacy).reportOnly({ reason: 'is replaced in spring' });
    (legacy.node.root as App).synth();
    const app = enforced();
    queue(new Stack(app, 'Legacy'));
    expect(refusalOf(app)).toContain('Legacy/Queue');
  });

  test('is refused without the checks of the app', () => {
    const app = newApp();
    ComplianceChecks.of(new Stack(app, 'Legacy')).reportOnly({ reason: 'is replaced in spring' });
    expect(() => app.synth()).toThrow('[Legacy] ComplianceChecks.reportOnly needs the checks of the app. '
      + 'Call ComplianceChecks.of(app).enforce() directly after new App().');
  });

  test.each<[string, () => void, string]>([
    [
      'on an app', () => ComplianceChecks.of(newApp()).reportOnly({ reason: 'r' }),
      '[App] ComplianceChecks.reportOnly is for a stack or a stage of an app that enforces the checks. '
        + 'Use ComplianceChecks.of(app).report().',
    ],
    [
      'twice', () => {
        const checks = ComplianceChecks.of(new Stack(newApp(), 'Legacy'));
        checks.reportOnly({ reason: 'r' });
        checks.reportOnly({ reason: 'r' });
      },
      '[Legacy] ComplianceChecks.reportOnly must be called once. Remove the other calls.',
    ],
    [
      'without a reason', () => ComplianceChecks.of(new Stack(newApp(), 'Legacy')).reportOnly({} as { reason: string }),
      '[Legacy] argument options.reason of reportOnly must be a string, got undefined. '
        + 'State why the safeguard is not needed.',
    ],
    [
      'with a blank reason', () => ComplianceChecks.of(new Stack(newApp(), 'Legacy')).reportOnly({ reason: ' ' }),
      "[Legacy] reason must be a non-blank string, got ' '. Say why it is acceptable that findings of the compliance "
        + 'checks do not stop the synthesis.',
    ],
    [
      'on a resource', () => ComplianceChecks.of(queue(new Stack(newApp(), 'Legacy'))),
      '[ComplianceChecks.of] scope must be an App, a Stage or a Stack, got Legacy/Queue. '
        + 'Use the stack of the construct.',
    ],
  ])('is refused %s', (_name, call, message) => {
    expect(call).toThrow(new Error(message));
  });
});

describe.each(['enforce', 'report'] as const)('%s of a stack', (method) => {
  test('is refused, because the checks are for the whole app', () => {
    const stack = new Stack(newApp(), 'Stack');
    expect(() => ComplianceChecks.of(stack)[method]()).toThrow(
      new Error(`[Stack] ComplianceChecks.${method} is for an app, because it checks all stacks. Call `
        + `ComplianceChecks.of(app).${method}(), and reportOnly for a stack or a stage with another mode.`));
  });
});

test('the checks of nothing are refused', () => {
  expect(() => ComplianceChecks.of(undefined as unknown as App)).toThrow(/^\[ComplianceChecks\.of\] scope must be/);
});

describe('an excluded stack', () => {
  const excludedStacks = [{ stackName: 'Pipeline', reason: 'deploys, and reads no PHI' }];

  test('has no findings in the output, and their number and the reason in the report', () => {
    const app = enforced({ excludedStacks });
    const pipeline = new Stack(app, 'Pipeline');
    queue(pipeline);
    queue(new NestedStack(pipeline, 'Nested'));
    expect(refusalOf(app)).toBe('');
    const { stacks, findings, counts } = reportOf(app);
    expect(findings).toEqual([]);
    expect(counts.findings).toBe(0);
    expect(stacks[0]).toMatchObject({
      path: 'Pipeline', mode: 'excluded', reason: 'deploys, and reads no PHI', excludedFindings: 2,
    });
    expect(stacks[1]).toMatchObject({ path: 'Pipeline/Nested', mode: 'excluded' });
    queue(new Stack(app, 'Clinic'));
    expect(refusalOf(app)).toContain('Clinic/Queue');
    expect(errorsOf(app)).toEqual(['Clinic/Queue']);
  });

  test('can be named by its path or by its own name', () => {
    const app = enforced({
      excludedStacks: [{ stackName: 'Tools/Stack', reason: 'r' }, { stackName: 'own-name', reason: 'r' }],
    });
    queue(new Stack(new Stage(app, 'Tools'), 'Stack'));
    queue(new Stack(app, 'Other', { stackName: 'own-name' }));
    expect(refusalOf(app)).toBe('');
  });

  test('brings the support stacks that aws-cdk-lib generates for its pipeline', () => {
    const app = enforced({ excludedStacks });
    const stack = new Stack(app, 'Pipeline', { env });
    const pipeline = new CodePipeline(stack, 'Pipeline', {
      crossAccountKeys: true,
      synth: new ShellStep('Synth', {
        input: CodePipelineSource.s3(s3.Bucket.fromBucketName(stack, 'Source', 'source'), 'source.zip'),
        commands: ['npx cdk synth'],
      }),
    });
    const stage = new Stage(app, 'Prod', { env: { ...env, region: 'eu-west-1' } });
    new CfnResource(new Stack(stage, 'Clinic'), 'Handle', { type: 'AWS::CloudFormation::WaitConditionHandle' });
    pipeline.addStage(stage);
    expect(refusalOf(app)).toBe('');
    const { stacks } = reportOf(app);
    const support = stacks.filter(({ name }: { name: string }) => name.includes('-support-'));
    expect(support).toHaveLength(1);
    expect(support[0]).toMatchObject({ mode: 'excluded', reason: 'deploys, and reads no PHI' });
    expect(support[0].excludedFindings).toBeGreaterThan(0);
    expect(stacks.find(({ path: at }: { path: string }) => at === 'Prod/Clinic')).toMatchObject({ mode: 'enforce' });
  });

  test('is refused at synthesis if no stack has its name', () => {
    const app = enforced({ excludedStacks });
    new Stack(app, 'Clinic');
    expect(refusalOf(app)).toContain('[App] excludedStacks[0].stackName must be the name or path of a stack of '
      + "the app, got 'Pipeline'. Correct the name, or remove the entry.");
  });

  test.each<[string, object, string]>([
    ['without a name', { stackName: ' ', reason: 'r' },
      "[App] excludedStacks[0].stackName must be a non-blank string, got ' '. Name the stack."],
    ['with a blank reason', { stackName: 'Pipeline', reason: '' },
      "[App] excludedStacks[0].reason must be a non-blank string, got ''. "
        + 'State why the checks do not apply to the stack.'],
    ['without a reason', { stackName: 'Pipeline' },
      '[App] argument options.excludedStacks[0].reason of enforce must be a string, got undefined. '
        + 'State why the safeguard is not needed.'],
  ])('is refused %s', (_name, excluded, message) => {
    expect(() => enforced({ excludedStacks: [excluded as { stackName: string; reason: string }] }))
      .toThrow(new Error(message));
  });
});

test('an acknowledgement of the whole app stays a finding beside a report-only stack', () => {
  const app = enforced();
  ComplianceChecks.of(new Stack(app, 'Legacy')).reportOnly({ reason: 'is replaced in spring' });
  queue(new Stack(app, 'New'));
  Validations.of(app).acknowledge({ id: 'cdk-hipaa::QueueWithoutCustomerKey', reason: 'all of them' });
  expect(refusalOf(app)).toContain('AcknowledgementOfApp');
});
