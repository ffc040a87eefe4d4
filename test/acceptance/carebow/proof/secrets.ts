import { Template } from 'aws-cdk-lib/assertions';
import { container, executionRole, SCHEDULE, SECRET } from './parts';
import { all, allowing, granted, only, propertiesOf, ref, rotatingKeys } from '../../../support/template/reading';

/** The secret of a variable of the container. */
const secretOf = (template: Template, name: string): string => {
  const [{ ValueFrom }, ...more] = container(template).Secrets.filter(({ Name }: { Name: string }) => Name === name);
  expect(more).toEqual([]);
  return ValueFrom.Ref;
};

/** A placeholder, which a person replaces, in a secret that the container receives. */
const external = (name: string) => (template: Template) => {
  expect(propertiesOf(template, SECRET, secretOf(template, name)).SecretString).toBe('not-entered-yet');
};
export const openai = external('OPENAI_API_KEY');
export const stripe = external('STRIPE_SECRET_KEY');

/** Secrets Manager generates the keys, and a function rotates them in a monthly window. */
export function jwtKeys(template: Template) {
  const id = secretOf(template, 'JWT_KEYS');
  const { GenerateSecretString, SecretString } = propertiesOf(template, SECRET, id);
  expect(SecretString).toBeUndefined();
  expect(GenerateSecretString).toMatchObject({ PasswordLength: 88 });
  const schedule = propertiesOf(template, SCHEDULE, only(template, SCHEDULE, { SecretId: ref(id) }));
  expect(schedule.RotationRules.ScheduleExpression).toMatch(/^cron\(/);
  expect(schedule.RotationLambdaARN).toBeDefined();
}

/** Every value is a secret of Secrets Manager, none is in a variable or in the template. */
export function inSecretsManager(template: Template) {
  openai(template);
  stripe(template);
  jwtKeys(template);
  const names = container(template).Secrets.map(({ Name }: { Name: string }) => Name).sort();
  expect(names).toEqual(['JWT_KEYS', 'OPENAI_API_KEY', 'PGPASSWORD', 'PGUSER', 'STRIPE_SECRET_KEY']);
  const texts = all(template, SECRET).map(({ Properties }) => Properties.SecretString).filter(Boolean);
  expect(texts).toEqual(['not-entered-yet', 'not-entered-yet']);
}

/** Customer managed keys encrypt the secrets, and the execution role alone reads those of the container. */
export function securely(template: Template) {
  inSecretsManager(template);
  for (const { Properties } of all(template, SECRET)) {
    expect(rotatingKeys(template)).toContainEqual(Properties.KmsKeyId);
  }
  const [statement, ...more] = allowing(granted(template, executionRole(template)), 'secretsmanager:GetSecretValue');
  expect(more).toEqual([]);
  expect(statement.Resource).toHaveLength(4);
}

/** Nobody chooses a password or a key: AWS generates them. */
export function generated(template: Template) {
  jwtKeys(template);
  expect(JSON.stringify(template.toJSON())).not.toContain('"MasterUserPassword"');
  const made = all(template, SECRET).filter(({ Properties }) => Properties.GenerateSecretString);
  expect(made).toHaveLength(3);
}
