import {
  DescribeServicesCommand,
  ECSClient,
  ServiceNotActiveException,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { rollDecision, ServiceState } from './roll-decision';

const ecs = new ECSClient();
const secretsManager = new SecretsManagerClient();

/**
 * Forces a new deployment if a secret of the service was rotated after the latest deployment.
 *
 * The function does not read the event, because an event can arrive twice, late, or never. Invocations must not
 * overlap, so they come through a queue that delivers one batch at a time.
 */
export const handler = async (): Promise<void> => {
  const secretArns: string[] = JSON.parse(process.env.SECRET_ARNS!);
  const results = await Promise.allSettled(secretArns.map(lastRotation));
  const rotations = results.map((result) => result.status === 'fulfilled' ? result.value : undefined);
  const { roll, because } = rollDecision(await describeService(), rotations);
  console.log(JSON.stringify({ roll, because }));
  if (roll) await forceDeployment();
  // A secret that cannot be described must not prevent a deployment for the others, but the failure must raise the
  // alarm.
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
};

async function lastRotation(secretArn: string): Promise<Date | undefined> {
  return (await secretsManager.send(new DescribeSecretCommand({ SecretId: secretArn }))).LastRotatedDate;
}

async function describeService(): Promise<ServiceState | undefined> {
  const { services } = await ecs.send(
    new DescribeServicesCommand({ cluster: process.env.CLUSTER, services: [process.env.SERVICE!] }),
  );
  return services?.[0];
}

async function forceDeployment(): Promise<void> {
  try {
    await ecs.send(
      new UpdateServiceCommand({
        cluster: process.env.CLUSTER,
        service: process.env.SERVICE,
        forceNewDeployment: true,
      }),
    );
  } catch (error) {
    // The service was deleted or drained after DescribeServices: there is nothing to deploy.
    if (!(error instanceof ServiceNotActiveException)) throw error;
  }
}
