import { Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/**
 * The prefix of the ids of multi-Region keys.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
 */
const MULTI_REGION = /^mrk-/;

/**
 * Refuses a key that Fargate does not accept for the disks of tasks. Tokens are accepted.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html
 */
export function requireStorageKey(scope: IConstruct, key: kms.IKey): void {
  const kind = unsupportedKind(key);
  if (kind === undefined) return;
  refuse(scope, {
    prop: 'encryptionKey',
    given: new Situation(`${key.node.path}, which is ${kind}`),
    allowed: 'a single-Region key',
    change: 'pass a single-Region key by its ARN, or leave encryptionKey out',
  });
}

function unsupportedKind(key: kms.IKey): string | undefined {
  const resource = key.node.defaultChild;
  if (resource instanceof kms.CfnKey && resource.multiRegion === true) return 'a multi-Region key';
  if (Token.isUnresolved(key.keyId)) return undefined;
  return MULTI_REGION.test(key.keyId) ? 'a multi-Region key' : undefined;
}
