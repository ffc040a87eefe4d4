import { DataProtection } from '../../core/data-protection';
import { Rule } from '../rule';
import { at, referenced, TemplateResource } from '../template';

const ENCRYPTION = '45 CFR 164.312(a)(2)(iv), encryption and decryption';

/**
 * The resource types whose data is lost with `DeletionPolicy: Delete`.
 *
 * It is the default of all of them except the RDS types, whose default is a snapshot.
 */
const STATEFUL_TYPES = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::EFS::FileSystem',
  'AWS::KMS::Key',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::S3::Bucket',
];

function withoutOwnKey(managedAlias: string): (resource: TemplateResource) => string[] {
  return ({ properties }) => {
    const key = at(properties, 'KmsMasterKeyId');
    return key === undefined || (typeof key === 'string' && key.endsWith(managedAlias)) ? ['KmsMasterKeyId'] : [];
  };
}

function goesWithItsStack(resource: TemplateResource): string[] {
  if (resource.construct && DataProtection.of(resource.construct).isDisposable) return [];
  // The instances of a cluster contain no data.
  if (at(resource.properties, 'DBClusterIdentifier') !== undefined) return [];
  const byDefault = resource.type.startsWith('AWS::RDS::') ? 'Snapshot' : 'Delete';
  return (resource.deletionPolicy ?? byDefault) === 'Delete' ? ['DeletionPolicy'] : [];
}

/** Tests the target bucket: the bucket itself, or another bucket of the same template. Other templates are not read. */
function logsIntoLockedBucket(resource: TemplateResource): string[] {
  const logging = at(resource.properties, 'LoggingConfiguration');
  if (logging === undefined) return [];
  const named = at(logging, 'DestinationBucketName');
  const target = named === undefined ? resource : referenced(resource, named);
  return String(at(target?.properties, 'ObjectLockEnabled')) === 'true' ? ['LoggingConfiguration'] : [];
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
    violations: withoutOwnKey('alias/aws/sqs'),
  },
  {
    id: 'TopicWithoutCustomerKey',
    types: ['AWS::SNS::Topic'],
    problem: 'A topic is not encrypted with a customer managed key. With the AWS managed key, AWS services cannot '
      + 'publish to it',
    fix: 'Set KmsMasterKeyId to a customer managed key whose policy allows the publishing services.',
    source: ENCRYPTION,
    violations: withoutOwnKey('alias/aws/sns'),
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
      return !rotates || at(properties, 'EnableKeyRotation') === true ? [] : ['EnableKeyRotation'];
    },
  },
  {
    id: 'DataDeletedWithStack',
    types: STATEFUL_TYPES,
    problem: 'The data is deleted when its stack is deleted or a change replaces the resource',
    fix: 'Retain the resource, or call DataProtection.of(scope).disposable({ reason }) if the data can be lost.',
    source: '45 CFR 164.308(a)(7)(ii)(A), data backup plan',
    violations: goesWithItsStack,
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
