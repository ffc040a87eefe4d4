import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import {
  container,
  database,
  EXAMPLE_FOLDER,
  executionRole,
  expectSame,
  FUNCTION,
  migrationContainer,
  migrationExecutionRole,
  SCHEDULE,
  SECRET,
} from './parts';
import { plainVariables } from './service';
import { appSecrets, logins, masterPassword, usersFunctionRole, usersWithLeastPrivilege } from './users';
import { plaintextSecret } from '../../../../src/core/plaintext-secret';
import {
  all,
  allowing,
  granted,
  only,
  propertiesOf,
  ref,
  rotatingKeys,
  text,
  whoMay,
} from '../../../support/template/reading';

/** Once a month: on the first Sunday, in the maintenance window that the document sets for the database. */
const MONTHLY_ROTATION = { ScheduleExpression: 'cron(0 4 ? * SUN#1 *)', Duration: '1h' };
/** The purpose of a list of keys, which decides what a rotation does. */
type Kind = 'signingKeys' | 'keyRing';

const handedIn = (template: Template): Array<{ Name: string; ValueFrom: unknown }> => container(template).Secrets;

/** The secret of this stack that a container receives under a name. */
function secretBehind(template: Template, name: string): string {
  const values = handedIn(template)
    .filter(({ Name }) => Name === name)
    .map(({ ValueFrom }) => ValueFrom as { Ref: string });
  expect(values).toHaveLength(1);
  propertiesOf(template, SECRET, values[0].Ref);
  return values[0].Ref;
}

/** A list of keys that Secrets Manager generates, that rotates for its purpose, and that the container receives. */
const listOfKeys = (name: string, kind: Kind, PasswordLength: number) => (template: Template) => {
  const id = secretBehind(template, name);
  const secret = propertiesOf(template, SECRET, id);
  expect(secret.GenerateSecretString).toMatchObject({ PasswordLength, ExcludePunctuation: true });
  expect(secret).not.toHaveProperty('SecretString');
  const { RotationLambdaARN } = propertiesOf(template, SCHEDULE, only(template, SCHEDULE, { SecretId: ref(id) }));
  const { ROTATED } = propertiesOf(template, FUNCTION, RotationLambdaARN['Fn::GetAtt'][0]).Environment.Variables;
  const groups: Array<{ shape: { kind: Kind }; secretArns: string[] }> = JSON.parse(text(ROTATED));
  expect(groups.filter(({ secretArns }) => secretArns.includes(text(ref(id)))).map(({ shape }) => shape.kind)).toEqual([
    kind,
  ]);
};
/** The first key signs and all keys verify. Three keys are valid, so that a rotation ends no session. */
export const sessionKeys = listOfKeys('SESSION_SECRET', 'signingKeys', 88);
/** The first key encrypts and all keys decrypt. No key is removed. */
export const encryptionKeys = listOfKeys('ENCRYPTION_KEYS', 'keyRing', 44);

/**
 * The API and the migrations receive the parts of their own logins, from the secrets of their database users. No
 * program receives the master user, and no variable contains a URL with a password.
 */
