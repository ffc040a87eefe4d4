import { CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The rules of the packs that report the same problem, and why the resource cannot meet them. */
export interface Acknowledgement {
  /** The exact rule IDs: `HIPAA.Security-LambdaInsideVPC`, `AwsSolutions-IAM5[Resource::*]`. */
  readonly rules: string[];
  /** Why the resource cannot meet these rules. Each acknowledgement in the library has its own text. */
  readonly reason: string;
}

const BY_LIBRARY = Symbol.for('cdk-hipaa.acknowledged');

type Marked = IConstruct & { [BY_LIBRARY]?: Set<string> };

/** Acknowledges rules on the CloudFormation resource of a construct. The rules still report other resources. */
export function acknowledge(construct: IConstruct, ...acknowledgements: Acknowledgement[]): void {
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (!resource || !CfnResource.isCfnResource(resource)) {
    throw new Error(`${construct.node.path} has no CloudFormation resource on which a rule can be acknowledged`);
  }
  const marked = (resource as Marked)[BY_LIBRARY] ??= new Set();
  for (const { rules, reason } of acknowledgements) {
    Validations.of(resource).acknowledge(...rules.map((rule) => ({ id: qualified(rule), reason })));
    for (const rule of rules) marked.add(`${qualified(rule)} ${reason}`);
  }
}

/** Whether the library acknowledged a rule, and not the app. */
export function isAcknowledgedByLibrary(construct: IConstruct, id: string, reason: string): boolean {
  return (construct as Marked)[BY_LIBRARY]?.has(`${id} ${reason}`) ?? false;
}

/**
 * Adds the pack to a rule ID: `HIPAA.Security-X` becomes `HIPAA.Security::HIPAA.Security-X`.
 *
 * The validation report lists a finding that is acknowledged under its qualified ID as suppressed, with the reason.
 * cdk-nag drops a finding that is acknowledged under its unqualified ID before the report is written.
 */
function qualified(rule: string): string {
  const pack = ['HIPAA.Security', 'AwsSolutions', 'NIST.800.53.R5'].find((name) => rule.startsWith(`${name}-`));
  return pack === undefined ? rule : `${pack}::${rule}`;
}

/**
 * The text with which cdk-nag reports a value of a policy: `<AWS::Region>` for a pseudo parameter, `<Id.Arn>` for an
 * attribute, and the name of an export for a value of another stack.
 *
 * The text is derived from the value. A part that the environment or a feature flag makes known is literal in both.
 */
export function reportedText(scope: IConstruct, value: string): string {
  return flat(Stack.of(scope).resolve(value));
}

function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Ref': ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::ImportValue': imported } = value as {
    'Ref'?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]]; 'Fn::ImportValue'?: unknown;
  };
  if (ref !== undefined) return `<${ref}>`;
  if (imported !== undefined) return flat(imported);
  if (attribute) return `<${attribute.join('.')}>`;
  return join ? join[1].map(flat).join(join[0]) : JSON.stringify(value);
}
