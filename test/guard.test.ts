import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { App, Stack } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as notifications from 'aws-cdk-lib/aws-s3-notifications';
import { guardFindings } from '../scripts/examples/guard';

/** The template of resources that refer to one another, some of them with violations. */
function template(directory: string): string {
  const stack = new Stack(new App({ outdir: directory }), 'Plain');
  const bucket = new s3.Bucket(stack, 'Bucket');
  const code = lambda.Code.fromInline('exports.handler = () => {}');
  const runtime = lambda.Runtime.NODEJS_22_X;
  const fn = new lambda.Function(stack, 'Function', { code, handler: 'index.handler', runtime });
  bucket.addEventNotification(s3.EventType.OBJECT_CREATED, new notifications.LambdaDestination(fn));
  const cloudWatchLogGroup = new logs.LogGroup(stack, 'Log');
  new cloudtrail.Trail(stack, 'Trail', { sendToCloudWatchLogs: true, cloudWatchLogGroup });
  return path.join((stack.node.root as App).synth().directory, stack.templateFile);
}

describe('the Control Tower Guard rules, a service at a time', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'guard-test-'));
  afterAll(() => fs.rmSync(directory, { recursive: true }));

  test('find the same as all rules on the whole template', () => {
    const file = template(directory);
    const context = { templatePaths: [file], appConstruct: undefined as never };
    const { violations } = new CfnGuardValidator().validate(context);
    const all = violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ resourceLogicalId }) => `${ruleName} ${resourceLogicalId}`)).sort();
    const found = guardFindings(file).map(({ rule, logicalId }) => `${rule} ${logicalId}`).sort();
    expect(all.length).toBeGreaterThan(5);
    expect(found).toEqual(all);
  });
});
