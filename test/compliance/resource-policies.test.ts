import { App, CfnCondition, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { LIMITS } from '../../src/compliance/rules/resource-policies';
import { TemplateChecks } from '../../src/compliance/template-checks';
import { newApp, newStack, WITH_ASSETS } from '../support/app';
import { ORDINARY_STACKS } from '../support/ordinary-stacks';
import { policyProperties } from '../support/policy-properties';
import { templateCheckFindings } from '../support/template-check-findings';

const ACCESS = ['PolicyAllowsEveryResource', 'PolicyAllowsEveryAction', 'ResourceAllowsEveryone', 'RoleTrustsEveryone'];

/** The access findings of a stack: the rule, the path of the resource, and the locations. */
function findings(stack: Stack): string[] {
  const assembly = (stack.node.root as App).synth();
  const stackTemplates = assembly.stacksRecursively.map((artifact) => ({
    stackConstructPath: artifact.hierarchicalId,
    templatePath: artifact.templateFullPath,
    accountId: undefined,
    region: undefined,
  }));
  return new TemplateChecks().validate({ appConstruct: stack.node.root, stackTemplates, templatePaths: [] }).violations
    .filter(({ ruleName }) => ACCESS.includes(ruleName))
    .flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ locations }) => `${ruleName}: ${locations.join(', ')}`));
}

function findingsOf(type: string, properties: object, fill?: (stack: Stack) => void): string[] {
  const stack = newStack();
  fill?.(stack);
  new CfnCondition(stack, 'C', { expression: Fn.conditionEquals('a', 'b') });
  new CfnResource(stack, 'Resource', { type, properties });
  return findings(stack);
}

