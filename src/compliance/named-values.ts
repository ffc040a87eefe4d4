import { cdkFunctionOf, isInside } from './cdk-functions';
import { secretsInScript } from './script-secrets';
import { at, nameOf, OUTPUT, PARAMETER, referenced, TemplateResource } from './template';
import { branchesOf, intrinsicOf, isTrue, possibleTexts, UNKNOWN } from './values';

/** The properties that hold environment variables or settings of a program: a map, or a list of names and values. */
const ENVIRONMENT = new RegExp(`^(${[
  'Environment', 'EnvironmentVariables', 'EnvironmentOverride', 'RuntimeEnvironmentVariables',
  'ContainerEnvironmentVariables', 'Env', 'Variables', 'StageVariables', 'OptionSettings', 'PropertyMap',
  'AirflowConfigurationOptions', 'DefaultArguments', 'NonOverridableArguments', 'Options', 'OriginCustomHeaders',
  'DefinitionSubstitutions', 'HeaderParameters', 'QueryStringParameters', 'BodyParameters',
].join('|')})$`, 'i');
/** The properties that hold commands, scripts or programs. */
export const SCRIPT = new RegExp(`^(${[
  'Command', 'Commands', 'EntryPoint', 'Args', 'UserData', 'BuildSpec', 'ZipFile', 'Code', 'InlineCode', 'Content',
  'Data', 'Script', 'runCommand', 'FunctionCode',
].join('|')})$`, 'i');
/** Those of `SCRIPT` that hold programs. */
const PROGRAM = /^(ZipFile|Code|InlineCode|FunctionCode)$/i;
/** The sections of a build specification with names of secrets, and the units of tokens. */
const WITHOUT_SECRETS = /^(secrets-manager|parameter-store|TokenValidityUnits)$/;
/** The headers with which a caller proves its identity. */
const AUTHENTICATION_HEADER = /^(authorization|proxy-authorization|x-api-key|x-auth-token)$/i;
/** A last part of the path of a parameter that has no meaning: `/db/password/value`. */
const WITHOUT_MEANING = /^(value|current|default|latest|v?\d+)$/i;
/** The maps of values that a resource passes to another template. */
const PARAMETERS: Record<string, string> = {
  'AWS::CloudFormation::Stack': 'Parameters',
  'AWS::ServiceCatalog::CloudFormationProvisionedProduct': 'ProvisioningParameters',
};
/** The classes whose custom resources have the names of the API of EKS and of Kubernetes. */
const CLASSES_OF_EKS = ['aws_eks', 'aws_eks_v2'].flatMap((module) =>
  ['Cluster', 'FargateProfile', 'HelmChart', 'KubernetesManifest', 'KubernetesObjectValue', 'KubernetesPatch']
    .map((name) => `${module}.${name}`));
/** The keys of the name in a list of names and values. */
const NAMES = ['Name', 'Key', 'Variable', 'OptionName', 'ParameterKey', 'HeaderName', 'name', 'key'];
/** The keys of the value in a list of names and values. */
const VALUES = ['Value', 'value', 'ParameterValue', 'HeaderValue'];
/** The properties of a secret of Secrets Manager. */
export const JSON_SECRETS = ['SecretString', 'SecretStringTemplate'];

/** A value of a resource with the name that says what it is. */
export interface NamedValue {
  readonly location: string;
  readonly part: string;
  readonly name: string;
  readonly value: unknown;
  /** Whether the name is that of a variable. Otherwise it is that of a property. */
  readonly isVariable: boolean;
}

/** Returns the values with names of a resource, a parameter or an output. */
export function namedValuesOf(resource: TemplateResource): NamedValue[] {
  const { type, properties, logicalId, metadata } = resource;
  if (type === PARAMETER) return defaultOf(resource);
  if (type === OUTPUT) {
    return [{ location: 'Value', part: 'Value', name: logicalId, value: at(properties, 'Value'), isVariable: true }];
  }
  const own = Object.entries(metadata ?? {}).filter(([key]) => !key.startsWith('aws:'));
  return [
    ...valuesIn(resource, properties, [], []),
    ...valuesIn(resource, Object.fromEntries(own), ['Metadata'], ['Metadata']),
    ...parametersOfSsm(resource),
  ];
}

