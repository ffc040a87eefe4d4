import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * A role whose grants go into one managed policy beside it.
 *
 * aws-cdk-lib writes grants into an inline policy, which AWS Config `iam-no-inline-policy-check` refuses. A resource
 * that needs the grants at once must depend on the role: that covers the policy, its child.
 */
export class ManagedPolicyRole extends iam.Role {
  private managedPolicy?: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, private readonly roleProps: iam.RoleProps) {
    super(scope, id, roleProps);
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    this.managedPolicy ??= new iam.ManagedPolicy(this, 'Policy', { roles: [this], description: this.roleProps.description });
    this.managedPolicy.addStatements(statement);
    return { statementAdded: true, policyDependable: this.managedPolicy };
  }
}
