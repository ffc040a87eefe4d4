import {
  container,
  edit,
  grant,
  migrationContainer,
  Mutation,
  named,
  production,
  Properties,
  READING,
  remove,
  set,
  statements,
  USERS,
} from './changes';
import * as type from '../proof/parts';
import { SECRETS } from '../statements/delivery';

/** Changes to the secrets, each with the row that it must fail. */
export const SECRETS_CHANGES: Mutation[] = [
  production(
    SECRETS,
    'App Secrets: karematch-app-secrets-{suffix}',
    'one secret for all values',
    remove(type.SECRET, named('SecretsKeyRings')),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: ENCRYPTION_KEY',
    'a key in the template',
    edit(type.SECRET, (secret) => {
      delete secret.GenerateSecretString;
      secret.SecretString = 'x';
    }),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: AWS_REGION',
    'as a secret',
    container(({ Secrets }) => Secrets.push({ Name: 'AWS_REGION', ValueFrom: Secrets[0].ValueFrom })),
  ),
  production(
    SECRETS,
    'App Secrets: Encryption: AWS KMS (default key)',
    'the default key',
    edit(type.SECRET, (secret) => delete secret.KmsKeyId, named('SecretsGenerated')),
  ),
  production(
    SECRETS,
    'App Secrets: Rotation: Manual (automatic rotation can be enabled)',
    'every 365 days',
    set(type.SCHEDULE, { RotationRules: { AutomaticallyAfterDays: 365 } }, named('SecretsRotationsession')),
  ),
  production(
    SECRETS,
    'App Secrets: Rotation: Manual (automatic rotation can be enabled)',
    'no permission to invoke the function',
    remove('AWS::Lambda::Permission'),
  ),
  production(
    SECRETS,
    'App Secrets: Access: ECS task execution role only',
    'access for the task role',
    grant('ApiTaskRole', READING, '*'),
  ),
  production(
    SECRETS,
    'App Secrets: Access: ECS task execution role only',
    'a role of the network with a wildcard',
    grant('NetworkFlowLogRole', 'secretsmanager:Get*', '*'),
  ),
  production(
    SECRETS,
    'App Secrets: Access: ECS task execution role only',
    'access for a principal in the resource policy',
    edit('AWS::SecretsManager::ResourcePolicy', ({ ResourcePolicy }) =>
      ResourcePolicy.Statement.push({ Effect: 'Allow' }),
    ),
  ),
  production(
    SECRETS,
    'Database Password: karematch-db-password-{suffix}',
    'a password in the template',
    set(type.DATABASE, { MasterUserPassword: 'x' }),
  ),
  production(
    SECRETS,
    'Database Password: Rotation: Can be automated with Lambda function',
    'no rotation',
    remove(type.SCHEDULE, named('DatabasePassword')),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: DATABASE_URL',
    'a plain-text variable',
    container((app) => app.Environment.push({ Name: 'DATABASE_URL', Value: 'x' })),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: SESSION_SECRET',
    'a shorter key',
    edit(
      type.SECRET,
      ({ GenerateSecretString }) => (GenerateSecretString.PasswordLength = 16),
      named('SecretsGeneratedsession'),
    ),
  ),
  production(
    SECRETS,
    'App Secrets: karematch-app-secrets-{suffix}',
    'one login for both programs',
    edit(type.DATABASE_USER, (user) => (user.SecretArn = { Ref: 'DatabaseUsersApiSecretE4C50F15' })),
  ),
  production(
    SECRETS,
    'App Secrets: Access: ECS task execution role only',
    'every secret for the function that manages users',
    statements((all) => (all.find(({ Action }) => Action.includes(READING))!.Resource = '*'), USERS),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: DATABASE_URL',
    'a user of the API that changes the schema',
    set(type.DATABASE_USER, { Privileges: 'owner' }, named('DatabaseUsersApi')),
  ),
  production(
    SECRETS,
    'App Secrets: Contents: DATABASE_URL',
    'the master user for the migrations',
    migrationContainer(({ Secrets }) => {
      const secret = { 'Fn::GetAtt': ['DatabaseInstanceAA8A5FDE', 'MasterUserSecret.SecretArn'] };
      for (const each of Secrets) each.ValueFrom['Fn::Join'][1][0] = secret;
    }),
  ),
  production(
    SECRETS,
    'Database Password: Contents: Master database credentials',
    'no user name for the container',
    container((app) => (app.Secrets = app.Secrets.filter(({ Name }: Properties) => Name !== 'PGUSER'))),
  ),
];
