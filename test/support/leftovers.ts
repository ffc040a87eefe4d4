import { Dependencies, DependencyTemplate, TemplateResource } from './dependencies';

/** What holds data, evidence or the means to read them. */
export const STATEFUL_TYPES = [
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::Logs::LogGroup',
  'AWS::SecretsManager::Secret',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::ECR::Repository',
  'AWS::Backup::BackupVault',
  'AWS::DynamoDB::Table',
  'AWS::EFS::FileSystem',
  'AWS::EC2::Volume',
];
const KEEPING = ['Retain', 'RetainExceptOnCreate', 'Snapshot'];
const POLICIES = ['DeletionPolicy', 'UpdateReplacePolicy'] as const;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Properties = any;

/** What `cdk destroy` would leave behind of a template, or stumble over: nothing, where data is disposable. */
export function leftovers(template: DependencyTemplate): string[] {
  const dependencies = new Dependencies(template);
  return [
    ...eachResource(template, (resource, id) => [
      // Left out, the policy of a database is Snapshot:
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
      ...POLICIES.filter(
        (policy) => (resource[policy] ?? (isStateful(resource) ? 'nothing' : 'Delete')) !== 'Delete',
      ).map((policy) => `${policy} is ${resource[policy] ?? 'left out'}`),
      ...(isProtected(resource) ? ['it is protected from deletion'] : []),
      ...(resource.Type.startsWith('AWS::Backup::') ? ['a backup is kept'] : []),
      ...(deniesDeletion(resource.Properties) ? ['a policy denies its deletion'] : []),
      ...(resource.Properties?.ObjectLockConfiguration?.Rule ? ['objects are locked by themselves'] : []),
      ...(resource.Type === 'AWS::S3::Bucket' && !dependencies.emptierOf(id) ? ['nothing empties it'] : []),
      ...(resource.Type === 'AWS::ECR::Repository' && resource.Properties?.EmptyOnDelete !== true
        ? ['its images keep it']
        : []),
      ...(dependencies.goesBefore(id, id) ? ['it waits for itself'] : []),
      ...(canBringLogGroupsBack(resource) ? ['it may create log groups again'] : []),
    ]),
    ...dependencies.lateWriters().map((pair) => `${pair}: written to after it was emptied`),
    ...dependencies.writersAfterLogGroup().map((pair) => `${pair}: written to after it was deleted`),
  ];
}

/** What `cdk destroy` would take along of a template: nothing that holds state, where data is kept. */
export function losses(template: DependencyTemplate): string[] {
  const dependencies = new Dependencies(template);
  const hasVault =
    dependencies.ofType('AWS::Backup::BackupVault').length > 0 &&
    dependencies.ofType('AWS::Backup::BackupSelection').length > 0;
  return eachResource(template, (resource, id) => [
    ...(isStateful(resource)
      ? POLICIES.filter((policy) => !KEEPING.includes(resource[policy] ?? '')).map(
        (policy) => `${policy} is ${resource[policy] ?? 'left out'}`,
      )
      : []),
    ...((isDatabase(resource) || resource.Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') &&
    !isProtected(resource)
      ? ['it is not protected from deletion']
      : []),
    ...(isDatabase(resource) && resource.Properties?.DeleteAutomatedBackups !== false
      ? ['its automated backups go with it']
      : []),
    ...(isDatabase(resource) && !hasStandby(template, dependencies, id) ? ['it has no standby'] : []),
    ...(isDatabase(resource) && !hasVault ? ['no vault keeps its backups'] : []),
    ...(resource.Type === 'AWS::Backup::BackupVault' && !deniesDeletion(resource.Properties)
      ? ['backups can be deleted from it']
      : []),
    ...(resource.Type === 'AWS::SecretsManager::Secret' && !isShielded(template, dependencies, id)
      ? ['no policy denies its deletion']
      : []),
    ...(resource.Type === 'AWS::S3::Bucket' && dependencies.emptierOf(id) ? ['it is emptied with its stack'] : []),
    ...(resource.Type === 'AWS::ECR::Repository' && resource.Properties?.EmptyOnDelete
      ? ['its images go with it']
      : []),
  ]);
}

function eachResource(
  template: DependencyTemplate,
  findings: (resource: TemplateResource, id: string) => string[],
): string[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) =>
    findings(resource, id).map((finding) => `${resource.Type} ${id}: ${finding}`),
  );
}

/** What holds data by itself. An instance of a cluster holds none: the data is the cluster's. */
function isDatabase({ Type, Properties: properties }: TemplateResource): boolean {
  return Type === 'AWS::RDS::DBCluster' || (Type === 'AWS::RDS::DBInstance' && !properties?.DBClusterIdentifier);
}

function isStateful(resource: TemplateResource): boolean {
  return resource.Type === 'AWS::RDS::DBInstance' ? isDatabase(resource) : STATEFUL_TYPES.includes(resource.Type);
}

/** An instance has one itself; a cluster has one in a second instance that is said to stand in another zone. */
function hasStandby(template: DependencyTemplate, dependencies: Dependencies, id: string): boolean {
  const { Type, Properties: properties } = template.Resources[id];
  if (Type === 'AWS::RDS::DBInstance') return properties?.MultiAZ === true;
  const instances = dependencies.ofType('AWS::RDS::DBInstance').map((each) => template.Resources[each].Properties)
    .filter((each) => dependencies.mentions(each.DBClusterIdentifier, id));
  return new Set(instances.map((each) => JSON.stringify(each.AvailabilityZone))).size > 1;
}

/** `DeletionProtection` of RDS, `DeletionProtectionEnabled` of others, and the attribute of a load balancer. */
function isProtected({ Properties: properties }: TemplateResource): boolean {
  const switchedOn = (value: unknown) => [true, 'true', 'ACTIVE'].includes(value as string);
  return (
    switchedOn(properties?.DeletionProtection) ||
    switchedOn(properties?.DeletionProtectionEnabled) ||
    (properties?.LoadBalancerAttributes ?? []).some(
      ({ Key, Value }: { Key: string; Value: unknown }) => Key === 'deletion_protection.enabled' && switchedOn(Value),
    )
  );
}

/** Whether a policy somewhere in the properties denies deletion, but for requests that would be denied anything. */
function deniesDeletion(value: Properties): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (
    value.Effect === 'Deny' &&
    [value.Action ?? []].flat().some((action: string) => /^\*$|:(\*|Delete\w*\*?)$/.test(action)) &&
    !isAboutTransport(value.Condition)
  ) {
    return true;
  }
  return Object.values(value).some(deniesDeletion);
}

/**
 * Whether a role may make the log group again that it writes to, after it was deleted. The group of enhanced monitoring
 * is RDS's own, of the whole account.
 */
function canBringLogGroupsBack({ Type, Properties: properties }: TemplateResource): boolean {
  if (!['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'].includes(Type)) return false;
  return properties.PolicyDocument.Statement.some(
    ({ Action, Resource }: Properties) =>
      /logs:(CreateLogGroup|\*)|"\*"/.test(JSON.stringify([Action])) &&
      !JSON.stringify(Resource).includes(':log-group:RDSOSMetrics'),
  );
}

function isAboutTransport(condition: Properties): boolean {
  return /"aws:SecureTransport":"?false|"s3:TlsVersion"/.test(JSON.stringify(condition ?? {}));
}

function isShielded(template: DependencyTemplate, dependencies: Dependencies, secret: string): boolean {
  return dependencies.ofType('AWS::SecretsManager::ResourcePolicy').map((id) => template.Resources[id].Properties)
    .some((properties) => dependencies.mentions(properties.SecretId, secret) && deniesDeletion(properties));
}
