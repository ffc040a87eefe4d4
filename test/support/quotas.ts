import { Template } from 'aws-cdk-lib/assertions';
import { propertiesOf } from './app';
import { MAX_POLICIES } from '../../src/blocks/attached-policies';
import { MAX_POLICY_LENGTH } from '../../src/blocks/policy-set';

/** Fills in the longest value that CloudFormation gives a reference: its name is at most this long. */
export function deployed(template: Template, value: unknown): string {
  const fill = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part !== 'object' || part === null) return part;
    const [[key, argument]] = Object.entries(part);
    if (key === 'Fn::Join') return (argument[1] as unknown[]).map(fill).join(argument[0]);
    if (key !== 'Ref' && key !== 'Fn::GetAtt') {
      return Object.fromEntries(Object.entries(part).map(([name, item]) => [name, fill(item)]));
    }
    return arnOf(template, [argument].flat()[0] as string);
  };
  return JSON.stringify(fill(value));
}

/** The longest ARN of a resource. */
export function arnOf(template: Template, id: string): string {
  const pseudo: Record<string, string> = {
    'AWS::Partition': 'aws-us-gov', 'AWS::Region': 'us-gov-west-1', 'AWS::AccountId': '111122223333',
  };
  if (pseudo[id]) return pseudo[id];
  const type: string = template.toJSON().Resources[id].Type;
  return type === 'AWS::SecretsManager::Secret'
    ? `arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:${id}-abcdefghijkl-abcdef`
    : `arn:aws-us-gov:service:us-gov-west-1:111122223333:type/Stack-${id}-abcdefghijkl`;
}

/**
 * The policies of each role are below the quotas of IAM.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function expectSmallPolicies(template: Template): void {
  const policies = Object.values(propertiesOf(template, 'AWS::IAM::ManagedPolicy'));
  const perRole = new Map<string, number>();
  for (const { PolicyDocument, Roles } of policies) {
    expect(deployed(template, PolicyDocument).length).toBeLessThanOrEqual(MAX_POLICY_LENGTH);
    for (const role of Roles) perRole.set(JSON.stringify(role), (perRole.get(JSON.stringify(role)) ?? 0) + 1);
  }
  expect(Math.max(...perRole.values())).toBeLessThanOrEqual(MAX_POLICIES);
  template.resourceCountIs('AWS::IAM::Policy', 0);
}
