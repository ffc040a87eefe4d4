import { matches, Statement } from './statements';
import { RawTemplate } from '../template';
import { alternatives, at, intrinsicOf, items, Located, texts, UNKNOWN } from '../values';

/**
 * The condition keys that restrict the callers.
 *
 * They name the caller, its account or organization, its network, or the resource for which an AWS service calls. A
 * fixed value of one of them restricts a statement for every principal.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const CALLER_KEYS = [
  'aws:principalaccount', 'aws:principalarn', 'aws:principalorgid', 'aws:principalorgpaths', 'aws:userid',
  'aws:sourceaccount', 'aws:sourcearn', 'aws:sourceorgid', 'aws:sourceorgpaths', 'aws:sourceowner',
  'aws:sourcevpc', 'aws:sourcevpcarn', 'aws:sourcevpce', 'aws:vpceaccount', 'aws:vpceorgid', 'aws:vpceorgpaths',
  'elasticfilesystem:accesspointarn', 'kms:calleraccount', 's3:dataaccesspointaccount', 's3:dataaccesspointarn',
  'vpc-lattice-svcs:sourcevpc', 'vpc-lattice-svcs:sourcevpcowneraccount',
];
/** Keys that name a resource. */
const RESOURCE_KEYS = [
  'ecs:cluster', 'ec2:subnet', 'elasticfilesystem:accesspointarn', 'kms:resourcealiases', 'iam:awsservicename',
  'states:httpendpoint',
];
/** The key of a mount over the network of a file system. */
const MOUNT_KEY = 'elasticfilesystem:accessedviamounttarget';
/** The OIDC providers that issue tokens to any user. */
const SHARED_ISSUERS = new RegExp(
  '^(token\\.actions\\.githubusercontent\\.com|gitlab\\.com|app\\.terraform\\.io|agent\\.buildkite\\.com)',
);
/**
 * The claims that name a user, an organization or a project of such a provider. Others, such as the audience or the
 * branch, have the same values in the tokens of strangers.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
const OWNER_CLAIMS = new RegExp(':(sub|repository(_id)?|repository_owner(_id)?|job_workflow_ref|enterprise(_id)?'
  + '|namespace_(id|path)|project_(id|path)|organization_(id|slug)|terraform_\\w+_id)$');
/** The global keys. They do not name a web identity, and the caller chooses the values of some, such as the region. */
const OF_THE_REQUEST = /^(aws|sts):/;
/** The key with the ID of an identity pool. Its guests have no login. */
const POOL_KEY = 'cognito-identity.amazonaws.com:aud';
/** The key that tells guests from users of an identity pool. It does not name the pool. */
const LOGIN_KEY = 'cognito-identity.amazonaws.com:amr';
const GUEST = 'unauthenticated';
/** The custom resource of `CfnJson`, which computes an object whose keys are known only at deployment. */
const JSON_TYPE = 'Custom::AWSCDKCfnJson';
/** The smallest prefix lengths with which S3 considers a range of addresses restricted. */
const WIDEST_IPV4 = 8;
const WIDEST_IPV6 = 32;
/** The operators that compare a key with a value. Each has a form with `IfExists`, which a request without it meets. */
const POSITIVE = /^(foranyvalue:)?(stringequals|stringequalsignorecase|stringlike|arnequals|arnlike)$/;
const NEGATIVE = /^(stringnotequals|stringnotequalsignorecase|stringnotlike|arnnotequals|arnnotlike)(ifexists)?$/;

/** One comparison of a condition block. */
interface Comparison {
  readonly operator: string;
  readonly key: string;
  /** The values. None if a branch of `Fn::If` has none. */
  readonly values: string[];
  /** The values as they are in the template. */
  readonly given: unknown[];
}

/** The condition blocks of a statement: one for each combination of the branches of `Fn::If`. */
function blocks(statement: Statement, template: RawTemplate): Comparison[][] {
  const condition = statement.element('Condition');
  return condition ? alternatives(condition).map((each) => comparisons(each, template)) : [[]];
}

function comparisons({ path, value }: Located, template: RawTemplate): Comparison[] {
  return entries(value).flatMap(([operator, keys]) => {
    const branches = alternatives({ path, value: keys });
    return branches.flatMap((branch) => entries(keysOf(branch.value, template)).map(([key, given]) => {
      // An operator or a key that only one branch has does not restrict the other branch.
      const certain = branches.length === 1 && alternatives({ path, value: given }).every((each) =>
        each.value !== undefined);
      const listed = certain ? items({ path, value: given }, template) : [];
      const values = listed.flatMap((each) => texts(each.value, template));
      return {
        operator: operator.toLowerCase(), key: key.toLowerCase(), values, given: listed.map((each) => each.value),
      };
    }));
  });
}

