import { CfnResource, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The rules of one matter as the packs name it, and why the resource cannot meet them. */
export interface Acknowledgement {
  /** Exact rule ids: `HIPAA.Security-LambdaInsideVPC`, `AwsSolutions-IAM5[Resource::*]`. */
  readonly rules: string[];
  /** Why these rules cannot be met on this resource. No two places of the library share this text. */
  readonly reason: string;
}

/** Acknowledges rules on the one CloudFormation resource of a construct, so that siblings stay reported. */
export function acknowledge(construct: IConstruct, ...acknowledgements: Acknowledgement[]): void {
  const resource = CfnResource.isCfnResource(construct) ? construct : construct.node.defaultChild;
  if (!resource || !CfnResource.isCfnResource(resource)) {
    throw new Error(`${construct.node.path} is not one resource, so nothing can be acknowledged on it`);
  }
  for (const { rules, reason } of acknowledgements) {
    Validations.of(resource).acknowledge(...rules.map((rule) => ({ id: qualified(rule), reason })));
  }
}

/**
 * `HIPAA.Security-X` as `HIPAA.Security::HIPAA.Security-X`. Qualified by its pack, the finding is listed with its
 * reason among the suppressed ones of the validation report; unqualified, cdk-nag drops it before the report is made.
 */
function qualified(rule: string): string {
  const pack = ['HIPAA.Security', 'AwsSolutions', 'NIST.800.53.R5'].find((name) => rule.startsWith(`${name}-`));
  return pack === undefined ? rule : `${pack}::${rule}`;
}
