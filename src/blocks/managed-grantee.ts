import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ManagedPolicyRole } from './managed-policy-role';
import { PolicySet, PolicySetProps } from './policy-set';

/** The ID of the policy with the grants of this library, below a role that the app created. */
const GRANTS = 'Grants';
const POLICIES = Symbol.for('cdk-hipaa.blocks.policies');
/** The policies of a stack by the identity, because an app can import the same identity several times. */
type WithPolicies = Stack & { [POLICIES]?: Map<string, PolicySet> };

/**
 * Returns a grantee whose grants go to managed policies.
 *
 * All grants of this library to the same role share these policies, also if the app imports the role several times.
 *
 * The grants of aws-cdk-lib write an inline policy, which the AWS Config rule `iam-no-inline-policy-check` reports. A
 * managed policy for each resource would exceed the IAM quota of ten per role. Returns other principals unchanged:
 * those that are neither a role, a group nor a user, and imported roles that are not mutable.
 */
export function managedGrantee(grantee: iam.IGrantable): iam.IGrantable {
  const principal = grantee.grantPrincipal;
  if (principal instanceof ManagedPolicyRole) return grantee;
  const attachment = attachmentOf(principal);
  if (!attachment || !Construct.isConstruct(principal)) return grantee;
  const stack: WithPolicies = Stack.of(principal);
  const known = stack[POLICIES] ??= new Map<string, PolicySet>();
  const key = keyOf(principal);
  const policies = known.get(key) ?? new PolicySet({
    identity: principal,
    attachment,
    id: GRANTS,
    description: 'Permissions for the resources that were granted',
    // Only grants of this library go to these policies.
    includesRegistryLogin: true,
    // The same name in an unknown account can be another role, for example in another stage.
    importedAs: principal.principalAccount === undefined || Token.isUnresolved(key) ? undefined : key,
  });
  known.set(key, policies);
  return new ManagedPrincipal(principal, policies);
}

/** Identifies a role, a group or a user by its kind, account and name. The name of one of the app is a token. */
function keyOf(principal: iam.IPrincipal): string {
  const names = principal as unknown as { readonly [name: string]: string | undefined };
  const kind = ['roleName', 'groupName', 'userName'].find((name) => name in principal)!;
  return [kind, principal.principalAccount ?? '', names[kind]].join(' ');
}

function attachmentOf(principal: iam.IPrincipal): PolicySetProps['attachment'] | undefined {
  // An immutable role accepts no policy. Its class is not public, so its injection ID identifies it.
  const { PROPERTY_INJECTION_ID: type } = principal.constructor as { PROPERTY_INJECTION_ID?: string };
  if (type === 'aws-cdk-lib.aws-iam.ImmutableRole') return undefined;
  if ('roleName' in principal) return { roles: [principal as iam.IRole] };
  if ('groupName' in principal) return { groups: [principal as iam.IGroup] };
  if ('userName' in principal) return { users: [principal as iam.IUser] };
  return undefined;
}

/** The principal in a resource policy is the identity itself. */
class ManagedPrincipal implements iam.IPrincipal {
  public readonly grantPrincipal: iam.IPrincipal = this;
  public readonly assumeRoleAction: string;
  public readonly principalAccount?: string;

  constructor(private readonly principal: iam.IPrincipal, private readonly policies: PolicySet) {
    this.assumeRoleAction = principal.assumeRoleAction;
    this.principalAccount = principal.principalAccount;
  }

  public get policyFragment(): iam.PrincipalPolicyFragment {
    return this.principal.policyFragment;
  }

  public addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    return this.policies.add(statement);
  }
}
