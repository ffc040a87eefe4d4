import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { managedGrantee } from '../blocks/managed-grantee';

/**
 * Grants a principal permission to read these secrets, in its own managed policy only.
 *
 * The `grantRead` of aws-cdk-lib also adds the reader to the policy of the secret's key. If secret and reader are in
 * two stacks, that creates a dependency cycle. A key policy that delegates to IAM, as the default one does, needs no
 * such statement. The encryption context limits the use of the key to these secrets:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export function grantSecretRead(reader: iam.IGrantable, secrets: secretsmanager.ISecret[]): iam.Grant {
  const grantee = managedGrantee(reader);
  const read = iam.Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    resourceArns: secrets.map(secretArnPattern),
  });
  const encrypted = secrets.filter((secret) => secret.encryptionKey);
  const keyArns = [...new Set(encrypted.map((secret) => secret.encryptionKey!.keyArn))];
  return keyArns.reduce(
    (grant, keyArn) =>
      grant.combine(
        iam.Grant.addToPrincipal({
          grantee,
          actions: ['kms:Decrypt'],
          resourceArns: [keyArn],
          conditions: {
            StringLike: {
              'kms:EncryptionContext:SecretARN': encrypted
                .filter((secret) => secret.encryptionKey!.keyArn === keyArn)
                .map(secretArnPattern),
            },
          },
        }),
      ),
    read,
  );
}

/**
 * Returns the ARN of a secret, or a pattern of it.
 *
 * The pattern is the narrowest one, for a secret that was imported without the last six characters.
 */
export function secretArnPattern(secret: secretsmanager.ISecret): string {
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}
