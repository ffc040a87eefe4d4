import { Template } from 'aws-cdk-lib/assertions';
import {
  BUCKET, BUCKET_POLICY, CLOSED_TO_THE_PUBLIC, fieldKey, KEY, read, reports, taskRole,
} from './parts';
import {
  all, allowing, attribute, granted, only, propertiesOf, ref, rotatingKeys, text, whoMay,
} from '../../../support/template/reading';

const bucket = (template: Template) => propertiesOf(template, BUCKET, reports(template));
const policy = (template: Template) =>
  propertiesOf(template, BUCKET_POLICY, only(template, BUCKET_POLICY, { Bucket: ref(reports(template)) }))
    .PolicyDocument.Statement;

/** A customer managed key of the stack encrypts the reports, and the policy denies uploads with another key. */
export function reportsAreEncrypted(template: Template) {
  const [{ BucketKeyEnabled, ServerSideEncryptionByDefault: { SSEAlgorithm, KMSMasterKeyID } }, ...more] =
    bucket(template).BucketEncryption.ServerSideEncryptionConfiguration;
  expect(more).toEqual([]);
  expect({ BucketKeyEnabled, SSEAlgorithm }).toEqual({ BucketKeyEnabled: true, SSEAlgorithm: 'aws:kms' });
  expect(rotatingKeys(template)).toContainEqual(KMSMasterKeyID);
  expect(JSON.stringify(policy(template))).toContain('s3:x-amz-server-side-encryption');
}

/** No bucket of the stack can be public. */
export function noPublicAccess(template: Template) {
  for (const { Properties } of all(template, BUCKET)) {
    expect(Properties.PublicAccessBlockConfiguration).toEqual(CLOSED_TO_THE_PUBLIC);
  }
}

/**
 * Only the role of the task can read and write reports, so clients need a URL that the program signs. Browsers use the
 * URLs on the pages of the app alone.
 */
export function presignedAlone(template: Template) {
  noPublicAccess(template);
  for (const action of ['s3:GetObject', 's3:PutObject']) {
    const rights = whoMay(template, action);
    expect(rights.map(({ role }) => role)).toEqual([taskRole(template)]);
    expect(text(rights[0].resource)).toBe(`\${{'Fn::GetAtt':['${reports(template)}','Arn']}}/*`);
  }
  expect(policy(template).filter(({ Effect }: { Effect: string }) => Effect === 'Allow')).toEqual([]);
  const [rule, ...more] = bucket(template).CorsConfiguration.CorsRules;
  expect(more).toEqual([]);
  expect(rule.AllowedOrigins).toEqual(['https://app.carebow.com']);
  expect(read('api/reports.js')).toContain('getSignedUrl(this.s3, command, { expiresIn: EXPIRY_SECONDS');
}

export function versions(template: Template) {
  expect(bucket(template).VersioningConfiguration).toEqual({ Status: 'Enabled' });
}

/** Earlier versions end after 90 days. `lifecycle` adds rules for reports: OPERATIONS.md shows one. */
export function lifecycle(template: Template) {
  const rules = bucket(template).LifecycleConfiguration.Rules;
  const earlier = { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 90 } };
  expect(rules).toContainEqual(expect.objectContaining(earlier));
  expect(read('OPERATIONS.md')).toMatch(/lifecycle: \[\{ prefix: 'reports\/'/);
}

/**
 * The task encrypts fields with a rotating key that AWS services cannot use. The policy of the key denies requests
 * without the table, the column, the owner and the record of the field.
 */
export function fieldsAreEncrypted(template: Template) {
  const id = fieldKey(template);
  const { EnableKeyRotation, KeySpec = 'SYMMETRIC_DEFAULT', KeyPolicy } = propertiesOf(template, KEY, id);
  expect({ EnableKeyRotation, KeySpec }).toEqual({ EnableKeyRotation: true, KeySpec: 'SYMMETRIC_DEFAULT' });
  const denied = JSON.stringify(KeyPolicy.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Deny'));
  for (const name of ['table', 'column', 'owner', 'record']) {
    expect(denied).toContain(`"kms:EncryptionContext:${name}"`);
  }
  for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
    const resources = allowing(granted(template, taskRole(template)), action).map(({ Resource }) => Resource);
    expect(resources).toContainEqual(attribute(id, 'Arn'));
  }
  const program = read('api/fields.js');
  expect(program).toContain("const ALGORITHM = 'aes-256-gcm'");
  expect(program).toContain("KeySpec: 'AES_256', EncryptionContext: place");
}

/** No other role can decrypt a field. */
export function onlyTheTaskDecrypts(template: Template) {
  fieldsAreEncrypted(template);
  const key = attribute(fieldKey(template), 'Arn');
  const roles = whoMay(template, 'kms:Decrypt')
    .filter(({ resource }) => JSON.stringify(resource) === JSON.stringify(key)).map(({ role }) => role);
  expect(roles).toEqual([taskRole(template)]);
}

/** Reports and fields have customer managed keys of their own. */
export function reportsAndFields(template: Template) {
  reportsAreEncrypted(template);
  presignedAlone(template);
  fieldsAreEncrypted(template);
}
