import { paginateListSecretVersionIds, SecretsManagerClient, SecretVersionsListEntry } from '@aws-sdk/client-secrets-manager';
import { ageInDays, embeddedMetric } from './secret-age';

const client = new SecretsManagerClient();

/**
 * Publishes the age of each secret's current value through the function's log. The values are never read.
 *
 * The versions are asked for, since `LastChangedDate` of the secret itself also moves with its tags and its policy.
 */
export const handler = async (): Promise<void> => {
  const secretArns: string[] = JSON.parse(process.env.SECRET_ARNS!);
  const answers = await Promise.allSettled(secretArns.map(publishAge));
  const failure = answers.find((answer) => answer.status === 'rejected');
  if (failure) throw failure.reason;
};

async function publishAge(secretArn: string): Promise<void> {
  const versions: SecretVersionsListEntry[] = [];
  for await (const page of paginateListSecretVersionIds({ client }, { SecretId: secretArn })) versions.push(...page.Versions ?? []);
  const now = new Date();
  const age = ageInDays(versions, now);
  if (age === undefined) throw new Error(`${secretArn} has no current value`);
  // Past the logger, which would wrap the line so that CloudWatch did not know it for a metric.
  process.stdout.write(`${embeddedMetric(secretArn, age, now)}\n`);
}
