import { plaintextSecret, secretValue } from '../../core/plaintext-secret';
import { alternatives, intrinsicOf, possibleTexts, UNKNOWN } from '../possible-texts';
import { Rule, Violation } from '../rule';
import { at, nameOf, TemplateResource } from '../template';

/** The properties that hold environment variables or settings of a program: a map, or a list of names and values. */
const ENVIRONMENT = new RegExp(`^(${[
  'Environment', 'EnvironmentVariables', 'EnvironmentOverride', 'RuntimeEnvironmentVariables',
  'ContainerEnvironmentVariables', 'Env', 'Variables', 'StageVariables', 'OptionSettings', 'PropertyMap',
  'AirflowConfigurationOptions', 'DefaultArguments', 'NonOverridableArguments',
].join('|')})$`, 'i');
/** The maps of values that a resource passes to another template. */
const PARAMETERS: Record<string, string> = {
  'AWS::CloudFormation::Stack': 'Parameters',
  'AWS::ServiceCatalog::CloudFormationProvisionedProduct': 'ProvisioningParameters',
};
/** The keys of the name in a list of names and values. */
const NAMES = ['Name', 'Key', 'Variable', 'OptionName', 'ParameterKey', 'name', 'key'];
/** The keys of the value in a list of names and values. */
const VALUES = ['Value', 'value', 'ParameterValue'];

/**
 * The properties of resource types that contain a secret, by name. They were selected from the string properties of
 * all types in @aws-cdk/aws-service-spec 0.1.216. A longer name ends in the name of one of them: `DbMasterPassword`.
 */
const SECRET_PROPERTIES = new RegExp(`(${[
  'Password', 'Passwd', 'Passphrase', 'AuthToken', 'AccessToken', 'OauthToken', 'ApiToken', 'SecretToken', 'JwtToken',
  'RefreshToken', 'HECToken', 'SasToken', 'ClientSecret', 'SharedSecret', 'AppSecret', 'ApiKeySecret',
  'WalletSecret', 'SecretKey', 'SecretAccessKey', 'ApiKey', 'ApiKeyValue', 'TokenValue', 'PreSharedKey',
].join('|')}|(?<!Add|Remove)PrivateKey)$`, 'i');
/** The properties of a secret of Secrets Manager. */
const JSON_SECRETS = ['SecretString', 'SecretStringTemplate'];
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

/** A value of a resource with the name that says what it is. */
interface NamedValue {
  readonly location: string;
  readonly part: string;
  readonly name: string;
  readonly value: unknown;
  /** Whether the name is that of a variable. Otherwise it is that of a property. */
  readonly isVariable: boolean;
}

/** The values of a resource that contain a secret. */
function plaintextSecrets(resource: TemplateResource): Violation[] {
  const values = [...valuesIn(resource, resource.properties, [], []), ...parametersOfSsm(resource)];
  return values.filter((value) => isSecret(resource, value)).map(({ location, part }) => ({ location, part }));
}

function isSecret(resource: TemplateResource, { name, value, isVariable }: NamedValue): boolean {
  return possibleTexts(resource.template, value).some((text) => {
    if (isVariable) return isSecretVariable(name, text);
    return isSecretProperty(resource.type, name, text) || secretValue(name, text) !== undefined;
  });
}

function isSecretVariable(name: string, text: string): boolean {
  if (!text.includes(UNKNOWN)) return plaintextSecret(name, text) !== undefined;
  return secretValue(name, text) !== undefined;
}

function isSecretProperty(type: string, name: string, text: string): boolean {
  if (JSON_SECRETS.includes(name)) return isSecretJson(text);
  const named = SECRET_PROPERTIES.test(name.replace(/[_-]/g, '')) || (SECRET_PROPERTIES_OF[type] ?? []).includes(name);
  if (!named || (FILE_TYPES.test(type) && name === 'PrivateKey')) return false;
  // A text with a reference and other characters is a part of a secret. A reference to a secret is not one.
  const literal = text.split(UNKNOWN).join('');
  return literal !== '' && !/^(true|false)$/.test(literal) && !/^arn:/.test(text);
}

