import { at, RawTemplate, TemplateResource } from './template';
import { intrinsicOf, parameterOf, valuesOf } from './values';

/** The properties and elements of policies of which one value alone decides a rule. */
const DECIDING = [
  'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'AWS', 'Federated', 'Service', 'Effect',
  'PolicyDocument', 'AssumeRolePolicyDocument', 'ManagedPolicyArns',
  'User', 'Privileged', 'PidMode', 'IpcMode', 'RunAsUser', 'HostNetwork',
  'SslPolicy', 'Protocol', 'ViewerProtocolPolicy', 'OriginProtocolPolicy', 'MinimumProtocolVersion', 'SecurityPolicy',
  'TLSSecurityPolicy', 'AuthType', 'AuthorizationType', 'AccessControl', 'PubliclyAccessible',
];

/**
 * Returns each parameter that is the whole value of a property in `DECIDING` and has no known value.
 *
 * Such a parameter has no default and no allowed values, or it is a parameter of Systems Manager.
 */
export function decidingParameters({ properties, template }: TemplateResource): string[] {
  return [...new Set(found(properties, '', template))];
}

function found(value: unknown, property: string, template: RawTemplate): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const [name, argument] = intrinsicOf(value) ?? [];
  if (name === 'Ref') {
    const parameter = parameterOf(argument, template);
    const isUnknown = parameter !== undefined && valuesOf(parameter).length === 0;
    return isUnknown && DECIDING.includes(property)
      ? [`${property}, which is the value of the parameter ${String(argument)} at deployment`]
      : [];
  }
  // Another function has more parts than the parameter.
  if (name !== undefined && name !== 'Fn::If') return [];
  return Object.keys(value).flatMap((key) =>
    found(at(value, key), /^\d+$/.test(key) || key === 'Fn::If' ? property : key, template));
}
