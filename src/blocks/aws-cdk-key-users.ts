import { Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { KeyUser } from './encryption-key';

/*
 * The services that aws-cdk-lib itself allows in the policy of a key of the app. For an imported key, it adds the
 * statements nowhere, so the library repeats them in its warning. A test compares both.
 */

const READ_AND_WRITE = ['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];

/** EventBridge, which sends messages to a queue that the key encrypts. */
export const eventBridgeToQueue: KeyUser = (scope) => new iam.PolicyStatement({
  principals: [new iam.ServicePrincipal('events.amazonaws.com')],
  actions: READ_AND_WRITE,
  resources: ['*'],
  conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
});

/** The principals of the account that read and write secrets, through Secrets Manager only. */
export const secretsManager: KeyUser[] = [READ_AND_WRITE, ['kms:CreateGrant', 'kms:DescribeKey']].map(
  (actions): KeyUser => (scope) => new iam.PolicyStatement({
    principals: [new iam.AccountPrincipal(Stack.of(scope).account)],
    actions,
    resources: ['*'],
    conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.${Aws.URL_SUFFIX}` } },
  }),
);

/**
 * Fargate, which encrypts the disks of tasks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html
 */
export const fargateStorage: KeyUser[] = [
  () => fargate('Allow generate data key access for Fargate tasks.', 'kms:GenerateDataKeyWithoutPlaintext'),
  () => fargate('Allow grant creation permission for Fargate tasks.', 'kms:CreateGrant', {
    'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Decrypt'] },
  }),
];

function fargate(sid: string, action: string, conditions: iam.Conditions = {}): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid,
    principals: [new iam.ServicePrincipal('fargate.amazonaws.com')],
    actions: [action],
    resources: ['*'],
    conditions: {
      StringEquals: { 'kms:EncryptionContext:aws:ecs:clusterAccount': [Aws.ACCOUNT_ID] },
      ...conditions,
    },
  });
}
