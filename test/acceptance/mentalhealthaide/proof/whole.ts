import { Template } from 'aws-cdk-lib/assertions';
import {
  CERTIFICATE,
  DATABASE,
  database,
  DOMAIN,
  LOAD_BALANCER,
  loadBalancer,
  LOG_GROUP,
  SECRET,
  SERVICE,
} from './parts';
import { imageComesFromEcr } from './service';
import { all, allowing, attribute, granted, only, propertiesOf } from '../../../support/template/reading';

export function theWholeBackend(template: Template) {
  for (const type of [LOAD_BALANCER, SERVICE, DATABASE]) template.resourceCountIs(type, 1);
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}
const resources = (template: Template): RawResource[] => Object.values(template.toJSON().Resources);

/** A function of this stack implements the types that CloudFormation lacks. */
export function onlyServicesOfAws(template: Template) {
  const functions = Object.keys(template.findResources('AWS::Lambda::Function')).map((id) => attribute(id, 'Arn'));
  for (const { Type, Properties } of resources(template)) {
    if (!Type.startsWith('AWS::')) expect(functions).toContainEqual(Properties?.ServiceToken);
  }
}

export function ownDomain(template: Template) {
  template.hasResourceProperties('AWS::Route53::RecordSet', { Name: `${DOMAIN}.`, Type: 'A' });
  template.hasResourceProperties(CERTIFICATE, { DomainName: DOMAIN });
}

export function ownKeys(template: Template) {
  for (const { Properties, DeletionPolicy } of all(template, 'AWS::KMS::Key')) {
    expect(Properties).toMatchObject({ EnableKeyRotation: true, RotationPeriodInDays: 365 });
    expect(DeletionPolicy).toBe('RetainExceptOnCreate');
  }
}

/** Enables one scan type of Inspector, with a function that has the permission. */
function scans(template: Template, type: string) {
  const { ServiceToken, Mode } = propertiesOf(
    template,
    'Custom::InspectorScan',
    only(template, 'Custom::InspectorScan', { ScanType: type }),
  );
  expect(Mode).toBe('create');
  const role = propertiesOf(template, 'AWS::Lambda::Function', ServiceToken['Fn::GetAtt'][0]).Role['Fn::GetAtt'][0];
  // Inspector scans an account. The action supports no resource.
  expect(allowing(granted(template, role), 'inspector2:Enable').map(({ Resource }) => Resource)).toEqual(['*']);
}

export function inspectorIsOn(template: Template) {
  for (const type of ['ECR', 'EC2']) scans(template, type);
}

export function scansRepositories(template: Template) {
  scans(template, 'ECR');
}

export function scansInstances(template: Template) {
  scans(template, 'EC2');
}

/** Inspector scans the running image in its registry. */
export function scansWhatRuns(template: Template) {
  scans(template, 'ECR');
  imageComesFromEcr(template);
}

export function bucketsAreEncrypted(template: Template) {
  for (const { Properties } of all(template, 'AWS::S3::Bucket')) {
    expect(Properties.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      { ServerSideEncryptionByDefault: { SSEAlgorithm: expect.stringMatching(/^(AES256|aws:kms)$/) } },
    ]);
  }
}

export function bucketsAreVersioned(template: Template) {
  for (const { Properties } of all(template, 'AWS::S3::Bucket')) {
    expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
  }
}

/** The types whose name a new attempt could find in use, and the property with the name. */
const NAMED: Record<string, string> = {
  'AWS::Backup::BackupVault': 'BackupVaultName',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SecretsManager::Secret': 'Name',
};

/**
 * A name contains the stack ID. On rollback, a named resource is deleted, leaves a snapshot, or is a protected log
 * group.
 */
export function canBeDeployedAgain(template: Template) {
  const named = resources(template).filter(({ Type, Properties = {} }) => Type in NAMED && NAMED[Type] in Properties);
  expect(named.map(({ Type }) => Type)).toEqual(
    expect.arrayContaining(['AWS::Backup::BackupVault', DATABASE, LOG_GROUP]),
  );
  for (const { Type, Properties, DeletionPolicy } of named) {
    expect(JSON.stringify(Properties?.[NAMED[Type]])).toContain('{"Ref":"AWS::StackId"}');
    const isProtected = Type === LOG_GROUP && Properties?.DeletionProtectionEnabled === true;
    expect(DeletionPolicy).toBe(Type === DATABASE ? 'Snapshot' : isProtected ? 'Retain' : 'RetainExceptOnCreate');
  }
}

/** An interrupted or accidental deletion removes no data. */
export function keepsTheDataWhenDestroyed(template: Template) {
  expect(database(template).DeletionProtection).toBe(true);
  expect(all(template, DATABASE).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Snapshot']);
  for (const type of ['AWS::KMS::Key', LOG_GROUP, 'AWS::S3::Bucket', SECRET, 'AWS::Backup::BackupVault']) {
    for (const { DeletionPolicy } of all(template, type)) expect(DeletionPolicy).toMatch(/^Retain(ExceptOnCreate)?$/);
  }
  expect(loadBalancer(template).LoadBalancerAttributes).toContainEqual({
    Key: 'deletion_protection.enabled',
    Value: 'true',
  });
}
