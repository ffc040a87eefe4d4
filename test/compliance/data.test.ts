import { CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as deployment from 'aws-cdk-lib/aws-s3-deployment';
import { CREATED_AGAIN, statefulModule, WITHOUT_DATA } from '../../scripts/stateful-types/stateful-types';
import { STATEFUL_TYPES } from '../../src/compliance/stateful-types';
import { newStack, WITH_ASSETS } from '../support/app';
import { templateCheckFindings } from '../support/template-check-findings';

/** The findings of a rule in a stack with one resource. */
function found(rule: string, type: string, properties: object, policies: Record<string, string> = {}): string[] {
  const stack = newStack();
  const resource = new CfnResource(stack, 'It', { type, properties });
  for (const [name, value] of Object.entries(policies)) resource.addOverride(name, value);
  return templateCheckFindings(stack).filter((finding) => finding.startsWith(rule));
}

const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

describe('DataDeletedWithStack', () => {
  const lost = (type: string, properties: object, policies: Record<string, string> = {}) =>
    found('DataDeletedWithStack', type, properties, policies).length > 0;

  test.each([
    'AWS::Backup::BackupVault', 'AWS::Cassandra::Table', 'AWS::Cognito::UserPool', 'AWS::DocDB::DBCluster',
    'AWS::DynamoDB::GlobalTable', 'AWS::EC2::Volume', 'AWS::ECR::Repository', 'AWS::EFS::FileSystem',
    'AWS::FSx::FileSystem', 'AWS::Glue::Database', 'AWS::HealthLake::FHIRDatastore', 'AWS::KMS::Key',
    'AWS::Kinesis::Stream', 'AWS::Logs::LogGroup', 'AWS::MemoryDB::Cluster', 'AWS::Neptune::DBCluster',
    'AWS::OpenSearchService::Domain', 'AWS::QLDB::Ledger', 'AWS::Redshift::Cluster', 'AWS::S3Express::DirectoryBucket',
    'AWS::SecretsManager::Secret', 'AWS::Timestream::Table',
  ])('reports %s without policies, and not with them', (type) => {
    expect(lost(type, {})).toBe(true);
    expect(lost(type, {}, KEPT)).toBe(false);
  });

  test.each<[string, Record<string, string>, boolean]>([
    ['no UpdateReplacePolicy', { DeletionPolicy: 'Retain' }, true],
    ['UpdateReplacePolicy: Delete', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Delete' }, true],
    ['DeletionPolicy: Delete', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Retain' }, true],
    ['RetainExceptOnCreate', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }, false],
    ['Snapshot', { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' }, false],
  ])('reads both policies: %s', (_name, policies, expected) => {
    expect(lost('AWS::S3::Bucket', {}, policies)).toBe(expected);
  });

  test.each<[string, string, object, boolean]>([
    ['a cluster with a name', 'AWS::RDS::DBCluster', { DBClusterIdentifier: 'clinic' }, true],
    ['an instance of a cluster', 'AWS::RDS::DBInstance', { DBClusterIdentifier: 'clinic' }, false],
    ['a cache with snapshots', 'AWS::ElastiCache::ReplicationGroup', { SnapshotRetentionLimit: 7 }, true],
    ['a cache without snapshots', 'AWS::ElastiCache::ReplicationGroup', {}, false],
    ['a queue', 'AWS::SQS::Queue', {}, false],
  ])('tells %s', (_name, type, properties, expected) => {
    expect(lost(type, properties, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' })).toBe(expected);
  });

  test('the list of types is the generated one', () => {
    expect(statefulModule()).toContain(STATEFUL_TYPES.map((type) => `  '${type}',`).join('\n'));
    expect(STATEFUL_TYPES.filter((type) => type in WITHOUT_DATA || type in CREATED_AGAIN)).toEqual([]);
  });
});

describe('a database without forced TLS', () => {
  const plain = (type: string, properties: object) => found('Database', type, properties).length > 0;

  test.each<[object, boolean]>([
    [{ Engine: 'postgres', EngineVersion: '15.4', DBParameterGroupName: 'default.postgres15' }, false],
    [{ Engine: 'postgres', EngineVersion: '16' }, false],
    [{ Engine: 'postgres', DBParameterGroupName: 'default.postgres17' }, false],
    [{ Engine: 'postgres', EngineVersion: '14.9', DBParameterGroupName: 'default.postgres14' }, true],
    [{ Engine: 'postgres', EngineVersion: '9.6.24' }, true],
    [{ Engine: 'postgres', DBParameterGroupName: 'default.postgres14' }, true],
    [{ Engine: 'postgres', EngineVersion: '14.9', DBParameterGroupName: 'Default.Postgres14' }, true],
    [{ Engine: 'postgres', EngineVersion: { Ref: 'Version' } }, true],
    [{ Engine: 'mysql', EngineVersion: '8.4.5', DBParameterGroupName: 'default.mysql8.4' }, true],
    [{ Engine: 'mysql', EngineVersion: '9.7.0' }, false],
    [{ Engine: 'mysql', DBParameterGroupName: { 'Fn::If': ['C', 'default.mysql8.4', { Ref: 'G' }] } }, true],
    [{ Engine: 'mariadb', EngineVersion: '11.4.2', DBParameterGroupName: 'default.mariadb11.4' }, true],
    [{ Engine: 'mariadb', EngineVersion: '11.8.1' }, false],
    [{ Engine: 'mysql', EngineVersion: '8.4.5', DBParameterGroupName: 'made-elsewhere' }, false],
    [{ Engine: 'aurora-postgresql', DBClusterIdentifier: 'clinic' }, false],
  ])('instance %j: %s', (properties, expected) => {
    expect(plain('AWS::RDS::DBInstance', properties)).toBe(expected);
  });

  test.each<[object, boolean]>([
    [{ Engine: 'aurora-mysql', DBClusterIdentifier: 'clinic' }, true],
    [{ Engine: 'aurora-mysql', DBClusterParameterGroupName: 'default.aurora-mysql8.0' }, true],
    [
      {
        Engine: 'aurora-postgresql',
        EngineVersion: '15.4',
        DBClusterParameterGroupName: 'default.aurora-postgresql15',
      },
      true,
    ],
    [{ Engine: 'postgres', EngineVersion: '16.3', DBClusterParameterGroupName: 'default.postgres16' }, false],
  ])('cluster %j: %s', (properties, expected) => {
    expect(plain('AWS::RDS::DBCluster', properties)).toBe(expected);
  });

  test('a parameter group that turns TLS off is a finding also in PostgreSQL 16', () => {
    const stack = newStack();
    new CfnResource(stack, 'Group', {
      type: 'AWS::RDS::DBParameterGroup', properties: { Parameters: { 'rds.force_ssl': '0' } },
    });
    new CfnResource(stack, 'It', {
      type: 'AWS::RDS::DBInstance',
      properties: { Engine: 'postgres', EngineVersion: '16', DBParameterGroupName: { Ref: 'Group' } },
    });
    expect(templateCheckFindings(stack)).toContain('DatabaseAcceptsPlaintext at Stack/It');
  });
});

describe('TableWithoutCustomerKey', () => {
  const partitionKey = { name: 'id', type: dynamodb.AttributeType.STRING };
  const tables = (encryption: (stack: Stack) => dynamodb.TableEncryptionV2 | undefined) => {
    const stack = newStack({ env: { region: 'us-east-1' } });
    new dynamodb.TableV2(stack, 'Table', { partitionKey, encryption: encryption(stack) });
    return templateCheckFindings(stack).filter((finding) => finding.startsWith('Table'));
  };

  test('reports a TableV2 with a key of AWS, and not one with a customer managed key', () => {
    const finding = ['TableWithoutCustomerKey at Stack/Table/Resource'];
    expect(tables(() => undefined)).toEqual(finding);
    expect(tables(() => dynamodb.TableEncryptionV2.dynamoOwnedKey())).toEqual(finding);
    expect(tables(() => dynamodb.TableEncryptionV2.awsManagedKey())).toEqual(finding);
    expect(tables((stack) => dynamodb.TableEncryptionV2.customerManagedKey(new kms.Key(stack, 'Key')))).toEqual([]);
  });
});

describe('CacheWithoutSafeguards', () => {
  const safe = {
    TransitEncryptionEnabled: true,
    AtRestEncryptionEnabled: true,
    KmsKeyId: { Ref: 'Key' },
    UserGroupIds: ['u'],
  };
  test.each<[string, string, object, boolean]>([
    ['neither AUTH nor users', 'AWS::ElastiCache::ReplicationGroup', { ...safe, UserGroupIds: undefined }, true],
    ['no key', 'AWS::ElastiCache::ReplicationGroup', { ...safe, KmsKeyId: undefined }, true],
    ['no TLS', 'AWS::ElastiCache::ReplicationGroup', { ...safe, TransitEncryptionEnabled: false }, true],
    ['every safeguard', 'AWS::ElastiCache::ReplicationGroup', safe, false],
    ['a single Redis node', 'AWS::ElastiCache::CacheCluster', { Engine: 'redis' }, true],
    ['Memcached', 'AWS::ElastiCache::CacheCluster', { Engine: 'memcached' }, false],
    ['open access', 'AWS::MemoryDB::Cluster', { ACLName: 'open-access', KmsKeyId: 'k' }, true],
    ['an ACL', 'AWS::MemoryDB::Cluster', { ACLName: 'app', KmsKeyId: 'k' }, false],
    [
      'a serverless Memcached with a key',
      'AWS::ElastiCache::ServerlessCache',
      { Engine: 'memcached', KmsKeyId: 'k' },
      false,
    ],
  ])('tells %s', (_name, type, properties, expected) => {
    expect(found('CacheWithoutSafeguards', type, properties).length > 0).toBe(expected);
  });
});

describe('FunctionWithoutLogGroup', () => {
  const code = { code: lambda.Code.fromInline('x'), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_22_X };
  const missing = (make: (stack: Stack) => void) => {
    const stack = newStack({ context: WITH_ASSETS });
    make(stack);
    return templateCheckFindings(stack).filter((finding) => finding.startsWith('FunctionWithoutLogGroup'));
  };

  test('reports a function that lets Lambda create its log group', () => {
    expect(missing((stack) => new lambda.Function(stack, 'Function', code))).toEqual([
      'FunctionWithoutLogGroup at Stack/Function/Resource',
    ]);
  });

  test('accepts a log group of the function, and one with the name that Lambda uses', () => {
    expect(missing((stack) => {
      new lambda.Function(stack, 'With', { ...code, logGroup: new logs.LogGroup(stack, 'Logs') });
      const named = new lambda.Function(stack, 'Named', code);
      new logs.LogGroup(stack, 'NamedLogs', { logGroupName: `/aws/lambda/${named.functionName}` });
      new lambda.Function(stack, 'Fixed', { ...code, functionName: 'fixed' });
      new logs.LogGroup(stack, 'FixedLogs', { logGroupName: '/aws/lambda/fixed' });
    })).toEqual([]);
  });

  test('does not report the functions with which aws-cdk-lib deploys', () => {
    expect(missing((stack) => {
      const bucket = new s3.Bucket(stack, 'Bucket', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
      new deployment.BucketDeployment(stack, 'Files', {
        destinationBucket: bucket, sources: [deployment.Source.data('a.txt', 'a')],
      });
    })).toEqual([]);
  });
});
