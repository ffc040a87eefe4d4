import { GeneratedSecret } from '../../src/secrets/generated-secret';
import { RotatingSecrets } from '../../src/secrets/rotating-secrets';
import { RotatingSecretsProps } from '../../src/secrets/rotating-secrets-props';
import { newStack } from '../support/app';

const create = (props: RotatingSecretsProps) => () => new RotatingSecrets(newStack(), 'Secrets', props);
const text = (one: string, other: string) =>
  new Error('[Stack/Secrets] names in secrets and externalSecrets must differ in more than their case, but '
    + `'${one}' and '${other}' do not. Rename one of the two.`);

test('names that differ only by case are refused where they are given', () => {
  const password = GeneratedSecret.password();
  expect(create({ externalSecrets: { vendor: {}, Vendor: {} } })).toThrow(text('vendor', 'Vendor'));
  expect(create({ externalSecrets: { apiKey: {}, APIKEY: {} } })).toThrow(text('apiKey', 'APIKEY'));
  expect(create({ secrets: { login: password, Login: password } })).toThrow(text('login', 'Login'));
  expect(create({ secrets: { login: password }, externalSecrets: { Login: {} } })).toThrow(text('login', 'Login'));
});

test('other names are accepted', () => {
  expect(create({ externalSecrets: { 'vendor': {}, 'vendor2': {}, 'vendor-2': {} } })).not.toThrow();
});