/** The default of a parameter. CloudFormation hides the value of a `NoEcho` parameter, but not its default. */
function defaultOf({ properties, logicalId }: TemplateResource): NamedValue[] {
  if (String(at(properties, 'Type')).startsWith('AWS::SSM::')) return [];
  const name = isTrue(at(properties, 'NoEcho')) ? 'Password' : logicalId;
  return [{ location: 'Default', part: 'Default', name, value: at(properties, 'Default'), isVariable: true }];
}

/** Returns the object or list of a text with JSON. A part that is known only at deployment is `UNKNOWN`. */
export function jsonIn(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    // A number or an object that is known only at deployment has no quotation marks.
    const quoted = text.replace(new RegExp(`([:[,]\\s*)${UNKNOWN}(?=\\s*[,}\\]])`, 'g'), `$1"${UNKNOWN}"`);
    return JSON.parse(quoted) as object;
  } catch {
    return undefined;
  }
}

/** The values in a text: fields of JSON, or the secrets of a script. */
function valuesInText(resource: TemplateResource, leaf: NamedValue, key: string): NamedValue[] {
  const { location, part, name, value } = leaf;
  return possibleTexts(resource.template, value).map((text) => decoded(key, text)).flatMap((text) => {
    // A template of EventBridge has placeholders without quotation marks.
    const json = jsonIn(key === 'InputTemplate' ? text.replace(/([:[,]\s*)<[\w.-]+>/g, `$1${UNKNOWN}`) : text);
    if (json) {
      const path = location.split('.');
      // A field of a secret, or of the value of a variable, has the name of a variable.
      const isVariable = leaf.isVariable || JSON_SECRETS.includes(name);
      return valuesIn(resource, json, [key], []).map((each) => ({
        ...each,
        location: path.join('.'),
        part: JSON_SECRETS.includes(name) ? part : `${part}/${each.part}`,
        isVariable: isVariable || each.isVariable,
      })).filter((each) => !each.name.endsWith('.$'));
    }
    // A variable with several lines holds a file, such as a configuration in YAML.
    if (!SCRIPT.test(key) && !(leaf.isVariable && text.includes('\n'))) return [];
    return secretsInScript(text, PROGRAM.test(key)).map((found) =>
      ({ location, part: `${part}/${found}`, name: 'Password', value: 'found', isVariable: true }));
  });
}

/** Decodes the Base64 text of a script. */
function decoded(key: string, text: string): string {
  if (!/^(UserData|Data|Content)$/.test(key) || !/^[A-Za-z0-9+/\s]{16,}=*\s*$/.test(text)) return text;
  const plain = Buffer.from(text, 'base64').toString('utf8');
  return /^[\x09\x0a\x0d\x20-\x7e]+$/.test(plain) ? plain : text;
}

/** Whether an app names the properties of a resource. Those of `AwsCustomResource` and EKS have names of APIs. */
function isCustom(resource: TemplateResource): boolean {
  if (!/^(AWS::CloudFormation::CustomResource$|Custom::)/.test(resource.type)) return false;
  const provider = referenced(resource, at(resource.properties, 'ServiceToken'));
  if (provider && cdkFunctionOf(provider) === 'custom-resources/aws-custom-resource-handler') return false;
  return !isInside(resource.construct, ...CLASSES_OF_EKS);
}

/** The values below a property. The names lead to the value, and lists are named after their elements. */
function valuesIn(resource: TemplateResource, value: unknown, path: string[], names: string[]): NamedValue[] {
  const key = path[path.length - 1] ?? '';
  if (typeof value !== 'object' || value === null || (intrinsicOf(value) && !hasObjects(value))) {
    const name = names[names.length - 1] ?? key;
    const isVariable = isCustom(resource) && name !== 'ServiceToken';
    const leaf = { location: path.join('.'), part: names.join('/'), name, value, isVariable };
    return [leaf, ...valuesInText(resource, leaf, key)];
  }
  const branches = intrinsicOf(value)?.[0] === 'Fn::If' ? (value as { 'Fn::If': unknown[] })['Fn::If'].slice(1) : [];
  if (branches.length > 0) return branches.flatMap((branch) => valuesIn(resource, branch, path, names));
  if (ENVIRONMENT.test(key) || PARAMETERS[resource.type] === key) {
    const variables = variablesIn(value, path, names);
    if (variables.length > 0) {
      return variables.flatMap((variable) => [variable, ...valuesInText(resource, variable, key)]);
    }
  }
  if (Array.isArray(value)) {
    const isText = (element: unknown) => typeof element !== 'object' || intrinsicOf(element) !== undefined;
    if (SCRIPT.test(key) && value.every(isText)) return valuesIn(resource, { 'Fn::Join': [' ', value] }, path, names);
    return value.flatMap((element, index) => {
      const named = nameOf(NAMES.map((each) => at(element, each)).find((each) => each !== undefined), index);
      const part = key === 'ContainerDefinitions' ? [named] : [...names, named];
      return valuesIn(resource, element, [...path, String(index)], typeof element === 'object' ? part : names);
    });
  }
  return [
    ...headerIn(value, path, names),
    ...defaultIn(value, path, names),
    ...Object.entries(value).filter(([each]) => !WITHOUT_SECRETS.test(each)).flatMap(([each, inner]) =>
      valuesIn(resource, inner, [...path, each], [...names, each])),
  ];
}

/** The default of a parameter of an SSM document, or of a template in a property. */
function defaultIn(value: object, path: string[], names: string[]): NamedValue[] {
  const [around = '', name = ''] = path.slice(-2);
  const key = ['default', 'Default'].find((each) => at(value, each) !== undefined);
  if (!/^parameters$/i.test(around) || key === undefined) return [];
  const location = [...path, key].join('.');
  return [{ location, part: [...names, key].join('/'), name, value: at(value, key), isVariable: true }];
}

/** The header that a load balancer compares, or that an integration of API Gateway sends. */
function headerIn(value: object, path: string[], names: string[]): NamedValue[] {
  const named = (name: string, key: string, given: unknown): NamedValue => ({
    location: [...path, key].join('.'),
    part: [...names, name].join('/'),
    name: AUTHENTICATION_HEADER.test(name) ? 'Password' : name,
    value: given,
    isVariable: true,
  });
  const compared = at(value, 'HttpHeaderName');
  if (typeof compared === 'string') return [at(value, 'Values')].flat().map((each) => named(compared, 'Values', each));
  return Object.entries(value).flatMap(([key, given]) => {
    const [, name] = /^integration\.request\.header\.([\w-]+)$/.exec(key) ?? [];
    const [, constant] = /^'(.*)'$/.exec(String(given)) ?? [];
    return name !== undefined && constant !== undefined ? [named(name, key, constant)] : [];
  });
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
    location: [...path, name].join('.'),
    part: [...around, name].join('/'),
    name: AUTHENTICATION_HEADER.test(name) ? 'Password' : name,
    value: given,
    isVariable: true,
  });
  if (!Array.isArray(value)) {
    const entries = Object.entries(value);
    const isMap = entries.every(([, each]) => typeof each !== 'object' || intrinsicOf(each) !== undefined);
    return isMap ? entries.map(([name, each]) => variable(name, each)) : [];
  }
  return value.flatMap(branchesOf).flatMap((element) => {
    const [name, given] = [NAMES, VALUES].map((keys) => keys.map((each) => at(element, each))
      .find((each) => each !== undefined));
    // CodeBuild reads values of the other types from a store.
    const store = String(at(element, 'Type') ?? at(element, 'type'));
    const isStored = ['PARAMETER_STORE', 'SECRETS_MANAGER'].includes(store);
    return typeof name === 'string' && given !== undefined && !isStored ? [variable(name, given)] : [];
  });
}

/** An SSM parameter is a variable with the name that its path ends in: `/app/DB_PASSWORD`. */
function parametersOfSsm(resource: TemplateResource): NamedValue[] {
  const { type, properties, logicalId, template } = resource;
  if (type !== 'AWS::SSM::Parameter') return [];
  // aws-cdk-lib adds a hash to the ID of the construct.
  const given = at(properties, 'Name') ?? logicalId.replace(/[0-9A-F]{8}$/, '');
  return possibleTexts(template, given).flatMap((path) => {
    const last = path.split('/').filter((part) => part !== '' && !WITHOUT_MEANING.test(part)).pop() ?? '';
    const value = { location: 'Value', part: last, name: last, value: at(properties, 'Value'), isVariable: true };
    return [value, ...valuesInText(resource, value, '')];
  });
}