/** The keys and values of an operator. Those of a `CfnJson` are in the text that its custom resource parses. */
function keysOf(value: unknown, template: RawTemplate): unknown {
  const [name, argument] = intrinsicOf(value) ?? [];
  if (name === undefined) return value;
  const resource = name === 'Fn::GetAtt' && Array.isArray(argument) ? template.Resources?.[argument[0]] : undefined;
  if (resource?.Type !== JSON_TYPE) return undefined;
  try {
    return JSON.parse(texts(at(resource.Properties, 'Value'), template)[0] ?? '');
  } catch {
    return undefined;
  }
}

const entries = (value: unknown) => typeof value === 'object' && value !== null ? Object.entries(value) : [];

/** Whether a value names one account, organization, network or resource. */
export function isFixed(value: string): boolean {
  // A policy variable has the value of the request.
  if (value === '' || value.includes('${')) return false;
  if (!value.toLowerCase().startsWith('arn:')) return /^[^*?]+([/:].*)?$/.test(value);
  const [account, ...resource] = value.split(':').slice(4);
  if (account === undefined || resource.length === 0) return false;
  return account === '' ? /^[^*?]/.test(resource.join(':')) : !/[*?]/.test(account);
}

function isNarrowRange(value: string): boolean {
  const [address, length] = value.split('/');
  if (address.includes(UNKNOWN)) return true;
  const v6 = address.includes(':');
  return Number(length ?? (v6 ? 128 : 32)) >= (v6 ? WIDEST_IPV6 : WIDEST_IPV4);
}

const all = (values: string[], test: (value: string) => boolean) => values.length > 0 && values.every(test);

function restrictsCaller({ operator, key, values }: Comparison): boolean {
  if (key === 'aws:sourceip') return operator === 'ipaddress' && all(values, isNarrowRange);
  if (key === MOUNT_KEY) return operator === 'bool' && all(values, (value) => value.toLowerCase() === 'true');
  return CALLER_KEYS.includes(key) && POSITIVE.test(operator) && all(values, isFixed);
}

/** Whether the condition of a statement restricts it to known callers, in every branch of `Fn::If`. */
export function restrictsCallers(statement: Statement, template: RawTemplate): boolean {
  return blocks(statement, template).every((block) => block.some(restrictsCaller));
}

/** Whether the condition of a Deny statement exempts only known callers. */
export function exemptsKnownCallersOnly(statement: Statement, template: RawTemplate): boolean {
  return blocks(statement, template).every((block) => block.length > 0 && block.every(({ operator, key, values }) => {
    if (key === 'aws:sourceip') return operator === 'notipaddress' && all(values, isNarrowRange);
    if (key === 'aws:principalisawsservice' || key === 'aws:viaawsservice') {
      return /^bool(ifexists)?$/.test(operator) && all(values, (value) => value.toLowerCase() === 'false');
    }
    return CALLER_KEYS.includes(key) && NEGATIVE.test(operator) && all(values, isFixed);
  }));
}

/**
 * Whether the condition of a statement for a web identity names its users: the subject or another claim of a token,
 * the audience if the provider has one for each of its customers, or the network of the caller.
 *
 * The audience of an identity pool is the pool. It does not exclude the guests of the pool. Only the key `amr` tells
 * them from users with a login.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
 */
export function namesWebIdentities(statement: Statement, template: RawTemplate): boolean {
  return blocks(statement, template).every((block) => block.some((comparison) => {
    const { operator, key, values } = comparison;
    if (restrictsCaller(comparison)) return true;
    return POSITIVE.test(operator) && key.includes(':') && key !== LOGIN_KEY && !OF_THE_REQUEST.test(key)
      && (!SHARED_ISSUERS.test(key) || OWNER_CLAIMS.test(key))
      && (key !== POOL_KEY || block.some(excludesGuests) || hasNoGuests(comparison, template))
      && all(values, (value) => /^[^*?]+$/.test(value) || /^[^*?]*(\/|:[^*?:]+:)/.test(value));
  }));
}

/** Whether a comparison allows only users of an identity pool who have a login. */
function excludesGuests({ operator, key, values }: Comparison): boolean {
  return key === LOGIN_KEY && POSITIVE.test(operator) && all(values, (value) => !matches(value, GUEST));
}

/** Whether a comparison names only identity pools of the template that do not accept guests. */
function hasNoGuests({ given }: Comparison, template: RawTemplate): boolean {
  return given.length > 0 && given.every((value) => {
    const pool = template.Resources?.[String(at(value, 'Ref'))];
    return pool?.Type === 'AWS::Cognito::IdentityPool'
      && String(at(pool.Properties, 'AllowUnauthenticatedIdentities')) === 'false';
  });
}

/**
 * Whether the condition of a statement restricts its resources: by a tag of the resource, or by the cluster.
 *
 * An action that does not support the key is then not allowed at all, because the request has no such key.
 */
export function restrictsResources(statement: Statement, template: RawTemplate): boolean {
  return blocks(statement, template).every((block) =>
    block.some(({ operator, key, values }) =>
      POSITIVE.test(operator)
        && (/^[a-z0-9-]+:resourcetag\/./.test(key) || RESOURCE_KEYS.includes(key))
        && all(values, (value) => /[^*?]/.test(value))));
}
