import { isOfCdk } from '../policies/cdk-statements';
import { restrictsResources } from '../policies/conditions';
import { policyDocuments, Statement } from '../policies/statements';
import { needsAllResources } from '../policies/unscoped-actions';
import { Rule } from '../rule';
import { TemplateResource } from '../template';
import { items, property, texts } from '../values';

/** The types whose policies have no principal, because they are attached to an identity. */
const IDENTITY_TYPES = [
  'AWS::IAM::Group',
  'AWS::IAM::GroupPolicy',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::RolePolicy',
  'AWS::IAM::User',
  'AWS::IAM::UserPolicy',
  'AWS::IoT::Policy',
  'AWS::SSO::PermissionSet',
  'AWS::Serverless::Function',
  'AWS::Serverless::StateMachine',
];
const ACCESS_AUTHORIZATION = '45 CFR 164.308(a)(4)(ii)(B), access authorization';
/**
 * The types of resources that hold data, secrets or permissions, as they appear in ARNs. Their names are known to the
 * stack, unlike the IDs that AWS assigns to an instance or a detector.
 */
const SENSITIVE_TYPES = [
  'aoss:collection', 'apigateway:apis', 'apigateway:restapis', 'backup:backup-vault', 'cassandra:keyspace',
  'cognito-idp:userpool', 'dsql:cluster', 'dynamodb:global-table', 'dynamodb:table', 'ecr:repository',
  'elasticfilesystem:access-point', 'elasticfilesystem:file-system', 'es:domain', 'firehose:deliverystream',
  'glue:database', 'glue:table', 'healthlake:datastore', 'iam:group', 'iam:policy', 'iam:role', 'iam:user',
  'kinesis:stream', 'kms:alias', 'kms:key', 'lambda:function', 'logs:log-group', 'medical-imaging:datastore',
  'qldb:ledger', 'rds:cluster', 'rds:db', 'rds-db:dbuser', 'redshift:cluster', 'redshift:dbuser', 's3:accesspoint',
  's3express:bucket', 's3tables:bucket', 'secretsmanager:secret', 'ssm:parameter', 'states:statemachine',
  'timestream:database',
];
/** The services whose names in ARNs start with the ID of a resource: the bucket, the API. */
const WITHOUT_TYPE = ['execute-api', 's3'];
/** The name of an action that creates a resource before its ARN is known. Those of IAM create permissions. */
const CREATION = /^(?!iam:)(?<service>[a-z0-9-]+):create(?<noun>\w+)$/i;
/** The nouns that differ from the type in the ARN. */
const NOUNS: Record<string, string> = { 'rds:dbinstance': 'rds:db', 'rds:dbcluster': 'rds:cluster' };

/**
 * The policies of AWS that allow every action of an account or a service.
 *
 * They are given by ARN, or by the name that SAM accepts.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html
 */
const WIDE_MANAGED_POLICY = new RegExp('^(arn:[^:]*:iam::aws:policy/(job-function/|service-role/)?)?'
  + '(AdministratorAccess(-\\w+)?|PowerUserAccess|SystemAdministrator|DatabaseAdministrator'
  + '|\\w*FullAccess(_?[vV]\\d+)?)$');

/** The policies of AWS that allow reading all data or secrets of a service, or changing some of all. */
const POLICY_FOR_ALL_DATA = new RegExp('^(arn:[^:]*:iam::aws:policy/(job-function/|service-role/)?)?('
  + '((Amazon(DynamoDB|HealthLake|Keyspaces|Kinesis|Omics|S3|SSM|Timestream)|AWSHealthImaging|CloudWatchLogs))?'
  + 'ReadOnlyAccess(_v2)?|SecretsManagerReadWrite|AmazonCognitoReadOnly|AWSLambdaRole|AmazonEC2RoleforSSM|DataScientist'
  + '|(AWS|Amazon)\\w+PowerUser)$');

/** The Allow statements of the policies of an identity. */
function identityStatements(resource: TemplateResource): Statement[] {
  return policyDocuments(resource)
    .filter(({ path }) => !path.startsWith('AssumeRolePolicyDocument'))
    .flatMap(({ statements }) => statements)
    .filter((statement) => statement.has('Allow'));
}

