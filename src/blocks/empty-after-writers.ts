import * as s3 from 'aws-cdk-lib/aws-s3';
import { Dependable, IConstruct, IDependable } from 'constructs';

/** The ID that aws-cdk-lib gives to the custom resource that empties a bucket before its deletion. */
const EMPTIER = 'AutoDeleteObjectsCustomResource';

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
