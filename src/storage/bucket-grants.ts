import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeObjects } from './objects-wildcard';
import { managedGrantee } from '../blocks/managed-grantee';

/** The use of the objects of a bucket by a principal. */
export type BucketAccess = 'read' | 'write' | 'full';

/** The conditions of a grant. */
type KeyConditions = Record<string, Record<string, unknown>>;

/** A bucket and its key. */
export interface EncryptedBucket {
  readonly bucket: s3.IBucket;
  readonly encryptionKey: kms.IKey;
}

/** A tag of an object contains the result of its malware scan. */
const READ = ['s3:GetObject', 's3:GetObjectTagging'];
/** An upload in parts lists and aborts its parts. */
const WRITE = ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'];
const OBJECT_ACTIONS: Record<BucketAccess, string[]> = {
  read: READ, write: WRITE, full: [...READ, ...WRITE, 's3:DeleteObject'],
};
/**
 * S3 decrypts the data key of an upload in parts when it completes the upload.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
const KEY_ACTIONS: Record<BucketAccess, string[]> = {
  read: ['kms:Decrypt'],
  write: ['kms:Decrypt', 'kms:GenerateDataKey'],
  full: ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/**
 * Grants a principal of the account access to the objects of a bucket, in its own managed policy only.
 *
 * The grants of aws-cdk-lib allow patterns of actions, and change the policy of the key, which creates a cycle if
 * principal and key are in two stacks.
 */
export function grantBucketAccess(grantee: iam.IGrantable, target: EncryptedBucket, access: BucketAccess): iam.Grant {
  const { bucket, encryptionKey } = target;
  const managed = managedGrantee(grantee);
  const add = (actions: string[], resource: string, conditions?: KeyConditions) =>
    iam.Grant.addToPrincipal({ grantee: managed, actions, resourceArns: [resource], conditions });
  const objects = add(OBJECT_ACTIONS[access], bucket.arnForObjects('*'));
  acknowledgeIn(grantee.grantPrincipal, bucket);
  // Without s3:ListBucket, S3 returns 403 instead of 404 for a missing object.
  const all = access === 'write' ? objects : objects.combine(add(['s3:ListBucket'], bucket.bucketArn));
  return all.combine(add(KEY_ACTIONS[access], encryptionKey.keyArn, onlyFor(bucket)));
}

/**
 * Limits the use of a key to the objects of a bucket.
 *
 * The encryption context is the ARN of the bucket for an object with a bucket key, and that of the object otherwise.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
 */
export function onlyFor(bucket: s3.IBucket): KeyConditions {
  return { StringLike: { 'kms:EncryptionContext:aws:s3:arn': [bucket.bucketArn, bucket.arnForObjects('*')] } };
}

/** Acknowledges the wildcard in the policies of the principal that contain it. */
function acknowledgeIn(principal: iam.IPrincipal, bucket: s3.IBucket): void {
  if (!Construct.isConstruct(principal)) return;
  const objects = bucket.arnForObjects('*');
  for (const policy of principal.node.children) {
    if (!(policy instanceof iam.ManagedPolicy) || !namesResource(policy, objects)) continue;
    acknowledgeObjects(policy, objects, `The keys of the objects in ${bucket.node.path} exist only while the `
      + `application runs, so ${principal.node.path} gets named actions on all objects of this one bucket.`);
  }
}

function namesResource({ document }: iam.ManagedPolicy, resource: string): boolean {
  const { Statement: statements = [] } = document.toJSON() ?? {};
  return (statements as Array<{ Resource?: string | string[] }>)
    .some((statement) => [statement.Resource ?? []].flat().includes(resource));
}
