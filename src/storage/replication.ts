import { Annotations, ReferenceStrength, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { EncryptedBucket } from './bucket-grants';
import { acknowledgeObjects } from './objects-wildcard';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';
import { concreteStatements } from '../core/concrete-statements';
import { requireInKeyPolicy } from '../core/imported-key-policy';
import { refuse, refuseUse, Situation } from '../core/refusal';

/** The ID of the replication rule, which is a dimension of its metrics. */
export const REPLICATION_RULE = 'AllObjects';

/** The destination, as the stack of the source can name it. */
interface Destination {
  readonly bucketArn: string;
  readonly bucketName: string;
  readonly keyArn: string;
  /** The account, if it is another one. */
  readonly account?: string;
}

/** The replication of a bucket: the name of its destination, a dimension of the metrics. */
export interface Replication {
  readonly destinationName: string;
}

/** Refuses a destination to which S3 cannot replicate, or that protects from no loss. */
export function requireReplica(scope: IConstruct, replica: s3.IBucket): void {
  const refuseIt = (given: string, allowed: string, change: string): never =>
    refuse(scope, { prop: 'replicaBucket', given: new Situation(`${replica.node.path} ${given}`), allowed, change });
  if (!replica.encryptionKey) {
    refuseIt('without a known key', 'a bucket with a customer managed key',
      'create it as a PhiBucket, or import it with Bucket.fromBucketAttributes({ encryptionKey, region, … })');
  }
  requireElsewhere(scope, replica);
  const { defaultChild } = replica.node;
  if (!(defaultChild instanceof s3.CfnBucket)) return;
  const { versioning, lock } = Stack.of(replica).resolve({
    versioning: defaultChild.versioningConfiguration, lock: defaultChild.objectLockEnabled,
  });
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html
  if (versioning?.status !== 'Enabled' && typeof versioning?.status !== 'object') {
    refuseIt('without versions', 'a bucket with versioning', 'create it as a PhiBucket, or with versioned: true');
  }
  if (lock === undefined || lock === false) {
    refuseIt('without object lock', 'a bucket with object lock, like each PhiBucket',
      'create it as a PhiBucket, or with objectLockEnabled: true');
  }
}

/** A copy in the same region and account is lost together with its source. Tokens pass. */
function requireElsewhere(scope: IConstruct, replica: s3.IBucket): void {
  const { account, region } = Stack.of(scope);
  const there = replica.env;
  if ([account, region, there.account, there.region].some((each) => Token.isUnresolved(each))) return;
  if (there.region !== region || there.account !== account) return;
  refuse(scope, {
    prop: 'replicaBucket',
    given: new Situation(`${replica.node.path} in ${region}`),
    allowed: 'a bucket in another region or account, because versions protect the objects in this one',
    change: 'create it in a stack of another region, or pass region to Bucket.fromBucketAttributes',
  });
}

/** Replicates new objects with their tags, locks and delete markers, and publishes metrics. */
export function replicate(scope: Construct, source: EncryptedBucket, replica: s3.IBucket): Replication {
  const destination = destinationOf(scope, replica);
  const role = replicationRole(scope, source, destination);
  const { account } = destination;
  (source.bucket.node.defaultChild as s3.CfnBucket).replicationConfiguration = {
    role: role.roleArn,
    rules: [{
      id: REPLICATION_RULE,
      status: 'Enabled',
      priority: 1,
      filter: { prefix: '' },
      deleteMarkerReplication: { status: 'Enabled' },
      sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
      destination: {
        bucket: destination.bucketArn,
        encryptionConfiguration: { replicaKmsKeyId: destination.keyArn },
        metrics: { status: 'Enabled' },
        ...account ? { account, accessControlTranslation: { owner: 'Destination' } } : {},
      },
    }],
  };
  if (account) requireInOtherAccount(scope, replica, account);
  return { destinationName: destination.bucketName };
}

/**
 * Names the destination. From a stack of another region, the values are read at each deployment.
 *
 * A strong reference would add a custom resource to both stacks and block the replacement of the destination.
 */
function destinationOf(scope: IConstruct, replica: s3.IBucket): Destination {
  const stack = Stack.of(scope);
  const other = Stack.of(replica);
  const bucket = replica.node.defaultChild;
  const key = replica.encryptionKey!.node.defaultChild;
  const isRemote = stack.region !== other.region;
  if (isRemote && other.nested && bucket) {
    refuseUse(scope, `replicaBucket must not be in a nested stack of another region, but ${replica.node.path} is`,
      'create it in a top-level stack');
  }
  // Only attributes of resources have references of a chosen strength.
  const name = (attribute: string | undefined, value: string) => isRemote && attribute !== undefined
    ? Stack.consumeReference(attribute, ReferenceStrength.WEAK)
    : value;
  const { account } = replica.env;
  const ofBucket = bucket instanceof s3.CfnBucket ? bucket : undefined;
  return {
    bucketArn: name(ofBucket?.attrArn, replica.bucketArn),
    bucketName: name(ofBucket?.ref, replica.bucketName),
    keyArn: name(key instanceof kms.CfnKey ? key.attrArn : undefined, replica.encryptionKey!.keyArn),
    account: Token.isUnresolved(account) || account === stack.account ? undefined : account,
  };
}

/**
 * The permissions that AWS documents, and those to replicate locks.
 *
 * AWS documents no conditions for the trust in S3.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-replication
 */
function replicationRole(scope: Construct, source: EncryptedBucket, destination: Destination): iam.Role {
  const role = new ManagedPolicyRole(scope, 'ReplicationRole', {
    assumedBy: new iam.ServicePrincipal('s3.amazonaws.com'),
    description: `Replicates the objects of ${scope.node.path}`,
  });
  const { bucket, encryptionKey } = source;
  const allow = (actions: string[], resource: string, conditions?: iam.Conditions) =>
    role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [resource], conditions }));
  const objects = bucket.arnForObjects('*');
  const replicas = `${destination.bucketArn}/*`;
  allow(['s3:GetReplicationConfiguration', 's3:ListBucket'], bucket.bucketArn);
  allow(['s3:GetObjectLegalHold', 's3:GetObjectRetention', 's3:GetObjectVersionAcl',
    's3:GetObjectVersionForReplication', 's3:GetObjectVersionTagging'], objects);
  allow(replicationActions(destination.account), replicas);
  allow(['kms:Decrypt'], encryptionKey.keyArn, onlyForArn(bucket.bucketArn));
  allow(['kms:Encrypt', 'kms:GenerateDataKey'], destination.keyArn, onlyForArn(destination.bucketArn));
  const policy = role.node.findChild('Policy');
  acknowledgeObjects(policy, objects, `S3 replicates every object of ${scope.node.path} with this role.`);
  acknowledgeObjects(policy, replicas, `S3 writes a replica of every object of ${scope.node.path} to this bucket.`);
  return role;
}