const open = (more: object = {}) =>
  ({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*', ...more });
const ofBucket = (...statements: object[]) =>
  findingsOf('AWS::S3::BucketPolicy', { PolicyDocument: { Statement: statements } });
const OPEN = 'ResourceAllowsEveryone: Properties.PolicyDocument.Statement.0.Principal';

describe('a policy that allows any principal', () => {
  test('is found in every property of CloudFormation that holds a policy document', () => {
    const properties = policyProperties();
    expect(properties.length).toBeGreaterThan(60);
    expect(properties.map(({ type }) => type)).toEqual(expect.arrayContaining([
      'AWS::ApiGateway::RestApi', 'AWS::Backup::BackupVault', 'AWS::CodeArtifact::Repository', 'AWS::DynamoDB::Table',
      'AWS::ECR::Repository', 'AWS::EFS::FileSystem', 'AWS::Events::EventBus', 'AWS::KMS::Key',
      'AWS::Logs::ResourcePolicy', 'AWS::MediaStore::Container', 'AWS::OpenSearchService::Domain',
      'AWS::S3::AccessPoint', 'AWS::S3::BucketPolicy',
      'AWS::SecretsManager::ResourcePolicy', 'AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy',
    ]));
    const passed = properties.filter(({ type, wrap }) =>
      !(type in LIMITS) && findingsOf(type, wrap({ Statement: [open()] })).length === 0);
    expect(passed.map(({ type, path }) => `${type} ${path}`)).toEqual([]);
    const asText = properties.filter(({ type, wrap }) =>
      !(type in LIMITS) && findingsOf(type, wrap(JSON.stringify({ Statement: open() }))).length === 0);
    expect(asText.map(({ type, path }) => `${type} ${path}`)).toEqual([]);
  });

  test('is accepted in the policies that limit other policies', () => {
    expect(findingsOf('AWS::EC2::VPCEndpoint', { PolicyDocument: { Statement: [open()] } })).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['AWS::Lambda::Permission', { Principal: '*', Action: 'lambda:InvokeFunction' }, 'Principal'],
    ['AWS::Lambda::Permission', { Principal: '*', SourceArn: '*' }, 'Principal'],
    ['AWS::Lambda::Permission', { Principal: '*', SourceArn: 'arn:aws:s3:::*' }, 'Principal'],
    ['AWS::Lambda::Permission',
      { Principal: '*', SourceAccount: { 'Fn::If': ['C', '111122223333', { Ref: 'AWS::NoValue' }] } }, 'Principal'],
    ['AWS::Lambda::Permission', { Principal: { 'Fn::If': ['C', 'delivery.logs.amazonaws.com', '*'] } },
      'Principal.Fn::If.2'],
    ...['apigateway', 'cognito-idp', 'events', 'iot', 'logs', 'ses', 'sns'].map((service): [string, object, string] =>
      ['AWS::Lambda::Permission', { Principal: `${service}.amazonaws.com` }, 'Principal']),
    ['AWS::Lambda::Permission', { Principal: 's3.amazonaws.com' }, 'Principal'],
    ['AWS::Lambda::LayerVersionPermission', { Principal: '*' }, 'Principal'],
    ['AWS::Events::EventBusPolicy', { Principal: '*', Action: 'events:PutEvents' }, 'Principal'],
    ['AWS::Events::EventBusPolicy', { Statement: open() }, 'Statement.Principal'],
    ['AWS::EC2::VPCEndpointServicePermissions', { AllowedPrincipals: ['*'] }, 'AllowedPrincipals.0'],
    ['AWS::S3::Bucket', { AccessControl: 'PublicRead' }, 'AccessControl'],
    ['AWS::Cognito::IdentityPool', { AllowUnauthenticatedIdentities: true }, 'AllowUnauthenticatedIdentities'],
    ['AWS::ImageBuilder::DistributionConfiguration', {
      Distributions: [{ AmiDistributionConfiguration: { LaunchPermissionConfiguration: { UserGroups: ['all'] } } }],
    }, 'Distributions'],
    ['AWS::OpenSearchServerless::AccessPolicy', { Policy: '[{"Rules":[],"Principal":["*"]}]' }, 'Policy'],
  ])('%s with %j', (type, properties, path) => {
    expect(findingsOf(type, properties)).toEqual([`ResourceAllowsEveryone: Properties.${path}`]);
  });

  test.each<[string, object]>([
    ['AWS::Lambda::Permission', { Principal: 'elasticloadbalancing.amazonaws.com' }],
    ['AWS::Lambda::Permission', { Principal: 'apigateway.amazonaws.com', SourceArn: 'arn:aws:execute-api:r:1:a/*' }],
    ['AWS::Lambda::Permission', { Principal: '*', PrincipalOrgID: 'o-1234567890' }],
    ['AWS::Lambda::Permission', { Principal: '*', SourceArn: { 'Fn::GetAtt': ['Topic', 'Arn'] } }],
    ['AWS::Lambda::LayerVersionPermission', { Principal: '*', OrganizationId: 'o-1234567890' }],
    ['AWS::Events::EventBusPolicy',
      { Principal: '*', Condition: { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1234567890' } }],
    ['AWS::EC2::VPCEndpointServicePermissions', { AllowedPrincipals: ['arn:aws:iam::111122223333:root'] }],
    ['AWS::S3::Bucket', { AccessControl: 'LogDeliveryWrite' }],
    ['AWS::Cognito::IdentityPool', { AllowUnauthenticatedIdentities: false }],
  ])('and not %s with %j', (type, properties) => expect(findingsOf(type, properties)).toEqual([]));
});

describe('any principal', () => {
  test.each<[unknown, string]>([
    ['*', ''],
    [['*'], '.0'],
    [{ AWS: '*' }, '.AWS'],
    [{ AWS: ['arn:aws:iam::111122223333:root', '*'] }, '.AWS.1'],
    [{ AWS: { 'Fn::Join': ['', ['*']] } }, '.AWS'],
    [{ AWS: { 'Fn::Sub': '*' } }, '.AWS'],
    [{ AWS: { 'Fn::If': ['C', 'arn:aws:iam::111122223333:root', '*'] } }, '.AWS.Fn::If.2'],
    [{ 'Fn::If': ['C', { AWS: '*' }, { Service: 's3.amazonaws.com' }] }, '.Fn::If.1.AWS'],
    [{ AWS: 'arn:aws:iam::*:root' }, '.AWS'],
    [{ Service: '*' }, '.Service'],
    [{ CanonicalUser: '*' }, '.CanonicalUser'],
  ])('is %j', (Principal, path) => {
    expect(ofBucket(open({ Principal }))).toEqual([`${OPEN}${path}`]);
  });

  test('includes any principal except a few', () => {
    expect(ofBucket({ ...open(), Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' } }))
      .toEqual(['ResourceAllowsEveryone: Properties.PolicyDocument.Statement.0.NotPrincipal']);
  });

  test.each<[unknown]>([
    [{ AWS: 'arn:aws:iam::111122223333:root' }],
    [{ AWS: { Ref: 'AWS::AccountId' } }],
    [{ AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']] } }],
    [{ Service: 'cloudfront.amazonaws.com' }],
    [{ AWS: { 'Fn::GetAtt': ['Role', 'Arn'] } }],
  ])('is not %j', (Principal) => expect(ofBucket(open({ Principal }))).toEqual([]));
});

describe('a condition restricts any principal', () => {
  const restricted = (Condition: unknown) => ofBucket(open({ Condition })).length === 0;

  test.each<[object]>([
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } }],
    [{ StringEquals: { 'AWS:SourceOwner': { Ref: 'AWS::AccountId' } } }],
    [{ StringEquals: { 'aws:SourceVpce': ['vpce-1', 'vpce-2'] } }],
    [{ StringEquals: { 'aws:SourceVpc': { Ref: 'Vpc' } } }],
    [{ ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:111122223333:topic' } }],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:cloudfront::111122223333:distribution/*' } }],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::bucket' } }],
    [{ StringEquals: { 'kms:CallerAccount': '111122223333', 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } }],
    [{ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-1234567890/r-ab12/*' } }],
    [{ StringLike: { 'aws:userid': 'AROAEXAMPLE:*' } }],
    [{ IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '2001:db8::/32'] } }],
    [{ Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' } }],
    [{ StringEquals: { 'aws:SourceVpc': { 'Fn::If': ['C', 'vpc-1', 'vpc-2'] } } }],
    [{ 'Fn::If': ['C', { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }, { StringEquals: { 'aws:SourceVpc': 'v-2' } }] }],
  ])('%j', (condition) => expect(restricted(condition)).toBe(true));

  test.each<[object]>([
    [{ Bool: { 'aws:SecureTransport': 'true' } }],
    [{ StringLike: { 'aws:PrincipalOrgID': 'o-*' } }],
    [{ StringLike: { 'aws:PrincipalOrgID': '*' } }],
    [{ StringEquals: { 'aws:PrincipalOrgID': '${aws:PrincipalOrgID}' } }],
    [{ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1234567890' } }],
    [{ StringNotEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } }],
    [{ 'ForAllValues:StringEquals': { 'aws:SourceVpce': 'vpce-1' } }],
    [{ StringEquals: { 'aws:SourceVpce': ['vpce-1', { 'Fn::If': ['C', 'vpce-2', '*'] }] } }],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } }],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } }],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/Deploy' } }],
    [{ StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } }],
    [{ StringEquals: { 'aws:Referer': 'https://clinic.example' } }],
    [{ StringEquals: { 'sts:ExternalId': 'x' } }],
    [{ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }],
    [{ IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '::/0'] } }],
    [{ IpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } }],
    [{ NotIpAddress: { 'aws:SourceIp': '198.51.100.0/24' } }],
    [{ 'Fn::If': ['C', { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }, { Ref: 'AWS::NoValue' }] }],
    [{ StringEquals: { 'Fn::If': ['C', { 'aws:SourceVpc': 'vpc-1' }, { Ref: 'AWS::NoValue' }] } }],
    [{ StringEquals: { 'aws:SourceVpc': { 'Fn::If': ['C', 'vpc-1', { Ref: 'AWS::NoValue' }] } } }],
  ])('not %j', (condition) => expect(restricted(condition)).toBe(false));

  test('of a Deny statement that covers the Allow statement', () => {
    const deny = (more: object) => ({ ...open(), Effect: 'Deny', ...more });
    const Condition = { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } };
    expect(ofBucket(open(), deny({ Condition }))).toEqual([]);
    expect(ofBucket(open(), deny({ Condition, Action: 's3:*' }))).toEqual([]);
    expect(ofBucket(open(), deny({ Condition: { NotIpAddress: { 'aws:SourceIp': '198.51.100.0/24' } } }))).toEqual([]);
    for (const other of [
      { Condition, Action: 's3:PutObject' },
      { Condition, Resource: 'arn:aws:s3:::other/*' },
      { Condition, Principal: { AWS: 'arn:aws:iam::111122223333:root' } },
      { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' }, Bool: { 'aws:SecureTransport': 'false' } } },
      { Condition: { StringNotLike: { 'aws:SourceVpce': '*' } } },
    ]) {
      expect(ofBucket(open(), deny(other))).toEqual([OPEN]);
    }
    expect(ofBucket(open(), { 'Fn::If': ['C', deny({ Condition }), { Ref: 'AWS::NoValue' }] })).toEqual([OPEN]);
  });
});

describe('a role', () => {
  const trust = (more: object, fill?: (stack: Stack) => void) => findingsOf('AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...more }] },
  }, fill);
  const AT = 'RoleTrustsEveryone: Properties.AssumeRolePolicyDocument.Statement.0.Principal';
  const GITHUB = 'token.actions.githubusercontent.com';
  const web = (Condition?: object, fill?: (stack: Stack) => void) => trust({
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${GITHUB}` },
    Condition,
  }, fill);

  test('that any principal can assume is reported', () => {
    expect(trust({ Principal: '*' })).toEqual([AT]);
    expect(trust({ Principal: { AWS: '*' } })).toEqual([`${AT}.AWS`]);
    expect(trust({ Principal: { AWS: { 'Fn::Join': ['', ['*']] } } })).toEqual([`${AT}.AWS`]);
    expect(trust({ Principal: { AWS: '*' }, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } })).toHaveLength(1);
    expect(trust({ Principal: { AWS: '*' }, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }))
      .toHaveLength(1);
  });

  test('of a service, an account or an organization is accepted', () => {
    expect(trust({ Principal: { Service: 'ecs-tasks.amazonaws.com' } })).toEqual([]);
    expect(trust({ Principal: { AWS: '111122223333' } })).toEqual([]);
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } };
    expect(trust({ Principal: '*', Condition })).toEqual([]);
  });

  test('of a web identity names the subject of the token', () => {
    const aud = { [`${GITHUB}:aud`]: 'sts.amazonaws.com' };
    expect(web()).toEqual([`${AT}.Federated`]);
    expect(web({ StringEquals: aud })).toHaveLength(1);
    expect(web({ StringLike: { ...aud, [`${GITHUB}:sub`]: '*' } })).toHaveLength(1);
    expect(web({ StringLike: { ...aud, [`${GITHUB}:sub`]: 'repo:*' } })).toHaveLength(1);
    expect(web({ StringLike: { ...aud, [`${GITHUB}:sub`]: 'repo:clinic/*' } })).toEqual([]);
    expect(web({ StringEquals: { [`${GITHUB}:sub`]: 'repo:clinic/app:ref:refs/heads/main' } })).toEqual([]);
    expect(web({ StringEquals: { [`${GITHUB}:repository_owner`]: 'clinic' } })).toEqual([]);
    expect(web({ StringEquals: { [`${GITHUB}:ref`]: 'refs/heads/main' } })).toHaveLength(1);
    for (const [key, value] of Object.entries({
      'sts:RoleSessionName': 'deploy', 'aws:RequestedRegion': 'us-east-1', 'aws:RequestTag/team': 'clinic',
    })) expect(web({ StringEquals: { [key]: value } })).toHaveLength(1);
    expect(web({ StringEquals: { 'aws:SourceVpc': 'vpc-1' } })).toEqual([]);
    expect(web({ 'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' } }))
      .toEqual([`${AT}.Federated`]);
  });

  test.each([
    [{ 'issuer:sub': 'system:serviceaccount:clinic:api' }, 0],
    [{ 'issuer:sub': '*' }, 1],
    [{ [`${GITHUB}:aud`]: 'sts.amazonaws.com' }, 1],
  ])('of a web identity has the keys %j in a CfnJson', (value, count) => {
    const json = (type: string, Value: string) => (stack: Stack) =>
      new CfnResource(stack, 'Json', { type, properties: { Value } });
    const condition = { StringLike: { 'Fn::GetAtt': ['Json', 'Value'] } };
    const text = JSON.stringify(value);
    expect(web(condition, json('Custom::AWSCDKCfnJson', text))).toHaveLength(count);
    expect(web(condition, json('Custom::Other', text))).toHaveLength(1);
    expect(web(condition, json('Custom::AWSCDKCfnJson', 'no JSON'))).toHaveLength(1);
    expect(web(condition)).toHaveLength(1);
  });

  const COGNITO = 'cognito-identity.amazonaws.com';
  test.each([
    [undefined, 1], ['unauthenticated', 1], ['*', 1], ['un*', 1], [['authenticated', 'unauthenticated'], 1],
    ['authenticated', 0], ['auth*', 0], ['cognito-idp.us-east-1.amazonaws.com/us-east-1_pool', 0],
  ])('of users of an identity pool excludes its guests: amr %j', (amr, count) => {
    const logins = amr === undefined ? {} : { 'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: amr } };
    const trusted = (aud: unknown, fill?: (stack: Stack) => void) =>
      web({ StringEquals: { [`${COGNITO}:aud`]: aud }, ...logins }, fill)
        .filter((finding) => finding.startsWith('RoleTrusts'));
    const pool = (AllowUnauthenticatedIdentities: unknown) => (stack: Stack) => new CfnResource(stack, 'Pool', {
      type: 'AWS::Cognito::IdentityPool', properties: { AllowUnauthenticatedIdentities },
    });
    expect(trusted('eu-west-1:pool')).toHaveLength(count);
    expect(trusted({ Ref: 'Pool' }, pool(true))).toHaveLength(count);
    // No guest can assume a role of this pool.
    expect(trusted({ Ref: 'Pool' }, pool(false))).toEqual([]);
  });

  test('of one user of an identity pool names the user', () => {
    expect(web({ StringEquals: { [`${COGNITO}:sub`]: 'eu-west-1:1' } })).toEqual([]);
  });

  test('of a web identity is read in a statement with NotAction', () => {
    expect(trust({ Action: undefined, NotAction: 'sts:TagSession', Principal: { Federated: 'accounts.google.com' } }))
      .toEqual([`${AT}.Federated`]);
  });
});

test.each(Object.entries(ORDINARY_STACKS))('%s has no access finding', (_, make) => {
  const stack = new Stack(newApp(WITH_ASSETS), 'Stack');
  make(stack);
  expect(findings(stack)).toEqual([]);
});

test.each(Object.entries(ORDINARY_STACKS))(
  '%s has no secret, and no finding on a function that its owner cannot configure', (_, make) => {
    const stack = new Stack(newApp(WITH_ASSETS), 'Stack');
    make(stack);
    const own = /^FunctionWithoutLogGroup at Stack\/(Function|Judge|Sender|Meter|Mounted)\/Resource$/;
    expect(templateCheckFindings(stack).filter((finding) => /^(PlaintextSecret|FunctionWithout)/.test(finding))
      .filter((finding) => !own.test(finding))).toEqual([]);
  },
);

test('a statement that aws-cdk-lib adds for its own function is reported in other policies', () => {
  const stack = new Stack(newApp(), 'Stack');
  const invalidate = (id: string, ...more: string[]) => new CfnResource(stack, id, {
    type: 'AWS::IAM::Policy',
    properties: {
      PolicyDocument: {
        Statement: [{
          Effect: 'Allow',
          Action: ['cloudfront:GetInvalidation', 'cloudfront:CreateInvalidation', ...more],
          Resource: '*',
        }],
      },
    },
  });
  invalidate('Own');
  invalidate('More', 'cloudfront:DeleteDistribution');
  expect(findings(stack)).toHaveLength(2);
});
