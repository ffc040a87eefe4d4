import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { ComplianceChecks } from '../../src';
import { newApp } from '../support/app';

const WRITE = { 'cdk-hipaa:writeBaseline': 'true' };

let baseline: string;
beforeEach(() => {
  baseline = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'baseline-')), 'compliance-baseline.json');
});
afterEach(() => jest.restoreAllMocks());

function appWith(
  fill: (stack: Stack) => void, context: Record<string, unknown> = {}, mode: 'enforce' | 'report' = 'enforce',
): App {
  const app = newApp(context);
  ComplianceChecks.of(app)[mode]({ baseline });
  fill(new Stack(app, 'Stack'));
  return app;
}

/** A synthesis that writes the baseline. */
const write = (fill: (stack: Stack) => void) => appWith(fill, WRITE).synth();
const written = () => JSON.parse(fs.readFileSync(baseline, 'utf8'));

// The report is JSON of any shape here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
const reportOf = (app: App): any =>
  JSON.parse(fs.readFileSync(path.join(app.outdir, 'compliance-report.json'), 'utf8'));

const queue = (stack: Stack, id = 'Queue') => new CfnResource(stack, id, { type: 'AWS::SQS::Queue' });
const task = (stack: Stack, ...users: Array<string | undefined>) => new CfnResource(stack, 'Task', {
  type: 'AWS::ECS::TaskDefinition',
  properties: {
    ContainerDefinitions: users.map((User, index) => ({
      Name: `c${index}`, User, ReadonlyRootFilesystem: true, LogConfiguration: { LogDriver: 'awslogs' },
    })),
  },
});
const policy = (stack: Stack, ...resources: string[]) => new CfnResource(stack, 'Policy', {
  type: 'AWS::IAM::ManagedPolicy',
  properties: {
    PolicyDocument: {
      Statement: resources.map((Resource) => ({ Effect: 'Allow', Action: 's3:GetObject', Resource })),
    },
  },
});

test('a synthesis with the context value writes the open findings, and succeeds', () => {
  write((stack) => {
    queue(stack);
    task(stack, 'root', 'node');
    const accepted = queue(stack, 'Accepted');
    Validations.of(accepted).acknowledge({ id: 'cdk-hipaa::QueueWithoutCustomerKey', reason: 'holds build numbers' });
  });
  expect(fs.readFileSync(baseline, 'utf8')).toBe(`{
  "schemaVersion": "1.0",
  "findings": [
    {"id":"cdk-hipaa::QueueWithoutCustomerKey","path":"Stack/Queue","count":1},
    {"id":"cdk-hipaa::ContainerRunsAsRoot[c0]","path":"Stack/Task","count":1}
  ]
}
`);
});

test('a synthesis that writes the file accepts every finding, with a message', () => {
  const error = jest.spyOn(console, 'error').mockImplementation();
  const app = appWith((stack) => void queue(stack), WRITE);
  app.synth();
  expect(error).toHaveBeenCalledWith(`[${baseline}] contains the open findings now. This synthesis accepts them all: `
    + 'synthesize again without cdk-hipaa:writeBaseline.');
  expect(reportOf(app).baseline).toMatchObject({ written: true });
});

test('known findings pass as warnings, and are listed separately', () => {
  write((stack) => void queue(stack));
  const app = appWith((stack) => void queue(stack));
  app.synth();
  const { findings, baseline: known, counts } = reportOf(app);
  expect(findings).toEqual([]);
  expect(known).toEqual({
    file: baseline,
    written: false,
    findings: [expect.objectContaining({
      path: 'Stack/Queue', severity: 'warning', description: expect.stringMatching(/\(in the baseline\)$/),
    })],
    stale: [],
  });
  expect(counts).toMatchObject({ findings: 0, baseline: 1, stale: 0 });
});

describe('a new finding fails', () => {
  test.each<[string, (stack: Stack) => void, (stack: Stack) => void, RegExp]>([
    [
      'of another resource', (stack) => void queue(stack), (stack) => [queue(stack), queue(stack, 'Other')],
      /ERROR A queue [^]*?\n +Stack\/Other /,
    ],
    [
      'of another container', (stack) => void task(stack, 'root', 'node'), (stack) => void task(stack, 'root', 'root'),
      /ERROR A container runs as root[^]*?: c1 /,
    ],
    [
      'in another statement of a known policy', (stack) => void policy(stack, '*'),
      (stack) => void policy(stack, '*', '*'), /ERROR A policy allows [^]*?\n +Stack\/Policy /,
    ],
  ])('%s', (_name, before, after, message) => {
    write(before);
    appWith(before).synth();
    expect(() => appWith(after).synth()).toThrow(message);
  });
});

