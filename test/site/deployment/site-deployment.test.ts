import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { pinFeatureFlags } from '../../../src/core/feature-flags';
import { MAX_SITE_FILES, MAX_SITE_MEBIBYTES } from '../../../src/site/deployment/deploy-site-contract';
import { SiteDeployment } from '../../../src/site/deployment/site-deployment';
import { newApp, newStack, propertiesOf, templateOf, WITH_ASSETS } from '../../support/app';
import { nagFindings } from '../../support/nag';
import { templateFindings } from '../../support/validate';

const folders: string[] = [];

afterAll(() => folders.forEach((folder) => fs.rmSync(folder, { recursive: true })));

/** A folder of a site. */
function folderOf(files: Record<string, string> = { 'index.html': 'page', 'assets/app.js': 'script' }): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'site-'));
  folders.push(root);
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
  return root;
}

/** The resources of a site that a deployment needs. */
class Site extends Construct {
  public readonly bucket: s3.Bucket;
  public readonly deployment: SiteDeployment;

  constructor(scope: Construct, id: string, source: string = folderOf(), immutablePaths: string[] = ['/assets/*']) {
    super(scope, id);
    pinFeatureFlags(this);
    const encryptionKey = new kms.Key(this, 'Key', { enableKeyRotation: true });
    this.bucket = new s3.Bucket(this, 'Bucket', { encryptionKey, encryption: s3.BucketEncryption.KMS });
    const distribution = cloudfront.Distribution.fromDistributionAttributes(this, 'Distribution', {
      distributionId: 'E1',
      domainName: 'd1.cloudfront.net',
    });
    this.deployment = new SiteDeployment(this, 'Deployment', {
      source,
      bucket: this.bucket,
      distribution,
      immutablePaths,
      encryptionKey,
    });
  }
}

/** The files of the folder that the CDK uploads. */
function staged(stack: Stack): string {
  const assembly = (stack.node.root as App).synth();
  const { directory } = assembly;
  const folderName = fs
    .readdirSync(directory)
    .find((name) => name.startsWith('asset.') && fs.existsSync(path.join(directory, name, 'index.html')));
  return path.join(directory, folderName!);
}

