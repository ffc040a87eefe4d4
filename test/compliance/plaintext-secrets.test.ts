import { CfnMapping, CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { newStack } from '../support/app';
import { templateCheckFindings } from '../support/template-check-findings';

/** The secrets that the checks find in a resource. */
function secrets(type: string, properties: object, setUp: (stack: Stack) => void = () => {}): string[] {
  const stack = newStack();
  setUp(stack);
  new CfnResource(stack, 'It', { type, properties });
  return templateCheckFindings(stack).flatMap((finding) => /^PlaintextSecret\[(.*)\]/.exec(finding)?.[1] ?? []);
}

const variable = (value: unknown) => ({
  ContainerDefinitions: [{ Name: 'app', Environment: [{ Name: 'URL', Value: value }] }],
});
const HOST = { 'Fn::GetAtt': ['Database', 'Endpoint.Address'] };
const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:s';
const RESOLVED = `{{resolve:secretsmanager:${ARN}:SecretString:password}}`;

describe('a URL with a password', () => {
  test.each<[string, unknown]>([
    ['Fn::Join', { 'Fn::Join': ['', ['postgres://app:hunter2@', HOST, ':5432/clinic']] }],
    [
      'Fn::Join with the password between references',
      { 'Fn::Join': ['', ['postgres://', { Ref: 'U' }, ':hunter2@', HOST]] },
    ],
    ['Fn::Sub', { 'Fn::Sub': 'redis://:hunter2@${Cache.Host}:6379' }],
    ['Fn::Sub with variables', { 'Fn::Sub': ['redis://:${P}@host', { P: 'hunter2' }] }],
    ['Fn::If', { 'Fn::If': ['IsProd', 'https://api.example.com', 'https://app:hunter2@api.example.com'] }],
    ['Fn::If in Fn::Join', { 'Fn::Join': ['', ['db://a:', { 'Fn::If': ['C', { Ref: 'X' }, 'hunter2'] }, '@h']] }],
    ['Fn::Select', { 'Fn::Select': [1, ['a', 'amqp://app:hunter2@h']] }],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Urls', { Ref: 'AWS::Region' }, 'url'] }],
    ['the default of a parameter', { Ref: 'Url' }],
  ])('is found in %s', (_name, value) => {
    expect(secrets('AWS::ECS::TaskDefinition', variable(value), (stack) => {
      new CfnParameter(stack, 'Url', { default: 'amqp://app:hunter2@h' });
      new CfnMapping(stack, 'Urls', { mapping: { 'us-east-1': { url: 'amqp://app:hunter2@h' } } });
    })).toEqual(['app/URL']);
  });

  test.each<[string, unknown]>([
    ['a dynamic reference', `postgres://app:${RESOLVED}@db.example.com/clinic`],
    ['a dynamic reference in Fn::Join', { 'Fn::Join': ['', ['postgres://app:', RESOLVED, '@', HOST]] }],
    ['a reference', { 'Fn::Join': ['', ['postgres://app:', { Ref: 'Password' }, '@', HOST]] }],
    ['no password', { 'Fn::Join': ['', ['postgres://', HOST, ':5432/clinic']] }],
    ['a parameter without a default', { 'Fn::Sub': 'redis://:${Password}@host' }],
    ['a shell variable', 'postgres://$USER:${PASSWORD}@host/clinic'],
  ])('is not found with %s', (_name, value) => {
    const setUp = (stack: Stack) => void new CfnParameter(stack, 'Password', { noEcho: true });
    expect(secrets('AWS::ECS::TaskDefinition', variable(value), setUp)).toEqual([]);
  });
});

describe('a literal property', () => {
  test.each<[string, object, string]>([
    ['AWS::RDS::DBInstance', { MasterUserPassword: 'hunter2' }, 'MasterUserPassword'],
    ['AWS::RDS::DBCluster', { MasterUserPassword: { 'Fn::If': ['C', { Ref: 'P' }, 'hunter2'] } }, 'MasterUserPassword'],
    ['AWS::DocDB::DBCluster', { MasterUserPassword: 'hunter2' }, 'MasterUserPassword'],
    ['AWS::Redshift::Cluster', { MasterUserPassword: 12345678 }, 'MasterUserPassword'],
    ['AWS::RedshiftServerless::Namespace', { AdminUserPassword: 'hunter2' }, 'AdminUserPassword'],
    [
      'AWS::OpenSearchService::Domain',
      { AdvancedSecurityOptions: { MasterUserOptions: { MasterUserPassword: 'hunter2' } } },
      'AdvancedSecurityOptions/MasterUserOptions/MasterUserPassword',
    ],
    ['AWS::AmazonMQ::Broker', { Users: [{ Username: 'app', Password: 'hunter2' }] }, 'Users/0/Password'],
    ['AWS::ElastiCache::ReplicationGroup', { AuthToken: 'hunter2' }, 'AuthToken'],
    ['AWS::DirectoryService::MicrosoftAD', { Password: 'hunter2' }, 'Password'],
    ['AWS::DMS::Endpoint', { Password: 'hunter2' }, 'Password'],
    ['AWS::IAM::User', { LoginProfile: { Password: 'hunter2' } }, 'LoginProfile/Password'],
    ['AWS::Amplify::App', { OauthToken: 'hunter2' }, 'OauthToken'],
    [
      'AWS::Cognito::UserPoolIdentityProvider',
      { ProviderDetails: { client_secret: 'x' } },
      'ProviderDetails/client_secret',
    ],
    ['AWS::SecretsManager::Secret', { SecretString: 'hunter2' }, 'SecretString'],
    ['AWS::SecretsManager::Secret', { SecretString: '{"username":"a","password":"hunter2"}' }, 'SecretString'],
    ['AWS::CodeBuild::SourceCredential', { Token: 'hunter2' }, 'Token'],
    ['Custom::Database', { AdminPassword: 'hunter2' }, 'AdminPassword'],
  ])('of %s is found', (type, properties, part) => {
    expect(secrets(type, properties)).toEqual([part]);
  });

  test.each<[string, object]>([
    ['AWS::RDS::DBInstance', { MasterUserPassword: RESOLVED }],
    [
      'AWS::RDS::DBInstance',
      { MasterUserPassword: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'S' }, '}}']] } },
    ],
    [
      'AWS::RDS::DBInstance',
      { MasterUserPassword: { 'Fn::Sub': '{{resolve:secretsmanager:${S}:SecretString:password}}' } },
    ],
    ['AWS::RDS::DBInstance', { MasterUserPassword: { Ref: 'NoEchoParameter' }, ManageMasterUserPassword: true }],
    ['AWS::SecretsManager::Secret', { GenerateSecretString: { SecretStringTemplate: '{"username":"app"}' } }],
    ['AWS::SecretsManager::Secret', { SecretString: { 'Fn::Join': ['', ['{"host":"', HOST, '"}']] } }],
    ['AWS::Cognito::UserPool', { Policies: { PasswordPolicy: { MinimumLength: 12 } } }],
    ['AWS::RDS::DBParameterGroup', { Parameters: { password_encryption: 'scram-sha-256' } }],
    ['AWS::CodeBuild::Project', { Tags: [{ Key: 'password', Value: 'rotated' }] }],
  ])('of %s with %j is not a secret', (type, properties) => {
    expect(secrets(type, properties)).toEqual([]);
  });
});

