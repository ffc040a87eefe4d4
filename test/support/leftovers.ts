import { Dependencies, DependencyTemplate, TemplateResource } from './dependencies';

/** The types of resources that contain data, evidence, or the means to read them. */
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
const DISAPPEAR_WITH_ANOTHER = ['AWS::S3::BucketPolicy', 'AWS::SecretsManager::RotationSchedule'];
const KEEPING = ['Retain', 'RetainExceptOnCreate', 'Snapshot'];
const SIX_YEARS_IN_DAYS = 2192;
const POLICIES = ['DeletionPolicy', 'UpdateReplacePolicy'] as const;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Properties = any;

/** The resources of a template that `cdk destroy` would keep or fail to delete. A disposable stack must have none. */
export function leftovers(template: DependencyTemplate): string[] {
  const dependencies = new Dependencies(template);
  return [
    ...eachResource(template, (resource, id) => [
      // The default policy of a database is Snapshot:
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
      ...POLICIES.filter(
        (policy) => (resource[policy] ?? (isStateful(resource) ? 'nothing' : 'Delete')) !== 'Delete',
      ).map((policy) => `${policy} is ${resource[policy] ?? 'left out'}`),
      ...(isProtected(resource) ? ['it is protected from deletion'] : []),
      // A vault that no plan fills is empty, and is deleted with its stack.
      ...(/^AWS::Backup::Backup(Plan|Selection)$/.test(resource.Type) ? ['a backup is kept'] : []),
      ...(deniesDeletion(resource.Properties) ? ['a policy denies its deletion'] : []),
      ...(resource.Properties?.ObjectLockConfiguration?.Rule ? ['objects are locked by themselves'] : []),
      ...(resource.Type === 'AWS::S3::Bucket' && !dependencies.emptierOf(id) ? ['nothing empties it'] : []),
      ...(resource.Type === 'AWS::ECR::Repository' && resource.Properties?.EmptyOnDelete !== true
        ? ['its images prevent its deletion']
        : []),
      ...(dependencies.goesBefore(id, id) ? ['it depends on itself'] : []),
      ...(canRecreateLogGroups(resource) ? ['it may create log groups again'] : []),
    ]),
    ...dependencies.lateWriters().map((pair) => `${pair}: written to after it was emptied`),
    ...dependencies.writersAfterLogGroup().map((pair) => `${pair}: written to after it was deleted`),
  ];
}

/**
 * The resources that the rollback of a failed first deployment keeps, although nothing requires it.
 *
 * A rollback keeps resources with the policy `Retain`. These are allowed to have it:
 * - The policy of a bucket, and the rotation schedule of a password that RDS manages: they disappear with the bucket
 *   and with the secret.
 * - A log bucket without a key: the load balancer has written a file, and the bucket cannot be deleted.
 * - A bucket into which GuardDuty has written an object, with its key.
 * - A key whose policy denies its deletion.
 * - An option group: backups of the database use it, so RDS does not delete it.
 */
export function rollbackLeftovers(template: DependencyTemplate): string[] {
  const dependencies = new Dependencies(template);
  return eachResource(template, (resource, id) => {
    const { Type, DeletionPolicy } = resource;
    if (isStateful(resource) && DeletionPolicy === 'Delete') return ['DeletionPolicy is Delete'];
    if (DeletionPolicy !== 'Retain') return [];
    if (DISAPPEAR_WITH_ANOTHER.includes(Type) || Type === 'AWS::RDS::OptionGroup') return [];
    if (Type === 'AWS::Logs::LogGroup' && isProtected(resource)) return [];
    if (Type === 'AWS::KMS::Key' && isNeededAfterRollback(template, dependencies, id)) return [];
    if (Type !== 'AWS::S3::Bucket') return ['a rollback keeps it'];
    const keys = dependencies.ofType('AWS::KMS::Key')
      .filter((key) => dependencies.goesBefore(id, key) && template.Resources[key].DeletionPolicy !== 'Retain');
    return keys.length > 0 ? ['a rollback keeps it and deletes its key'] : [];
  });
}

/** Whether the policy of a key denies its deletion, or a rollback keeps a bucket that the key encrypts. */
function isNeededAfterRollback(template: DependencyTemplate, dependencies: Dependencies, key: string): boolean {
  const statements: Properties[] = template.Resources[key].Properties?.KeyPolicy.Statement ?? [];
  return statements.some(({ Effect, Action }) => Effect === 'Deny' && Action === 'kms:ScheduleKeyDeletion')
    || dependencies.ofType('AWS::S3::Bucket')
      .some((id) => template.Resources[id].DeletionPolicy === 'Retain' && dependencies.goesBefore(id, key));
}

