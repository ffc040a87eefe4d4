import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ComplianceChecks, RulePack } from '../../src';
import { relax } from '../../src/core/relaxation';
import { newApp } from '../support/app';

const VALIDATE = '@aws-cdk/core:validateAgainstDefaultRules';

const pluginNames = (app: App) =>
  (app as unknown as { _validationPlugins: Array<{ name: string }> })._validationPlugins.map((plugin) => plugin.name);

/** The message of the synthesis error of an app, or an empty string. */
function refusalOf(app: App): string {
  try {
    app.synth();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('enforce', () => {
  test('runs the HIPAA pack and the checks of this library', () => {
    const app = newApp();
    ComplianceChecks.of(app).enforce();
    expect(pluginNames(app)).toEqual(['HIPAA.Security', 'cdk-hipaa', 'cdk-hipaa report']);
  });

  test('runs additional packs, each once', () => {
    const app = newApp();
    ComplianceChecks.of(app).enforce({
      additionalPacks: [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5, RulePack.HIPAA_SECURITY],
    });
    expect(pluginNames(app)).toEqual([
      'HIPAA.Security',
      'AwsSolutions',
      'NIST.800.53.R5',
      'cdk-hipaa',
      'cdk-hipaa report',
    ]);
  });

  test('stops on a finding of the pack and on a finding of the library', () => {
    const app = newApp();
    ComplianceChecks.of(app).enforce();
    new sns.Topic(new Stack(app, 'Stack'), 'Topic');
    const refusal = refusalOf(app);
    expect(refusal).toContain('HIPAA.Security-SNSEncryptedKMS');
    expect(refusal).toContain('TopicWithoutCustomerKey');
  });

  test('stops on a finding of CloudFormation Validate', () => {
    const app = newApp();
    delete process.env.CDK_VALIDATION;
    ComplianceChecks.of(app).enforce();
    new s3.CfnBucketPolicy(new Stack(app, 'Stack'), 'Policy', { bucket: 'b', policyDocument: {} }).addPropertyOverride(
      'NoSuchProperty',
      1,
    );
    expect(refusalOf(app)).toContain('NoSuchProperty');
  });

  test('accepts an acknowledged finding, and stops on its sibling', () => {
    const app = newApp();
    ComplianceChecks.of(app).enforce();
    const stack = new Stack(app, 'Stack');
    const accepted = new CfnResource(stack, 'Accepted', { type: 'AWS::SNS::Topic' });
    Validations.of(accepted).acknowledge({ id: 'cdk-hipaa::TopicWithoutCustomerKey', reason: 'holds build numbers' });
    expect(refusalOf(app)).toBe('');
    new CfnResource(stack, 'Sibling', { type: 'AWS::SNS::Topic' });
    expect(() => app.synth({ force: true })).toThrow(/Stack\/Sibling/);
  });

  test('is refused after the app has children', () => {
    const app = newApp();
    new Stack(app, 'Early');
    expect(() => ComplianceChecks.of(app).enforce()).toThrow(
      new Error('[App] ComplianceChecks.enforce must be called directly after new App(), but Early already exists. '
        + `Move the call, or set "${VALIDATE}": true in the context of cdk.json.`));
  });

  test('can be called at any time if cdk.json sets the flag', () => {
    const app = newApp({ [VALIDATE]: true });
    new Stack(app, 'Early');
    expect(() => ComplianceChecks.of(app).enforce()).not.toThrow();
  });

  test('is refused a second time, and after report', () => {
    const app = newApp();
    ComplianceChecks.of(app).report();
    expect(() => ComplianceChecks.of(app).enforce()).toThrow(
      new Error(
        '[App] ComplianceChecks must be used once for each app, with either enforce or report. Remove the other calls.',
      ),
    );
  });
});

describe('report', () => {
  test('lists the findings and completes the synthesis', () => {
    const app = newApp();
    ComplianceChecks.of(app).report();
    new sns.Topic(new Stack(app, 'Stack'), 'Topic');
    expect(refusalOf(app)).toBe('');
    const written = JSON.parse(fs.readFileSync(path.join(app.outdir, 'validation-report.json'), 'utf8'));
    const rules = written.pluginReports.flatMap(
      (plugin: { violations: Array<{ ruleName: string; severity: string }> }) => plugin.violations,
    );
    expect(rules).toContainEqual(
      expect.objectContaining({ ruleName: 'HIPAA.Security-SNSEncryptedKMS', severity: 'warning' }),
    );
    expect(rules).toContainEqual(expect.objectContaining({ ruleName: 'TopicWithoutCustomerKey', severity: 'warning' }));
  });

  test('does not change the flag of CloudFormation Validate if its findings are warnings by default', () => {
    const app = newApp();
    new Stack(app, 'Early');
    ComplianceChecks.of(app).report();
    expect(app.node.tryGetContext(VALIDATE)).toBeUndefined();
  });

  test('turns the findings of CloudFormation Validate into warnings, regardless of cdk.json', () => {
    const app = newApp({ [VALIDATE]: true });
    delete process.env.CDK_VALIDATION;
    ComplianceChecks.of(app).report();
    new s3.CfnBucketPolicy(new Stack(app, 'Stack'), 'Policy', { bucket: 'b', policyDocument: {} }).addPropertyOverride(
      'NoSuchProperty',
      1,
    );
    expect(refusalOf(app)).toBe('');
  });

  test('is refused after the app has children, if cdk.json sets the flag', () => {
    const app = newApp({ [VALIDATE]: true });
    new Stack(app, 'Early');
    expect(() => ComplianceChecks.of(app).report()).toThrow(
      new Error('[App] ComplianceChecks.report must be called directly after new App(), but Early already exists. '
        + `Move the call, or set "${VALIDATE}": false in the context of cdk.json.`));
  });
});

test.each(['enforce', 'report'] as const)('%s: a later synthesis into the same folder replaces the report', (mode) => {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-out-'));
  for (const reason of ['first reason', 'first reason', 'second reason']) {
    const app = newApp({}, outdir);
    ComplianceChecks.of(app)[mode]();
    relax(new Stack(app, 'Stack'), { id: 'some-safeguard', what: 'a safeguard is off', reason });
    app.synth();
    expect(JSON.parse(fs.readFileSync(path.join(outdir, 'compliance-report.json'), 'utf8')).relaxed).toEqual([
      expect.objectContaining({ reason }),
    ]);
  }
});

describe('the costs of the packs that docs/compliance-checks.md states', () => {
  /** The findings of one bucket and one function, and those of the grant between them. */
  function findingsWith(packs: RulePack[]): { before: number; ofGrant: number } {
    const app = newApp();
    ComplianceChecks.of(app).report({ additionalPacks: packs });
    const stack = new Stack(app, 'Stack');
    const encryptionKey = new kms.Key(stack, 'Key', { enableKeyRotation: true });
    const bucket = new s3.Bucket(stack, 'Bucket', { encryptionKey });
    const reader = new lambda.Function(stack, 'Function', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {};'),
    });
    const count = () => {
      app.synth({ force: true });
      return JSON.parse(fs.readFileSync(path.join(app.outdir, 'compliance-report.json'), 'utf8')).counts.findings;
    };
    const before = count();
    bucket.grantReadWrite(reader);
    return { before, ofGrant: count() - before };
  }

  test.each<[string, RulePack[], number, number]>([
    ['the default', [], 10, 1],
    ['AWS Solutions', [RulePack.AWS_SOLUTIONS], 14, 9],
    ['NIST 800-53', [RulePack.NIST_800_53_R5], 19, 2],
    ['all', [RulePack.AWS_SOLUTIONS, RulePack.NIST_800_53_R5], 23, 10],
  ])('%s', (_name, packs, before, ofGrant) => {
    expect(findingsWith(packs)).toEqual({ before, ofGrant });
  });
});
