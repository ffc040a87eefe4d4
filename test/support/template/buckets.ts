import { Template } from 'aws-cdk-lib/assertions';
import { attribute, propertiesOf } from './reading';
import { BUCKET } from './types';

/** The statements of the policy of a bucket with PHI: it allows nothing, and denies requests without TLS or its key. */
export function denialsOfPhiBucket(id: string, key: unknown) {
  const arn = attribute(id, 'Arn');
  const objects = { 'Fn::Join': ['', [arn, '/*']] };
  const everyone = { Effect: 'Deny', Principal: { AWS: '*' } };
  const upload = { ...everyone, Action: 's3:PutObject', Resource: objects };
  const header = 's3:x-amz-server-side-encryption';
  return [
    {
      ...everyone, Action: 's3:*', Resource: [arn, objects], Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      ...upload,
      Sid: 'OnlyKmsEncryption',
      Condition: { Null: { [header]: 'false' }, StringNotEquals: { [header]: 'aws:kms' } },
    },
    {
      ...upload,
      Sid: 'OnlyKeyOfBucket',
      Condition: {
        Null: { [`${header}-aws-kms-key-id`]: 'false' }, StringNotEquals: { [`${header}-aws-kms-key-id`]: key },
      },
    },
    { ...upload, Sid: 'NoKeysOfClients', Condition: { Null: { [`${header}-customer-algorithm`]: 'false' } } },
  ];
}

/** A bucket with log files: encrypted with SSE-S3, versioned, in a cheaper class after 90 days, for six years. */
export function keepsLogFiles(template: Template, id: string) {
  const { BucketEncryption, LifecycleConfiguration, VersioningConfiguration, OwnershipControls } =
    propertiesOf(template, BUCKET, id);
  expect({ BucketEncryption, VersioningConfiguration, OwnershipControls }).toEqual({
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    VersioningConfiguration: { Status: 'Enabled' },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  });
  expect(LifecycleConfiguration.Rules).toEqual([
    {
      Id: 'Retention',
      Status: 'Enabled',
      ExpirationInDays: 2192,
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
      NoncurrentVersionExpiration: { NoncurrentDays: 90 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
    { Id: 'DeleteMarkers', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
  ]);
}
