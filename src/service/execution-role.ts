import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ManagedPolicyRole } from '../blocks/managed-policy-role';
import { acknowledge } from '../core/acknowledge';

/** The only action at a task's start that supports no resource-level permissions. */
const REGISTRY_LOGIN = 'ecr:GetAuthorizationToken';

/**
 * The role with which Fargate starts a task: it pulls the image, reads the secrets, and writes the log.
 *
 * The login to the registry requires a wildcard, so it has a separate policy. The rules still report every wildcard of
 * the other policy.
 */
export class ExecutionRole extends ManagedPolicyRole {
  private registryLogin?: iam.ManagedPolicy;

  constructor(scope: Construct, id: string) {
    super(scope, id, {
      assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
      description: 'Starts the tasks: pulls the image, reads the secrets of the container, and writes its log',
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
      description: 'Logs in to the registry of the account; another policy allows pulling the image',
      statements: [statement],
    });
    acknowledge(policy, {
      rules: ['AwsSolutions-IAM5[Resource::*]'],
      reason: `ecr:GetAuthorizationToken of ${this.node.path} applies to the registry of the account and supports no `
        + 'resource-level permissions; the permission to pull names the repository of the image',
    });
    return policy;
  }
}
