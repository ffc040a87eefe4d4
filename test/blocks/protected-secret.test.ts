import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { protectedSecret } from '../../src/blocks/protected-secret';
import { DataProtection } from '../../src/core/data-protection';
import { newStack, propertiesOf, templateOf } from '../support/app';

const POLICY = 'AWS::SecretsManager::ResourcePolicy';
const SECRET = 'AWS::SecretsManager::Secret';
const everyone = { AWS: '*' };
const INSECURE = {
  Sid: 'EncryptedRequestsOnly',
  Effect: 'Deny',
  Principal: everyone,
  Action: 'secretsmanager:*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

function templateWith(disposable: boolean) {
  const stack = newStack();
  if (disposable) DataProtection.of(stack).disposable({ reason: 'a test' });
  protectedSecret(stack, 'Secret', { description: 'a login' });
  return templateOf(stack);
}

test('a retained secret denies unencrypted requests and its deletion, and cannot become public', () => {
  const template = templateWith(false);
  const [policy] = Object.values(propertiesOf(template, POLICY));
  expect(policy.BlockPublicPolicy).toBe(true);
  expect(policy.ResourcePolicy.Statement).toEqual([INSECURE, {
    Sid: 'NoDeletion', Effect: 'Deny', Principal: everyone, Action: 'secretsmanager:DeleteSecret', Resource: '*',
  }]);
  for (const type of [SECRET, POLICY]) {
    template.hasResource(type, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  }
});

test('a disposable secret denies unencrypted requests only, and is deleted with its stack', () => {
  const template = templateWith(true);
  const [policy] = Object.values(propertiesOf(template, POLICY));
  expect(policy.ResourcePolicy.Statement).toEqual([INSECURE]);
  for (const type of [SECRET, POLICY]) template.hasResource(type, { DeletionPolicy: 'Delete' });
});

test('props are those of a secret, and replace the removal policy', () => {
  const stack = newStack();
  const secretStringValue = SecretValue.unsafePlainText('placeholder');
  protectedSecret(stack, 'Secret', { secretStringValue, removalPolicy: RemovalPolicy.DESTROY });
  templateOf(stack).hasResource(SECRET, { DeletionPolicy: 'Delete', Properties: { SecretString: 'placeholder' } });
});
