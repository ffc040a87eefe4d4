import { Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { refuse, refuseUse, Situation } from '../core/refusal';

/** The number of keys of a context that the policies of a key require: enough for table, column, tenant and record. */
const MOST_KEYS = 8;
/** The names that a condition of IAM and every KMS client accept. AWS services use names that start with `aws`. */
const CONTEXT_KEY = /^(?!aws)[A-Za-z][A-Za-z0-9_.-]{0,63}$/i;
/** The operations that encrypt or decrypt with a symmetric key. */
const CRYPTOGRAPHIC_ACTIONS = [
  'kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyPairWithoutPlaintext', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** Refuses no names, too many, and those that a policy cannot require. */
export function requireContextKeys(scope: IConstruct, keys: string[]): void {
  if (Token.isUnresolved(keys) || keys.length === 0 || keys.length > MOST_KEYS) {
    refuse(scope, {
      prop: 'contextKeys',
      given: Token.isUnresolved(keys) ? keys : new Situation(`${keys.length} names`),
      allowed: `1 to ${MOST_KEYS} names that are known at synthesis`,
      change: "name what identifies a field, such as 'table' and 'column'",
    });
  }
  for (const [index, key] of keys.entries()) {
    if (!Token.isUnresolved(key) && CONTEXT_KEY.test(key)) continue;
    refuse(scope, {
      prop: `contextKeys[${index}]`,
      given: key,
      allowed: "a letter followed by up to 63 letters, digits, '.', '_' and '-', known at synthesis and not starting "
        + 'with aws',
      change: 'rename it',
    });
  }
  const lower = keys.map((key) => key.toLowerCase());
  const second = lower.findIndex((key, index) => lower.indexOf(key) !== index);
  if (second < 0) return;
  refuseUse(scope, `contextKeys must differ in more than their case, but '${keys[lower.indexOf(lower[second])]}' and `
    + `'${keys[second]}' do not`, 'remove one of the two');
}

/**
 * The statements of a key policy that deny requests without a key of the context.
 *
 * They also apply to administrators and grants. There is one statement for each key: the conditions of one statement
 * must all be met.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
 */
export function contextStatements(keys: string[]): iam.PolicyStatement[] {
  return keys.map((key, index) => new iam.PolicyStatement({
    sid: `RequireContext${index + 1}`,
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: CRYPTOGRAPHIC_ACTIONS,
    resources: ['*'],
    conditions: { Null: { [`kms:EncryptionContext:${key}`]: 'true' } },
  }));
}

/** The condition by which a policy of an identity allows only requests with all keys of the context. */
export function withContext(keys: string[]): Record<string, Record<string, unknown>> {
  return { Null: Object.fromEntries(keys.map((key) => [`kms:EncryptionContext:${key}`, 'false'])) };
}