test('a known finding is not identified by its logical ID or by the order of statements', () => {
  write((stack) => void policy(stack, '*', 'arn:aws:s3:::b/*'));
  const app = appWith((stack) => policy(stack, 'arn:aws:s3:::b/*', '*').overrideLogicalId('Renamed'));
  expect(() => app.synth()).not.toThrow();
});

test('fixed findings are stale, in the report and on the console', () => {
  const error = jest.spyOn(console, 'error').mockImplementation();
  write((stack) => {
    queue(stack);
    policy(stack, '*', '*');
  });
  const app = appWith((stack) => void policy(stack, '*'));
  app.synth();
  const { baseline: { stale, findings }, counts } = reportOf(app);
  expect(stale).toEqual([
    { id: 'cdk-hipaa::PolicyAllowsEveryResource', path: 'Stack/Policy', count: 2 },
    { id: 'cdk-hipaa::QueueWithoutCustomerKey', path: 'Stack/Queue', count: 1 },
  ]);
  expect(findings).toHaveLength(1);
  expect(counts.stale).toBe(2);
  expect(error).toHaveBeenCalledWith(
    `[${baseline}] cdk-hipaa::QueueWithoutCustomerKey at Stack/Queue is fixed. Write the baseline again.`);
});

test('the findings of CloudFormation Validate and of cdk-nag have baselines too', () => {
  const fill = (stack: Stack) => {
    new CfnResource(stack, 'Parameter', {
      type: 'AWS::SSM::Parameter', properties: { Type: 'String', Value: 'x', NoSuchProperty: 1 },
    });
    new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket' });
  };
  const app = appWith(fill, WRITE);
  delete process.env.CDK_VALIDATION;
  app.synth();
  expect(written().findings).toContainEqual(
    expect.objectContaining({ id: expect.stringMatching(/^CloudFormation-Validate::/), path: 'Stack/Parameter' }));
  const again = appWith(fill);
  delete process.env.CDK_VALIDATION;
  expect(() => again.synth()).not.toThrow();
});

test('an acknowledgement of the app is never known, because it would cover new findings', () => {
  const fill = (stack: Stack) => {
    queue(stack);
    Validations.of(stack.node.root).acknowledge({ id: 'cdk-hipaa::QueueWithoutCustomerKey', reason: 'all' });
  };
  expect(() => write(fill)).toThrow(/AcknowledgementOfApp/);
});

test('report-only stacks are not written', () => {
  const app = newApp(WRITE);
  ComplianceChecks.of(app).enforce({ baseline });
  const legacy = new Stack(app, 'Legacy');
  ComplianceChecks.of(legacy).reportOnly({ reason: 'is replaced in spring' });
  queue(legacy);
  app.synth();
  expect(written().findings).toEqual([]);
});

test('with report, known findings are listed separately', () => {
  write((stack) => void queue(stack));
  const app = appWith((stack) => [queue(stack), queue(stack, 'Other')], {}, 'report');
  app.synth();
  const { findings, baseline: known } = reportOf(app);
  expect(findings).toEqual([expect.objectContaining({ path: 'Stack/Other' })]);
  expect(known.findings).toEqual([expect.objectContaining({ path: 'Stack/Queue' })]);
});

test('a synthesis with dummy values of lookups writes no baseline', () => {
  const app = appWith((stack) => {
    queue(stack);
    stack.reportMissingContextKey({
      key: 'k',
      provider: 'availability-zones' as never,
      props: { account: '111122223333', region: 'us-east-1' } as never,
    });
  }, WRITE);
  app.synth();
  expect(fs.existsSync(baseline)).toBe(false);
});

describe('is refused', () => {
  const refusal = (given: string) => new Error('[App] baseline must be the path of a file that the checks have '
    + `written, got '${given}'. Write it with cdk synth -c cdk-hipaa:writeBaseline=true.`);

  test('if the file does not exist', () => {
    expect(() => appWith(() => {})).toThrow(refusal(baseline));
  });

  test.each(['no JSON', '[]', '{"schemaVersion":"2.0","findings":[]}', '{"schemaVersion":"1.0","findings":[{"id":1}]}',
    '{"schemaVersion":"1.0","findings":[{"id":"a","path":"b","count":0}]}'])('if the file contains %s', (text) => {
    fs.writeFileSync(baseline, text);
    expect(() => appWith(() => {})).toThrow(refusal(`${baseline}, which is not a baseline`));
  });

  test('if its name is blank', () => {
    expect(() => ComplianceChecks.of(newApp()).enforce({ baseline: ' ' })).toThrow(
      new Error("[App] baseline must be a non-blank string, got ' '. Name the file with the known findings."));
  });
});
