import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { protectionOf } from '../core/data-protection';

/**
 * Creates a secret whose policy denies unencrypted requests and cannot become public.
 *
 * A secret with retained data is retained, and its policy denies its deletion.
 */
export function protectedSecret(
  scope: Construct, id: string, props: secretsmanager.SecretProps,
): secretsmanager.Secret {
  const protection = protectionOf(scope);
  const secret = new secretsmanager.Secret(scope, id, { removalPolicy: protection.removalPolicy, ...props });
  const deny = (sid: string, statement: iam.PolicyStatementProps) =>
    secret.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        effect: iam.Effect.DENY,
        principals: [new iam.AnyPrincipal()],
        resources: ['*'],
        ...statement,
      }),
    );
  deny('EncryptedRequestsOnly', {
    actions: ['secretsmanager:*'],
    conditions: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  if (!protection.isDisposable) deny('NoDeletion', { actions: ['secretsmanager:DeleteSecret'] });
  const policy = secret.node.findChild('Policy').node.defaultChild as secretsmanager.CfnResourcePolicy;
  policy.blockPublicPolicy = true;
  policy.applyRemovalPolicy(protection.removalPolicy);
  return secret;
}
