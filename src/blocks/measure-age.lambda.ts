import {
  paginateListSecretVersionIds,
  SecretsManagerClient,
  SecretVersionsListEntry,
} from '@aws-sdk/client-secrets-manager';
import { AGE_METRIC, ageInDays, AgeRequest, embeddedMetric, hasFirstValue, PLACEHOLDER_METRIC } from './secret-age';

const client = new SecretsManagerClient();

/**
 * Publishes the age of each current value through the function's log, and placeholders on request.
 *
 * The function does not read the values. The age is that of the current version, because `LastChangedDate` of the
 * secret also changes with tags and policies.
 */
export const handler = async (request: AgeRequest): Promise<void> => {
  const answers = await Promise.allSettled(request.secretArns.map((secretArn) => publishAge(secretArn, request)));
  const failure = answers.find((answer) => answer.status === 'rejected');
  if (failure) throw failure.reason;
};

async function publishAge(secretArn: string, { dimension, placeholders }: AgeRequest): Promise<void> {
  const versions: SecretVersionsListEntry[] = [];
  for await (const page of paginateListSecretVersionIds({ client }, { SecretId: secretArn })) {
    versions.push(...(page.Versions ?? []));
  }
  const now = new Date();
  const age = ageInDays(versions, now);
  if (age === undefined) throw new Error(`${secretArn} has no current value`);
  const measured = { SecretArn: secretArn, FunctionName: process.env.AWS_LAMBDA_FUNCTION_NAME! };
  const values = {
    [AGE_METRIC]: age,
    ...placeholders && { [PLACEHOLDER_METRIC]: hasFirstValue(versions) ? 1 : 0 },
  };
  // Not through console.log, which wraps the line so that CloudWatch does not recognize the metric.
  process.stdout.write(`${embeddedMetric(measured, dimension, values, now)}\n`);
}
