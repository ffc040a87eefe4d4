import { Template } from 'aws-cdk-lib/assertions';
import { container, DATABASE, database, executionRole, FUNCTION, SECRET } from './parts';
import { above, DAY, fires, of, unchanged } from '../../../support/template/alarms';
import { allowing, all, attribute, granted, only, propertiesOf, ref, text } from '../../../support/template/reading';
import { isProtected, rotatesMonthly } from '../../../support/template/secrets';

/** The secret of a variable of the container. */
const secretOf = (template: Template, name: string): string => {
  const [{ ValueFrom }, ...more] = container(template).Secrets.filter(({ Name }: { Name: string }) => Name === name);
  expect(more).toEqual([]);
  return ValueFrom.Ref;
};

/** The function that measures the age of the secrets runs daily and after each deployment. */
function measuredDaily(template: Template, id: string) {
  const rules = Object.entries(template.findResources('AWS::Events::Rule'))
    .filter(([name]) => name.startsWith('SecretsAgeDaily')).map(([, { Properties }]) => Properties);
  expect(rules).toMatchObject([{ State: 'ENABLED', ScheduleExpression: 'rate(1 day)' }]);
  const [{ Targets: [target, ...more] }] = rules;
  expect(more).toEqual([]);
  propertiesOf(template, FUNCTION, target.Arn['Fn::GetAtt'][0]);
  expect(text(target.Input)).toContain(`{'Ref':'${id}'}`);
  expect(text(target.Input)).toMatch(/"placeholders":true\}$/);
}

/**
 * A placeholder, which a person replaces, in a secret that the container receives. Alarms fire until the person enters
 * a value, and when the value is older than 90 days.
 */
const external = (name: string, secret: string) => (template: Template) => {
  const id = secretOf(template, name);
  expect(propertiesOf(template, SECRET, id).SecretString).toBe('not-entered-yet');
  isProtected(template, id);
  measuredDaily(template, id);
  const metric = of('CdkHipaa/Secrets', { SecretArn: id });
  fires(template, `SecretsNoValueOf${secret}`, {
    metrics: metric('ContainsPlaceholder', 'Maximum', DAY), ...above(0), ...unchanged,
  });
  fires(template, `SecretsAgeOf${secret}`, {
    metrics: metric('AgeInDays', 'Maximum', DAY), ...above(90), ...unchanged,
  });
};
export const openai = external('OPENAI_API_KEY', 'OpenaiApiKey');
export const stripe = external('STRIPE_SECRET_KEY', 'StripeSecretKey');

/** Secrets Manager generates the keys, and a function rotates them on the first Sunday of the month. */
export function jwtKeys(template: Template) {
  const id = secretOf(template, 'JWT_KEYS');
  const { GenerateSecretString, SecretString } = propertiesOf(template, SECRET, id);
  expect({ GenerateSecretString, SecretString }).toEqual({
    GenerateSecretString: {
      PasswordLength: 88, ExcludePunctuation: true, IncludeSpace: false, RequireEachIncludedType: true,
    },
    SecretString: undefined,
  });
  isProtected(template, id);
  rotatesMonthly(template, ref(id), 'SecretsRotationFunction');
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
  for (const id of Object.keys(template.findResources(SECRET))) isProtected(template, id);
  const [statement, ...more] = allowing(granted(template, executionRole(template)), 'secretsmanager:GetSecretValue');
  expect(more).toEqual([]);
  expect(statement.Resource).toHaveLength(4);
}

/** Nobody chooses a password or a key: AWS generates and rotates them. */
export function generated(template: Template) {
  jwtKeys(template);
  expect(JSON.stringify(template.toJSON())).not.toContain('"MasterUserPassword"');
  expect(database(template).ManageMasterUserPassword).toBe(true);
  rotatesMonthly(template, attribute(only(template, DATABASE), 'MasterUserSecret.SecretArn'));
  const made = Object.entries(template.findResources(SECRET))
    .filter(([, { Properties }]) => Properties.GenerateSecretString?.GenerateStringKey === 'password');
  expect(made).toHaveLength(2);
  for (const [id, { Properties: { GenerateSecretString } }] of made) {
    expect(GenerateSecretString)
      .toMatchObject({ PasswordLength: 32, RequireEachIncludedType: true, IncludeSpace: false });
    rotatesMonthly(template, ref(id), 'DatabaseUsersFunction');
  }
}