/** How much of a service a resource names: all resources, all of some types, or fewer. */
function extent(resource: string): 'all' | 'fewer' | string[] {
  const text = resource.trim();
  if (/^[*?]*\*[*?]*$/.test(text)) return 'all';
  const parts = text.split(':');
  if (!/^arn$/i.test(parts[0])) return text.startsWith('*') ? 'all' : 'fewer';
  // A wildcard of a short ARN also matches the colons of longer ones.
  if (parts.length < 6) return text.endsWith('*') ? 'all' : 'fewer';
  const name = parts.slice(5).join(':');
  if (/[*?]/.test(parts[2]) || (/^[*?/:]+$/.test(name) && name.includes('*'))) return 'all';
  const service = parts[2].toLowerCase();
  if (WITHOUT_TYPE.includes(service) && /^[*?]*\*[*?]*\//.test(name)) return 'all';
  const types = typesNamed(service, name.toLowerCase());
  return types.length > 0 ? types : 'fewer';
}

/**
 * The sensitive types of which a name matches every resource: `table/*`, `table*`, `tab*`, or with the resources inside
 * of each, `table/*` + `/index/*`. A pattern of single characters, `key/????`, is as wide.
 */
function typesNamed(service: string, name: string): string[] {
  const types = SENSITIVE_TYPES.filter((each) => each.startsWith(`${service}:`))
    .map((each) => each.slice(service.length + 1));
  const [, start] = /^\/?([\w-]*)\*[*?/:]*$/.exec(name) ?? [];
  const started = start === undefined ? [] : types.filter((type) => type.startsWith(start));
  if (started.length > 0) return started;
  const [, type, ids] = /^\/?([\w-]+)[/:](.*)$/.exec(name) ?? [];
  const isWhole = types.includes(type) && /^(fhir\/)?[*?-]+([/:]([\w-]+[/:])?[*?/:]*)*$/.test(ids);
  return isWhole ? [type] : [];
}

/** Whether an action creates a resource of one of the types: `dynamodb:CreateTable` for `table`. */
function creates(action: string, types: string[]): boolean {
  const { service, noun } = CREATION.exec(action.toLowerCase())?.groups ?? {};
  if (noun === undefined) return false;
  const created = NOUNS[`${service}:${noun}`] ?? `${service}:${noun}`;
  return types.some((type) => created === `${service}:${type.replace(/-/g, '')}`);
}

function wildcardResources(resource: TemplateResource): string[] {
  const inStatements = identityStatements(resource).flatMap((statement) => {
    const actions = statement.texts('Action').map(({ text }) => text);
    const allBut = statement.element('NotAction') !== undefined;
    if (!allBut && actions.every(needsAllResources)) return [];
    const isNarrow = restrictsResources(statement, resource.template) || onlySendsSms(statement);
    if (isNarrow || isOfCdk(statement, resource)) return [];
    const onlyCreates = (types: string[]) =>
      !allBut && actions.every((action) => creates(action, types) || needsAllResources(action));
    const wide = statement.texts('Resource').filter(({ text }) => {
      const named = extent(text);
      return Array.isArray(named) ? !onlyCreates(named) : named === 'all';
    });
    const excluded = statement.element('NotResource');
    return [...new Set([...wide.map(({ path }) => path), ...excluded ? [excluded.path] : []])];
  });
  return [...inStatements, ...managedPolicies(resource, POLICY_FOR_ALL_DATA)];
}

/** The fewest fixed characters of a name with a wildcard. Fewer, as in `*t*` or `G*`, fit most actions of a service. */
const FEWEST_FIXED_CHARACTERS = 3;

/** Whether a text names every or most actions of a service that has resource-level permissions. */
function isEveryAction(action: string): boolean {
  const [service, name] = action.split(':');
  if (/[*?]/.test(service)) return true;
  if (!name?.includes('*') || needsAllResources(action)) return false;
  return name.replace(/[*?]/g, '').length < FEWEST_FIXED_CHARACTERS;
}

/** All resources of SNS that have an ARN. The others are phone numbers. */
const TOPICS = /^arn:[^:]*:sns:\*:\*:\*$/;

/**
 * Whether a statement only sends SMS messages.
 *
 * A phone number has no ARN, so the owner of the statement can only exclude topics.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
 */
function onlySendsSms(statement: Statement): boolean {
  const excluded = statement.texts('NotResource');
  return statement.element('NotAction') === undefined && excluded.length > 0
    && statement.texts('Action').every(({ text }) => text.toLowerCase() === 'sns:publish')
    && excluded.some(({ text }) => TOPICS.test(text));
}

/** The policies of AWS that match a pattern, by the properties that name them. */
function managedPolicies({ properties, template }: TemplateResource, pattern: RegExp): string[] {
  return ['ManagedPolicyArns', 'ManagedPolicies', 'Policies'].flatMap((name) => {
    const found = property({ path: '', value: properties }, name);
    return (found ? items(found, template) : [])
      .filter(({ value }) => texts(value, template).some((text) => pattern.test(text)))
      .map(({ path }) => path);
  });
}

function wildcardActions(resource: TemplateResource): string[] {
  const inStatements = identityStatements(resource).flatMap((statement) => {
    const excluded = statement.element('NotAction');
    const wide = statement.texts('Action').filter(({ text }) => isEveryAction(text)).map(({ path }) => path);
    return [...new Set([...wide, ...excluded ? [excluded.path] : []])];
  });
  return [...inStatements, ...managedPolicies(resource, WIDE_MANAGED_POLICY)];
}

/** The rules about the policies of identities. */
export const policyRules: Rule[] = [
  {
    id: 'PolicyAllowsEveryResource',
    types: IDENTITY_TYPES,
    readsFunctions: true,
    problem: 'A policy allows an action on all resources, or on all of a sensitive type, although the action supports '
      + 'resource-level permissions',
    fix: 'Name the resources of the statement in Resource, without a wildcard for the whole name and without '
      + 'NotResource. Move actions that support no resources to a statement of their own. For SMS messages, allow '
      + 'sns:Publish with NotResource arn:<partition>:sns:*:*:*, because a phone number has no ARN.',
    source: ACCESS_AUTHORIZATION,
    violations: wildcardResources,
  },
  {
    id: 'PolicyAllowsEveryAction',
    types: IDENTITY_TYPES,
    readsFunctions: true,
    problem: 'A policy allows every action, every or most actions of a service, or every action except a few '
      + '(NotAction)',
    fix: 'List the actions that the identity uses in Action.',
    source: ACCESS_AUTHORIZATION,
    violations: wildcardActions,
  },
];
