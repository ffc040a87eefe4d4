import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { site, WEB_ACL_ARN } from './some-cdn';
import { WebFirewall } from '../../src/firewall/web-firewall';
import { StaticSiteCdn } from '../../src/site/static-site-cdn';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';

type Statement = ReturnType<typeof propertiesOf>[string];

const firewall = WebFirewall.fromWebAclArn(WEB_ACL_ARN);
const DISTRIBUTION_ARN = {
  'Fn::Join': [
    '',
    [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':cloudfront::',
      { Ref: 'AWS::AccountId' },
      ':distribution/',
      { Ref: expect.stringMatching(/^SiteDistribution/) },
    ],
  ],
};

function keyStatements(stack: Stack): Statement[] {
  const [{ KeyPolicy }] = Object.values(propertiesOf(templateOf(stack), 'AWS::KMS::Key'));
  return KeyPolicy.Statement;
}

function keyStatement(stack: Stack): Statement {
  return keyStatements(stack).find(({ Sid }) => /^CloudFront[0-9a-f]/.test(Sid))!;
}

test('the created key allows only this distribution to decrypt, by its ARN and without a wildcard', () => {
  const stack = newStack();
  site({}, stack);
  expect(keyStatement(stack)).toEqual({
    Sid: 'CloudFrontea874ca4',
    Effect: 'Allow',
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Action: 'kms:Decrypt',
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceArn': DISTRIBUTION_ARN } },
  });
});

test('the created key rotates and also encrypts the log of the firewall and the function', () => {
  const stack = newStack();
  const subject = site({}, stack);
  const template = templateOf(stack);
  template.resourceCountIs('AWS::KMS::Key', 1);
  template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true, RotationPeriodInDays: 365 });
  template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: stack.resolve(subject.encryptionKey.keyArn) });
});

test('a key in the same stack gets the same statement', () => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'OwnKey');
  site({ encryptionKey, firewall }, stack);
  expect(keyStatement(stack).Condition).toEqual({ StringEquals: { 'aws:SourceArn': DISTRIBUTION_ARN } });
  templateOf(stack).resourceCountIs('AWS::KMS::Key', 1);
});

test('a key that two sites share has a statement with its own SID for each', () => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'OwnKey');
  for (const id of ['Patients', 'Clinics']) new StaticSiteCdn(stack, id, { encryptionKey, firewall });
  const sids = keyStatements(stack).map(({ Sid }) => Sid).filter((sid) => sid !== undefined);
  expect(sids).toHaveLength(2);
  expect(new Set(sids).size).toBe(2);
});

test('a key in another stack allows the distributions of the account, with a warning', () => {
  const app = newApp();
  const keys = new Stack(app, 'Keys');
  const stack = new Stack(app, 'Stack');
  site({ encryptionKey: new kms.Key(keys, 'Key'), firewall }, stack);
  expect(keyStatement(keys).Condition).toEqual({
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    ArnLike: {
      'aws:SourceArn': {
        'Fn::Join': [
          '',
          ['arn:', { Ref: 'AWS::Partition' }, ':cloudfront::', { Ref: 'AWS::AccountId' }, ':distribution/*'],
        ],
      },
    },
  });
  Annotations.fromStack(stack).hasWarning('/Stack/Site', 'the key Keys/Key is in another stack, so its policy '
    + 'allows every distribution of the account to decrypt; '
    + 'leave encryptionKey out, or create the key in this stack [ack: cdk-hipaa:site-key-of-another-stack]');
});

test('an imported key is not changed', () => {
  const stack = newStack();
  const keyArn = 'arn:aws:kms:us-east-1:111122223333:key/1';
  site({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', keyArn), firewall }, stack);
  const template = templateOf(stack);
  template.resourceCountIs('AWS::KMS::Key', 0);
  template.hasResourceProperties('AWS::S3::Bucket', {
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        Match.objectLike({ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } }),
      ],
    },
  });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('cdk-hipaa:site-key'));
});
