import { Rule } from '../rule';
import { at, TemplateResource } from '../template';
import { intrinsicOf, isTrue } from '../values';

/** A setting of a type that encrypts data at rest. */
interface Encryption {
  /** The path of the property. `*` stands for each element of a list that has the rest of the path. */
  readonly property: string;
  /** The values that encrypt. Default: true. */
  readonly values?: string[];
  /** Whether the service encrypts if the property is missing. Default: false. */
  readonly byDefault?: boolean | ((resource: TemplateResource) => boolean);
  /** Properties that name a source of the data. Without the setting, the encryption is that of the source. */
  readonly sources?: string[];
  /** Whether the setting applies to a resource. Default: to each one. */
  readonly appliesTo?: (resource: TemplateResource) => boolean;
}

const isAurora = ({ properties }: TemplateResource) => /^aurora/i.test(String(at(properties, 'Engine')));
/** The storage of a cluster belongs to the cluster. */
const isNoMember = ({ properties }: TemplateResource) => at(properties, 'DBClusterIdentifier') === undefined;
const clusterOf = (byDefault?: Encryption['byDefault']): Encryption[] => [{
  property: 'StorageEncrypted',
  sources: [
    'ReplicationSourceIdentifier', 'SnapshotIdentifier', 'SourceDBClusterIdentifier', 'SourceDbClusterResourceId',
  ],
  byDefault,
}];
const globalCluster: Encryption[] = [{ property: 'StorageEncrypted', sources: ['SourceDBClusterIdentifier'] }];
const searchDomain: Encryption[] = [{ property: 'EncryptionAtRestOptions.Enabled' }];
const volumes = (list: string): Encryption[] => [{ property: `${list}.Encrypted`, sources: ['SnapshotId'] }];

/**
 * Whether a stream does not have the default of aws-cdk-lib.
 *
 * By default, aws-cdk-lib encrypts a stream except in the regions of China, to which the Security Rule does not apply:
 * https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-kinesis/lib/stream.ts
 */
const isNotDefaultOfCdk = ({ template, logicalId }: TemplateResource) =>
  at(template.Resources?.[logicalId].Properties, 'StreamEncryption', 'Fn::If', '0')
    !== 'AwsCdkKinesisEncryptedStreamsUnsupportedRegions';

/**
 * The types whose data can be unencrypted at rest.
 *
 * Source: the reference of each type, for example
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
 */
export const ENCRYPTIONS: Record<string, Encryption[]> = {
  'AWS::AutoScaling::LaunchConfiguration': volumes('BlockDeviceMappings.*.Ebs'),
  'AWS::DAX::Cluster': [{ property: 'SSESpecification.SSEEnabled' }],
  'AWS::DocDB::DBCluster': clusterOf(),
  'AWS::DocDB::GlobalCluster': globalCluster,
  'AWS::EC2::Instance': volumes('BlockDeviceMappings.*.Ebs'),
  'AWS::EC2::LaunchTemplate': volumes('LaunchTemplateData.BlockDeviceMappings.*.Ebs'),
  'AWS::EC2::Volume': [{ property: 'Encrypted', sources: ['SnapshotId', 'SourceVolumeId'] }],
  'AWS::ECS::Service': volumes('VolumeConfigurations.*.ManagedEBSVolume'),
  'AWS::EFS::FileSystem': [{ property: 'Encrypted' }],
  'AWS::Elasticsearch::Domain': searchDomain,
  'AWS::Glue::DataCatalogEncryptionSettings': [{
    property: 'DataCatalogEncryptionSettings.EncryptionAtRest.CatalogEncryptionMode',
    values: ['SSE-KMS', 'SSE-KMS-WITH-SERVICE-ROLE'],
    // Without the property, the resource does not change the encryption of the catalog.
    byDefault: true,
  }],
  'AWS::Kinesis::Stream': [
    { property: 'StreamEncryption.EncryptionType', values: ['KMS'], appliesTo: isNotDefaultOfCdk },
  ],
  'AWS::KinesisFirehose::DeliveryStream': [{
    property: 'DeliveryStreamEncryptionConfigurationInput.KeyType',
    values: ['AWS_OWNED_CMK', 'CUSTOMER_MANAGED_CMK'],
    // A stream with another source has no encryption of its own.
    appliesTo: ({ properties }) => ['DirectPut', undefined].includes(at(properties, 'DeliveryStreamType') as string),
  }],
  'AWS::Neptune::DBCluster': clusterOf(),
  'AWS::Neptune::GlobalCluster': globalCluster,
  'AWS::OpenSearchService::Domain': searchDomain,
  // Aurora encrypts all clusters that are created since February 18, 2026:
  // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html
  'AWS::RDS::DBCluster': clusterOf(isAurora),
  'AWS::RDS::DBInstance': [{
    property: 'StorageEncrypted',
    sources: [
      'DBSnapshotIdentifier', 'DBClusterSnapshotIdentifier', 'SourceDBInstanceAutomatedBackupsArn',
      'SourceDBInstanceIdentifier', 'SourceDbiResourceId',
    ],
    appliesTo: isNoMember,
  }],
  'AWS::RDS::GlobalCluster': [{ ...globalCluster[0], byDefault: isAurora }],
  'AWS::Redshift::Cluster': [{ property: 'Encrypted', byDefault: true }],
  'AWS::WorkSpaces::Workspace': [
    { property: 'RootVolumeEncryptionEnabled' }, { property: 'UserVolumeEncryptionEnabled' },
  ],
};

