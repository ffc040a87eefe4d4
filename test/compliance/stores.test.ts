import { CfnCondition, CfnParameter, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as rds from 'aws-cdk-lib/aws-rds';
import { ENCRYPTIONS } from '../../src/compliance/rules/stores';
import { newApp, newStack } from '../support/app';
import { ORDINARY_STACKS } from '../support/ordinary-stacks';
import { templateCheckFindings } from '../support/template-check-findings';

const RULES = /^(DataWithoutEncryption|DatabaseIsPublic) /;

/** The findings of the rules about stores in a stack. */
const findingsIn = (stack: Stack) => templateCheckFindings(stack).filter((finding) => RULES.test(finding));

/** The rules that report a resource. */
function found(type: string, properties: object = {}): string[] {
  const stack = newStack();
  new CfnResource(stack, 'It', { type, properties });
  return findingsIn(stack).map((finding) => finding.split(' ')[0]);
}

const UNENCRYPTED = ['DataWithoutEncryption'];
const PUBLIC = ['DatabaseIsPublic'];
const ebs = (Ebs: object) => ({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }] });

/** For each type: properties without encryption, and the same properties with encryption. */
const STORES: Record<string, [bad: object, good: object]> = {
  'AWS::AutoScaling::LaunchConfiguration': [ebs({ VolumeSize: 8 }), ebs({ Encrypted: true })],
  'AWS::DAX::Cluster': [{}, { SSESpecification: { SSEEnabled: true } }],
  'AWS::DocDB::DBCluster': [{}, { StorageEncrypted: true }],
  'AWS::DocDB::GlobalCluster': [{}, { StorageEncrypted: true }],
  'AWS::EC2::Instance': [ebs({ Encrypted: false }), ebs({ Encrypted: true })],
  'AWS::EC2::LaunchTemplate': [
    { LaunchTemplateData: ebs({ VolumeSize: 8 }) }, { LaunchTemplateData: ebs({ Encrypted: 'true' }) },
  ],
  'AWS::EC2::Volume': [{}, { Encrypted: true }],
  'AWS::ECS::Service': [
    { VolumeConfigurations: [{ ManagedEBSVolume: { RoleArn: 'r' } }] },
    { VolumeConfigurations: [{ ManagedEBSVolume: { Encrypted: true } }] },
  ],
  'AWS::EFS::FileSystem': [{}, { Encrypted: true }],
  'AWS::Elasticsearch::Domain': [{}, { EncryptionAtRestOptions: { Enabled: true } }],
  'AWS::Glue::DataCatalogEncryptionSettings': [
    { DataCatalogEncryptionSettings: { EncryptionAtRest: { CatalogEncryptionMode: 'DISABLED' } } },
    { DataCatalogEncryptionSettings: { EncryptionAtRest: { CatalogEncryptionMode: 'SSE-KMS' } } },
  ],
  'AWS::Kinesis::Stream': [{}, { StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' } }],
  'AWS::KinesisFirehose::DeliveryStream': [
    {}, { DeliveryStreamEncryptionConfigurationInput: { KeyType: 'AWS_OWNED_CMK' } },
  ],
  'AWS::Neptune::DBCluster': [{}, { StorageEncrypted: true }],
  'AWS::Neptune::GlobalCluster': [{}, { StorageEncrypted: true }],
  'AWS::OpenSearchService::Domain': [
    { EncryptionAtRestOptions: { Enabled: false } }, { EncryptionAtRestOptions: { Enabled: true } },
  ],
  'AWS::RDS::DBCluster': [{ Engine: 'postgres' }, { Engine: 'postgres', StorageEncrypted: true }],
  'AWS::RDS::DBInstance': [{}, { StorageEncrypted: true }],
  'AWS::RDS::GlobalCluster': [{ Engine: 'aurora-mysql', StorageEncrypted: false }, { Engine: 'aurora-mysql' }],
  'AWS::Redshift::Cluster': [{ Encrypted: false }, {}],
  'AWS::WorkSpaces::Workspace': [
    { RootVolumeEncryptionEnabled: true }, { RootVolumeEncryptionEnabled: true, UserVolumeEncryptionEnabled: true },
  ],
};

test('every type of DataWithoutEncryption has an example', () => {
  expect(Object.keys(STORES)).toEqual(Object.keys(ENCRYPTIONS));
});

test.each(Object.entries(STORES))('%s is reported without encryption only', (type, [bad, good]) => {
  expect(found(type, bad)).toEqual(UNENCRYPTED);
  expect(found(type, good)).toEqual([]);
});

test.each<[string, string, object, string[]]>([
  ['an Aurora cluster without the property', 'AWS::RDS::DBCluster', { Engine: 'aurora-postgresql' }, []],
  ['an Aurora cluster with false', 'AWS::RDS::DBCluster', {
    Engine: 'aurora-mysql', StorageEncrypted: false,
  }, UNENCRYPTED],
  ['an instance of a cluster', 'AWS::RDS::DBInstance', { DBClusterIdentifier: 'c', StorageEncrypted: false }, []],
  ['a copy of a snapshot', 'AWS::RDS::DBInstance', { DBSnapshotIdentifier: 's' }, []],
  ['a copy with false', 'AWS::RDS::DBCluster', { SnapshotIdentifier: 's', StorageEncrypted: 'False' }, UNENCRYPTED],
  ['a volume of a snapshot', 'AWS::EC2::Instance', ebs({ SnapshotId: 's' }), []],
  ['a device of the image', 'AWS::EC2::Instance', { BlockDeviceMappings: [{ DeviceName: 'a', NoDevice: {} }] }, []],
  ['an instance with the volumes of its image', 'AWS::EC2::Instance', {}, []],
  ['a stream that reads another one', 'AWS::KinesisFirehose::DeliveryStream', {
    DeliveryStreamType: 'KinesisStreamAsSource',
  }, []],
  ['a workspace', 'AWS::WorkSpaces::Workspace', {}, UNENCRYPTED],
  ['a store that is always encrypted', 'AWS::S3::Bucket', {}, []],
])('DataWithoutEncryption judges %s', (_name, type, properties, expected) => {
  expect(found(type, properties)).toEqual(expected);
});

test.each<[string, object, string[]]>([
  ['AWS::AmazonMQ::Broker', { PubliclyAccessible: true }, PUBLIC],
  ['AWS::AmazonMQ::Broker', { PubliclyAccessible: false }, []],
  ['AWS::DMS::InstanceProfile', { PubliclyAccessible: true }, PUBLIC],
  ['AWS::DMS::ReplicationInstance', {}, PUBLIC],
  ['AWS::DMS::ReplicationInstance', { PubliclyAccessible: false }, []],
  ['AWS::Lightsail::Database', { PubliclyAccessible: true }, PUBLIC],
  ['AWS::MSK::Cluster', {
    BrokerNodeGroupInfo: { ConnectivityInfo: { PublicAccess: { Type: 'SERVICE_PROVIDED_EIPS' } } },
  }, PUBLIC],
  ['AWS::MSK::Cluster', { BrokerNodeGroupInfo: { ConnectivityInfo: { PublicAccess: { Type: 'DISABLED' } } } }, []],
  ['AWS::MSK::Cluster', {}, []],
  ['AWS::Neptune::DBInstance', { PubliclyAccessible: true }, PUBLIC],
  ['AWS::NeptuneGraph::Graph', { PublicConnectivity: true }, PUBLIC],
  ['AWS::RDS::DBCluster', { Engine: 'aurora-mysql', PubliclyAccessible: true }, PUBLIC],
  ['AWS::RDS::DBInstance', { PubliclyAccessible: true, DBClusterIdentifier: 'c' }, PUBLIC],
  ['AWS::RDS::DBInstance', { PubliclyAccessible: true, StorageEncrypted: false }, [...UNENCRYPTED, ...PUBLIC]],
  ['AWS::Redshift::Cluster', { PubliclyAccessible: 'true' }, PUBLIC],
  ['AWS::RedshiftServerless::Workgroup', { PubliclyAccessible: true }, PUBLIC],
  ['AWS::RedshiftServerless::Workgroup', {}, []],
  ['AWS::Timestream::InfluxDBCluster', { PubliclyAccessible: true }, PUBLIC],
  ['AWS::Timestream::InfluxDBInstance', { PubliclyAccessible: true }, PUBLIC],
])('DatabaseIsPublic judges %s with %j', (type, properties, expected) => {
  expect(found(type, properties)).toEqual(expected);
});

test('an override of a database is reported', () => {
  const stack = newStack();
  const database = new rds.DatabaseInstance(stack, 'Database', {
    vpc: new ec2.Vpc(stack, 'Vpc'),
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
    storageEncrypted: true,
  });
  const resource = database.node.defaultChild as CfnResource;
  expect(findingsIn(stack)).toEqual([]);
  resource.addPropertyOverride('StorageEncrypted', false);
  resource.addPropertyOverride('PubliclyAccessible', true);
  (stack.node.root as ReturnType<typeof newApp>).synth({ force: true });
  expect(findingsIn(stack)).toEqual([
    'DataWithoutEncryption at Stack/Database/Resource', 'DatabaseIsPublic at Stack/Database/Resource',
  ]);
});

test('conditions and the values of a parameter are read, and a parameter without values is not reported', () => {
  const stack = newStack();
  new CfnCondition(stack, 'IsTest', { expression: Fn.conditionEquals(stack.region, 'x') });
  const choice = new CfnParameter(stack, 'Choice', { default: 'true', allowedValues: ['true', 'false'] });
  const open = new CfnParameter(stack, 'Open');
  const files = (id: string, Encrypted: unknown) =>
    new CfnResource(stack, id, { type: 'AWS::EFS::FileSystem', properties: { Encrypted } });
  files('Branch', { 'Fn::If': ['IsTest', { Ref: 'AWS::NoValue' }, true] });
  files('Choice1', choice.valueAsString);
  files('Open1', open.valueAsString);
  expect(findingsIn(stack)).toEqual([
    'DataWithoutEncryption at Stack/Branch', 'DataWithoutEncryption at Stack/Choice1',
  ]);
});

test('the default encryption of a stream of aws-cdk-lib is accepted, and none is not', () => {
  const stack = newStack();
  new kinesis.Stream(stack, 'Default');
  new kinesis.Stream(stack, 'Plain', { encryption: kinesis.StreamEncryption.UNENCRYPTED });
  expect(findingsIn(stack)).toEqual(['DataWithoutEncryption at Stack/Plain/Resource']);
});

/** The stores of ordinary stacks that their owner encrypts with one prop. */
const UNENCRYPTED_STORES: Record<string, string[]> = {
  'a database with a rotated secret': ['DataWithoutEncryption at Stack/Database/Resource'],
  'a search domain': ['DataWithoutEncryption at Stack/Domain/Resource'],
  'a delivery stream': ['DataWithoutEncryption at Stack/Stream/Resource'],
};

test.each(Object.entries(ORDINARY_STACKS))('%s has only findings that its owner can correct', (name, make) => {
  const stack = new Stack(newApp(), 'Stack');
  make(stack);
  expect(findingsIn(stack)).toEqual(UNENCRYPTED_STORES[name] ?? []);
});
