import { DescribeServicesCommand, ECSClient, ServiceNotActiveException, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { rollDecision, ServiceState } from './roll-decision';

const ecs = new ECSClient();
const secretsManager = new SecretsManagerClient();

/**
 * Forces one new deployment of the service if one of its secrets was rotated after the newest one.
 *
 * What woke it does not matter, and is not read: an event may come twice, late, or never. Invocations must not overlap,
 * which is why they come through a queue that hands out one batch at a time.
 */
export const handler = async (): Promise<void> => {
  const secretArns: string[] = JSON.parse(process.env.SECRET_ARNS!);
  const answers = await Promise.allSettled(secretArns.map(lastRotation));
  const { roll, because } = rollDecision(await describeService(), answers.map((answer) => answer.status === 'fulfilled' ? answer.value : undefined));
  console.log(JSON.stringify({ roll, because }));
  if (roll) await forceDeployment();
  // One secret that cannot be described must not keep the service from the others; somebody has to hear of it all the same.
  const failure = answers.find((answer) => answer.status === 'rejected');
  if (failure) throw failure.reason;
};

async function lastRotation(secretArn: string): Promise<Date | undefined> {
  return (await secretsManager.send(new DescribeSecretCommand({ SecretId: secretArn }))).LastRotatedDate;
}

async function describeService(): Promise<ServiceState | undefined> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: process.env.CLUSTER, services: [process.env.SERVICE!] }));
  return services?.[0];
}

async function forceDeployment(): Promise<void> {
  try {
    await ecs.send(new UpdateServiceCommand({ cluster: process.env.CLUSTER, service: process.env.SERVICE, forceNewDeployment: true }));
  } catch (error) {
    // Deleted or drained since it was described: nothing is left to roll.
    if (!(error instanceof ServiceNotActiveException)) throw error;
  }
}
