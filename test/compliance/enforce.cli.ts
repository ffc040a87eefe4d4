import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

const ROOT = path.join(__dirname, '..', '..');
/** The limit of a CDK CLI command, which takes seconds on an idle machine. No command of this file reaches AWS. */
const TIMEOUT_SECONDS = 180;

const HEAD = `
const { App, CfnWaitConditionHandle, Stack, Stage } = require('aws-cdk-lib');
const { CfnBucket, Bucket } = require('aws-cdk-lib/aws-s3');
const { CodePipeline, CodePipelineSource, ShellStep } = require('aws-cdk-lib/pipelines');
const { ComplianceChecks } = require(${JSON.stringify(path.join(ROOT, 'lib'))});
const app = new App();
ComplianceChecks.of(app).enforce();
`;

/** Apps whose only finding is a bucket without any safeguard. */
const APPS = {
  'a stack': 'new CfnBucket(new Stack(app, "S"), "Bare");',
  'a stage': 'new CfnBucket(new Stack(new Stage(app, "Prod"), "S"), "Bare");',
  'a stage beside a clean stack':
    'new Stack(app, "Clean"); new CfnBucket(new Stack(new Stage(app, "Prod"), "S"), "Bare");',
  'a nested stage': 'new CfnBucket(new Stack(new Stage(new Stage(app, "Outer"), "Inner"), "S"), "Bare");',
  'a pipeline': `
    const stack = new Stack(app, "Pipeline", { env: { account: '111122223333', region: 'us-east-1' } });
    const source = Bucket.fromBucketName(stack, 'Source', 'source-of-the-pipeline');
    const pipeline = new CodePipeline(stack, 'Pipeline', {
      synth: new ShellStep('Synth', {
        input: CodePipelineSource.s3(source, 'source.zip'),
        commands: ['npx cdk synth'],
      }),
    });
    const stage = new Stage(app, 'Prod', { env: { account: '111122223333', region: 'us-east-1' } });
    new CfnBucket(new Stack(stage, 'S'), 'Bare');
    pipeline.addStage(stage);`,
};
const COMMANDS = {
  'node app.js': ['node', 'app.js'],
  'cdk synth': ['cdk', 'synth'],
  'cdk synth --all': ['cdk', 'synth', '--all'],
  'cdk synth "**"': ['cdk', 'synth', '**'],
  'cdk deploy S': ['cdk', 'deploy', 'S', '--require-approval', 'never'],
  'cdk diff': ['cdk', 'diff'],
  'cdk list': ['cdk', 'list'],
};

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'enforce-'));
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function run(app: string, command: string[]) {
  fs.writeFileSync(path.join(folder, 'app.js'), `${HEAD}${app}\napp.synth();\n`);
  const [program, ...args] = command;
  const file = program === 'cdk' ? path.join(ROOT, 'node_modules', '.bin', 'cdk') : process.execPath;
  const given = program === 'cdk' ? [...args, '--app', `${process.execPath} app.js`, '--no-notices'] : args;
  // No credentials, no region and no configuration: a command that continues fails for another reason.
  const { NODE_ENV: _, ...env } = process.env;
  const result = spawnSync(file, given, {
    cwd: folder,
    encoding: 'utf8',
    timeout: TIMEOUT_SECONDS * 1000,
    env: {
      ...env,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

test.each(Object.entries(COMMANDS))('%s fails on a finding in a stage', (_name, command) => {
  const { status, output } = run(APPS['a stage'], command);
  expect(status).toBeGreaterThan(0);
  expect(output).toContain('S3BucketSSLRequestsOnly');
});

test.each(Object.entries(APPS))('cdk synth fails on a finding in %s', (_name, app) => {
  const { status, output } = run(app, COMMANDS['cdk synth']);
  expect(status).toBeGreaterThan(0);
  expect(output).toContain('S3BucketSSLRequestsOnly');
});

test.each(['node app.js', 'cdk synth', 'cdk list'] as const)('%s passes without a finding', (name) => {
  const app = 'new CfnWaitConditionHandle(new Stack(new Stage(app, "Prod"), "S"), "Handle");';
  expect(run(app, COMMANDS[name])).toMatchObject({ status: 0 });
});
