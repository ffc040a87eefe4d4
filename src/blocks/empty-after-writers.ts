import * as s3 from 'aws-cdk-lib/aws-s3';
import { Dependable, IConstruct, IDependable } from 'constructs';

/** What aws-cdk-lib calls the custom resource that empties a bucket when it is deleted, below the bucket. */
const EMPTIER = 'AutoDeleteObjectsCustomResource';

/**
 * Has a bucket of disposable data emptied only after everything that writes to it is gone.
 *
 * Left to itself, CloudFormation deletes a writer and what empties the bucket at the same time, as neither mentions the other: what is written
 * after the bucket was emptied keeps it from being deleted. Each writer depends on what empties the bucket, and so is deleted before it.
 * Nothing happens for a bucket that is kept, or imported, or that its owner does not have emptied; whether it is, is asked at synthesis.
 *
 * The policy of the bucket must not refer to a writer: what empties the bucket depends on the policy, so that would be a circle.
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
