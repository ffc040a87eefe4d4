import {
  paginateListSecretVersionIds,
  SecretsManagerClient,
  SecretVersionsListEntry,
} from '@aws-sdk/client-secrets-manager';
import { AgeDimension, ageInDays, AgeRequest, embeddedMetric } from './secret-age';

const client = new SecretsManagerClient();

/**
 * Publishes the age of the current value of each secret through the function's log.
 *
 * The function does not read the values. The age is that of the current version, because `LastChangedDate` of the
 * secret also changes with tags and policies.
 */
export const handler = async ({ dimension, secretArns }: AgeRequest): Promise<void> => {
  const answers = await Promise.allSettled(secretArns.map((secretArn) => publishAge(secretArn, dimension)));
  const failure = answers.find((answer) => answer.status === 'rejected');
  if (failure) throw failure.reason;
};

async function publishAge(secretArn: string, dimension: AgeDimension): Promise<void> {
  const versions: SecretVersionsListEntry[] = [];
  for await (const page of paginateListSecretVersionIds({ client }, { SecretId: secretArn })) {
    versions.push(...(page.Versions ?? []));
  }
  const now = new Date();
  const age = ageInDays(versions, now);
  if (age === undefined) throw new Error(`${secretArn} has no current value`);
  const measured = { SecretArn: secretArn, FunctionName: process.env.AWS_LAMBDA_FUNCTION_NAME! };
  // Not through console.log, which wraps the line so that CloudWatch does not recognize the metric.
  process.stdout.write(`${embeddedMetric(measured, dimension, age, now)}\n`);
}
