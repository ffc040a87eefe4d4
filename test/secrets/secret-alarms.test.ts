import { GeneratedSecret } from '../../src/secrets/generated-secret';
import { RotatingSecrets } from '../../src/secrets/rotating-secrets';
import { newStack } from '../support/app';
import { above, alarmRows, DAY, of, quiet, unchanged } from '../support/template/alarms';

const errors = (functionName: string) => ({
  metrics: of('AWS/Lambda', { FunctionName: functionName })('Errors', 'Sum'),
  ...above(0),
  ...quiet,
});
/** SQS publishes the number of messages repeatedly, so the maximum is the number of messages. */
const waiting = (queue: string) => ({
  metrics: of('AWS/SQS', { QueueName: `${queue}.QueueName` })('ApproximateNumberOfMessagesVisible', 'Maximum'),
  ...above(0),
  ...quiet,
});

test('the alarms of secrets have these fields', () => {
  const stack = newStack();
  const secrets = new RotatingSecrets(stack, 'Secrets', {
    secrets: { session: GeneratedSecret.signingKey() },
    externalSecrets: { twilio: {} },
  });
  expect(alarmRows(stack, secrets)).toEqual({
    RotationErrors: errors('SecretsRotationFunction'),
    RotationDeadLetters: waiting('SecretsRotationFunctionDeadLetters'),
    AgeErrors: errors('SecretsAgeFunction'),
    AgeDeadLetters: waiting('SecretsAgeFunctionDeadLetters'),
    AgeSilent: {
      metrics: {
        compared: 'FILL(runs, 0)',
        runs: of('AWS/Lambda', { FunctionName: 'SecretsAgeFunction' })('Invocations', 'Sum', DAY).compared,
      },
      comparison: 'LessThanThreshold',
      threshold: 1,
      periods: 2,
      missing: 'breaching',
    },
    NoValueOfTwilio: {
      metrics: of('CdkHipaa/Secrets', { SecretArn: 'SecretsExternaltwilio' })('ContainsPlaceholder', 'Maximum', DAY),
      ...above(0),
      ...unchanged,
    },
    AgeOfTwilio: {
      metrics: of('CdkHipaa/Secrets', { SecretArn: 'SecretsExternaltwilio' })('AgeInDays', 'Maximum', DAY),
      ...above(90),
      ...unchanged,
    },
  });
});
