import { Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  containerSecret,
  isOverlapping,
  overlappingContainerSecret,
  rotatedContainerSecret,
  rotatedSecretBehind,
} from '../../src/binding/container-secret';
import { grantSecretRead } from '../../src/binding/grant-read';
import { newApp, newStack, propertiesOf, templateOf } from '../support/app';

const PARTIAL_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:by-name';

function roleIn(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
}
const statementsIn = (stack: Stack) =>
  Object.values(propertiesOf(templateOf(stack), 'AWS::IAM::ManagedPolicy'))[0].PolicyDocument.Statement;

describe('a container secret', () => {
  test('contains the rotated secret that it reads', () => {
    const secret = new secretsmanager.Secret(newStack(), 'Secret');
    expect(rotatedSecretBehind(rotatedContainerSecret(secret, 'password'))).toBe(secret);
  });

  test('contains no rotated secret if the secret does not rotate', () => {
    const secret = new secretsmanager.Secret(newStack(), 'Secret');
    expect(rotatedSecretBehind(containerSecret(secret))).toBeUndefined();
    expect(rotatedSecretBehind(ecs.Secret.fromSecretsManager(secret))).toBeUndefined();
  });

  test('states whether the previous value remains valid until the next rotation', () => {
    const secret = new secretsmanager.Secret(newStack(), 'Secret');
    const all = [overlappingContainerSecret(secret), rotatedContainerSecret(secret), containerSecret(secret)];
    expect(all.map(isOverlapping)).toEqual([true, false, false]);
    expect(rotatedSecretBehind(all[0])).toBe(secret);
  });

  test('can be one field of a secret', () => {
    const stack = newStack();
    const field = rotatedContainerSecret(new secretsmanager.Secret(stack, 'Secret'), 'password');
    expect(field.hasField).toBe(true);
    expect(stack.resolve(field.arn)['Fn::Join'][1].slice(-1)).toEqual([':password::']);
  });

  test('of another stack creates no dependency cycle, although its key is a customer managed key', () => {
    const app = newApp();
    const data = new Stack(app, 'Data');
    const application = new Stack(app, 'Application');
    const secret = new secretsmanager.Secret(data, 'Secret', { encryptionKey: new kms.Key(data, 'Key') });
    new ecs.FargateTaskDefinition(application, 'Task').addContainer('Main', {
      image: ecs.ContainerImage.fromRegistry('example/api:1'),
      secrets: { SECRET: rotatedContainerSecret(secret) },
    });
    app.synth();
    expect(application.dependencies).toEqual([data]);
  });
});

describe('grantSecretRead', () => {
  test('names the secrets, and allows decryption for these secrets only', () => {
    const stack = newStack();
    const key = new kms.Key(stack, 'Key');
    const secrets = ['One', 'Two'].map((id) => new secretsmanager.Secret(stack, id, { encryptionKey: key }));
    grantSecretRead(roleIn(stack), secrets);
    const arns = secrets.map((secret) => stack.resolve(secret.secretArn));
    expect(statementsIn(stack)).toEqual([
      { Effect: 'Allow', Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], Resource: arns },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: stack.resolve(key.keyArn),
        Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': arns } },
      },
    ]);
  });

  test('allows the use of each key for its own secrets only', () => {
    const stack = newStack();
    const secrets = ['One', 'Two'].map(
      (id) => new secretsmanager.Secret(stack, id, { encryptionKey: new kms.Key(stack, `${id}Key`) }),
    );
    grantSecretRead(roleIn(stack), secrets);
    const contexts = statementsIn(stack)
      .slice(1)
      .map(
        (statement: { Condition: Record<string, Record<string, unknown>> }) =>
          statement.Condition.StringLike['kms:EncryptionContext:SecretARN'],
      );
    expect(contexts).toEqual(secrets.map((secret) => [stack.resolve(secret.secretArn)]));
  });

  test('adds no key statement for a secret encrypted with the AWS managed key', () => {
    const stack = newStack();
    grantSecretRead(roleIn(stack), [new secretsmanager.Secret(stack, 'Secret')]);
    expect(statementsIn(stack)).toHaveLength(1);
  });

  test('allows exactly the six unknown characters of a secret that is imported by name', () => {
    const stack = newStack();
    grantSecretRead(roleIn(stack), [secretsmanager.Secret.fromSecretPartialArn(stack, 'Imported', PARTIAL_ARN)]);
    expect(statementsIn(stack)[0].Resource).toBe(`${PARTIAL_ARN}-??????`);
  });
});
