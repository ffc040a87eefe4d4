import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import {
  API_FOLDER,
  container,
  database,
  databasePassword,
  EXAMPLE_FOLDER,
  executionRole,
  jwtSecret,
  masterPassword,
  MONTHLY_ROTATION,
  SCHEDULE,
  SECRET,
  SERVICE,
} from './parts';
import { plaintextSecret } from '../../../../src/core/plaintext-secret';
import {
  all,
  allowing,
  attribute,
  expectSame,
  granted,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
} from '../../../support/template/reading';

export function secretsOfTheManager(template: Template) {
  template.resourceCountIs(SECRET, 2);
  expect(database(template).ManageMasterUserPassword).toBe(true);
}

export function generatesDatabasePassword(template: Template) {
  const properties = database(template);
  expect(properties.ManageMasterUserPassword).toBe(true);
  expect(properties).not.toHaveProperty('MasterUserPassword');
  const login = propertiesOf(template, SECRET, databasePassword(template).Ref);
  expect(login.GenerateSecretString)
    .toMatchObject({ PasswordLength: 32, SecretStringTemplate: '{"username":"api_1"}' });
  expect(login).not.toHaveProperty('SecretString');
}

export function generatesJwtSecret(template: Template) {
  const properties = propertiesOf(template, SECRET, jwtSecret(template).Ref);
  expect(properties.GenerateSecretString).toMatchObject({ PasswordLength: 88 });
  expect(properties).not.toHaveProperty('SecretString');
}

export function generatesBoth(template: Template) {
  generatesDatabasePassword(template);
  generatesJwtSecret(template);
}

export function rotatesDatabasePassword(template: Template) {
  const schedule = propertiesOf(template, SCHEDULE, only(template, SCHEDULE, { SecretId: masterPassword(template) }));
  expect(schedule.RotationRules).toEqual(MONTHLY_ROTATION);
  // RDS rotates its secret without a function.
  expect(schedule).not.toHaveProperty('RotationLambdaARN');
  rotatesByFunction(template, databasePassword(template));
}

export function rotatesJwtSecret(template: Template) {
  rotatesByFunction(template, jwtSecret(template));
}

function rotatesByFunction(template: Template, secret: { readonly Ref: string }) {
  const schedule = propertiesOf(template, SCHEDULE, only(template, SCHEDULE, { SecretId: secret }));
  expect(schedule.RotationRules).toEqual(MONTHLY_ROTATION);
  const rotator = schedule.RotationLambdaARN['Fn::GetAtt'][0];
  template.hasResourceProperties('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: attribute(rotator, 'Arn'),
    Principal: 'secretsmanager.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
  });
  const role = propertiesOf(template, 'AWS::Lambda::Function', rotator).Role['Fn::GetAtt'][0];
  for (const action of ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage']) {
    const writers = allowing(granted(template), action).filter(({ Resource }) => sameJson(Resource, secret));
    expect(writers).toHaveLength(1);
    expect(allowing(granted(template, role), action)).toEqual(writers);
  }
  const key = propertiesOf(template, SECRET, secret.Ref).KmsKeyId;
  for (const action of ['kms:Decrypt', 'kms:GenerateDataKey']) {
    expect(allowing(granted(template, role), action).map(({ Resource }) => Resource)).toContainEqual(key);
  }
}

const sameJson = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export function rotatesBoth(template: Template) {
  rotatesDatabasePassword(template);
  rotatesJwtSecret(template);
  template.resourceCountIs(SCHEDULE, 3);
}

/** Tasks read secrets at start, so the service must restart them after a rotation. */
export function rotatesByItself(template: Template) {
  rotatesBoth(template);
  const rule = propertiesOf(
    template,
    'AWS::Events::Rule',
    only(template, 'AWS::Events::Rule', { EventPattern: { 'detail-type': ['Secret Label Updated'] } }),
  );
  expect(rule.EventPattern.resources).toEqual([databasePassword(template), jwtSecret(template)]);
  expect(rule.State).toBe('ENABLED');
  const queue = rule.Targets[0].Arn;
  const mayAsk = all(template, 'AWS::SQS::QueuePolicy').filter(
    ({ Properties }) => JSON.stringify(Properties.Queues) === JSON.stringify([ref(queue['Fn::GetAtt'][0])]),
  );
  expect(mayAsk.flatMap(({ Properties }) => Properties.PolicyDocument.Statement)).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: expect.arrayContaining(['sqs:SendMessage']),
      Resource: queue,
    }),
  );
  const source = propertiesOf(
    template,
    'AWS::Lambda::EventSourceMapping',
    only(template, 'AWS::Lambda::EventSourceMapping', { EventSourceArn: queue }),
  );
  expect(source.Enabled ?? true).toBe(true);
  const roller = propertiesOf(template, 'AWS::Lambda::Function', source.FunctionName.Ref);
  expect(allowing(granted(template, roller.Role['Fn::GetAtt'][0]), 'ecs:UpdateService')).toMatchObject([
    { Resource: ref(only(template, SERVICE)) },
  ]);
}

