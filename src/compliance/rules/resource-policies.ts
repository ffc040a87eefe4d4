import { isFixed } from '../policies/conditions';
import { openStatements } from '../policies/principals';
import { policyDocuments } from '../policies/statements';
import { Rule } from '../rule';
import { at, TemplateResource } from '../template';
import { isTrue, items, texts } from '../values';

/** The policies that are no grant: they limit what other policies allow, or have another language. */
export const LIMITS: Record<string, string> = {
  'AWS::EC2::VPCEndpoint': 'limits the requests through an endpoint',
  'AWS::Organizations::Policy': 'limits the permissions of the accounts of an organization',
  'AWS::RAM::Permission': 'is a template without principals',
};
/** The access control lists of a bucket that grant access outside the account. */
const PUBLIC_ACLS = ['PublicRead', 'PublicReadWrite', 'AuthenticatedRead'];
/**
 * The services that call a function for a resource of another account: a bucket, a topic, an API.
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
 */
const FOR_OTHER_ACCOUNTS = /^(apigateway|cognito-idp|events|iot|logs|s3|ses|sns)\.amazonaws\.com/;
const TRUST = 'AssumeRolePolicyDocument';

function documentsOpenToAll(resource: TemplateResource, ofTrust: boolean): string[] {
  if (resource.type in LIMITS) return [];
  return policyDocuments(resource)
    .filter(({ path }) => path.startsWith(TRUST) === ofTrust)
    .flatMap((document) => openStatements(document, resource.template));
}

/** Permissions that CloudFormation takes as properties, without a policy document. */
const PERMISSIONS: Record<string, { readonly principal: string; readonly restrictedBy: string[] }> = {
  'AWS::EC2::VPCEndpointServicePermissions': { principal: 'AllowedPrincipals', restrictedBy: [] },
  'AWS::Events::EventBusPolicy': { principal: 'Principal', restrictedBy: ['Condition'] },
  'AWS::Lambda::LayerVersionPermission': { principal: 'Principal', restrictedBy: ['OrganizationId'] },
  'AWS::Lambda::Permission': {
    principal: 'Principal',
    restrictedBy: ['PrincipalOrgID', 'SourceAccount', 'SourceArn'],
  },
};

function permissionsForAll(resource: TemplateResource): string[] {
  const { principal, restrictedBy } = PERMISSIONS[resource.type] ?? {};
  if (principal === undefined || restrictedBy === undefined) return [];
  const { properties, template } = resource;
  const restricted = restrictedBy.some((name) => {
    const given = at(properties, name);
    // The condition of an event bus has the key and value of a condition as properties of their own.
    const values = texts(name === 'Condition' ? at(given, 'Value') : given, template);
    const unconditional = items({ path: '', value: given }, template).length === 0;
    return !unconditional && values.length > 0 && values.every(isFixed);
  });
  if (restricted && !hasEmptyBranch(resource, restrictedBy)) return [];
  const isOpen = (text: string) => text.startsWith('*') || (isFunction && FOR_OTHER_ACCOUNTS.test(text));
  const isFunction = resource.type === 'AWS::Lambda::Permission';
  return items({ path: principal, value: at(properties, principal) }, template)
    .filter(({ value }) => texts(value, template).some(isOpen))
    .map(({ path }) => path);
}

/** Whether one branch of `Fn::If` leaves every restriction out. */
function hasEmptyBranch({ properties }: TemplateResource, names: string[]): boolean {
  return names.every((name) => {
    const given = at(properties, name);
    return given === undefined || JSON.stringify(given).includes('{"Ref":"AWS::NoValue"}');
  });
}

/** The data access policies of OpenSearch Serverless are a list of rules with principals. */
function collectionsForAll({ type, properties, template }: TemplateResource): string[] {
  if (type !== 'AWS::OpenSearchServerless::AccessPolicy') return [];
  return texts(at(properties, 'Policy'), template).some((text) => /"Principal"\s*:\s*\[[^\]]*"\*"/.test(text))
    ? ['Policy']
    : [];
}

function publicAcl({ type, properties, template }: TemplateResource): string[] {
  if (type !== 'AWS::S3::Bucket') return [];
  return texts(at(properties, 'AccessControl'), template).some((acl) => PUBLIC_ACLS.includes(acl))
    ? ['AccessControl']
    : [];
}

/** Guests of an identity pool need no login for its credentials. An image can be shared with all accounts. */
function publicSwitches({ type, properties, template }: TemplateResource): string[] {
  if (type === 'AWS::Cognito::IdentityPool') {
    return texts(at(properties, 'AllowUnauthenticatedIdentities'), template).some(isTrue)
      ? ['AllowUnauthenticatedIdentities']
      : [];
  }
  if (type !== 'AWS::ImageBuilder::DistributionConfiguration') return [];
  return /"UserGroups":\["all"\]/.test(JSON.stringify(properties)) ? ['Distributions'] : [];
}

/** The rules about who may use a resource or a role. */
export const resourcePolicyRules: Rule[] = [
  {
    id: 'ResourceAllowsEveryone',
    readsFunctions: true,
    problem: 'The policy of a resource allows any principal, also outside the account',
    fix: 'Name the accounts, roles or services in Principal, or restrict the statement with a condition on '
      + 'aws:PrincipalOrgID, aws:SourceAccount, aws:SourceArn, aws:SourceVpce or another key of the caller.',
    source: '45 CFR 164.312(a)(1), access control',
    violations: (resource) => [
      ...documentsOpenToAll(resource, false),
      ...permissionsForAll(resource),
      ...collectionsForAll(resource),
      ...publicAcl(resource),
      ...publicSwitches(resource),
    ],
  },
  {
    id: 'RoleTrustsEveryone',
    readsFunctions: true,
    problem: 'Any principal can assume a role, also outside the account',
    fix: 'Name the accounts, roles or services in Principal. For a web identity, restrict the subject of its token '
      + 'with a condition, or its audience if the provider is your own.',
    source: '45 CFR 164.312(d), person or entity authentication',
    violations: (resource) => documentsOpenToAll(resource, true),
  },
];