describe('by default', () => {
  const stack = newStack();
  const site = new Site(stack, 'Site');
  const template = templateOf(stack);
  const [files] = Object.values(propertiesOf(template, 'Custom::SiteFiles'));
  const [bucketId] = Object.keys(template.findResources('AWS::S3::Bucket'));
  const [keyId] = Object.keys(template.findResources('AWS::KMS::Key'));
  const functions = Object.entries(template.findResources('AWS::Lambda::Function'));

  test('one custom resource passes the source and the target to the function', () => {
    expect(files).toEqual({
      ServiceToken: { 'Fn::GetAtt': [functions[0][0], 'Arn'] },
      ServiceTimeout: '900',
      ArchiveBucket: { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' },
      ArchiveKey: expect.stringMatching(/^[0-9a-f]{64}\.zip$/),
      Bucket: { Ref: bucketId },
      KeyArn: { 'Fn::GetAtt': [keyId, 'Arn'] },
      DistributionId: 'E1',
      ImmutablePaths: ['/assets/*'],
    });
  });

  test('each site has its own function with memory for the largest site and a timeout of ten minutes', () => {
    expect(functions).toHaveLength(1);
    expect(functions[0][1].Properties).toMatchObject({
      Description: 'Deploys the files of a site',
      MemorySize: 1769,
      Timeout: 600,
    });
  });

  test('CloudFormation waits until the last attempt has started and ended', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumEventAgeInSeconds: 300,
      FunctionName: { Ref: functions[0][0] },
    });
    expect(Number(files.ServiceTimeout)).toBe(300 + functions[0][1].Properties.Timeout);
  });

  test('the custom resource depends on the policy, the log and the invoke configuration of the function', () => {
    const [resource] = Object.values(template.findResources('Custom::SiteFiles'));
    const parts = ['AWS::IAM::ManagedPolicy', 'AWS::Logs::LogGroup', 'AWS::Lambda::EventInvokeConfig'].flatMap((type) =>
      Object.keys(template.findResources(type)),
    );
    expect(resource.DependsOn).toEqual(expect.arrayContaining(parts));
  });

  test('the log, the environment and the dead-letter queue are encrypted with the key of the site, and no other key '
    + 'exists', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    expect(functions[0][1].Properties.KmsKeyArn).toEqual({ 'Fn::GetAtt': [keyId, 'Arn'] });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] } });
  });

  test('the function can read this archive, write to this bucket, invalidate this '
    + 'distribution, and nothing else', () => {
    const [policy] = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
    const bucketArn = { 'Fn::GetAtt': [bucketId, 'Arn'] };
    const partition = { Ref: 'AWS::Partition' };
    const idOf = (type: string) => Object.keys(template.findResources(type))[0];
    const joined = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });
    const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });
    const archive = ['arn:', partition, ':s3:::', files.ArchiveBucket, `/${files.ArchiveKey}`];
    expect(policy.PolicyDocument.Statement).toEqual([
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': [idOf('AWS::Logs::LogGroup'), 'Arn'] }),
      allow('sqs:SendMessage', { 'Fn::GetAtt': [idOf('AWS::SQS::Queue'), 'Arn'] }),
      allow(['kms:Decrypt', 'kms:GenerateDataKey'], { 'Fn::GetAtt': [keyId, 'Arn'] }),
      allow('s3:GetObject', joined(...archive)),
      allow('s3:ListBucket', bucketArn),
      allow(['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], joined(bucketArn, '/*')),
      allow(
        'cloudfront:CreateInvalidation',
        joined('arn:', partition, ':cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/E1'),
      ),
    ]);
  });

  test('bucket and distribution do not reference the deployment: they are created '
    + 'before it and deleted after it', () => {
    const { DependsOn, Properties } = template.toJSON().Resources[bucketId];
    expect(JSON.stringify([DependsOn, Properties])).not.toMatch(/Deployment/);
  });

  test('the handler is exposed for monitoring', () =>
    expect(site.deployment.handler.function.node.path).toBe('Stack/Site/Deployment/Function/Resource'));

  test('the logical IDs are stable', () => {
    expect(Object.keys(template.findResources('Custom::SiteFiles'))).toEqual(['SiteDeploymentFiles0F871E44']);
    expect(functions.map(([id]) => id)).toEqual(['SiteDeploymentFunctionB30F7F2F']);
  });
});

describe('the archive', () => {
  test('contains hidden files, but no files of the operating system', () => {
    const stack = newStack({ context: WITH_ASSETS });
    new Site(
      stack,
      'Site',
      folderOf({
        'index.html': 'page',
        '.well-known/security.txt': 'who',
        '.DS_Store': '',
        'a/.DS_Store': '',
        'a/Thumbs.db': '',
        'a/desktop.ini': '',
        'a/b.js': 'b',
      }),
    );
    expect(fs.readdirSync(staged(stack), { recursive: true, encoding: 'utf8' }).sort()).toEqual([
      '.well-known',
      '.well-known/security.txt',
      'a',
      'a/b.js',
      'index.html',
    ]);
  });

  test('contains the targets of links', () => {
    const [real, source] = [folderOf({ 'app.js': 'script' }), folderOf({ 'index.html': 'page' })];
    fs.symlinkSync(path.join(real, 'app.js'), path.join(source, 'app.js'));
    const stack = newStack({ context: WITH_ASSETS });
    new Site(stack, 'Site', source);
    expect(fs.lstatSync(path.join(staged(stack), 'app.js')).isFile()).toBe(true);
  });

  test('has another key when a file changes, which causes an update', () => {
    const keyOf = (content: string) => {
      const stack = newStack();
      new Site(stack, 'Site', folderOf({ 'index.html': content }));
      return Object.values(propertiesOf(templateOf(stack), 'Custom::SiteFiles'))[0].ArchiveKey;
    };
    expect(keyOf('one')).not.toBe(keyOf('two'));
    expect(keyOf('one')).toBe(keyOf('one'));
  });
});

test('an empty list of immutable paths is passed to the function', () => {
  const stack = newStack();
  new Site(stack, 'Site', folderOf(), []);
  expect(Object.values(propertiesOf(templateOf(stack), 'Custom::SiteFiles'))[0].ImmutablePaths ?? []).toEqual([]);
});

describe('other environments', () => {
  test('include two sites in one stack with a function each', () => {
    const stack = newStack();
    new Site(stack, 'One');
    new Site(stack, 'Two');
    templateOf(stack).resourceCountIs('AWS::Lambda::Function', 2);
  });

  test('include a stage in another partition', () => {
    const stack = new Stack(new Stage(newApp(), 'Stage'), 'Stack', {
      env: { account: '111122223333', region: 'us-gov-west-1' },
    });
    new Site(stack, 'Site');
    expect(JSON.stringify(propertiesOf(Template.fromStack(stack), 'AWS::IAM::ManagedPolicy'))).not.toMatch(/arn:aws/);
  });
});

describe('the rule packs', () => {
  test('have no findings on the deployments of two sites in one app', () => {
    const stack = newStack();
    new Site(stack, 'One');
    new Site(stack, 'Two');
    expect(nagFindings(stack).filter((finding) => finding.includes('/Deployment/'))).toEqual([]);
  });

  test('report a policy that the app adds', () => {
    const stack = newStack();
    const site = new Site(stack, 'Site');
    const beside = new iam.ManagedPolicy(site, 'Beside', { roles: [site.deployment.handler.function.role!] });
    beside.addStatements(
      new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [site.bucket.arnForObjects('*')] }),
    );
    expect(nagFindings(stack)).toContain('AwsSolutions-IAM5[Resource::<SiteBucket978D4AEB.Arn>/*] at '
      + 'Stack/Site/Beside/Resource');
  });

  test('of CloudFormation have no findings', () => {
    const stack = newStack();
    new Site(stack, 'Site');
    expect(templateFindings(stack.node.root as App).filter((finding) => finding.includes('/Deployment/'))).toEqual([]);
  });
});

describe('a source that is too large for the function', () => {
  const refusal = (source: string) => () => new Site(newStack(), 'Site', source);
  const remedy = 'Leave source out and deploy the files from a pipeline, for example with aws s3 sync.';

  test('is refused by its size, including holes of a sparse file', () => {
    const source = folderOf();
    fs.truncateSync(path.join(source, 'index.html'), MAX_SITE_MEBIBYTES * 1024 * 1024);
    expect(refusal(source)).toThrow(new Error(
      `[Stack/Site] source must be a directory with at most ${MAX_SITE_MEBIBYTES} MiB, got a directory with `
        + `${MAX_SITE_MEBIBYTES + 1} MiB. ${remedy}`));
  });

  test('is refused by its number of files', () => {
    const source = folderOf();
    for (let index = 0; index < MAX_SITE_FILES - 1; index++) {
      fs.linkSync(path.join(source, 'index.html'), path.join(source, 'assets', `${index}.html`));
    }
    expect(refusal(source)).toThrow(new Error(
      `[Stack/Site] source must be a directory with at most ${MAX_SITE_FILES} files, got a directory with more. `
        + `${remedy}`));
  });

  test('is accepted at the limit', () => {
    const source = folderOf({ 'index.html': '' });
    for (let index = 0; index < MAX_SITE_FILES - 1; index++) {
      fs.linkSync(path.join(source, 'index.html'), path.join(source, `${index}.html`));
    }
    fs.writeFileSync(path.join(source, '.DS_Store'), '');
    expect(refusal(source)).not.toThrow();
  });
});
