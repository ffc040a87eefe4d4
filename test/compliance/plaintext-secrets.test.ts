import { CfnMapping, CfnParameter, CfnResource, Stack } from 'aws-cdk-lib';
import { newStack } from '../support/app';
import { findingsInTemplate, templateWith } from '../support/raw-template';
import { templateCheckFindings } from '../support/template-check-findings';

/** The secrets that the checks find in a resource. */
function secrets(type: string, properties: object, setUp: (stack: Stack) => void = () => {}): string[] {
  const stack = newStack();
  setUp(stack);
  new CfnResource(stack, 'It', { type, properties });
  return templateCheckFindings(stack)
    .flatMap((finding) => /^PlaintextSecret\[(.*)\] at Stack\/It$/.exec(finding)?.[1] ?? []);
}

const variable = (value: unknown) => ({
  ContainerDefinitions: [{ Name: 'app', Environment: [{ Name: 'URL', Value: value }] }],
});
const HOST = { 'Fn::GetAtt': ['Database', 'Endpoint.Address'] };
const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:s';
const RESOLVED = `{{resolve:secretsmanager:${ARN}:SecretString:password}}`;

const env = (Variables: object) => ({ Environment: { Variables } });

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

describe('a secret in a text is found in', () => {
  const container = (more: object) => ({ ContainerDefinitions: [{ Name: 'app', ...more }] });
  const userData = (script: unknown) => ({ UserData: { 'Fn::Base64': script } });
  test.each<[string, string, object, string]>([
    ['a connection string', 'AWS::Lambda::Function', env({ DSN: 'host=db user=app password=hunter2' }), 'DSN'],
    ['a JDBC URL', 'AWS::Lambda::Function', env({ URL: 'jdbc:postgresql://h/db?user=a&password=hunter2' }), 'URL'],
    ['JSON of a variable', 'AWS::Lambda::Function', env({ CONFIG: '{"db":{"jwtSecret":"x"}}' }), 'CONFIG/db/jwtSecret'],
    ['a header', 'AWS::Lambda::Function', env({ HEADER: 'Bearer abcdefghijklmnop0123' }), 'HEADER'],
    [
      'a password with a reference',
      'AWS::Lambda::Function',
      env({ DB_PASSWORD: { 'Fn::Sub': 'x${Other}' } }),
      'DB_PASSWORD',
    ],
    ['a connection of Go', 'AWS::Lambda::Function', env({ DSN: 'app:hunter2@tcp(db:3306)/clinic' }), 'DSN'],
    ['a URL of Oracle', 'AWS::Lambda::Function', env({ URL: 'jdbc:oracle:thin:app/hunter2@//db:1521/x' }), 'URL'],
    ['YAML of a variable', 'AWS::Lambda::Function', env({ CONFIG: 'db:\n  password: hunter2\n' }), 'CONFIG/password'],
    [
      'a header of a connection', 'AWS::Events::Connection', {
        AuthParameters: {
          InvocationHttpParameters: { HeaderParameters: [{ Key: 'Authorization', Value: 'hunter2' }] },
        },
      }, 'AuthParameters/InvocationHttpParameters/Authorization',
    ],
    [
      'the input of a rule', 'AWS::Events::Rule',
      { Targets: [{ InputTransformer: { InputTemplate: '{"password":"hunter2","id":<id>}' } }] },
      'Targets/0/InputTransformer/InputTemplate/password',
    ],
    [
      'a parameter of a document', 'AWS::SSM::Document',
      { Content: { parameters: { DbPassword: { default: 'hunter2' } } } }, 'Content/parameters/DbPassword/default',
    ],
    [
      'a header in a program', 'AWS::CloudFront::Function',
      { FunctionCode: "var expected = 'Basic YWRtaW46aHVudGVyMg==';" }, 'FunctionCode/authorization',
    ],
    [
      'a script in Base64', 'AWS::SageMaker::NotebookInstanceLifecycleConfig',
      { OnStart: [{ Content: Buffer.from('#!/bin/sh\nexport DB_PASSWORD=hunter2\n').toString('base64') }] },
      'OnStart/0/Content/DB_PASSWORD',
    ],
    [
      'JSON of a custom resource', 'Custom::Database', { Config: '{"apiSecret":"hunter2"}' }, 'Config/apiSecret',
    ],
    ['a URL with a key', 'AWS::Lambda::Function', env({ URL: 'https://x/y?api_key=abcdef' }), 'URL'],
    ['a test key', 'AWS::Lambda::Function', env({ X: 'sk_test_abcdefghijklmnopqrst' }), 'X'],
    [
      'a command',
      'AWS::ECS::TaskDefinition',
      container({ Command: ['serve', '--db-password=hunter2'] }),
      'app/Command/db-password',
    ],
    [
      'two arguments of a command', 'AWS::ECS::TaskDefinition',
      container({ Command: ['serve', '--password', { 'Fn::Sub': 'hunter2' }] }), 'app/Command/password',
    ],
    [
      'an entry point', 'AWS::ECS::TaskDefinition',
      container({ EntryPoint: ['sh', '-c', 'PGPASSWORD=hunter2 psql'] }), 'app/EntryPoint/PGPASSWORD',
    ],
    [
      'a health check', 'AWS::ECS::TaskDefinition',
      container({ HealthCheck: { Command: ['CMD-SHELL', 'curl -u admin:hunter2 localhost'] } }),
      'app/HealthCheck/Command/curl',
    ],
    [
      'the options of a log driver', 'AWS::ECS::TaskDefinition',
      container({ LogConfiguration: { Options: { 'splunk-token': 'hunter2' } } }), 'app/LogConfiguration/splunk-token',
    ],
    [
      'a job of Batch',
      'AWS::Batch::JobDefinition',
      { ContainerProperties: { Command: ['x', '--token=hunter2'] } },
      'ContainerProperties/Command/token',
    ],
    ['user data', 'AWS::EC2::Instance', userData('#!/bin/sh\nexport DB_PASSWORD=hunter2\n'), 'UserData/DB_PASSWORD'],
    [
      'user data with references', 'AWS::EC2::Instance',
      userData({ 'Fn::Sub': 'mysql -h ${Db.Endpoint} -phunter2' }), 'UserData/mysql',
    ],
    [
      'user data of a launch template', 'AWS::EC2::LaunchTemplate',
      { LaunchTemplateData: userData({ 'Fn::Join': ['\n', ['#!/bin/sh', 'DB_PASSWORD=hunter2']] }) },
      'LaunchTemplateData/UserData/DB_PASSWORD',
    ],
    [
      'encoded user data', 'AWS::EC2::Instance',
      { UserData: Buffer.from('#!/bin/sh\nDB_PASSWORD=hunter2\n').toString('base64') }, 'UserData/DB_PASSWORD',
    ],
    [
      'a build specification', 'AWS::CodeBuild::Project',
      { Source: { BuildSpec: 'env:\n  variables:\n    DB_PASSWORD: hunter2\n' } }, 'Source/BuildSpec/DB_PASSWORD',
    ],
    [
      'a build specification in JSON', 'AWS::CodeBuild::Project',
      { Source: { BuildSpec: '{"env":{"variables":{"DB_PASSWORD":"hunter2"}}}' } }, 'Source/BuildSpec/DB_PASSWORD',
    ],
    [
      'an action of a pipeline', 'AWS::CodePipeline::Pipeline',
      {
        Stages: [
          { Actions: [{ Configuration: { EnvironmentVariables: '[{"name":"NPM_TOKEN","value":"hunter2"}]' } }] },
        ],
      },
      'Stages/0/Actions/0/Configuration/EnvironmentVariables/NPM_TOKEN',
    ],
    [
      'a state machine', 'AWS::StepFunctions::StateMachine',
      {
        DefinitionString: {
          'Fn::Join': ['', ['{"Resource":"', { Ref: 'X' }, '","Parameters":{"password":"hunter2"}}']],
        },
      },
      'DefinitionString/Parameters/password',
    ],
    [
      'the input of a target', 'AWS::Events::Rule',
      { Targets: [{ Input: '{"environment":[{"name":"DB_PASSWORD","value":"hunter2"}]}' }] },
      'Targets/0/Input/DB_PASSWORD',
    ],
    [
      'a manifest of Kubernetes',
      'Custom::AWSCDK-EKS-KubernetesResource',
      { Manifest: '[{"stringData":{"password":"x"}}]' },
      'Manifest/0/stringData/password',
    ],
    [
      'the call of a custom resource',
      'Custom::AWS',
      { Create: '{"parameters":{"MasterUserPassword":"hunter2"}}' },
      'Create/parameters/MasterUserPassword',
    ],
    [
      'the code of a function',
      'AWS::Lambda::Function',
      { Code: { ZipFile: "const password = 'hunter2';" } },
      'Code/ZipFile/password',
    ],
    [
      'a header of an origin', 'AWS::CloudFront::Distribution',
      { Origins: [{ OriginCustomHeaders: [{ HeaderName: 'X-Origin-Secret', HeaderValue: 'hunter2' }] }] },
      'Origins/0/X-Origin-Secret',
    ],
    [
      'a header that a rule compares', 'AWS::ElasticLoadBalancingV2::ListenerRule',
      { Conditions: [{ HttpHeaderConfig: { HttpHeaderName: 'X-Origin-Secret', Values: ['hunter2'] } }] },
      'Conditions/0/HttpHeaderConfig/X-Origin-Secret',
    ],
    [
      'a header of an integration', 'AWS::ApiGateway::Method',
      { Integration: { RequestParameters: { 'integration.request.header.Authorization': "'Basic abc'" } } },
      'Integration/RequestParameters/Authorization',
    ],
    ['a parameter by its path', 'AWS::SSM::Parameter', { Name: '/db/password/value', Value: 'hunter2' }, 'password'],
    [
      'a parameter in JSON',
      'AWS::SSM::Parameter',
      { Name: '/app', Value: '{"dbPassword":"hunter2"}' },
      'app/dbPassword',
    ],
    ['the passwords of a user', 'AWS::ElastiCache::User', { Passwords: ['hunter2'] }, 'Passwords'],
    ['the access string of a user', 'AWS::MemoryDB::User', { AccessString: 'on >hunter2 ~* +@all' }, 'AccessString'],
    [
      'the name of the stack',
      'AWS::RDS::DBInstance',
      { MasterUserPassword: { Ref: 'AWS::StackName' } },
      'MasterUserPassword',
    ],
    [
      'a plain parameter',
      'AWS::RDS::DBInstance',
      { MasterUserPassword: '{{resolve:ssm:/db/password}}' },
      'MasterUserPassword',
    ],
    [
      'a nested secret',
      'AWS::SecretsManager::Secret',
      { SecretString: '{"db":{"password":"hunter2"}}' },
      'SecretString',
    ],
  ])('%s', (_name, type, properties, part) => {
    expect(secrets(type, properties)).toContain(part);
  });

  test.each<[string, string, object]>([
    [
      'a variable in a command',
      'AWS::ECS::TaskDefinition',
      container({ Command: ['sh', '-c', 'PGPASSWORD=$DB_PASSWORD psql'] }),
    ],
    [
      'a file in a command',
      'AWS::ECS::TaskDefinition',
      container({ Command: ['x', '--token-file=/run/x', '--password-file', '/x'] }),
    ],
    ['a password that is read from the input', 'AWS::CodeBuild::Project', {
      Source: {
        BuildSpec: 'phases:\n  build:\n    commands:\n      - docker login --username AWS --password-stdin 1.dkr.ecr',
      },
    }],
    ['a value that a script reads', 'AWS::EC2::Instance', userData(
      'export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)\nTOKEN=`curl http://169.254.169.254`')],
    ['names of secrets in a build specification', 'AWS::CodeBuild::Project', {
      Source: {
        BuildSpec: 'env:\n  secrets-manager:\n    DB_PASSWORD: db:pw\n  parameter-store:\n    API_TOKEN: /token\n',
      },
    }],
    ['names of secrets in JSON', 'AWS::CodeBuild::Project', {
      Source: { BuildSpec: '{"env":{"secrets-manager":{"DB_PASSWORD":"db:password"}}}' },
    }],
    ['paths of a state machine', 'AWS::StepFunctions::StateMachine', {
      DefinitionString: '{"Parameters":{"password.$":"$.password","apiToken":"$.token","authToken":"{% $token %}"}}',
    }],
    [
      'code that reads a variable',
      'AWS::Lambda::Function',
      { Code: { ZipFile: 'const password = process.env.DB_PASSWORD;' } },
    ],
    ['an encrypted parameter', 'AWS::RDS::DBInstance', { MasterUserPassword: '{{resolve:ssm-secure:/db/password}}' }],
    [
      'a parameter with the ARN of a secret',
      'AWS::Lambda::Function',
      env({ DB_SECRET: '{{resolve:ssm:/db/secret-arn}}' }),
    ],
    ['a Go connection that contains a reference', 'AWS::Lambda::Function', env({
      DSN: { 'Fn::Join': ['', ['app:', { Ref: 'P' }, '@tcp(db:3306)/clinic']] },
    })],
    [
      'the function of a custom resource', 'Custom::Database',
      { ServiceToken: { 'Fn::Sub': 'arn:aws:lambda:${AWS::Region}:1:function:f' }, SecretName: 'clinic/db' },
    ],
    ['names of secrets of a pipeline', 'AWS::CodePipeline::Pipeline', {
      Configuration: { EnvironmentVariables: '[{"name":"DB_PASSWORD","type":"SECRETS_MANAGER","value":"db:key"}]' },
    }],
    ['a script that reads a header', 'AWS::CloudFront::Function', { FunctionCode: "var h = 'Bearer ' + token;" }],
    ['the units of tokens', 'AWS::Cognito::UserPoolClient', { TokenValidityUnits: { AccessToken: 'hours' } }],
    ['the name of a secret', 'AWS::Lambda::Function', env({ DB_SECRET: { 'Fn::Sub': 'clinic/${Stage}/db' } })],
    ['a public key', 'AWS::Lambda::Function', env({ KEY_OF_STRIPE_API_KEY: 'pk_live_abcdefghijklmnop' })],
  ])('but not %s', (_name, type, properties) => {
    expect(secrets(type, properties)).toEqual([]);
  });
});