export function secretsAreEncrypted(template: Template) {
  const keys = rotatingKeys(template);
  for (const { Properties } of all(template, SECRET)) expect(keys).toContainEqual(Properties.KmsKeyId);
  expect(keys).toContainEqual(database(template).MasterUserSecret.KmsKeyId);
}

export function fetchesDatabasePassword(template: Template) {
  const arn = databasePassword(template);
  for (const [Name, field] of [['MYSQL_USER', 'username'], ['MYSQL_PWD', 'password']]) {
    expect(container(template).Secrets).toContainEqual({ Name, ValueFrom: { 'Fn::Join': ['', [arn, `:${field}::`]] } });
  }
  mayDecrypt(template, arn, propertiesOf(template, SECRET, arn.Ref).KmsKeyId);
}

export function fetchesJwtSecret(template: Template) {
  expect(container(template).Secrets).toContainEqual({ Name: 'JWT_SECRET', ValueFrom: jwtSecret(template) });
  mayDecrypt(template, jwtSecret(template), propertiesOf(template, SECRET, jwtSecret(template).Ref).KmsKeyId);
}

function mayDecrypt(template: Template, secret: object, key: object) {
  expect(allowing(granted(template, executionRole(template)), 'kms:Decrypt')).toContainEqual({
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: key,
    Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': [secret] } },
  });
}

export function fetchesItsSecrets(template: Template) {
  fetchesDatabasePassword(template);
  fetchesJwtSecret(template);
  const reads = allowing(granted(template, executionRole(template)), 'secretsmanager:GetSecretValue');
  expect(reads).toHaveLength(1);
  expectSame(reads[0].Resource as unknown[], [databasePassword(template), jwtSecret(template)]);
  // Only the rotations read a secret too: the one that they rotate, and that of the master user who sets the password.
  const others = allowing(granted(template), 'secretsmanager:GetSecretValue').filter(
    (statement) => !reads.includes(statement),
  );
  expectSame(others.flatMap(({ Resource }) => Resource as unknown[]),
    [jwtSecret(template), databasePassword(template), masterPassword(template)]);
}

export function noKeysOfPartners(template: Template) {
  template.resourceCountIs(SECRET, 2);
  expect(
    container(template)
      .Secrets.map(({ Name }: { Name: string }) => Name)
      .sort(),
  ).toEqual(['JWT_SECRET', 'MYSQL_PWD', 'MYSQL_USER']);
  expect(JSON.stringify(template.toJSON())).not.toMatch(/twilio|openai/i);
}

export function nothingIsHandedIn(template: Template) {
  expect(Object.keys(template.toJSON().Parameters)).toEqual(['BootstrapVersion']);
  noSecretInTheTemplate(template);
}

export function noSecretInTheTemplate(template: Template) {
  expect(JSON.stringify(template.toJSON())).not.toMatch(/"(SecretString|MasterUserPassword|Password)":/);
  const templates = all(template, SECRET).map(({ Properties }) => Properties.GenerateSecretString.SecretStringTemplate);
  expect(templates.filter((text) => text !== undefined)).toEqual(['{"username":"api_1"}']);
  const variables = [
    ...container(template).Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
    ...all(template, 'AWS::Lambda::Function').flatMap(({ Properties }) =>
      Object.entries(Properties.Environment?.Variables ?? {}),
    ),
  ];
  const literal = variables.filter((variable): variable is [string, string] => typeof variable[1] === 'string');
  expect(literal.length).toBeGreaterThan(0);
  expect(
    literal.map(([name, value]) => plaintextSecret(name, value)).filter((finding) => finding !== undefined),
  ).toEqual([]);
}

export function noSecretInTheCode(template: Template) {
  noSecretInTheTemplate(template);
  for (const file of [
    'app.ts',
    'mentalhealthaide-stack.ts',
    'cdk.json',
    'api/server.js',
    'api/Dockerfile',
    'api/package.json',
  ]) {
    const literals = [
      ...fs.readFileSync(path.join(EXAMPLE_FOLDER, file), 'utf8').matchAll(/'([^'\n]*)'|"([^"\n]*)"/g),
    ].map((match) => match[1] ?? match[2]);
    expect(literals.length).toBeGreaterThan(0);
    expect(literals.filter((text) => plaintextSecret('', text) !== undefined)).toEqual([]);
  }
  // The program has no default value.
  const program = fs.readFileSync(path.join(API_FOLDER, 'server.js'), 'utf8');
  expect(program).toMatch(/MYSQL_PWD, [^=}]*JWT_SECRET, [^}]*\} = process\.env;/);
}
