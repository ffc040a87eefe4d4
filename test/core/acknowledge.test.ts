import { Aws, Fn, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { Construct } from 'constructs';
import { acknowledge, reportedText } from '../../src/core/acknowledge';
import { newStack } from '../support/app';
import { nagFindings } from '../support/nag';

const RULE = 'HIPAA.Security-SNSEncryptedKMS';
const hipaa = (stack: Stack) => nagFindings(stack, new HIPAASecurityChecks(stack.node.root));

describe('an acknowledged rule', () => {
  test('is not a finding on that resource, and remains a finding on its sibling', () => {
    const stack = newStack();
    new sns.Topic(stack, 'Sibling');
    const topic = new sns.Topic(stack, 'Topic');
    expect(hipaa(stack)).toEqual([`${RULE} at Stack/Sibling/Resource`, `${RULE} at Stack/Topic/Resource`]);
    acknowledge(topic, { rules: [RULE], reason: 'nothing secret is published' });
    expect(hipaa(stack)).toEqual([`${RULE} at Stack/Sibling/Resource`]);
  });

  test('does not affect other rules', () => {
    const stack = newStack();
    const topic = new sns.Topic(stack, 'Topic');
    acknowledge(topic, { rules: [RULE], reason: 'nothing secret is published' });
    expect(nagFindings(stack, new AwsSolutionsChecks(stack.node.root))).toEqual([
      'AwsSolutions-SNS3 at Stack/Topic/Resource',
    ]);
  });

  test.each(['HIPAA.Security-X', 'AwsSolutions-X', 'NIST.800.53.R5-X'])(
    '%s is qualified by its pack, so that the report lists it',
    (rule) => {
      const stack = newStack();
      const topic = new sns.Topic(stack, 'Topic');
      acknowledge(topic, { rules: [rule], reason: 'because' });
      expect(acknowledged(topic)).toEqual({ [`${rule.slice(0, rule.lastIndexOf('-'))}::${rule}`]: 'because' });
    },
  );

  test('without a pack is an annotation of aws-cdk-lib', () => {
    const stack = newStack();
    const topic = new sns.Topic(stack, 'Topic');
    acknowledge(topic, { rules: ['cdk-hipaa:own-check'], reason: 'because' });
    expect(acknowledged(topic)).toEqual({ 'Annotation::cdk-hipaa:own-check': 'because' });
  });
});

test('acknowledge accepts several rules, each with its reason', () => {
  const stack = newStack();
  const topic = new sns.Topic(stack, 'Topic');
  acknowledge(topic, { rules: [RULE], reason: 'one' }, { rules: ['AwsSolutions-SNS3'], reason: 'two' });
  expect(nagFindings(stack)).toEqual(['NIST.800.53.R5-SNSEncryptedKMS at Stack/Topic/Resource']);
});

test('an L1 construct is itself the resource', () => {
  const stack = newStack();
  const bucket = new s3.CfnBucket(stack, 'Bucket');
  acknowledge(bucket, { rules: ['HIPAA.Security-S3BucketVersioningEnabled'], reason: 'because' });
  expect(hipaa(stack)).not.toContain('HIPAA.Security-S3BucketVersioningEnabled at Stack/Bucket');
});

test('a construct without a default resource is refused', () => {
  expect(() => acknowledge(new Construct(newStack(), 'Group'), { rules: [RULE], reason: 'because' })).toThrow(
    'Stack/Group has no CloudFormation resource on which a rule can be acknowledged');
});

test.each([
  ['pseudo parameters', `arn:${Aws.PARTITION}:s3:::*`, 'arn:<AWS::Partition>:s3:::*'],
  ['no token', 'arn:aws:s3:::*', 'arn:aws:s3:::*'],
  ['another intrinsic function', Fn.select(0, Fn.getAzs()), '{"Fn::Select":[0,{"Fn::GetAZs":""}]}'],
])('the text of a finding on a value with %s', (_, value, text) => {
  expect(reportedText(newStack(), value)).toBe(text);
});

test('the text of a finding on a value with attributes and references is that of cdk-nag', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Bucket');
  const resources = [bucket.arnForObjects('*'), `arn:aws:s3:::${bucket.bucketName}/*`];
  const policy = new iam.ManagedPolicy(stack, 'Policy', {
    statements: [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources })],
  });
  const findings = () => nagFindings(stack).filter((finding) => finding.includes('IAM5'));
  expect(findings()).toHaveLength(2);
  acknowledge(policy, {
    rules: resources.map((resource) => `AwsSolutions-IAM5[Resource::${reportedText(stack, resource)}]`),
    reason: 'because',
  });
  expect(findings()).toEqual([]);
});

/** The acknowledgements on the resource of a construct: reasons by rule. */
function acknowledged(construct: Construct): object {
  return construct.node.defaultChild!.node.metadata.find(
    (entry) => entry.type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY,
  )!.data;
}
