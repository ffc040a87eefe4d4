import { Match } from 'aws-cdk-lib/assertions';
import { RotatingSecrets } from '../../src/secrets/rotating-secrets';
import { newStack, propertiesOf, templateOf } from '../support/app';

describe('an external secret', () => {
  const stack = newStack();
  const secrets = new RotatingSecrets(stack, 'Secrets', { externalSecrets: { 'openai-api-key': {} } });
  const template = templateOf(stack);
  const [[id, properties], ...others] = Object.entries(propertiesOf(template, 'AWS::SecretsManager::Secret'));

  test('has a placeholder, which no deployment writes again', () => {
    expect(others).toEqual([]);
    expect(properties.SecretString).toBe('not-entered-yet');
  });

  test('has a customer managed key that rotates', () => {
    const [[key, { EnableKeyRotation }]] = Object.entries(propertiesOf(template, 'AWS::KMS::Key'));
    expect(properties.KmsKeyId).toEqual({ 'Fn::GetAtt': [key, 'Arn'] });
    expect(EnableKeyRotation).toBe(true);
  });

  test('has a policy that denies requests without TLS and its deletion', () => {
    template.hasResourceProperties('AWS::SecretsManager::ResourcePolicy', {
      SecretId: { Ref: id },
      BlockPublicPolicy: true,
      ResourcePolicy: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Deny', Action: 'secretsmanager:DeleteSecret' }),
        ],
      },
    });
  });

  test('has an alarm on its age', () => {
    const alarm = secrets.monitoringPlan().alarms.find((each) => each.id === 'AgeOfOpenai-api-key')!;
    const { metricStat } = alarm.metric.toMetricConfig();
    expect(alarm.threshold).toBe(90);
    expect(metricStat!.metricName).toBe('AgeInDays');
    expect(stack.resolve(metricStat!.dimensions)).toEqual([{ name: 'SecretArn', value: { Ref: id } }]);
  });

  test('has an alarm that states how to enter the value until a person does', () => {
    const alarm = secrets.monitoringPlan().alarms.find((each) => each.id === 'NoValueOfOpenai-api-key')!;
    const parts: unknown[] = stack.resolve(alarm.description)['Fn::Join'][1];
    expect(parts.map((part) => typeof part === 'string' ? part : '<name>').join('')).toBe(
      'Nobody has entered the value of secret openai-api-key: services that read it get the text not-entered-yet. '
        + 'First request the value from its issuer. Then enter it with aws secretsmanager put-secret-value --secret-id '
        + '<name> --secret-string file://value.txt, where the file has no line break, and redeploy the services that '
        + 'use it.');
    const { metricStat } = alarm.metric.toMetricConfig();
    expect(metricStat!.metricName).toBe('ContainsPlaceholder');
    expect(alarm.threshold).toBe(0);
  });
});
