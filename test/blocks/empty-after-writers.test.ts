import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { describeEmptier, emptyAfterWriters } from '../../src/blocks/empty-after-writers';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';

const EMPTIER = 'BucketAutoDeleteObjectsCustomResourceBAFD23C2';

function writerInto(scope: Construct, bucket: s3.IBucket, id = 'Writer'): Construct {
  const writer = new Construct(scope, id);
  for (const part of ['One', 'Two']) {
    new CfnResource(writer, part, { type: 'AWS::Test::Writer', properties: { Bucket: bucket.bucketName } });
  }
  return writer;
}

const dependsOf = (scope: Construct) =>
  Object.values(templateOf(scope).findResources('AWS::Test::Writer')).map(({ DependsOn }) => DependsOn);

test('all resources of a writer are deleted before the bucket is emptied', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
  emptyAfterWriters(bucket, writerInto(stack, bucket));
  expect(dependsOf(stack)).toEqual([[EMPTIER], [EMPTIER]]);
});

test('several writers are deleted before the bucket is emptied, in one call or in several', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
  emptyAfterWriters(bucket, writerInto(stack, bucket, 'First'), writerInto(stack, bucket, 'Second'));
  emptyAfterWriters(bucket, writerInto(stack, bucket, 'Third'));
  expect(dependsOf(stack)).toEqual(Array(6).fill([EMPTIER]));
});

test('the order also holds if autoDeleteObjects is added to the bucket later', () => {
  const stack = newStack();
  const bucket = new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
  emptyAfterWriters(bucket, writerInto(stack, bucket));
  bucket.with(new s3.mixins.BucketAutoDeleteObjects());
  expect(dependsOf(stack)).toEqual([[EMPTIER], [EMPTIER]]);
});

test.each<[string, (stack: Stack) => s3.IBucket]>([
  ['a bucket that is retained', (stack) => new s3.Bucket(stack, 'Bucket')],
  [
    'a bucket without autoDeleteObjects',
    (stack) => new s3.Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY }),
  ],
  ['an imported bucket', (stack) => s3.Bucket.fromBucketName(stack, 'Bucket', 'of-another-stack')],
])('writers of %s get no dependency', (_, bucketIn) => {
  const stack = newStack();
  const bucket = bucketIn(stack);
  emptyAfterWriters(bucket, writerInto(stack, bucket));
  expect(dependsOf(stack)).toEqual([undefined, undefined]);
});

test('a writer in another stack is deleted with its stack, which is deleted before the stack of the bucket', () => {
  const app = newApp();
  const [home, other] = ['Home', 'Other'].map((id) => new Stack(app, id));
  const bucket = new s3.Bucket(home, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
  emptyAfterWriters(bucket, writerInto(other, bucket));
  expect(dependsOf(other)).toEqual([undefined, undefined]);
  expect(other.dependencies).toEqual([home]);
});

test('the function that empties the buckets of a stack names none of them', () => {
  const stack = newStack();
  for (const id of ['First', 'Second']) {
    describeEmptier(new s3.Bucket(stack, id, { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true }));
  }
  const [{ Description }] = Object.values(propertiesOf(templateOf(stack), 'AWS::Lambda::Function'));
  expect(Description).toBe('Empties the disposable buckets of this stack before their deletion');
});

test('a bucket that is retained creates no function', () => {
  const stack = newStack();
  describeEmptier(new s3.Bucket(stack, 'Bucket'));
  templateOf(stack).resourceCountIs('AWS::Lambda::Function', 0);
});
