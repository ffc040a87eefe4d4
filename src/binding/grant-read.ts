import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/**
 * Lets a principal read exactly these secrets, by a statement of its own policy alone.
 *
 * aws-cdk-lib's `grantRead` also writes the reader into the policy of the secret's key. With secrets and reader in two
 * stacks that makes each stack wait for the other. A key policy that lets IAM govern the key, as the default one does,
 * needs no such entry. The encryption context holds the key to these secrets, whatever else it encrypts:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export function grantSecretRead(grantee: iam.IGrantable, secrets: secretsmanager.ISecret[]): iam.Grant {
  const read = iam.Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    resourceArns: secrets.map(secretArnPattern),
  });
  const encrypted = secrets.filter((secret) => secret.encryptionKey);
  return [...new Set(encrypted.map((secret) => secret.encryptionKey!.keyArn))].reduce((grant, keyArn) => grant.combine(iam.Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt'],
    resourceArns: [keyArn],
    conditions: {
      StringLike: {
        'kms:EncryptionContext:SecretARN': encrypted.filter((secret) => secret.encryptionKey!.keyArn === keyArn).map(secretArnPattern),
      },
    },
  })), read);
}

/** A secret's ARN, or the narrowest pattern for one that was imported without the six characters at the end of its ARN. */
export function secretArnPattern(secret: secretsmanager.ISecret): string {
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}
