import { cdkFunctionOf } from '../cdk-functions';
import { Rule } from '../rule';
import { at, list, TemplateResource } from '../template';
import { isTrue } from '../values';

const ENCRYPTION = '45 CFR 164.312(a)(2)(iv), encryption and decryption';

/**
 * The functions of aws-cdk-lib that handle data while the app runs.
 *
 * The others run only while a stack is deployed and do not read PHI, and most of them cannot be configured.
 */
const RUNTIME_FUNCTIONS = [
  'aws-events-targets/aws-api-handler', 'aws-ses/drop-spam-handler',
  'aws-stepfunctions-tasks/cross-region-aws-sdk-handler', 'aws-stepfunctions-tasks/eval-nodejs-handler',
];

/** Whether a function has the code of a function of aws-cdk-lib that deploys. */
function deploys(resource: TemplateResource): boolean {
  const name = cdkFunctionOf(resource);
  return name !== undefined && !RUNTIME_FUNCTIONS.includes(name);
}

/** A global table needs its switch, and a key for each replica. Without them, its key is owned by AWS. */
function tableWithoutKey({ type, properties }: TemplateResource): string[] {
  const specification = at(properties, 'SSESpecification');
  if (!isTrue(at(specification, 'SSEEnabled'))) return ['SSESpecification'];
  if (type === 'AWS::DynamoDB::Table') return isOwnKey(at(specification, 'KMSMasterKeyId')) ? [] : ['SSESpecification'];
  return list(at(properties, 'Replicas')).flatMap((replica, index) =>
    isOwnKey(at(replica, 'SSESpecification', 'KMSMasterKeyId')) ? [] : [`Replicas.${index}.SSESpecification`]);
}

/** Whether a value names a key that is not managed by AWS. */
export function isOwnKey(key: unknown): boolean {
  return key !== undefined && key !== '' && !(typeof key === 'string' && /(^|:)alias\/aws\//.test(key));
}

/**
 * The safeguards that an ElastiCache or MemoryDB resource leaves out.
 *
 * A serverless cache always encrypts data in transit and at rest:
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
 */
function cacheWithoutSafeguards({ type, properties }: TemplateResource): string[] {
  const has = (name: string) => at(properties, name) !== undefined;
  const key = isOwnKey(at(properties, 'KmsKeyId')) ? [] : ['KmsKeyId'];
  switch (type) {
    // An engine of this type is Redis or Valkey. Memcached has neither users nor a key.
    case 'AWS::ElastiCache::ReplicationGroup': return [
      ...has('AuthToken') || list(at(properties, 'UserGroupIds')).length > 0 ? [] : ['AuthToken'],
      ...isTrue(at(properties, 'TransitEncryptionEnabled')) ? [] : ['TransitEncryptionEnabled'],
      ...at(properties, 'TransitEncryptionMode') === 'preferred' ? ['TransitEncryptionMode'] : [],
      ...isTrue(at(properties, 'AtRestEncryptionEnabled')) ? key : ['AtRestEncryptionEnabled'],
    ];
    case 'AWS::ElastiCache::ServerlessCache':
      return at(properties, 'Engine') === 'memcached' || has('UserGroupId') ? key : ['UserGroupId', ...key];
    case 'AWS::MemoryDB::Cluster': return [
      ...at(properties, 'ACLName') === 'open-access' ? ['ACLName'] : [],
      ...String(at(properties, 'TLSEnabled')).toLowerCase() === 'false' ? ['TLSEnabled'] : [],
      ...key,
    ];
    // A user with this access string is switched off.
    case 'AWS::ElastiCache::User':
      return passwordIsOptional(properties) && !/^\s*off\b/.test(String(at(properties, 'AccessString')))
        ? ['NoPasswordRequired']
        : [];
    // A single Redis node supports neither users nor encryption at rest.
    default: return ['redis', 'valkey'].includes(String(at(properties, 'Engine')).toLowerCase()) ? ['Engine'] : [];
  }
}

const passwordIsOptional = (properties: unknown) => isTrue(at(properties, 'NoPasswordRequired'))
  || at(properties, 'AuthenticationMode', 'Type') === 'no-password-required';

/**
 * Without a log group of its own, a function creates `/aws/lambda/<name>` at its first run: without a key, and with
 * events that never expire. A log group of the template belongs to a function if the function refers to it, or if the
 * name of the log group refers to the function.
 */
function functionWithoutLogGroup(resource: TemplateResource): string[] {
  if (at(resource.properties, 'LoggingConfig', 'LogGroup') !== undefined) return [];
  const name = at(resource.properties, 'FunctionName');
  const isItsName = (logGroupName: unknown) => {
    const text = JSON.stringify(logGroupName ?? '');
    return text.includes(`"${resource.logicalId}"`) || text.includes(`\${${resource.logicalId}}`)
      || (typeof name === 'string' && logGroupName === `/aws/lambda/${name}`);
  };
  const hasLogGroup = resource.siblings.ofTypes('AWS::Logs::LogGroup', 'Custom::LogRetention').some(
    ({ logicalId, properties, template }) => isItsName(at(properties, 'LogGroupName'))
      // The evaluated name has no reference to the function.
      || isItsName(at(template.Resources?.[logicalId].Properties, 'LogGroupName')),
  );
  return hasLogGroup || deploys(resource) ? [] : ['LoggingConfig'];
}

/** The rules about keys of data stores, and about the log groups of functions. */
export const encryptionRules: Rule[] = [
  {
    id: 'TableWithoutCustomerKey',
    types: ['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table'],
    problem: 'A table is not encrypted with a customer managed key, so a key policy cannot restrict who reads its '
      + 'items',
    fix: 'Set SSESpecification to KMS, and name a customer managed key for each replica.',
    source: ENCRYPTION,
    violations: tableWithoutKey,
  },
  {
    id: 'CacheWithoutSafeguards',
    types: [
      'AWS::ElastiCache::CacheCluster',
      'AWS::ElastiCache::ReplicationGroup',
      'AWS::ElastiCache::ServerlessCache',
      'AWS::ElastiCache::User',
      'AWS::MemoryDB::Cluster',
    ],
    problem: 'A cache accepts connections without authentication or TLS, or is not encrypted with a customer managed '
      + 'key',
    fix: 'Set an AuthToken or a user group, encryption in transit and at rest, and KmsKeyId. A single Redis node '
      + 'supports none of them: use a replication group.',
    source: ENCRYPTION,
    violations: cacheWithoutSafeguards,
  },
  {
    id: 'FunctionWithoutLogGroup',
    types: ['AWS::Lambda::Function'],
    problem: 'A function has no log group of its own. Lambda creates one without a key and without an expiry',
    fix: 'Set LoggingConfig.LogGroup to a log group with a key and a retention period.',
    source: '45 CFR 164.312(b), audit controls',
    violations: functionWithoutLogGroup,
  },
];
