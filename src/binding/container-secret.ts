import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { grantSecretRead } from './grant-read';

const ROTATED = Symbol.for('cdk-hipaa.rotation.rotated');

/** A container's secret whose grant stays on the side of the reader: see `grantSecretRead`. */
export function containerSecret(secret: secretsmanager.ISecret, field?: string): ecs.Secret {
  return Object.assign(ecs.Secret.fromSecretsManager(secret, field), {
    grantRead: (grantee: iam.IGrantable) => grantSecretRead(grantee, [secret]),
  });
}

/** A container's secret that remembers which rotated secret it reads, so that the service can be rolled after a rotation. */
export function rotatedContainerSecret(secret: secretsmanager.ISecret, field?: string): ecs.Secret {
  return Object.assign(containerSecret(secret, field), { [ROTATED]: secret });
}

/** The rotated secret behind a container's secret, if it is one that rotates. */
export function rotatedSecretBehind(secret: ecs.Secret): secretsmanager.ISecret | undefined {
  return (secret as ecs.Secret & { [ROTATED]?: secretsmanager.ISecret })[ROTATED];
}