/** The property with which a type is reachable from the internet, and the value that does it. */
const PUBLIC_ACCESS: Record<string, { property: string; value?: string; byDefault?: boolean }> = {
  'AWS::AmazonMQ::Broker': { property: 'PubliclyAccessible' },
  'AWS::DMS::InstanceProfile': { property: 'PubliclyAccessible' },
  // The default is true.
  'AWS::DMS::ReplicationInstance': { property: 'PubliclyAccessible', byDefault: true },
  'AWS::Lightsail::Database': { property: 'PubliclyAccessible' },
  'AWS::MSK::Cluster': {
    property: 'BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type', value: 'SERVICE_PROVIDED_EIPS',
  },
  'AWS::Neptune::DBInstance': { property: 'PubliclyAccessible' },
  'AWS::NeptuneGraph::Graph': { property: 'PublicConnectivity' },
  'AWS::RDS::DBCluster': { property: 'PubliclyAccessible' },
  'AWS::RDS::DBInstance': { property: 'PubliclyAccessible' },
  'AWS::Redshift::Cluster': { property: 'PubliclyAccessible' },
  'AWS::RedshiftServerless::Workgroup': { property: 'PubliclyAccessible' },
  'AWS::Timestream::InfluxDBCluster': { property: 'PubliclyAccessible' },
  'AWS::Timestream::InfluxDBInstance': { property: 'PubliclyAccessible' },
};

/** A property of a resource, and the object that contains it. */
interface Setting {
  readonly location: string;
  readonly value: unknown;
  readonly parent: unknown;
}

/** The settings at a path. A function of CloudFormation on the path is their value. */
function settingsAt(value: unknown, path: string[], before: string[] = [], parent?: unknown): Setting[] {
  const [key, ...rest] = path;
  if (key === undefined || intrinsicOf(value) !== undefined) return [{ location: before.join('.'), value, parent }];
  if (key !== '*') return settingsAt(at(value, key), rest, [...before, key], value);
  return (Array.isArray(value) ? value : []).flatMap((element, index) => {
    const isPresent = intrinsicOf(element) !== undefined || at(element, ...rest.slice(0, -1)) !== undefined;
    return isPresent ? settingsAt(element, rest, [...before, `${index}`], value) : [];
  });
}

/** Whether a value is known only at deployment: a function of CloudFormation or a dynamic reference. */
const isUnknown = (value: unknown) =>
  intrinsicOf(value) !== undefined || (typeof value === 'string' && value.includes('{{resolve:'));

type Outcome = 'encrypted' | 'inherited' | 'unencrypted' | 'unknown';

function outcomeOf(resource: TemplateResource, encryption: Encryption, { value, parent }: Setting): Outcome {
  const { values = ['true'], byDefault = false, sources = [] } = encryption;
  if (isUnknown(value)) return 'unknown';
  if (value !== undefined) return values.includes(textOf(value)) ? 'encrypted' : 'unencrypted';
  if (sources.some((name) => at(parent, name) !== undefined)) return 'inherited';
  return (typeof byDefault === 'function' ? byDefault(resource) : byDefault) ? 'encrypted' : 'unencrypted';
}

/** CloudFormation accepts true as a text and in any case. */
const textOf = (value: unknown) => isTrue(value) ? 'true' : String(value);

/** The settings of a resource that encrypt its data, with the outcome of each. */
function encryptionOf(resource: TemplateResource): Array<{ location: string; outcome: Outcome }> {
  return (ENCRYPTIONS[resource.type] ?? []).filter(({ appliesTo }) => appliesTo?.(resource) ?? true)
    .flatMap((encryption) => settingsAt(resource.properties, encryption.property.split('.')).map((setting) =>
      ({ location: setting.location, outcome: outcomeOf(resource, encryption, setting) })));
}

/** The setting with which a resource is reachable from the internet. */
function publicAccessOf({ type, properties }: TemplateResource): Array<Setting & { isPublic: boolean }> {
  if (!(type in PUBLIC_ACCESS)) return [];
  const { property, value: reachable = 'true', byDefault = false } = PUBLIC_ACCESS[type];
  return settingsAt(properties, property.split('.')).map((setting) => ({
    ...setting, isPublic: setting.value === undefined ? byDefault : textOf(setting.value) === reachable,
  }));
}

/**
 * The settings of a store that no rule reads.
 *
 * They are known only at deployment, or they are those of a snapshot or another source.
 */
export function unknownOf(resource: TemplateResource): string[] {
  return [
    ...encryptionOf(resource).flatMap(({ location, outcome }) => {
      if (outcome === 'unknown') return [`${location}: its value is known only at deployment`];
      return outcome === 'inherited' ? [`${location}: the encryption at rest is that of the source of the data`] : [];
    }),
    ...publicAccessOf(resource).filter(({ value }) => isUnknown(value))
      .map(({ location }) => `${location}: its value is known only at deployment`),
  ];
}

/** The rules about stores of data of every service. */
export const storeRules: Rule[] = [
  {
    id: 'DataWithoutEncryption',
    types: Object.keys(ENCRYPTIONS),
    problem: 'Data at rest is not encrypted',
    fix: 'Set the property so that the service encrypts the data. Most services replace the resource, so copy its data '
      + 'first.',
    source: '45 CFR 164.312(a)(2)(iv), encryption and decryption',
    violations: (resource) => encryptionOf(resource).filter(({ outcome }) => outcome === 'unencrypted')
      .map(({ location }) => location),
  },
  {
    id: 'DatabaseIsPublic',
    types: Object.keys(PUBLIC_ACCESS),
    problem: 'A database, broker or replication instance has a public address',
    fix: 'Set the property to false, or public access of a Kafka cluster to DISABLED. Clients connect within the VPC.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) => publicAccessOf(resource).filter(({ isPublic }) => isPublic)
      .map(({ location }) => location),
  },
];