describe('an environment variable', () => {
  const pair = [{ Name: 'DB_PASSWORD', Value: 'hunter2' }];
  test.each<[string, object, string]>([
    [
      'AWS::Lambda::Function',
      { Environment: { Variables: { DB_PASSWORD: { 'Fn::Join': ['', ['hun', 'ter2']] } } } },
      'DB_PASSWORD',
    ],
    ['AWS::CodeBuild::Project', { Environment: { Type: 'X', EnvironmentVariables: pair } }, 'DB_PASSWORD'],
    ['AWS::Batch::JobDefinition', { ContainerProperties: { Environment: pair } }, 'ContainerProperties/DB_PASSWORD'],
    [
      'AWS::AppRunner::Service',
      { SourceConfiguration: { ImageRepository: { ImageConfiguration: { RuntimeEnvironmentVariables: pair } } } },
      'SourceConfiguration/ImageRepository/ImageConfiguration/DB_PASSWORD',
    ],
    [
      'AWS::SageMaker::Model',
      { PrimaryContainer: { Environment: { DB_PASSWORD: 'hunter2' } } },
      'PrimaryContainer/DB_PASSWORD',
    ],
    ['AWS::Amplify::App', { EnvironmentVariables: pair }, 'DB_PASSWORD'],
    [
      'AWS::Synthetics::Canary',
      { RunConfig: { EnvironmentVariables: { DB_PASSWORD: 'hunter2' } } },
      'RunConfig/DB_PASSWORD',
    ],
    [
      'AWS::ElasticBeanstalk::Environment',
      { OptionSettings: [{ Namespace: 'aws:rds:dbinstance', OptionName: 'DBPassword', Value: 'hunter2' }] },
      'DBPassword',
    ],
    ['AWS::Glue::Job', { DefaultArguments: { '--db_password': 'hunter2' } }, '--db_password'],
    ['AWS::SSM::Parameter', { Name: '/app/DB_PASSWORD', Type: 'String', Value: 'hunter2' }, 'DB_PASSWORD'],
    ['AWS::CloudFormation::Stack', { TemplateURL: 'u', Parameters: { DbPassword: 'hunter2' } }, 'DbPassword'],
    ['AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [{ Name: 'app', Environment: [{ 'Fn::If': ['C', pair[0], { Ref: 'AWS::NoValue' }] }] }],
    }, 'app/DB_PASSWORD'],
    [
      'AWS::ECS::TaskDefinition',
      { ContainerDefinitions: [{ Name: 'app', Environment: { 'Fn::If': ['C', pair, []] } }] },
      'app/DB_PASSWORD',
    ],
  ])('of %s is found', (type, properties, part) => {
    expect(secrets(type, properties)).toEqual([part]);
  });

  test.each<[string, object]>([
    ['a CodeBuild variable from Secrets Manager', {
      Environment: { EnvironmentVariables: [{ Name: 'DB_PASSWORD', Type: 'SECRETS_MANAGER', Value: 'db:password' }] },
    }],
    [
      'a variable that points to a secret',
      { Environment: { EnvironmentVariables: [{ Name: 'DB_SECRET_ARN', Value: 'a' }] } },
    ],
    ['a reference', { Environment: { EnvironmentVariables: [{ Name: 'DB_PASSWORD', Value: { Ref: 'P' } }] } }],
  ])('%s is not a secret', (_name, properties) => {
    expect(secrets('AWS::CodeBuild::Project', properties)).toEqual([]);
  });
});
