import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PolicySet } from './policy-set';

/**
 * A role that collects its grants in managed policies: one, or several if their size requires it.
 *
 * By default, aws-cdk-lib writes grants to an inline policy, which the AWS Config rule `iam-no-inline-policy-check`
 * reports. A resource that needs the grants when it is created must depend on the role, which includes the policies.
 */
export class ManagedPolicyRole extends iam.Role {
  private policies?: PolicySet;

  constructor(scope: Construct, id: string, private readonly roleProps: iam.RoleProps) {
    super(scope, id, roleProps);
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const { description } = this.roleProps;
    this.policies ??= new PolicySet({ identity: this, attachment: { roles: [this] }, id: 'Policy', description });
    return this.policies.add(statement);
  }
}
