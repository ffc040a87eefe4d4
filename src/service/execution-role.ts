import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';

/** The one permission of a task's start that AWS lets nobody narrow. */
const REGISTRY_LOGIN = 'ecr:GetAuthorizationToken';

/**
 * What Fargate itself may do to start a task: pull the image, read the named secrets, write the log.
 *
 * The registry's login has no resource, so it gets a policy of its own: in the other one every wildcard is still reported.
 */
export class ExecutionRole extends ManagedPolicyRole {
  private registryLogin?: iam.ManagedPolicy;

  constructor(scope: Construct, id: string) {
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
      description: 'Starts the tasks: pulls the image, reads the secrets that the container is given, writes the log',
    });
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    if (statement.actions.join() !== REGISTRY_LOGIN) return super.addToPrincipalPolicy(statement);
    this.registryLogin ??= this.defineRegistryLogin(statement);
    return { statementAdded: true, policyDependable: this.registryLogin };
  }

  private defineRegistryLogin(statement: iam.PolicyStatement): iam.ManagedPolicy {
    const policy = new iam.ManagedPolicy(this, 'RegistryLogin', {
      roles: [this],
      description: 'Logs in to the registry of the account; what may be pulled is said in another policy',
      statements: [statement],
    });
    acknowledge(policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `ecr:GetAuthorizationToken of ${this.node.path} is granted for the account's registry and takes no resource; pulling is granted on the image's repository alone`,
    });
    return policy;
  }
}
