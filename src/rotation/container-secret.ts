import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

const ROTATED = Symbol.for('cdk-hipaa.rotation.rotated');

/** A container's secret that remembers which rotated secret it reads, so that the service can be rolled after a rotation. */
export function rotatedContainerSecret(secret: secretsmanager.ISecret, field?: string): ecs.Secret {
  const containerSecret = ecs.Secret.fromSecretsManager(secret, field);
  return Object.assign(containerSecret, { [ROTATED]: secret });
}

/** The rotated secret behind a container's secret, if it is one that rotates. */
export function rotatedSecretBehind(secret: ecs.Secret): secretsmanager.ISecret | undefined {
  return (secret as ecs.Secret & { [ROTATED]?: secretsmanager.ISecret })[ROTATED];
}
