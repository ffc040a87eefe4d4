import { Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { refuse, Situation } from '../core/refusal';

/** How the ids of multi-Region keys begin: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html */
const MULTI_REGION = /^mrk-/;
const ALIAS = /^alias\//;

/**
 * Refuses a key that Fargate does not take for the disks of tasks. Tokens pass.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-create-storage-key.html
 */
export function requireStorageKey(scope: IConstruct, key: kms.IKey): void {
  const what = unfit(key);
  if (what === undefined) return;
  refuse(scope, {
    prop: 'encryptionKey',
    given: new Situation(`${key.node.path}, ${what}`),
    allowed: 'a key of a single region, named by itself',
    change: 'pass such a key, or none',
  });
}

function unfit(key: kms.IKey): string | undefined {
  const resource = key.node.defaultChild;
  if (resource instanceof kms.CfnKey && resource.multiRegion === true) return 'a multi-Region key';
  if (Token.isUnresolved(key.keyId)) return undefined;
  if (MULTI_REGION.test(key.keyId)) return 'a multi-Region key';
  return ALIAS.test(key.keyId) ? 'an alias' : undefined;
}
