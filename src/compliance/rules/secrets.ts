import { plaintextSecret, secretValue } from '../../core/plaintext-secret';
import { jsonIn, JSON_SECRETS, NamedValue, namedValuesOf, SCRIPT } from '../named-values';
import { Rule, Violation } from '../rule';
import { at, RawTemplate, TemplateResource } from '../template';
import { possibleTexts, texts, UNKNOWN } from '../values';

/** A parameter of Systems Manager that is a name or another pointer to a secret. */
const POINTER = /(arn|name|id|url|path)[^a-z]*$/i;
/**
 * The properties of resource types that contain a secret, by name. They were selected from the string properties of
 * all types in @aws-cdk/aws-service-spec 0.1.216. A longer name ends in the name of one of them: `DbMasterPassword`.
 */
const SECRET_PROPERTIES = new RegExp(`(${[
  'Password', 'Passwords', 'Passwd', 'Passphrase', 'AuthToken', 'AccessToken', 'OauthToken', 'ApiToken',
  'SecretToken', 'JwtToken',
  'RefreshToken', 'HECToken', 'SasToken', 'ClientSecret', 'SharedSecret', 'AppSecret', 'ApiKeySecret',
  'WalletSecret', 'SecretKey', 'SecretAccessKey', 'ApiKey', 'ApiKeyValue', 'TokenValue', 'PreSharedKey',
].join('|')}|(?<!Add|Remove)PrivateKey)$`, 'i');
/** The properties that contain a secret only in one type. */
const SECRET_PROPERTIES_OF: Record<string, string[]> = {
  'AWS::ApiGateway::ApiKey': ['Value'],
  'AWS::CodeBuild::SourceCredential': ['Token'],
  'AWS::KinesisFirehose::DeliveryStream': ['AccessKey'],
  'AWS::DirectConnect::PrivateVirtualInterface': ['AuthKey'],
  'AWS::DirectConnect::TransitVirtualInterface': ['AuthKey'],
};
/** `PrivateKey` is the path of a file in App Mesh. */
const FILE_TYPES = /^AWS::AppMesh::/;
const PASSWORD_NAME = /(password|passwd|passphrase|pwd)$/i;
const CACHE_USER = /^AWS::(ElastiCache|MemoryDB)::User$/;

/** The values of a resource, a parameter or an output that contain a secret. */
function plaintextSecrets(resource: TemplateResource): Violation[] {
  const known = { ...resource, template: withPseudoParameters(resource.template) };
  return namedValuesOf(resource).filter((value) => isSecret(resource, value) || isSecret(known, value))
    .map(({ location, part }) => ({ location, part }));
}

/**
 * Returns the template with values for parameters that are no secrets.
 *
 * These are pseudo parameters such as `AWS::StackName`, and parameters of Systems Manager that are not encrypted.
 */
function withPseudoParameters(template: RawTemplate): RawTemplate {
  const pseudo = ['AccountId', 'Region', 'StackId', 'StackName', 'URLSuffix'].map((name) =>
    [`AWS::${name}`, { Type: 'String', Default: name }]);
  const stored = Object.entries(template.Parameters ?? {})
    .filter(([, parameter]) => /^AWS::SSM::Parameter::Value<(String|List)/.test(String(at(parameter, 'Type'))))
    .map(([name, parameter]) => [name, { Type: 'String', Default: `{{resolve:ssm:${at(parameter, 'Default')}}}` }]);
  return { ...template, Parameters: { ...template.Parameters, ...Object.fromEntries([...pseudo, ...stored]) } };
}

function isSecret(resource: TemplateResource, { name, value, isVariable }: NamedValue): boolean {
  // An assignment in a script looks like a connection string. `valuesInText` reads it.
  const hasSecret = (text: string) =>
    secretValue(name, SCRIPT.test(name) ? text.replace(/=/g, ' ') : text) !== undefined;
  const test = (text: string) => isVariable
    ? isSecretVariable(name, text)
    : isSecretProperty(resource.type, name, text) || hasSecret(text);
  return possibleTexts(resource.template, value).some(test)
    || texts(value, resource.template).some((text) => isPlainParameter(text) && test('a plain value'));
}

/** Whether a text is a parameter of Systems Manager that is not a `SecureString`. */
function isPlainParameter(text: string): boolean {
  const [, name] = /^\{\{resolve:ssm:([^{}]*)\}\}$/.exec(text) ?? [];
  return name !== undefined && !POINTER.test(name);
}

function isSecretVariable(name: string, text: string): boolean {
  if (!text.includes(UNKNOWN)) return plaintextSecret(name, text) !== undefined;
  // A part of a password is a secret. A part of another text, such as the name of a secret, is often none.
  const literal = text.split(UNKNOWN).join('');
  const isPart = PASSWORD_NAME.test(name) && literal !== '' && !/[/:]/.test(literal);
  return isPart || secretValue(name, text) !== undefined;
}

function isSecretProperty(type: string, name: string, text: string): boolean {
  if (JSON_SECRETS.includes(name)) return text !== '' && !text.includes(UNKNOWN) && jsonIn(text) === undefined;
  // A user of a cache has its passwords after `>`.
  if (name === 'AccessString' && CACHE_USER.test(type)) return new RegExp(`(^|\\s)>[^\\s${UNKNOWN}]`).test(text);
  const named = SECRET_PROPERTIES.test(name.replace(/[_-]/g, '')) || (SECRET_PROPERTIES_OF[type] ?? []).includes(name);
  if (!named || (FILE_TYPES.test(type) && name === 'PrivateKey')) return false;
  // A text with a reference and other characters is a part of a secret. A reference to a secret is not one. `$` starts
  // a value that a state machine or a program reads.
  const literal = text.split(UNKNOWN).join('');
  return literal !== '' && !/^(true|false)$/.test(literal) && !/^(arn:|\$|\{%)/.test(text);
}

/** The rule about secrets in templates. */
export const secretRules: Rule[] = [
  {
    id: 'PlaintextSecret',
    readsFunctions: true,
    problem: 'A value appears to be a plaintext secret, which anyone with access to the template or the console can '
      + 'read',
    fix: 'Store the value in Secrets Manager, and pass it to a container as a secret, or to a property as a dynamic '
      + 'reference: {{resolve:secretsmanager:…}}.',
    source: '45 CFR 164.312(d), person or entity authentication',
    violations: plaintextSecrets,
  },
];
