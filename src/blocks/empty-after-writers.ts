import { CfnResource, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Dependable, IConstruct, IDependable } from 'constructs';

/** The ID that aws-cdk-lib gives to the custom resource that empties a bucket before its deletion. */
const EMPTIER = 'AutoDeleteObjectsCustomResource';
/** The ID of the function that empties the buckets of a stack. aws-cdk-lib creates one function per stack. */
const EMPTIER_FUNCTION = 'Custom::S3AutoDeleteObjectsCustomResourceProvider';
const EMPTIER_DESCRIPTION = 'Empties the disposable buckets of this stack before their deletion';

/**
 * Empties a disposable bucket only after its writers are deleted.
 *
 * By default, CloudFormation deletes a writer and the custom resource that empties the bucket at the same time. A file
 * written after the bucket was emptied blocks its deletion. With this function, each writer depends on that custom
 * resource and is deleted before it. The function has no effect on a bucket that is retained, imported, or not emptied
 * by aws-cdk-lib; this is evaluated at synthesis.
 *
 * The bucket policy must not refer to a writer. The custom resource depends on the policy, so that would be a cycle.
 */
export function emptyAfterWriters(bucket: s3.IBucket, ...writers: IConstruct[]): void {
  const emptier: IDependable = {};
  Dependable.implement(emptier, {
    get dependencyRoots(): IConstruct[] {
      const found = bucket.node.tryFindChild(EMPTIER);
      return found ? [found] : [];
    },
  });
  for (const writer of writers) writer.node.addDependency(emptier);
}

/**
 * Gives the function that empties the buckets of the stack a description that names no bucket.
 *
 * aws-cdk-lib's description names the first disposable bucket of the stack. All other buckets are emptied by the same
 * function, so they and their writers would depend on the first bucket and on its key. If the policy of that key names
 * a writer, as it names the distribution of a site, that is a cycle.
 */
export function describeEmptier(bucket: s3.Bucket): void {
  const handler = Stack.of(bucket).node.tryFindChild(EMPTIER_FUNCTION)?.node.tryFindChild('Handler');
  if (handler && CfnResource.isCfnResource(handler)) {
    handler.addPropertyOverride('Description', EMPTIER_DESCRIPTION);
  }
}