/** The data and safeguards of a template that `cdk destroy` would delete. A stack with retained data must have none. */
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
    ...((isDatabase(resource) || isAuditLog(resource)
      || resource.Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') && !isProtected(resource)
      ? ['it is not protected from deletion']
      : []),
    ...(isDatabase(resource) && resource.Properties?.DeleteAutomatedBackups !== false
      ? ['its automated backups are deleted with it']
      : []),
    ...(isDatabase(resource) && !hasStandby(template, dependencies, id) ? ['it has no standby'] : []),
    ...(isDatabase(resource) && !hasVault ? ['no vault keeps its backups'] : []),
    ...(resource.Type === 'AWS::Backup::BackupVault' && !deniesDeletion(resource.Properties)
      ? ['backups can be deleted from it']
      : []),
    ...(resource.Type === 'AWS::SecretsManager::Secret' && !isDeletionDenied(template, dependencies, id)
      ? ['no policy denies its deletion']
      : []),
    ...(resource.Type === 'AWS::S3::Bucket' && dependencies.emptierOf(id) ? ['it is emptied with its stack'] : []),
    ...(resource.Type === 'AWS::ECR::Repository' && resource.Properties?.EmptyOnDelete
      ? ['its images are deleted with it']
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

/** Whether a resource is a database with data. An instance of a cluster has no data: the cluster has it. */
function isDatabase({ Type, Properties: properties }: TemplateResource): boolean {
  return Type === 'AWS::RDS::DBCluster' || (Type === 'AWS::RDS::DBInstance' && !properties?.DBClusterIdentifier);
}

function isStateful(resource: TemplateResource): boolean {
  return resource.Type === 'AWS::RDS::DBInstance' ? isDatabase(resource) : STATEFUL_TYPES.includes(resource.Type);
}

/** Whether a database has a standby: a Multi-AZ instance, or a cluster with instances in different zones. */
function hasStandby(template: DependencyTemplate, dependencies: Dependencies, id: string): boolean {
  const { Type, Properties: properties } = template.Resources[id];
  if (Type === 'AWS::RDS::DBInstance') return properties?.MultiAZ === true;
  const instances = dependencies.ofType('AWS::RDS::DBInstance').map((each) => template.Resources[each].Properties)
    .filter((each) => dependencies.mentions(each.DBClusterIdentifier, id));
  return new Set(instances.map((each) => JSON.stringify(each.AvailabilityZone))).size > 1;
}

/** Whether a log group holds audit logs: they are retained for six years, 45 CFR 164.316(b)(2)(i). */
function isAuditLog({ Type, Properties: properties }: TemplateResource): boolean {
  return Type === 'AWS::Logs::LogGroup' && properties?.RetentionInDays >= SIX_YEARS_IN_DAYS;
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

/** Whether a policy in the properties denies deletion, without counting a statement that denies insecure transport. */
function deniesDeletion(value: Properties): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (
    value.Effect === 'Deny' &&
    [value.Action ?? []].flat().some((action: string) => /^\*$|:(\*|Delete(?!\w*Tagging)\w*\*?)$/.test(action)) &&
    !requiresSecureTransport(value.Condition)
  ) {
    return true;
  }
  return Object.values(value).some(deniesDeletion);
}

/**
 * Whether a role can create its log group again after the deletion. Ignores the log group of Enhanced Monitoring, which
 * RDS shares in the whole account.
 */
function canRecreateLogGroups({ Type, Properties: properties }: TemplateResource): boolean {
  if (!['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'].includes(Type)) return false;
  return properties.PolicyDocument.Statement.some(
    ({ Action, Resource }: Properties) =>
      /logs:(CreateLogGroup|\*)|"\*"/.test(JSON.stringify([Action])) &&
      !JSON.stringify(Resource).includes(':log-group:RDSOSMetrics'),
  );
}

function requiresSecureTransport(condition: Properties): boolean {
  return /"aws:SecureTransport":"?false|"s3:TlsVersion"/.test(JSON.stringify(condition ?? {}));
}

function isDeletionDenied(template: DependencyTemplate, dependencies: Dependencies, secret: string): boolean {
  return dependencies.ofType('AWS::SecretsManager::ResourcePolicy').map((id) => template.Resources[id].Properties)
    .some((properties) => dependencies.mentions(properties.SecretId, secret) && deniesDeletion(properties));
}