describe('a secret beside the properties is found in', () => {
  test.each<[string, object, string]>([
    [
      'the default of a hidden parameter',
      { Parameters: { Anything: { Type: 'String', NoEcho: true, Default: 'hunter2' } } },
      'PlaintextSecret[Default] at Anything',
    ],
    [
      'the default of a parameter', { Parameters: { DbPassword: { Type: 'String', Default: 'hunter2' } } },
      'PlaintextSecret[Default] at DbPassword',
    ],
    ['an output', { Outputs: { DbPassword: { Value: 'hunter2' } } }, 'PlaintextSecret[Value] at DbPassword'],
    [
      'the metadata', templateWith('AWS::EC2::Instance', {}, {
        Metadata: {
          'AWS::CloudFormation::Init': { config: { files: { '/app.env': { content: 'DB_PASSWORD=hunter2' } } } },
        },
      }),
      'PlaintextSecret[Metadata/AWS-CloudFormation-Init/config/files//app.env/content/DB_PASSWORD] at X',
    ],
    [
      'a parameter without a name',
      { Resources: { DbPassword: { Type: 'AWS::SSM::Parameter', Properties: { Value: 'x' } } } },
      'PlaintextSecret[DbPassword] at DbPassword',
    ],
  ])('%s', (_name, template, finding) => {
    expect(findingsInTemplate(template)).toEqual([finding]);
  });

  test.each<[string, object]>([
    ['a hidden parameter without a default', { Parameters: { Db: { Type: 'String', NoEcho: true } } }],
    ['a blank default', { Parameters: { Db: { Type: 'String', NoEcho: true, Default: '' } } }],
    ['an output with an ARN', { Outputs: { DbSecretArn: { Value: { Ref: 'X' } } } }],
    [
      'the paths of aws-cdk-lib',
      templateWith('AWS::EC2::Instance', {}, { Metadata: { 'aws:cdk:path': 'DB_PASSWORD=hunter2' } }),
    ],
  ])('but not %s', (_name, template) => {
    expect(findingsInTemplate(template)).toEqual([]);
  });
});