export function databaseLoginByParts(template: Template) {
  usersWithLeastPrivilege(template);
  const { api, migrations } = logins(template);
  const parts = (secret: string) => [['PGUSER', 'username'], ['PGPASSWORD', 'password']].map(([Name, field]) =>
    ({ Name, ValueFrom: { 'Fn::Join': ['', [ref(secret), `:${field}::`]] } }));
  expect(handedIn(template)).toEqual(expect.arrayContaining(parts(api)));
  expectSame(migrationContainer(template).Secrets.map(({ Name }: { Name: string }) => Name), ['PGPASSWORD', 'PGUSER']);
  expect(migrationContainer(template).Secrets).toEqual(expect.arrayContaining(parts(migrations)));
  const tasks = [container(template), migrationContainer(template)];
  expect(JSON.stringify(tasks)).not.toContain('MasterUserSecret');
  plainVariables(template);
  expect(JSON.stringify(template.toJSON())).not.toMatch(/DATABASE_URL|postgres(ql)?:\/\//);
}

/** Exactly these four values, from Secrets Manager. */
export function handsInSecrets(template: Template) {
  expectSame(handedIn(template).map(({ Name }) => Name), ['ENCRYPTION_KEYS', 'PGPASSWORD', 'PGUSER', 'SESSION_SECRET']);
  databaseLoginByParts(template);
  sessionKeys(template);
  encryptionKeys(template);
}

/** The program receives the values of secrets, and no name of a secret. */
export function needsNoSecretName(template: Template) {
  plainVariables(template);
  expect(JSON.stringify(template.toJSON())).not.toContain('AWS_SECRET_NAME');
}

export function regionIsNoSecret(template: Template) {
  plainVariables(template);
  expect(handedIn(template).map(({ Name }) => Name)).not.toContain('AWS_REGION');
}

/**
 * One secret for each purpose and for each database user, which rotates and is read separately. The names are
 * generated, because a deleted stack leaves its secrets behind.
 */
export function oneSecretForEachPurpose(template: Template) {
  expect(Object.keys(logins(template)).sort()).toEqual(['api', 'migrations']);
  expect(new Set(Object.values(logins(template))).size).toBe(2);
  expect(appSecrets(template)).toHaveLength(2);
  expect(secretBehind(template, 'SESSION_SECRET')).not.toBe(secretBehind(template, 'ENCRYPTION_KEYS'));
  for (const { Properties } of all(template, SECRET)) expect(Properties).not.toHaveProperty('Name');
}

export function encrypted(template: Template) {
  const keys = rotatingKeys(template);
  for (const { Properties } of all(template, SECRET)) expect(keys).toContainEqual(Properties.KmsKeyId);
  expect(keys).toContainEqual(database(template).MasterUserSecret.KmsKeyId);
}

/** Rotates once a month, with a function that Secrets Manager may invoke. */
export function rotatedByAFunction(template: Template) {
  for (const id of Object.keys(template.findResources(SECRET))) {
    const { RotationRules, RotationLambdaARN } = propertiesOf(
      template,
      SCHEDULE,
      only(template, SCHEDULE, { SecretId: ref(id) }),
    );
    expect(RotationRules).toEqual(MONTHLY_ROTATION);
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      FunctionName: RotationLambdaARN,
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
  }
  const writers = whoMay(template, 'secretsmanager:PutSecretValue');
  expectSame(writers.map(({ resource }) => resource), Object.keys(template.findResources(SECRET)).map(ref));
}

/** RDS creates, manages and rotates the password of the database owner. */
export function databaseOwner(template: Template) {
  const { ManageMasterUserPassword, MasterUsername, MasterUserPassword } = database(template);
  expect({ ManageMasterUserPassword, MasterUsername, MasterUserPassword }).toEqual({
    ManageMasterUserPassword: true,
    MasterUsername: 'dbowner',
    MasterUserPassword: undefined,
  });
}

/** RDS rotates its secret without a function, once a month as the schedule states. */
export function rotatedByRds(template: Template) {
  databaseOwner(template);
  const schedule = propertiesOf(template, SCHEDULE, only(template, SCHEDULE, { SecretId: masterPassword(template) }));
  expect(schedule.RotationRules).toEqual(MONTHLY_ROTATION);
  expect(schedule).not.toHaveProperty('RotationLambdaARN');
}

/** Without a schedule, RDS rotates every seven days. */
export function rotatedByRdsWeekly(template: Template) {
  databaseOwner(template);
  expect(
    Object.keys(template.findResources(SCHEDULE, { Properties: { SecretId: masterPassword(template) } })),
  ).toEqual([]);
}

/** A task reads secrets at start. Therefore, the service restarts its tasks when one of its three secrets changes. */
export function serviceFollowsRotations(template: Template) {
  const three = [logins(template).api, ...appSecrets(template)].map(ref);
  const rule = propertiesOf(
    template,
    'AWS::Events::Rule',
    only(template, 'AWS::Events::Rule', { EventPattern: { 'detail-type': ['Secret Label Updated'] } }),
  );
  expect(rule.State).toBe('ENABLED');
  expectSame(rule.EventPattern.resources, three);
  const source = propertiesOf(
    template,
    'AWS::Lambda::EventSourceMapping',
    only(template, 'AWS::Lambda::EventSourceMapping', { EventSourceArn: rule.Targets[0].Arn }),
  );
  const role = propertiesOf(template, FUNCTION, source.FunctionName.Ref).Role['Fn::GetAtt'][0];
  expect(source.Enabled ?? true).toBe(true);
  expect(whoMay(template, 'ecs:UpdateService')).toEqual([{ role, resource: ref(only(template, 'AWS::ECS::Service')) }]);
}

/**
 * The execution role of the API reads its three secrets, and that of the migrations reads one. A rotation function
 * reads the secrets that it rotates, and that of the database users also reads the master user. No other role reads.
 */
export function readByWhoStartsTheTasks(template: Template) {
  const { api, migrations } = logins(template);
  const may = (role: string, ...secrets: unknown[]) => secrets.map((resource) => ({ role, resource }));
  const rotated = [
    ...may(rotationRole(template), ...appSecrets(template).map(ref)),
    ...may(usersFunctionRole(template), ref(api), ref(migrations)),
  ];
  expectSame(whoMay(template, 'secretsmanager:PutSecretValue'), rotated);
  expectSame(whoMay(template, 'secretsmanager:GetSecretValue'), [
    ...may(executionRole(template), ...[api, ...appSecrets(template)].map(ref)),
    ...may(migrationExecutionRole(template), ref(migrations)),
    ...may(usersFunctionRole(template), masterPassword(template)),
    ...rotated,
  ]);
  // The resource policies of the secrets allow nobody.
  for (const { Properties } of all(template, 'AWS::SecretsManager::ResourcePolicy')) {
    for (const { Effect } of Properties.ResourcePolicy.Statement) expect(Effect).toBe('Deny');
  }
}

/** The role of the function that rotates the secrets of the application. */
function rotationRole(template: Template): string {
  const functions = appSecrets(template).map((id) =>
    propertiesOf(template, SCHEDULE, only(template, SCHEDULE, { SecretId: ref(id) })).RotationLambdaARN);
  expect(functions[1]).toEqual(functions[0]);
  return propertiesOf(template, FUNCTION, functions[0]['Fn::GetAtt'][0]).Role['Fn::GetAtt'][0];
}

/** The keys of the secrets decrypt only the secrets of a task. */
export function decryptsTheSecrets(template: Template) {
  const { api, migrations } = logins(template);
  const may = (role: string) => allowing(granted(template, role), 'kms:Decrypt');
  const ofSecrets = (secrets: string[]) => {
    const [key, ...others] = new Set(secrets.map((id) => propertiesOf(template, SECRET, id).KmsKeyId['Fn::GetAtt'][0]));
    expect(others).toEqual([]);
    return {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: { 'Fn::GetAtt': [key, 'Arn'] },
      Condition: { StringLike: { 'kms:EncryptionContext:SecretARN': secrets.map(ref) } },
    };
  };
  expect(may(executionRole(template))).toEqual([ofSecrets(appSecrets(template)), ofSecrets([api])]);
  expect(may(migrationExecutionRole(template))).toEqual([ofSecrets([migrations])]);
}

function noSecretInTheTemplate(template: Template) {
  expect(JSON.stringify(template.toJSON())).not.toMatch(/"(SecretString|MasterUserPassword|Password)":/);
  // The template of a value contains the name of the first login, and Secrets Manager generates the password.
  const templates = Object.entries(template.findResources(SECRET))
    .map(([id, { Properties }]) => [id, Properties.GenerateSecretString.SecretStringTemplate]);
  expect(Object.fromEntries(templates.filter(([, value]) => value !== undefined))).toEqual(Object.fromEntries(
    Object.entries(logins(template)).map(([user, id]) => [id, `{"username":"${user}_1"}`]),
  ));
  const variables = [
    ...[container(template), migrationContainer(template)].flatMap(({ Environment }) => Environment)
      .map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
    ...all(template, FUNCTION).flatMap(({ Properties }) => Object.entries(Properties.Environment?.Variables ?? {})),
  ];
  const literal = variables.filter((variable): variable is [string, string] => typeof variable[1] === 'string');
  expect(literal.length).toBeGreaterThan(0);
  expect(
    literal.map(([name, value]) => plaintextSecret(name, value)).filter((finding) => finding !== undefined),
  ).toEqual([]);
}

/** No secret is in the templates, in the source of the stacks, or in the program, which has no default value. */
export function noSecretInTheCode(template: Template) {
  noSecretInTheTemplate(template);
  for (const file of [
    'app.ts',
    'environments.ts',
    'karematch-stack.ts',
    'images-stack.ts',
    'cdk.json',
    'api/database.js',
    'api/migrate.js',
    'api/server.js',
    'api/sessions.js',
    'api/key-ring.js',
    'api/Dockerfile',
    'frontend/vite.config.js',
  ]) {
    const source = fs.readFileSync(path.join(EXAMPLE_FOLDER, file), 'utf8');
    const literals = [...source.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map((match) => match[1] ?? match[2]);
    expect(literals.filter((literal) => plaintextSecret('', literal) !== undefined)).toEqual([]);
  }
  expect(fs.readFileSync(path.join(EXAMPLE_FOLDER, 'api', 'server.js'), 'utf8')).toMatch(
    /const \{ [^=}]*SESSION_SECRET, ENCRYPTION_KEYS,[^}]*\} = process\.env;/,
  );
}

/** Secret values are secrets of the container, and other values are variables. */
export function noSecretInVariables(template: Template) {
  plainVariables(template);
  noSecretInTheTemplate(template);
  handsInSecrets(template);
}

/** The template has no parameter that could receive a value. */
export function nothingIsHandedIn(template: Template) {
  expect(Object.keys(template.toJSON().Parameters)).toEqual(['BootstrapVersion']);
  noSecretInTheTemplate(template);
}
