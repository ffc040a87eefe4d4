import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';

/**
 * The default quota of managed policies per role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_POLICIES = 10;

const COUNTED = Symbol.for('cdk-hipaa.blocks.counted-policies');

/**
 * At synthesis, refuses a role, group or user with more managed policies than the quota.
 *
 * Counts the policies that the app attaches to it in the same stack, from any construct.
 */
export function countAttachedPolicies(identity: IConstruct & { [COUNTED]?: boolean }): void {
  if (identity[COUNTED]) return;
  identity[COUNTED] = true;
  identity.node.addValidation({
    validate: () => {
      const count = attachedTo(identity);
      return count <= MAX_POLICIES ? [] : [
        `permissions must be at most ${MAX_POLICIES} managed policies (the IAM quota "Managed policies per role"), got `
          + `${count} policies. Attach fewer policies to this identity, or divide it into two.`,
      ];
    },
  });
}

function attachedTo({ node }: IConstruct): number {
  const resource = node.defaultChild;
  const isIdentity = resource instanceof iam.CfnRole || resource instanceof iam.CfnUser
    || resource instanceof iam.CfnGroup;
  if (!isIdentity) return 0;
  const stack = Stack.of(resource);
  const name = JSON.stringify(stack.resolve(resource.ref));
  const attaches = ({ roles, users, groups }: iam.CfnManagedPolicy) =>
    [roles, users, groups].flatMap((names) => stack.resolve(names) ?? []).some((each) => JSON.stringify(each) === name);
  const policies = stack.node.findAll().filter((each) =>
    each instanceof iam.CfnManagedPolicy && each.stack === stack && attaches(each));
  return policies.length + (stack.resolve(resource.managedPolicyArns) ?? []).length;
}
