import { attribute } from './reading';

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
