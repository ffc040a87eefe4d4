import { IConstruct } from 'constructs';
import { SecureFargateServiceProps } from './secure-fargate-service-props';
import { ExpectedType, KEY_TYPE, requireOptionalType, requireType, VPC_TYPE } from '../core/require-type';

const IMAGE: ExpectedType = {
  members: ['bind'], name: 'an ecs.ContainerImage', change: 'pass an image; a HardenedRepository returns one from image(version)',
};
const CLUSTER: ExpectedType = {
  members: ['clusterArn'], name: 'an ecs.ICluster', change: 'pass an ECS cluster, such as a ServiceCluster',
};
const USED: ExpectedType = {
  members: ['bindToService'],
  name: 'an IServiceBindable',
  change: 'pass the construct of this library and not the resource that it wraps, or implement IServiceBindable',
};
const ECS_SECRET: ExpectedType = {
  members: ['arn', 'grantRead'], name: 'an ecs.Secret', change: 'use ecs.Secret.fromSecretsManager, or forContainer of RotatingSecrets',
};
const SECRET: ExpectedType = { members: ['secretArn'], name: 'a secretsmanager.ISecret', change: 'pass the secret that rotates' };
const LOG_METRIC: ExpectedType = { members: ['_place'], name: 'a LogMetric', change: 'use a factory of LogMetric' };
const INGRESS: ExpectedType = { members: ['_validate'], name: 'a ServiceIngress', change: 'use a factory of ServiceIngress' };
const EXEC: ExpectedType = { members: ['_validate'], name: 'an ExecAccess', change: 'use a factory of ExecAccess' };
const SCALING: ExpectedType = { members: ['_validate'], name: 'a ScalingPolicy', change: 'use a factory of ScalingPolicy' };

/** Refuses props of a service that have another type than the service expects. */
export function requireServiceTypes(scope: IConstruct, props: SecureFargateServiceProps): void {
  requireType(scope, 'image', props.image, IMAGE);
  requireOptionalType(scope, 'vpc', props.vpc, VPC_TYPE);
  requireOptionalType(scope, 'cluster', props.cluster, CLUSTER);
  requireOptionalType(scope, 'encryptionKey', props.encryptionKey, KEY_TYPE);
  requireOptionalType(scope, 'ingress', props.ingress, INGRESS);
  requireOptionalType(scope, 'exec', props.exec, EXEC);
  requireOptionalType(scope, 'scaling', props.scaling, SCALING);
  for (const used of props.uses ?? []) requireType(scope, 'uses', used, USED);
  for (const metric of props.logMetrics ?? []) requireType(scope, 'logMetrics', metric, LOG_METRIC);
  for (const secret of props.restartOnRotation ?? []) requireType(scope, 'restartOnRotation', secret, SECRET);
  for (const [name, secret] of Object.entries(props.secrets ?? {})) requireType(scope, `secrets.${name}`, secret, ECS_SECRET);
}
