import { App, CfnCondition, CfnMapping, CfnParameter, CfnResource, Fn, Stack } from 'aws-cdk-lib';
import { TemplateChecks } from '../../src/compliance/template-checks';
import { newStack } from '../support/app';

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
  new CfnResource(stack, 'Resource', { type, properties });
  return findings(stack);
}

const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const allow = (more: object) => ({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', ...more });
const policy = (more: object) => ({ PolicyName: 'P', PolicyDocument: document(allow(more)) });
const ofPolicy = (more: object) => findingsOf('AWS::IAM::Policy', policy(more));
const AT = 'Properties.PolicyDocument.Statement.0';

describe('every type of identity policy', () => {
  const wide = document(allow({ Resource: '*' }));
  test.each<[string, object, string]>([
    ['AWS::IAM::Policy', { PolicyDocument: wide }, 'PolicyDocument'],
    ['AWS::IAM::ManagedPolicy', { PolicyDocument: wide }, 'PolicyDocument'],
    ['AWS::IAM::RolePolicy', { PolicyDocument: wide }, 'PolicyDocument'],
    ['AWS::IAM::UserPolicy', { PolicyDocument: wide }, 'PolicyDocument'],
    ['AWS::IAM::GroupPolicy', { PolicyDocument: wide }, 'PolicyDocument'],
    ['AWS::IAM::Role', { Policies: [{ PolicyDocument: wide }] }, 'Policies.0.PolicyDocument'],
    ['AWS::IAM::User', { Policies: [{ PolicyDocument: wide }] }, 'Policies.0.PolicyDocument'],
    ['AWS::IAM::Group', { Policies: [{ PolicyDocument: wide }] }, 'Policies.0.PolicyDocument'],
    ['AWS::SSO::PermissionSet', { InlinePolicy: wide }, 'InlinePolicy'],
  ])('%s is read', (type, properties, path) => {
    expect(findingsOf(type, properties))
      .toEqual([`PolicyAllowsEveryResource: Properties.${path}.Statement.0.Resource`]);
  });

  test.each<[string, unknown]>([
    ['the default of a parameter', { Ref: 'Document' }],
    ['a mapping', { 'Fn::FindInMap': ['M', 'k', 'v'] }],
    ['a selection', { 'Fn::Select': [0, [JSON.stringify(wide)]] }],
  ])('is read as a text with JSON in %s', (_name, InlinePolicy) => {
    expect(findingsOf('AWS::SSO::PermissionSet', { InlinePolicy }, (stack) => {
      new CfnParameter(stack, 'Document', { default: JSON.stringify(wide) });
      new CfnMapping(stack, 'M', { mapping: { k: { v: JSON.stringify(wide) } } });
    })).toEqual(['PolicyAllowsEveryResource: Properties.InlinePolicy.Statement.0.Resource']);
  });

  test.each<[string, object, string]>([
    ['AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }, 'ManagedPolicyArns.0'],
    [
      'AWS::IAM::User',
      {
        ManagedPolicyArns: [
          { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/AmazonS3FullAccess']] },
        ],
      },
      'ManagedPolicyArns.0',
    ],
    ['AWS::SSO::PermissionSet', { ManagedPolicies: ['arn:aws:iam::aws:policy/PowerUserAccess'] }, 'ManagedPolicies.0'],
    ['AWS::Serverless::Function', { Policies: 'AdministratorAccess' }, 'Policies'],
  ])('%s with a wide policy of AWS', (type, properties, path) => {
    expect(findingsOf(type, properties)).toEqual([`PolicyAllowsEveryAction: Properties.${path}`]);
  });

  test.each(['ReadOnlyAccess', 'AmazonS3ReadOnlyAccess', 'AmazonDynamoDBReadOnlyAccess', 'SecretsManagerReadWrite',
    'AWSKeyManagementServicePowerUser', 'AmazonCognitoPowerUser', 'job-function/DataScientist',
    'service-role/AmazonEC2RoleforSSM'])('%s of AWS is for all data of a service', (name) => {
    expect(findingsOf('AWS::IAM::Role', { ManagedPolicyArns: [`arn:aws:iam::aws:policy/${name}`] }))
      .toEqual(['PolicyAllowsEveryResource: Properties.ManagedPolicyArns.0']);
  });

  test.each(['service-role/AWSLambdaBasicExecutionRole', 'AmazonSSMManagedInstanceCore', 'AmazonRDSReadOnlyAccess',
    'CloudWatchReadOnlyAccess', 'SecurityAudit'])('%s of AWS is accepted', (name) => {
    expect(findingsOf('AWS::IAM::Role', { ManagedPolicyArns: [`arn:aws:iam::aws:policy/${name}`] })).toEqual([]);
  });

  test('is read as a text with JSON, and with parts that are known only at deployment', () => {
    const stack = newStack();
    new CfnResource(stack, 'Set', {
      type: 'AWS::SSO::PermissionSet',
      properties: { InlinePolicy: stack.toJsonString(document(allow({ Resource: [stack.stackId, '*'] }))) },
    });
    new CfnResource(stack, 'Literal', {
      type: 'AWS::SSO::PermissionSet',
      properties: { InlinePolicy: JSON.stringify(document(allow({ Resource: '*' }))) },
    });
    expect(findings(stack)).toEqual([
      'PolicyAllowsEveryResource: Properties.InlinePolicy.Statement.0.Resource.1',
      'PolicyAllowsEveryResource: Properties.InlinePolicy.Statement.0.Resource',
    ]);
  });
});

describe('a resource is every resource', () => {
  const branch = (one: unknown, two: unknown) => ({ 'Fn::If': ['C', one, two] });
  const NARROW = 'arn:aws:s3:::b/*';
  test.each<[string, unknown, string]>([
    ['as a text', '*', ''],
    ['as two wildcards', '**', ''],
    ['of any service', 'arn:aws:*', ''],
    ['of one service', 'arn:aws:s3:::*', ''],
    ['of one service in any account', 'arn:aws:sqs:*:*:*', ''],
    ['with a path', 'arn:aws:s3:::*/*', ''],
    ['in a list', [NARROW, '*'], '.1'],
    ['in a join', { 'Fn::Join': ['', ['arn:aws:s3:::', '*']] }, ''],
    ['in a join with the partition', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::*']] }, ''],
    ['in a join of joins', { 'Fn::Join': [':', ['arn', 'aws', 's3', '', '', { 'Fn::Join': ['', ['*']] }]] }, ''],
    ['in a sub', { 'Fn::Sub': '*' }, ''],
    ['in a sub with variables', { 'Fn::Sub': ['${A}${B}', { A: 'arn:aws:s3:::', B: '*' }] }, ''],
    ['in a sub with pseudo parameters', { 'Fn::Sub': 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:*:*' }, ''],
    ['in a selection', { 'Fn::Select': [1, [NARROW, '*']] }, ''],
    ['in a split', { 'Fn::Select': ['0', { 'Fn::Split': [',', '*,x'] }] }, ''],
    ['in a split list', { 'Fn::Split': [',', `${NARROW},*`] }, ''],
    ['in the first branch', branch('*', NARROW), '.Fn::If.1'],
    ['in the second branch', branch(NARROW, '*'), '.Fn::If.2'],
    ['in a branch of a branch', branch(NARROW, branch('*', { Ref: 'AWS::NoValue' })), '.Fn::If.2.Fn::If.1'],
    ['in a branch of a list', [NARROW, branch(['*'], NARROW)], '.1.Fn::If.1.0'],
    ['in a branch of a join', { 'Fn::Join': ['', ['arn:aws:s3:::', branch('b', '*')]] }, ''],
    ['as the default of a parameter', { Ref: 'Wide' }, ''],
    ['as the default of a list', { Ref: 'Wides' }, ''],
    ['in a selection from a parameter', { 'Fn::Select': [1, { Ref: 'Wides' }] }, ''],
    ['in a selection with an unknown index', { 'Fn::Select': [{ Ref: 'Index' }, [NARROW, '*']] }, ''],
    ['in a selection from a branch', { 'Fn::Select': [0, branch(['*'], [NARROW])] }, ''],
    ['as the default of a mapping', { 'Fn::FindInMap': ['M', 'Other', 'Any', { DefaultValue: '*' }] }, ''],
    ['in a mapping', { 'Fn::FindInMap': ['M', 'Key', 'Any'] }, ''],
    ['in a mapping with an unknown key', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'Any'] }, ''],
  ])('%s', (_, Resource, path) => {
    expect(findingsOf('AWS::IAM::RolePolicy', policy({ Resource }), (stack) => {
      new CfnCondition(stack, 'C', { expression: Fn.conditionEquals('a', 'b') });
      new CfnParameter(stack, 'Wide', { default: '*' });
      new CfnParameter(stack, 'Wides', { type: 'CommaDelimitedList', default: 'arn:aws:s3:::b,*' });
      new CfnMapping(stack, 'M', { mapping: { Key: { Any: '*' } } });
    })).toEqual([`PolicyAllowsEveryResource: ${AT}.Resource${path}`]);
  });

  test.each(['arn:aws:dynamodb:eu-west-1:111122223333:table/*', 'arn:aws:kms:*:*:key/*', 'arn:aws:iam::1:role/*',
    'arn:aws:secretsmanager:us-east-1:111122223333:secret:*', 'arn:aws:apigateway:us-east-1::/restapis/*',
    'arn:aws:secretsmanager:*:*:secret*', 'arn:aws:ssm:us-east-1:111122223333:parameter*', 'arn:aws:iam::1:r*',
    'arn:aws:dynamodb:us-east-1:1:table/*/index/*', 'arn:aws:logs:us-east-1:1:log-group:*:log-stream:*',
    'arn:aws:kms:*:1:key/????????-????-????-????-????????????', 'arn:aws:healthlake:us-east-1:1:datastore/fhir/*',
    'arn:aws:cassandra:us-east-1:1:/keyspace/*', 'arn:aws:redshift:us-east-1:1:dbuser:*/*',
    'arn:aws:medical-imaging:us-east-1:1:datastore/*', 'arn:aws:s3:us-east-1:1:accesspoint/*',
    'arn:aws:s3:::*/phi/*', 'arn:aws:execute-api:us-east-1:1:*/*/GET/*'])(
    'of its type: %s', (Resource) => {
      expect(ofPolicy({ Action: 'iam:PassRole', Resource })).toEqual([`PolicyAllowsEveryResource: ${AT}.Resource`]);
    },
  );

  test.each(['arn:aws:s3:::bucket/*', 'arn:aws:execute-api:r:a:id/*', 'arn:aws:dynamodb:r:a:table/t/index/*',
    'arn:aws:logs:r:a:log-group:/aws/lambda/*', 'arn:aws:rds:r:a:snapshot:awsbackup:*', 'arn:aws:s3:::prefix-*',
    'arn:aws:guardduty:r:a:detector/*', 'arn:aws:rds-db:r:a:dbuser:*/reader', 'arn:aws:iam::1:role/team-*',
    'arn:aws:bedrock:r::foundation-model/*', 'arn:aws:ssm:r:a:parameter/aws/*', 'arn:aws:dynamodb:r:a:table/a*'])(
    'not if its name has a fixed part, or if AWS assigns the ID: %s', (Resource) => {
      expect(ofPolicy({ Resource })).toEqual([]);
    },
  );

  test('of its type, except to create one, whose ARN does not exist before', () => {
    const Resource = 'arn:aws:dynamodb:us-east-1:111122223333:table/*';
    expect(ofPolicy({ Action: 'dynamodb:CreateTable', Resource })).toEqual([]);
    const both = ['dynamodb:CreateTable', 'dynamodb:GetItem'];
    expect(ofPolicy({ Action: both, Resource })).toHaveLength(1);
    expect(ofPolicy({ Action: 'iam:CreateRole', Resource: 'arn:aws:iam::111122223333:role/*' })).toHaveLength(1);
    const account = 'us-east-1:111122223333';
    expect(ofPolicy({ Action: 'rds:CreateDBInstance', Resource: `arn:aws:rds:${account}:db:*` })).toEqual([]);
    expect(ofPolicy({ Action: 'logs:CreateLogGroup', Resource: `arn:aws:logs:${account}:log-group:*` })).toEqual([]);
    for (const [action, resource] of [
      ['kms:CreateGrant', 'key/*'], ['healthlake:StartFHIRExportJob', 'datastore/fhir/*'],
      ['logs:CreateExportTask', 'log-group:*'], ['logs:StartQuery', 'log-group:*'], ['rds:StartExportTask', 'db:*'],
      ['lambda:CreateFunctionUrlConfig', 'function:*'], ['dynamodb:CreateBackup', 'table/*'],
    ]) {
      const [service] = action.split(':');
      expect([action, ofPolicy({ Action: action, Resource: `arn:aws:${service}:${account}:${resource}` })])
        .toEqual([action, [`PolicyAllowsEveryResource: ${AT}.Resource`]]);
    }
  });

  test('of all except a few', () => {
    const NotResource = 'arn:aws:s3:::other/*';
    const statement = { Effect: 'Allow', Action: 's3:GetObject', NotResource };
    expect(findingsOf('AWS::IAM::UserPolicy', { PolicyDocument: { Statement: statement } }))
      .toEqual(['PolicyAllowsEveryResource: Properties.PolicyDocument.Statement.NotResource']);
  });

  test('of all except topics, to send SMS messages to phone numbers, which have no ARN', () => {
    const sms = (NotResource: unknown, Action: unknown = 'sns:Publish') => findingsOf('AWS::IAM::ManagedPolicy', {
      PolicyDocument: { Statement: { Effect: 'Allow', Action, NotResource } },
    });
    expect(sms('arn:aws:sns:*:*:*')).toEqual([]);
    expect(sms(['arn:*:sns:*:*:*', 'arn:aws-us-gov:sns:*:*:*'], ['SNS:publish'])).toEqual([]);
    for (const wide of [
      sms('arn:aws:sns:us-east-1:*:*'), sms('arn:aws:sns:*:*:alerts'), sms('arn:aws:sns:*:*:*', 'sns:*'),
      sms('arn:aws:sns:*:*:*', ['sns:Publish', 's3:GetObject']),
    ]) expect(wide).toContain('PolicyAllowsEveryResource: Properties.PolicyDocument.Statement.NotResource');
  });

  test('in one branch of a document, of a list of statements, of a statement and of an effect', () => {
    const wide = allow({ Resource: '*' });
    const either = (value: unknown) => ({ 'Fn::If': ['C', { Ref: 'AWS::NoValue' }, value] });
    const condition = (stack: Stack) => new CfnCondition(stack, 'C', { expression: Fn.conditionEquals('a', 'b') });
    for (const PolicyDocument of [
      either({ Statement: [wide] }), { Statement: either([wide]) }, { Statement: [either(wide)] },
      { Statement: [{ ...wide, Effect: { 'Fn::If': ['C', 'Deny', 'Allow'] } }] },
    ]) {
      expect(findingsOf('AWS::IAM::GroupPolicy', { PolicyDocument }, condition)).toHaveLength(1);
    }
  });
});

describe('an action on all resources', () => {
  const wide = (Action: unknown) => ofPolicy({ Action, Resource: '*' }).map((finding) => finding.split(':')[0]);

  test.each(['s3:GetObject', 'S3:getobject', 'iam:Pass*', 'iam:PASSROLE', 's3:Get?bject', 's3:List*', 'kms:Decrypt',
    'dynamodb:*Item', 'logs:Put*', 'ec2:*Instances', 'cloudwatch:Put*', 'sns:Publish', 'nothing', 'a:b:c'])(
    '%s is reported', (action) => {
      expect(wide(action)).toEqual(['PolicyAllowsEveryResource']);
      expect(wide(['xray:PutTraceSegments', action])).toEqual(['PolicyAllowsEveryResource']);
    },
  );

  test.each([
    '*', '*:*', 's3:*', 'S3:*', '?3:GetObject', 'iam:**', '*:Describe*',
    's3:*t*', 's3:G*', 'iam:*?a*', 's3:?*', 's*:*e*',
  ])('%s is reported twice', (action) => {
    expect(wide(action)).toEqual(['PolicyAllowsEveryResource', 'PolicyAllowsEveryAction']);
  });

  test.each(['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:Put*', 'cloudwatch:PutMetricData',
    'CloudWatch:putmetricdata', 'ec2:Describe*', 'ec2:DescribeInst*', 'ec2:describe*', 'ecr:GetAuthorizationToken',
    'sts:GetCallerIdentity', 's3:ListAllMyBuckets', 'ssmmessages:*', 'ec2messages:*', 'logs:DescribeLogGroups',
    'logs:CreateLogDelivery', 'kms:GenerateRandom', 'secretsmanager:GetRandomPassword', 'dynamodb:ListStreams',
    'elasticloadbalancing:Describe*', 'acm:ListCertificates', 'tag:GetResources'])(
    '%s supports no resource', (action) => expect(wide(action)).toEqual([]),
  );

  test('that is all except a few is reported, also on one resource', () => {
    const statement = { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' };
    expect(findingsOf('AWS::IAM::Policy', { PolicyDocument: document(statement) })).toEqual([
      `PolicyAllowsEveryResource: ${AT}.Resource`, `PolicyAllowsEveryAction: ${AT}.NotAction`,
    ]);
    expect(findingsOf('AWS::IAM::Policy', {
      PolicyDocument: document({ ...statement, Resource: 'arn:aws:s3:::b' }),
    })).toEqual([`PolicyAllowsEveryAction: ${AT}.NotAction`]);
  });

  test('is every action of a service in a join, a sub and a branch', () => {
    const fill = (stack: Stack) => new CfnCondition(stack, 'C', { expression: Fn.conditionEquals('a', 'b') });
    const either = { 'Fn::If': ['C', 's3:*', 's3:Get*'] };
    for (const Action of [{ 'Fn::Join': [':', ['s3', '*']] }, { 'Fn::Sub': '*' }, either]) {
      expect(findingsOf('AWS::IAM::Policy', policy({ Action }), fill)).toHaveLength(1);
    }
  });

  test('is accepted on resources with a tag, and not with a condition on the request', () => {
    const Condition = (operator: string, key: string, value: string) => ({ [operator]: { [key]: value } });
    const restricted = (...condition: [string, string, string]) =>
      ofPolicy({ Action: 'ec2:StopInstances', Resource: '*', Condition: Condition(...condition) });
    expect(restricted('StringEquals', 'aws:ResourceTag/Team', 'clinic')).toEqual([]);
    expect(restricted('StringEquals', 'ec2:ResourceTag/Team', 'clinic')).toEqual([]);
    expect(restricted('StringLike', 'aws:ResourceTag/Team', '*')).toHaveLength(1);
    expect(restricted('StringEqualsIfExists', 'aws:ResourceTag/Team', 'clinic')).toHaveLength(1);
    expect(restricted('StringNotEquals', 'aws:ResourceTag/Team', 'clinic')).toHaveLength(1);
    expect(restricted('Bool', 'aws:SecureTransport', 'true')).toHaveLength(1);
    expect(restricted('StringEquals', 'iam:PassedToService', 'ecs-tasks.amazonaws.com')).toHaveLength(1);
  });

  test('is not reported in a Deny statement', () => {
    expect(ofPolicy({ Effect: 'Deny', Action: '*', Resource: '*' })).toEqual([]);
  });
});
