import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * A role that collects its grants in one managed policy.
 *
 * By default, aws-cdk-lib writes grants to an inline policy, which the AWS Config rule `iam-no-inline-policy-check`
 * reports. A resource that needs the grants when it is created must depend on the role, which includes the policy.
 */
export class ManagedPolicyRole extends iam.Role {
  private managedPolicy?: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, private readonly roleProps: iam.RoleProps) {
    super(scope, id, roleProps);
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    this.managedPolicy ??= new iam.ManagedPolicy(this, 'Policy', {
      roles: [this],
      description: this.roleProps.description,
    });
    this.managedPolicy.addStatements(statement);
    return { statementAdded: true, policyDependable: this.managedPolicy };
  }
}
