import { Template } from 'aws-cdk-lib/assertions';
import { CERTIFICATE, DATABASE, database, DOMAIN, LOAD_BALANCER, loadBalancer, LOG_GROUP, SECRET, SERVICE } from './parts';
import { imageComesFromEcr } from './service';
import { all, allowing, attribute, granted, only, propertiesOf } from '../../reading';

export function theWholeBackend(template: Template) {
  for (const type of [LOAD_BALANCER, SERVICE, DATABASE]) template.resourceCountIs(type, 1);
}

export function onlyServicesOfAws(template: Template) {
  for (const [id, { Type, Properties }] of Object.entries(template.toJSON().Resources as Record<string, { Type: string; Properties: { ServiceToken?: unknown } }>)) {
    if (Type.startsWith('AWS::')) continue;
    // A type of our own is a function of this stack.
    expect({ id, token: Properties.ServiceToken }).toEqual({ id, token: attribute(expect.any(String) as unknown as string, 'Arn') });
    propertiesOf(template, 'AWS::Lambda::Function', (Properties.ServiceToken as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0]);
  }
}

export function ownDomain(template: Template) {
  template.hasResourceProperties('AWS::Route53::RecordSet', { Name: `${DOMAIN}.`, Type: 'A' });
  template.hasResourceProperties(CERTIFICATE, { DomainName: DOMAIN });
}

export function ownKeys(template: Template) {
  for (const { Properties, DeletionPolicy } of all(template, 'AWS::KMS::Key')) {
    expect(Properties).toMatchObject({ EnableKeyRotation: true, RotationPeriodInDays: 365 });
    expect(DeletionPolicy).toBe('Retain');
  }
}

/** Asks Inspector for one type of scan, through a function that may do so. */
function scans(template: Template, type: string) {
  const { ServiceToken, Mode } = propertiesOf(template, 'Custom::InspectorScan', only(template, 'Custom::InspectorScan', { ScanType: type }));
  expect(Mode).toBe('create');
  const role = propertiesOf(template, 'AWS::Lambda::Function', ServiceToken['Fn::GetAtt'][0]).Role['Fn::GetAtt'][0];
  expect(allowing(granted(template, role), 'inspector2:Enable')).toHaveLength(1);
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

/** What runs is scanned in the registry that it is pulled from. */
export function scansWhatRuns(template: Template) {
  scans(template, 'ECR');
  imageComesFromEcr(template);
}

export function bucketsAreEncrypted(template: Template) {
  for (const { Properties } of all(template, 'AWS::S3::Bucket')) {
    expect(Properties.BucketEncryption.ServerSideEncryptionConfiguration).toEqual([{ ServerSideEncryptionByDefault: { SSEAlgorithm: expect.stringMatching(/^(AES256|aws:kms)$/) } }]);
  }
}

export function bucketsAreVersioned(template: Template) {
  for (const { Properties } of all(template, 'AWS::S3::Bucket')) expect(Properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
}

/** A creation that was rolled back leaves nothing under a name that the next try needs. */
export function canBeDeployedAgain(template: Template) {
  const named = Object.values(template.toJSON().Resources as Record<string, { Properties?: Record<string, unknown>; DeletionPolicy?: string }>)
    .filter(({ Properties = {}, DeletionPolicy }) => DeletionPolicy?.startsWith('Retain') && ['LogGroupName', 'BackupVaultName', 'BucketName', 'TopicName', 'Name'].some((name) => name in Properties));
  expect(named.length).toBeGreaterThan(0);
  for (const { DeletionPolicy } of named) expect(DeletionPolicy).toBe('RetainExceptOnCreate');
}

/** A deletion that was interrupted, or not meant, has taken no data. */
export function keepsTheDataWhenDestroyed(template: Template) {
  expect(database(template).DeletionProtection).toBe(true);
  expect(all(template, DATABASE).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Snapshot']);
  for (const type of ['AWS::KMS::Key', LOG_GROUP, 'AWS::S3::Bucket', SECRET, 'AWS::Backup::BackupVault']) {
    for (const { DeletionPolicy } of all(template, type)) expect(DeletionPolicy).toMatch(/^Retain(ExceptOnCreate)?$/);
  }
  expect(loadBalancer(template).LoadBalancerAttributes).toContainEqual({ Key: 'deletion_protection.enabled', Value: 'true' });
}
