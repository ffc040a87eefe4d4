import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { IConstruct } from 'constructs';
import { refuse, Situation } from './refusal';
import { requireRegionOf } from './same-region';

/**
 * The ARN of a key, with its partition.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
const KEY_ARN = /^arn:([^:]+):kms:[^:]+:\d+:key\/[^/\s]+$/;
const ALIAS_ARN = /^arn:[^:]+:kms:[^:]*:[^:]*:alias\//;
/**
 * The spec of the keys with which AWS services encrypt data.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
 */
const SYMMETRIC = 'SYMMETRIC_DEFAULT';

/**
 * Refuses a key that cannot encrypt data here: an alias, a key of another region or partition, a key that is not for
 * the encryption of data, and a disabled key. Tokens pass.
 *
 * CloudWatch Logs accepts only the ARN of a key, and neither a key policy nor an IAM statement can name an alias:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/alias-about.html
 * A key of another account works if its policy allows this account.
 */
export function requireUsableKey(scope: IConstruct, prop: string, key: kms.IKey): void {
  if (isAlias(key)) {
    refuseKey(scope, prop, `the alias ${show(key)}`, 'pass the key behind the alias');
  }
  requireRegionOf(scope, prop, 'a key', key);
  requireKeyArn(scope, prop, key.keyArn);
  const resource = key.node.defaultChild;
  if (!CfnResource.isCfnResource(resource) || resource.cfnResourceType !== kms.CfnKey.CFN_RESOURCE_TYPE_NAME) return;
  const { keySpec = SYMMETRIC, enabled = true } = resource as kms.CfnKey;
  if (!Token.isUnresolved(keySpec) && keySpec !== SYMMETRIC) {
    refuseKey(scope, prop, `${key.node.path} with the spec ${keySpec}`, `create the key with the spec ${SYMMETRIC}`);
  }
  if (enabled === false) {
    refuseKey(scope, prop, `${key.node.path}, which is disabled`, 'enable the key');
  }
}

function requireKeyArn(scope: IConstruct, prop: string, keyArn: string): void {
  if (Token.isUnresolved(keyArn)) return;
  const partition = KEY_ARN.exec(keyArn)?.[1];
  if (partition === undefined) refuseKey(scope, prop, `'${keyArn}'`, 'pass the ARN of a key');
  const { region } = Stack.of(scope);
  const here = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  if (here === undefined || partition === here) return;
  refuse(scope, {
    prop,
    given: new Situation(`a key in the partition ${partition}`),
    allowed: `a key in ${here}, the partition of the stack`,
    change: 'correct the ARN of the key',
  });
}

function refuseKey(scope: IConstruct, prop: string, given: string, change: string): never {
  return refuse(scope, {
    prop,
    given: new Situation(given),
    allowed: 'an enabled symmetric key, not an alias',
    change,
  });
}

/** An alias is an `IKey` with a name of its own. An ARN can also name an alias. */
function isAlias(key: kms.IKey): boolean {
  return 'aliasName' in key || ALIAS_ARN.test(key.keyArn);
}

function show(key: kms.IKey): string {
  return Token.isUnresolved(key.keyId) ? key.node.path : key.keyId;
}
