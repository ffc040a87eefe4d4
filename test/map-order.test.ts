import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  BastionImage, ComplianceGuardrails, ContentSecurityPolicy, GeneratedSecret, RotatingSecrets, SsmBastion,
  StaticSiteCdn,
} from '../src';
import { someService } from './service/fargate-fixtures';
import { newStack, someVpc } from './support/app';

type Order = <T>(map: Record<string, T>) => Record<string, T>;

const forwards: Order = (map) => map;
const backwards: Order = (map) => Object.fromEntries(Object.entries(map).reverse());

/** The constructs that accept maps, with the keys of each map in an order. */
const CONSTRUCTS: Record<string, (stack: Stack, order: Order) => Construct> = {
  'the environment and the secrets of a service': (stack, order) => someService(stack, {
    environment: order({ LOG_LEVEL: 'info', TZ: 'UTC', GREETING: 'hello' }),
    secrets: order(Object.fromEntries(['TOKEN', 'SALT', 'PEPPER'].map((name) =>
      [name, ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, name, name))]))),
  }),
  'secrets that rotate, in a service': (stack, order) => {
    const secrets = new RotatingSecrets(stack, 'Secrets', {
      secrets: order({
        session: GeneratedSecret.signingKeys(), password: GeneratedSecret.password(), ring: GeneratedSecret.keyRing(),
      }),
      externalSecrets: order({ vendor: {}, mail: {} }),
    });
    return someService(stack, {
      secrets: order({ A: secrets.forContainer('session'), B: secrets.forContainer('password') }),
    });
  },
  'the parameters of a rule and the excluded rules': (stack, order) => new ComplianceGuardrails(stack, 'Guardrails', {
    config: {
      ruleParameters: order({
        'access-keys-rotated': { maxAccessKeyAge: '60' },
        'redshift-cluster-configuration-check': order({ loggingEnabled: 'true', clusterDbEncrypted: 'true' }),
      }),
      excludedRules: order({ 'root-account-mfa-enabled': 'one', 'guardduty-enabled-centralized': 'two' }),
    },
  }),
  'the images of a bastion': (stack, order) => new SsmBastion(stack, 'Bastion', {
    vpc: someVpc(stack),
    image: BastionImage.pinned(order({ 'us-east-1': 'ami-0123456789abcdef0', 'eu-west-1': 'ami-0123456789abcdef1' })),
  }),
  'the directives of a site': (stack, order) => new StaticSiteCdn(stack, 'Site', {
    contentSecurityPolicy: ContentSecurityPolicy.strict(
      order({ 'img-src': ['data:'], 'connect-src': ['https://api.example.com'] })),
  }),
};

test.each(Object.entries(CONSTRUCTS))('%s are the same for any order of the keys', (_, make) => {
  const templateWith = (order: Order) => {
    const stack = newStack();
    make(stack, order);
    return Template.fromStack(stack).toJSON();
  };
  expect(templateWith(backwards)).toEqual(templateWith(forwards));
});