function replicationActions(otherAccount: string | undefined): string[] {
  return [
    ...otherAccount ? ['s3:ObjectOwnerOverrideToBucketOwner'] : [],
    's3:ReplicateDelete', 's3:ReplicateObject', 's3:ReplicateTags',
  ];
}

/** Limits the use of a key to the objects of a bucket: see `onlyFor`. */
function onlyForArn(bucketArn: string): iam.Conditions {
  return { StringLike: { 'kms:EncryptionContext:aws:s3:arn': [bucketArn, `${bucketArn}/*`] } };
}

/** Prints what the owner of the destination must allow. The app cannot change policies of another account. */
function requireInOtherAccount(scope: Construct, replica: s3.IBucket, account: string): void {
  const ours = new iam.AccountPrincipal(Stack.of(scope).account);
  const statement = new iam.PolicyStatement({
    sid: `Replication${scope.node.addr.slice(-8)}`,
    principals: [ours],
    actions: replicationActions(account),
    resources: [replica.arnForObjects('*')],
  });
  const [needed] = concreteStatements(scope, [statement]);
  Annotations.of(scope).addWarningV2('cdk-hipaa:replica-bucket-policy',
    `the policy of the bucket ${replica.node.path} in the account ${account} must contain this statement; otherwise `
    + `nothing is replicated\n${JSON.stringify(needed)}`);
  requireInKeyPolicy(scope, replica.encryptionKey as kms.IKey, [new iam.PolicyStatement({
    sid: `Replication${scope.node.addr.slice(-8)}`,
    principals: [ours],
    actions: ['kms:Encrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: onlyForArn(replica.bucketArn),
  })]);
}
