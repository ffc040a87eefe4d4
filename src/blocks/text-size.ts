import { CfnElement, CfnResource, IResolvable, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * The longest values of the pseudo parameters, in characters: `aws-us-gov`, `ap-southeast-2`, `c2s.ic.gov` and so on.
 * Source: https://docs.aws.amazon.com/general/latest/gr/rande.html
 */
const PSEUDO_PARAMETERS: { readonly [name: string]: number } = {
  'AWS::Partition': 10,
  'AWS::Region': 14,
  'AWS::AccountId': 12,
  'AWS::URLSuffix': 18,
};
/** The start of an ARN, up to the resource type: `arn:aws-us-gov:…`, each part with a long value. */
const ARN_PREFIX = 68;
/** The characters that CloudFormation adds to a generated name: a hyphen and 12 or 13 random characters. */
const RANDOM_SUFFIX = 14;
/** The characters that Secrets Manager adds to the ARN of a secret: a hyphen and six random characters. */
const SECRET_SUFFIX = 7;
/** The ID of a KMS key. */
const KEY_ID = 36;
/** A token whose resource is unknown, such as an imported value or a parameter. aws-cdk-lib uses the same estimate. */
const UNKNOWN_TOKEN = 150;

/**
 * Estimates the length of a value as JSON without whitespace, in characters.
 *
 * The length of a token is known only at deployment. The estimate of an attribute is the longest ARN that its resource
 * gets from CloudFormation: the longest partition and region, the name of the stack, the logical ID and the random
 * suffix. It is longer than the real value, unless the resource has an explicit name that is longer than these parts.
 */
export function estimatedLength(scope: IConstruct, value: unknown): number {
  if (value === undefined || value === null) return 4;
  if (typeof value === 'string') return 2 + textLength(scope, value);
  if (Array.isArray(value)) {
    const items = Token.isUnresolved(value) ? [UNKNOWN_TOKEN] : value.map((item) => estimatedLength(scope, item));
    return items.reduce((sum, length) => sum + length + 1, 1);
  }
  if (Token.isUnresolved(value)) return 2 + tokenLength(scope, Tokenization.reverse(value)!);
  if (typeof value !== 'object') return String(value).length;
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .reduce((sum, [key, item]) => sum + estimatedLength(scope, key) + estimatedLength(scope, item) + 2, 1);
}

function textLength(scope: IConstruct, text: string): number {
  if (!Token.isUnresolved(text)) return JSON.stringify(text).length - 2;
  // A text of the estimated length replaces each token.
  const filled = Tokenization.reverseString(text)
    .mapTokens({ mapToken: (token) => 'x'.repeat(tokenLength(scope, token)) });
  return String(filled.join({ join: (left, right) => `${left ?? ''}${right ?? ''}` })).length;
}

function tokenLength(scope: IConstruct, token: IResolvable): number {
  if (Reference.isReference(token)) return referenceLength(token);
  const resolved = Stack.of(scope).resolve(token);
  return typeof resolved === 'string' ? resolved.length : intrinsicLength(resolved);
}

function referenceLength({ target, displayName }: Reference): number {
  if (displayName in PSEUDO_PARAMETERS) return PSEUDO_PARAMETERS[displayName];
  if (!CfnElement.isCfnElement(target)) return UNKNOWN_TOKEN;
  if (!CfnResource.isCfnResource(target)) return UNKNOWN_TOKEN;
  const stack = Stack.of(target);
  const logicalId = String(stack.resolve(target.logicalId)).length;
  if (target.cfnResourceType === 'AWS::KMS::Key') return ARN_PREFIX + KEY_ID;
  // CloudFormation names a secret by its logical ID alone.
  if (target.cfnResourceType === 'AWS::SecretsManager::Secret') {
    return ARN_PREFIX + logicalId + RANDOM_SUFFIX + SECRET_SUFFIX;
  }
  return ARN_PREFIX + (Token.isUnresolved(stack.stackName) ? 128 : stack.stackName.length) + logicalId + RANDOM_SUFFIX;
}

/** The length of a resolved intrinsic function. */
function intrinsicLength(resolved: unknown): number {
  if (typeof resolved === 'string') return resolved.length;
  if (Array.isArray(resolved)) return resolved.reduce<number>((sum, item) => sum + intrinsicLength(item) + 3, 0);
  const { Ref: name, 'Fn::Join': join } = (resolved ?? {}) as { 'Ref'?: string; 'Fn::Join'?: [string, unknown[]] };
  if (name !== undefined && name in PSEUDO_PARAMETERS) return PSEUDO_PARAMETERS[name];
  if (!Array.isArray(join?.[1])) return UNKNOWN_TOKEN;
  return join[1].reduce<number>((sum, item) => sum + intrinsicLength(item) + join[0].length, 0);
}

/** Divides items into consecutive groups that fit. An item that does not fit alone is a group of its own. */
export function inChunks<T>(items: T[], fits: (some: T[]) => boolean): T[][] {
  const chunks: T[][] = [];
  for (const item of items) {
    const last = chunks.at(-1);
    if (last && fits([...last, item])) last.push(item);
    else chunks.push([item]);
  }
  return chunks;
}
