import { Reference, Stack, Tokenization } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { rotatedSecretBehind } from '../binding/container-secret';
import { requireRegionOf } from '../core/same-region';

/** Refuses a rotated secret of another region: the service would not receive the event of its rotation. */
export function requireNearby(service: IConstruct, prop: string, secret: secretsmanager.ISecret): void {
  requireRegionOf(service, prop, 'a secret', secret, secret.secretArn);
}

/**
 * Refuses a container secret that rotates, or that the app creates, in another region.
 *
 * ECS accepts the ARN of a secret of any region, so a secret that is imported by its ARN passes.
 */
export function requireNearbyContainerSecret(service: IConstruct, prop: string, secret: ecs.Secret): void {
  const rotated = rotatedSecretBehind(secret);
  if (rotated) requireNearby(service, prop, rotated);
  for (const token of Tokenization.reverseString(secret.arn).tokens) {
    if (!Reference.isReference(token)) continue;
    const { region, account } = Stack.of(token.target);
    requireRegionOf(service, prop, 'a secret', { env: { region, account } });
  }
}
