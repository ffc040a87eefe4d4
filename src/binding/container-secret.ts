import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { grantSecretRead } from './grant-read';

const ROTATED = Symbol.for('cdk-hipaa.rotation.rotated');
const OVERLAPS = Symbol.for('cdk-hipaa.rotation.overlaps');

/** Creates a container secret whose grant changes only the policy of the reader: see `grantSecretRead`. */
export function containerSecret(secret: secretsmanager.ISecret, field?: string): ecs.Secret {
  return Object.assign(ecs.Secret.fromSecretsManager(secret, field), {
    grantRead: (grantee: iam.IGrantable) => grantSecretRead(grantee, [secret]),
  });
}

/** Creates a container secret that records its rotating secret. A service can then follow the rotation. */
export function rotatedContainerSecret(secret: secretsmanager.ISecret, field?: string): ecs.Secret {
  return Object.assign(containerSecret(secret, field), { [ROTATED]: secret });
}

/**
 * Creates a container secret whose previous value remains valid until the next rotation.
 *
 * It records its rotating secret. A service can then follow the rotation in its maintenance window.
 */
export function overlappingContainerSecret(secret: secretsmanager.ISecret, field?: string): ecs.Secret {
  return Object.assign(rotatedContainerSecret(secret, field), { [OVERLAPS]: true });
}

/** Whether the previous value of a container secret remains valid until the next rotation. */
export function isOverlapping(secret: ecs.Secret): boolean {
  return (secret as ecs.Secret & { [OVERLAPS]?: boolean })[OVERLAPS] ?? false;
}

/** Returns the rotating secret of a container secret, or undefined if it does not rotate. */
export function rotatedSecretBehind(secret: ecs.Secret): secretsmanager.ISecret | undefined {
  return (secret as ecs.Secret & { [ROTATED]?: secretsmanager.ISecret })[ROTATED];
}