/** A secret in JSON contains a secret if one of its fields does. Another text is the secret itself. */
function isSecretJson(text: string): boolean {
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields === 'object' && fields !== null) {
      return Object.entries(fields).some(([name, value]) => isSecretVariable(name, String(value)));
    }
  } catch {
    // Not JSON.
  }
  return text !== '' && !text.includes(UNKNOWN);
}

/** The values below a property. The names lead to the value, and lists are named after their elements. */
function valuesIn(resource: TemplateResource, value: unknown, path: string[], names: string[]): NamedValue[] {
  const key = path[path.length - 1] ?? '';
  if (typeof value !== 'object' || value === null || (intrinsicOf(value) && !hasObjects(value))) {
    const location = path.join('.');
    return [{ location, part: names.join('/'), name: names[names.length - 1] ?? key, value, isVariable: false }];
  }
  const branches = intrinsicOf(value)?.[0] === 'Fn::If' ? (value as { 'Fn::If': unknown[] })['Fn::If'].slice(1) : [];
  if (branches.length > 0) return branches.flatMap((branch) => valuesIn(resource, branch, path, names));
  if (ENVIRONMENT.test(key) || PARAMETERS[resource.type] === key) {
    const variables = variablesIn(value, path, names);
    if (variables.length > 0) return variables;
  }
  if (Array.isArray(value)) {
    return value.flatMap((element, index) => {
      const named = nameOf(NAMES.map((each) => at(element, each)).find((each) => each !== undefined), index);
      const part = key === 'ContainerDefinitions' ? [named] : [...names, named];
      return valuesIn(resource, element, [...path, String(index)], typeof element === 'object' ? part : names);
    });
  }
  return Object.entries(value).flatMap(([each, inner]) =>
    valuesIn(resource, inner, [...path, each], [...names, each]));
}

/** Whether an intrinsic function chooses between objects, which have values of their own. */
function hasObjects(value: object): boolean {
  const branches = (value as { 'Fn::If'?: unknown })['Fn::If'];
  return Array.isArray(branches) && branches.slice(1).some((branch) => typeof branch === 'object' && branch !== null
    && (intrinsicOf(branch) === undefined || hasObjects(branch)));
}

/** The variables of a map or of a list of names and values. Empty for an object of another shape. */
function variablesIn(value: object, path: string[], names: string[]): NamedValue[] {
  const around = names.slice(0, -1).filter((name) => !ENVIRONMENT.test(name));
  const variable = (name: string, given: unknown): NamedValue => ({
    location: [...path, name].join('.'), part: [...around, name].join('/'), name, value: given, isVariable: true,
  });
  if (!Array.isArray(value)) {
    const entries = Object.entries(value);
    const isMap = entries.every(([, each]) => typeof each !== 'object' || intrinsicOf(each) !== undefined);
    return isMap ? entries.map(([name, each]) => variable(name, each)) : [];
  }
  return value.flatMap(alternatives).flatMap((element) => {
    const [name, given] = [NAMES, VALUES].map((keys) => keys.map((each) => at(element, each))
      .find((each) => each !== undefined));
    // CodeBuild reads values of the other types from a store.
    const isStored = ['PARAMETER_STORE', 'SECRETS_MANAGER'].includes(String(at(element, 'Type')));
    return typeof name === 'string' && given !== undefined && !isStored ? [variable(name, given)] : [];
  });
}

/** An SSM parameter is a variable with the name that its path ends in: `/app/DB_PASSWORD`. */
function parametersOfSsm({ type, properties }: TemplateResource): NamedValue[] {
  const name = at(properties, 'Name');
  if (type !== 'AWS::SSM::Parameter' || typeof name !== 'string') return [];
  const last = name.split('/').pop()!;
  return [{ location: 'Value', part: last, name: last, value: at(properties, 'Value'), isVariable: true }];
}

/** The rule about secrets in templates. */
export const secretRules: Rule[] = [
  {
    id: 'PlaintextSecret',
    problem: 'A value appears to be a plaintext secret, which anyone with access to the template or the console can '
      + 'read',
    fix: 'Store the value in Secrets Manager, and pass it to a container as a secret, or to a property as a dynamic '
      + 'reference: {{resolve:secretsmanager:…}}.',
    source: '45 CFR 164.312(d), person or entity authentication',
    violations: plaintextSecrets,
  },
];
