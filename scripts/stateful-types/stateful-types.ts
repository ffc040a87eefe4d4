import * as fs from 'fs';
import * as path from 'path';
// A dependency of @aws-cdk/cloudformation-diff, which has the same data.
// eslint-disable-next-line import/no-extraneous-dependencies
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

const ROOT = path.join(__dirname, '..', '..');

/** The generated module of the library. */
export const STATEFUL_MODULE = path.join(ROOT, 'src', 'compliance', 'stateful-types.ts');

/** The date on which the lists below were last compared with the types of the package. */
const COMPARED = '2026-11-29';

/** The stateful types of the package that contain no data of their own, with the reason. */
export const WITHOUT_DATA: Record<string, string> = {
  'AWS::CloudFormation::Stack': 'the resources of a nested stack have policies of their own',
  'AWS::DocDB::DBInstance': 'the cluster contains the data',
  'AWS::EMR::Cluster': 'an analysis cluster reads its data from a bucket',
  'AWS::Neptune::DBInstance': 'the cluster contains the data',
  'AWS::Organizations::Account': 'an account is closed, not deleted',
  'AWS::SQS::Queue': 'a queue contains messages for at most 14 days, and is no record',
};

/** The services of which every type with one of these names contains data. The package does not mark them. */
const FURTHER: Record<string, string[]> = {
  ACMPCA: ['CertificateAuthority'],
  APS: ['Workspace'],
  AmazonMQ: ['Broker'],
  Backup: ['LogicallyAirGappedBackupVault'],
  BedrockAgentCore: ['Dataset', 'Memory'],
  Cassandra: ['Keyspace', 'Table'],
  CloudHSM: ['Cluster'],
  CloudTrail: ['EventDataStore'],
  CodeArtifact: ['Domain', 'Repository'],
  CodeCommit: ['Repository'],
  Cognito: ['IdentityPool'],
  Connect: ['Instance', 'DataTable'],
  CustomerProfiles: ['Domain'],
  Cases: ['Domain'],
  Chime: ['AppInstance'],
  DSQL: ['Cluster'],
  DocDB: ['GlobalCluster'],
  DirectoryService: ['MicrosoftAD', 'SimpleAD'],
  DocDBElastic: ['Cluster', 'ClusterSnapshot'],
  EC2: ['Instance'],
  ECR: ['Repository', 'PublicRepository'],
  ElastiCache: ['ServerlessCache', 'ServerlessCacheSnapshot'],
  Events: ['Archive'],
  FSx: ['Volume', 'StorageVirtualMachine', 'Backup', 'Snapshot'],
  Glue: ['Database', 'Table'],
  HealthImaging: ['Datastore'],
  HealthLake: ['FHIRDatastore'],
  IoTAnalytics: ['Channel', 'Dataset', 'Datastore'],
  KMS: ['ReplicaKey'],
  Kendra: ['Index'],
  KinesisVideo: ['Stream'],
  Lightsail: ['Bucket', 'Database', 'DatabaseSnapshot', 'Disk', 'DiskSnapshot', 'Instance', 'InstanceSnapshot'],
  Location: ['GeofenceCollection', 'Tracker'],
  MSK: ['Cluster', 'ServerlessCluster', 'Topic'],
  MediaStore: ['Container'],
  MemoryDB: ['Cluster', 'MultiRegionCluster', 'Snapshot'],
  Neptune: ['GlobalCluster'],
  NeptuneGraph: ['Graph', 'GraphSnapshot'],
  ODB: ['CloudAutonomousVmCluster', 'CloudVmCluster'],
  Omics: ['AnnotationStore', 'ReferenceStore', 'SequenceStore', 'VariantStore'],
  OpenSearchServerless: ['Collection', 'CollectionIndex', 'Index'],
  PaymentCryptography: ['Key'],
  Personalize: ['Dataset'],
  QBusiness: ['Index'],
  RDS: ['GlobalCluster', 'DBSnapshot', 'ClusterSnapshot'],
  Redshift: ['Snapshot'],
  RedshiftServerless: ['Namespace', 'Snapshot'],
  Rekognition: ['Collection'],
  S3Express: ['DirectoryBucket'],
  S3Files: ['FileSystem'],
  S3Outposts: ['Bucket'],
  S3Tables: ['Namespace', 'Table', 'TableBucket'],
  S3Vectors: ['Index', 'VectorBucket'],
  SES: ['MailManagerArchive'],
  SSM: ['Parameter'],
  SageMaker: ['Domain', 'FeatureGroup', 'NotebookInstance', 'Space'],
  Serverless: ['SimpleTable'],
  StorageGateway: ['Volume'],
  Timestream: ['Database', 'InfluxDBCluster', 'InfluxDBInstance', 'Table'],
  VoiceID: ['Domain'],
  Wisdom: ['KnowledgeBase'],
  WorkSpaces: ['Workspace'],
  WorkspacesInstances: ['Volume'],
};

/** The types of `FURTHER` whose values are in the template, or that can be created again from it. */
export const CREATED_AGAIN: Record<string, string> = {
  'AWS::Cognito::IdentityPool': 'it has the identities of logins that its providers keep',
  'AWS::EC2::Instance': 'its image and user data fill the root volume; data is on an AWS::EC2::Volume',
  'AWS::Location::Tracker': 'positions expire after 30 days',
  'AWS::SSM::Parameter': 'the template contains the value',
};

/** The types of the package that contain data. */
export function statefulTypes(): string[] {
  const all = loadAwsServiceSpecSync().all('resource');
  const known = new Set(all.map((resource) => resource.cloudFormationType));
  const marked = all.filter(({ isStateful }) => isStateful).map((resource) => resource.cloudFormationType);
  const further = Object.entries(FURTHER)
    .flatMap(([service, names]) => names.map((name) => `AWS::${service}::${name}`));
  const unknown = further.filter((type) => !known.has(type));
  if (unknown.length > 0) throw new Error(`@aws-cdk/aws-service-spec has no type ${unknown.join(', ')}`);
  return [...new Set([...marked, ...further])].filter((type) => !(type in WITHOUT_DATA) && !(type in CREATED_AGAIN))
    .sort();
}

/** The text of the module. */
export function statefulModule(): string {
  const file = path.join(ROOT, 'node_modules', '@aws-cdk', 'aws-service-spec', 'package.json');
  const { version } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return [
    '// Generated by scripts/stateful-types/write.ts. Change the lists of stateful-types.ts, and run write.ts.',
    '',
    '/**',
    ' * The resource types that contain data, or the keys and secrets without which data cannot be read.',
    ' *',
    ` * Source: the types that @aws-cdk/aws-service-spec ${version} marks as stateful, and further stores among its`,
    ` * types. Last compared on ${COMPARED}.`,
    ' */',
    'export const STATEFUL_TYPES: string[] = [',
    ...statefulTypes().map((type) => `  '${type}',`),
    '];',
    '',
  ].join('\n');
}
