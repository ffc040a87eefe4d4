import { Template } from 'aws-cdk-lib/assertions';
import { only, propertiesOf, ref, rotatingKeys } from './reading';
import { SCHEDULE, SECRET } from './types';

const POLICY = 'AWS::SecretsManager::ResourcePolicy';

/** A rotating key encrypts the secret, and its policy denies requests without TLS and its deletion. */
export function isProtected(template: Template, id: string) {
  expect(rotatingKeys(template)).toContainEqual(propertiesOf(template, SECRET, id).KmsKeyId);
  const everyone = { Effect: 'Deny', Principal: { AWS: '*' }, Resource: '*' };
  const { ResourcePolicy, BlockPublicPolicy } =
    propertiesOf(template, POLICY, only(template, POLICY, { SecretId: ref(id) }));
  expect({ BlockPublicPolicy, statements: ResourcePolicy.Statement }).toEqual({
    BlockPublicPolicy: true,
    statements: [
      {
        ...everyone,
        Sid: 'EncryptedRequestsOnly',
        Action: 'secretsmanager:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      { ...everyone, Sid: 'NoDeletion', Action: 'secretsmanager:DeleteSecret' },
    ],
  });
}

/** A function rotates the secret on the first Sunday of the month. RDS needs no function for its own secrets. */
export function rotatesMonthly(template: Template, SecretId: object, rotator?: string) {
  const { RotationLambdaARN, ...schedule } = propertiesOf(template, SCHEDULE, only(template, SCHEDULE, { SecretId }));
  expect(schedule).toEqual({
    SecretId,
    RotateImmediatelyOnUpdate: false,
    RotationRules: { Duration: '1h', ScheduleExpression: 'cron(0 5 ? * SUN#1 *)' },
  });
  const id: string | undefined = RotationLambdaARN?.['Fn::GetAtt'][0];
  expect(id?.replace(/[0-9A-F]{8}$/, '')).toBe(rotator);
  if (id) propertiesOf(template, 'AWS::Lambda::Function', id);
}
