import { DataProtection } from '../../core/data-protection';
import { Rule } from '../rule';
import { at, referenced, TemplateResource } from '../template';

const ENCRYPTION = '45 CFR 164.312(a)(2)(iv), encryption and decryption';

/** Types that hold data and are gone for good with `DeletionPolicy: Delete`, or without one: RDS alone defaults to a snapshot. */
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
  // The instances of a cluster hold no data of their own.
  if (at(resource.properties, 'DBClusterIdentifier') !== undefined) return [];
  const byDefault = resource.type.startsWith('AWS::RDS::') ? 'Snapshot' : 'Delete';
  return (resource.deletionPolicy ?? byDefault) === 'Delete' ? ['DeletionPolicy'] : [];
}

/** The bucket itself, unless another is named. One of another template cannot be read here. */
function logsIntoLockedBucket(resource: TemplateResource): string[] {
  const logging = at(resource.properties, 'LoggingConfiguration');
  if (logging === undefined) return [];
  const named = at(logging, 'DestinationBucketName');
  const target = named === undefined ? resource : referenced(resource, named);
  return String(at(target?.properties, 'ObjectLockEnabled')) === 'true' ? ['LoggingConfiguration'] : [];
}

/** What may be said of PHI at rest, and of the record of who read it. */
export const dataRules: Rule[] = [
  {
    id: 'QueueWithoutOwnKey',
    types: ['AWS::SQS::Queue'],
    problem: 'A queue is not encrypted with a key of your own, so you cannot say who reads its messages',
    fix: 'Set KmsMasterKeyId to a customer-managed key.',
    source: ENCRYPTION,
    violations: withoutOwnKey('alias/aws/sqs'),
  },
  {
    id: 'TopicWithoutOwnKey',
    types: ['AWS::SNS::Topic'],
    problem: 'A topic is not encrypted with a key of your own; under the key of SNS no AWS service can publish to it',
    fix: 'Set KmsMasterKeyId to a customer-managed key whose policy names the publishing services.',
    source: ENCRYPTION,
    violations: withoutOwnKey('alias/aws/sns'),
  },
  {
    id: 'KeyWithoutRotation',
    types: ['AWS::KMS::Key'],
    problem: 'The material of a key is never rotated',
    fix: 'Set EnableKeyRotation to true.',
    source: ENCRYPTION,
    violations: ({ properties }) => {
      const spec = at(properties, 'KeySpec');
      const rotates = spec === undefined || spec === 'SYMMETRIC_DEFAULT';
      return !rotates || at(properties, 'EnableKeyRotation') === true ? [] : ['EnableKeyRotation'];
    },
  },
  {
    id: 'DataGoesWithItsStack',
    types: STATEFUL_TYPES,
    problem: 'Data is deleted with its stack, or when a change replaces the resource',
    fix: 'Retain it, or say DataProtection.of(scope).disposable({ reason }) where the data may be lost.',
    source: '45 CFR 164.308(a)(7)(ii)(A), data backup plan',
    violations: goesWithItsStack,
  },
  {
    id: 'AccessLogTargetIsLocked',
    types: ['AWS::S3::Bucket'],
    problem: 'The access log of a bucket is to go to a bucket with object lock, where S3 writes no such log: who read the objects is not recorded',
    fix: 'Log into a bucket whose ObjectLockEnabled is not set.',
    source: '45 CFR 164.312(b), audit controls',
    violations: logsIntoLockedBucket,
  },
];
