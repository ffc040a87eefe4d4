import { DataProtection } from '../../core/data-protection';
import { Rule } from '../rule';
import { STATEFUL_TYPES } from '../stateful-types';
import { at, referenced, TemplateResource } from '../template';
import { isOwnKey } from './encryption';
import { isTrue } from '../values';

const ENCRYPTION = '45 CFR 164.312(a)(2)(iv), encryption and decryption';

/**
 * The types whose default deletion policy is a snapshot:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
const SNAPSHOT_BY_DEFAULT = ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'];
/** The types of caches. They contain data only if they keep snapshots. */
const CACHES = ['CacheCluster', 'ReplicationGroup', 'ServerlessCache'].map((name) => `AWS::ElastiCache::${name}`);

const withoutOwnKey = ({ properties }: TemplateResource) =>
  isOwnKey(at(properties, 'KmsMasterKeyId')) ? [] : ['KmsMasterKeyId'];

/**
 * The policies with which a resource loses its data. Without an `UpdateReplacePolicy`, CloudFormation deletes the old
 * resource of a replacement, of every type:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatereplacepolicy.html
 */
function losesItsData(resource: TemplateResource): string[] {
  if (resource.construct && DataProtection.of(resource.construct).isDisposable) return [];
  const { type, properties, deletionPolicy, updateReplacePolicy } = resource;
  // The instances of a cluster contain no data.
  if (type === 'AWS::RDS::DBInstance' && at(properties, 'DBClusterIdentifier') !== undefined) return [];
  if (CACHES.includes(type) && !(Number(at(properties, 'SnapshotRetentionLimit')) > 0)) return [];
  const byDefault = SNAPSHOT_BY_DEFAULT.includes(type) ? 'Snapshot' : 'Delete';
  return [
    ...(deletionPolicy ?? byDefault) === 'Delete' ? ['DeletionPolicy'] : [],
    ...(updateReplacePolicy ?? 'Delete') === 'Delete' ? ['UpdateReplacePolicy'] : [],
  ];
}

/** Tests the target bucket: the bucket itself, or another bucket of the same template. Other templates are not read. */
function logsIntoLockedBucket(resource: TemplateResource): string[] {
  const logging = at(resource.properties, 'LoggingConfiguration');
  if (logging === undefined) return [];
  const named = at(logging, 'DestinationBucketName');
  const target = named === undefined ? resource : referenced(resource, named);
  return isTrue(at(target?.properties, 'ObjectLockEnabled')) ? ['LoggingConfiguration'] : [];
}

/** The rules about data at rest, and about the access logs of data. */
export const dataRules: Rule[] = [
  {
    id: 'QueueWithoutCustomerKey',
    types: ['AWS::SQS::Queue'],
    problem: 'A queue is not encrypted with a customer managed key, so a key policy cannot restrict who reads its '
      + 'messages',
    fix: 'Set KmsMasterKeyId to a customer managed key.',
    source: ENCRYPTION,
    violations: withoutOwnKey,
  },
  {
    id: 'TopicWithoutCustomerKey',
    types: ['AWS::SNS::Topic'],
    problem: 'A topic is not encrypted with a customer managed key. With the AWS managed key, AWS services cannot '
      + 'publish to it',
    fix: 'Set KmsMasterKeyId to a customer managed key whose policy allows the publishing services.',
    source: ENCRYPTION,
    violations: withoutOwnKey,
  },
  {
    id: 'KeyWithoutRotation',
    types: ['AWS::KMS::Key'],
    problem: 'The key material does not rotate',
    fix: 'Set EnableKeyRotation to true.',
    source: ENCRYPTION,
    violations: ({ properties }) => {
      const spec = at(properties, 'KeySpec');
      const rotates = spec === undefined || spec === 'SYMMETRIC_DEFAULT';
      return !rotates || isTrue(at(properties, 'EnableKeyRotation')) ? [] : ['EnableKeyRotation'];
    },
  },
  {
    id: 'DataDeletedWithStack',
    types: STATEFUL_TYPES,
    problem: 'The data is deleted when its stack is deleted or a change replaces the resource',
    fix: 'Set DeletionPolicy and UpdateReplacePolicy to Retain or Snapshot, or call '
      + 'DataProtection.of(scope).disposable({ reason }) if the data can be lost.',
    source: '45 CFR 164.308(a)(7)(ii)(A), data backup plan',
    violations: losesItsData,
  },
  {
    id: 'AccessLogTargetHasObjectLock',
    types: ['AWS::S3::Bucket'],
    problem: 'The target bucket for server access logs has object lock. S3 does not write the logs there, so access '
      + 'is not recorded',
    fix: 'Use a target bucket without ObjectLockEnabled.',
    source: '45 CFR 164.312(b), audit controls',
    violations: logsIntoLockedBucket,
  },
];
