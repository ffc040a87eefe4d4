import { Environment, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { BackendStack, DatabaseCapacity } from './backend-stack';
import { ImagesStack } from './images-stack';
import { Parameters } from './parameters';
import { DataProtection } from 'cdk-hipaa';

/** Defines the stacks in the order of their deployment. `capacity` chooses the database. */
export function defineBackend(scope: Construct, env: Environment, parameters: Parameters, capacity: DatabaseCapacity) {
  const { projectName, environment, version } = parameters;
  const isDisposable = environment === 'dev';
  if (isDisposable) DataProtection.of(scope).disposable({ reason: 'dev holds synthetic records only' });
  Tags.of(scope).add('Project', projectName);
  Tags.of(scope).add('Environment', environment);

  const common = { env, terminationProtection: !isDisposable };
  const images = new ImagesStack(scope, `${projectName}-${environment}-images`, common);
  const backend = new BackendStack(scope, `${projectName}-${environment}`, {
    ...common,
    parameters,
    capacity,
    image: images.programs.image(version),
  });
  return { images, backend };
}
