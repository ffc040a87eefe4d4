import { CfnResource, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The quotas of a policy that is part of a resource. */
interface PolicyQuota {
  readonly service: string;
  /** The property with the policy. */
  readonly property: string;
  readonly bytes: number;
  /** The name of the quota, as the page of the service writes it. */
  readonly bytesName: string;
  /** Default: the service does not limit the number of statements. */
  readonly statements?: number;
}

/** The quotas by resource type. No account can raise them. */
export const POLICY_QUOTAS: { readonly [type: string]: PolicyQuota } = {
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
  'AWS::SQS::QueuePolicy': {
    service: 'Amazon SQS', property: 'PolicyDocument', bytes: 8_192, bytesName: 'Bytes', statements: 20,
  },
  // https://docs.aws.amazon.com/general/latest/gr/s3.html
  'AWS::S3::BucketPolicy': {
    service: 'Amazon S3', property: 'PolicyDocument', bytes: 20_480, bytesName: 'Bucket policy',
  },
  // https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
  'AWS::KMS::Key': {
    service: 'AWS KMS', property: 'KeyPolicy', bytes: 32_768, bytesName: 'Key policy document size',
  },
};
/** The lengths of the pseudo parameters whose shortest value is not that of other tokens. */
const PSEUDO_PARAMETERS: { readonly [name: string]: number } = {
  'AWS::Partition': 3, 'AWS::Region': 9, 'AWS::AccountId': 12, 'AWS::URLSuffix': 13,
};
/** The length of a short ARN, such as that of a bucket. */
const SHORT_TOKEN = 20;

/** The IDs of the parts of a construct that users did not name. */
const PARTS = ['Policy', 'Resource', 'Default'];

const MEASURED = Symbol.for('cdk-hipaa.core.measured-policies');

/**
 * Measures the policies of the queues, buckets and keys of a stack when the app is synthesized.
 *
 * These policies grow with the app: each topic that sends to a queue adds a statement. A policy above the quota of its
 * service is refused. The values of tokens count with their shortest length, so a policy that fits is never refused.
 */
export function measurePoliciesOf(scope: IConstruct): void {
  const stack: Stack & { [MEASURED]?: boolean } = Stack.of(scope);
  if (stack[MEASURED]) return;
  stack[MEASURED] = true;
  stack.node.addValidation({
    validate: () => resourcesOf(stack).flatMap((resource) => problemsOf(stack, resource)),
  });
}

function resourcesOf(stack: Stack): CfnResource[] {
  return stack.node.findAll().filter((child) => CfnResource.isCfnResource(child))
    .filter((resource) => resource.stack === stack && resource.cfnResourceType in POLICY_QUOTAS);
}

function problemsOf(stack: Stack, resource: CfnResource): string[] {
  const quota = POLICY_QUOTAS[resource.cfnResourceType];
  const policy = policyOf(stack, resource, quota.property);
  const { length } = [policy?.Statement ?? []].flat();
  const problem = (has: string, max: number, unit: string, name: string) => `The policy of ${ownerOf(resource)} has `
    + `${has}, and ${quota.service} accepts ${max.toLocaleString('en-US')} ${unit} (the quota "${name}"). Let fewer `
    + 'resources use it, or divide it into two.';
  if (quota.statements !== undefined && length > quota.statements) {
    return [problem(`${length} statements`, quota.statements, 'statements', 'Statements')];
  }
  const bytes = shortestLength(policy);
  if (bytes <= quota.bytes) return [];
  return [problem(`at least ${bytes.toLocaleString('en-US')} bytes`, quota.bytes, 'bytes', quota.bytesName)];
}

function policyOf(stack: Stack, resource: CfnResource, property: string): { Statement?: unknown } | undefined {
  // Every resource of aws-cdk-lib has this method. Its type is not public.
  const { _toCloudFormation: render } = resource as CfnResource & { _toCloudFormation(): object };
  const { Resources } = stack.resolve(render.call(resource)) as {
    Resources: { [id: string]: { Properties?: { [name: string]: { Statement?: unknown } } } };
  };
  return Object.values(Resources)[0]?.Properties?.[property];
}

/** The construct that users know: that of the queue, the bucket or the key. */
function ownerOf(resource: CfnResource): string {
  const owner = resource.node.scopes.filter(({ node: { id } }) => !PARTS.includes(id)).at(-1)!;
  return (Stack.isStack(owner) ? resource : owner).node.path;
}

/** The length of a resolved value as JSON, with the shortest values of its intrinsic functions. */
function shortestLength(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== 'object') return JSON.stringify(value).length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + shortestLength(item) + 1, 1);
  const [[key, argument], ...others] = [...Object.entries(value), ['', undefined]] as Array<[string, unknown]>;
  if (others.length === 1 && key === 'Ref') return 2 + (PSEUDO_PARAMETERS[String(argument)] ?? SHORT_TOKEN);
  if (others.length === 1 && key === 'Fn::Join') return 2 + joinedLength(argument as [string, unknown[]]);
  if (others.length === 1 && key.startsWith('Fn::')) return 2 + SHORT_TOKEN;
  return Object.entries(value).reduce((sum, [name, item]) => sum + name.length + shortestLength(item) + 4, 1);
}

/** The parts without their quotation marks. */
function joinedLength([separator, parts]: [string, unknown[]]): number {
  if (!Array.isArray(parts)) return SHORT_TOKEN;
  return parts.reduce<number>((sum, part) => sum + shortestLength(part) - 2 + separator.length, 0);
}
